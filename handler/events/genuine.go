package events

import (
	"net"
	"net/http"
)

// frontHeaders are put on every request by what stands between the internet and
// the Functions host. The host copies them when it forwards a person's request
// and never sets them when a trigger fires
// (azure-functions-host, HttpRequestExtensions and DefaultHttpWorkerService).
var frontHeaders = []string{
	"X-ARR-LOG-ID", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-URL",
	"Disguised-Host", "Forwarded", "X-Functions-Key",
}

// notGenuine returns the sign that r cannot be a trigger's call, "" for
// nothing. The host shares no secret with its handler, so this is a fence and no
// proof.
func notGenuine(r *http.Request) string {
	for _, name := range frontHeaders {
		if len(r.Header.Values(name)) > 0 {
			return "carries the header " + name
		}
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		return "has a query"
	}
	if !loopback(r.Host) {
		return "is addressed to another host"
	}
	return ""
}

// loopback reports whether a Host header names this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host == "127.0.0.1" || host == "localhost" || host == "::1" || host == "[::1]"
}
