package main

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"syscall"

	"example.org/airlock/client"
)

// advice says what to do about a problem where the service's own words do not.
func advice(err error) string {
	p, ok := errors.AsType[*client.Problem](err)
	if !ok {
		return adviceOnSurroundings(err)
	}
	switch {
	case p.Status == http.StatusUnauthorized:
		return "Sign in again with `airlock login`."
	case p.Code == client.CodePrecondition || p.Code == "changed_meanwhile":
		return "Look at it again with `airlock show`, then repeat the command."
	case p.Code == "no_such_request":
		return "`airlock list` shows your requests, `airlock list --review` those to review."
	case p.Code == "no_such_workspace":
		return "`airlock workspace list` shows the workspaces."
	case p.Code == client.CodeUnacknowledged:
		return "`airlock findings` lists them; add --ack GROUP=REASON for each."
	case p.Code == client.CodeNoReceipt:
		return "A receipt is there once a request is approved and released; `airlock watch` waits for it."
	case p.Code == client.CodeWrongStatus:
		return "`airlock show` tells who has the request now and what can be done with it."
	case p.Code == client.CodeRoleMissing:
		return "`airlock whoami` shows your roles; your TRE gives others."
	case p.Code == "" && p.Status == http.StatusNotFound:
		return "The address of an airlock's API ends in /api; `airlock context list` shows the one in use."
	case p.Code == client.CodeNoRoute:
		return "This airlock is older than the program and cannot do that."
	}
	return ""
}

// adviceOnSurroundings says what may be wrong where no answer came, or nothing could be
// written.
func adviceOnSurroundings(err error) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "By this machine's clock the certificate is not good now: is the clock right?"
	}
	if as[x509.UnknownAuthorityError](err) {
		return "If a proxy of your organisation stands in between, name the file with its certificates: SSL_CERT_FILE=FILE."
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok && failed.Op == "proxyconnect" {
		return "The proxy that HTTPS_PROXY names does not answer. Correct it, or name hosts that need no proxy in NO_PROXY."
	}
	if errors.Is(err, syscall.ENOSPC) {
		return "Make room there, or name another place; then repeat the command."
	}
	if as[*client.NetworkError](err) {
		return "Is the address right, is this machine on the network, and does it need a proxy (HTTPS_PROXY)?"
	}
	return ""
}
