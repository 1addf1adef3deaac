package doctor

import (
	"errors"
	"strings"

	"example.org/airlock/handler/airlock"
)

// fixes say what mends a fault, by its code. They come from
// learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes and
// the codes of package azure.
var fixes = map[string]string{ //nolint:gosec // words about keys, and none of them
	"AuthorizationPermissionMismatch": "Give the app's identity this role; a new assignment takes up to ten minutes.",
	"AuthorizationFailure":            "The account's firewall refuses the app. Check its private endpoint and its network rules, and the role.",
	"InsufficientAccountPermissions":  "Give the app's identity this role; a new assignment takes up to ten minutes.",
	"NoSuchHost":                      "The name does not resolve. Check that it exists, and that the private DNS zone is linked to the app's network.",
	"CertificateRefused":              "The certificate is not that of the service. Check private DNS, and that nothing inspects TLS on the way.",
	"IdentityRefused":                 "The app has no such identity. Check AIRLOCK_MANAGED_IDENTITY_CLIENT_ID and the app's identities.",
	"IdentityUnavailable":             "The identity endpoint does not answer. Restart the app; if it stays, open a support case.",
	"TimedOut":                        "Nothing answers. Check the private endpoint, the route table and the firewall on the way.",
	"ConnectionFailed":                "The connection breaks. Check the private endpoint, the route table and the firewall on the way.",
	"AccountIsDisabled":               "Enable the account.",
	"TableNotFound":                   "Apply infra/core: it makes the table.",
	"ContainerNotFound":               "Apply infra/core: it makes the container.",
	"KeyNotFound":                     "Apply infra/core: it makes the key.",
	"SecretNotFound":                  "Apply infra/core: it makes the secret.",
	"Forbidden":                       "Give the app's identity this role on the vault.",
	"ForbiddenByRbac":                 "Give the app's identity this role on the vault.",
	"ForbiddenByFirewall":             "The vault's firewall refuses the app. Check its private endpoint.",
}

// of makes the finding for a check's error. does is "can be listed", role what
// the check needs.
func of(check, about, does, role string, err error) Finding {
	f := Finding{Check: check, About: about, State: OK, Says: "It " + does + "."}
	if err == nil {
		return f
	}
	cannot := "It cannot " + strings.TrimPrefix(does, "can ") + ": "
	fault, ok := errors.AsType[*airlock.Fault](err)
	switch {
	case errors.Is(err, airlock.ErrGone):
		f.State, f.Says, f.Fix = Wrong, cannot+"it is not there.", "Apply infra/core: it makes it."
		return f
	case !ok:
		f.State, f.Says, f.Fix = Wrong, cannot+err.Error()+".", "Look it up in the RUNBOOK."
		return f
	}
	f.State, f.Says, f.Fix = Wrong, cannot+fault.Cause()+".", fixes[fault.Code]
	switch {
	case isBusy(fault):
		f.State, f.Fix = CannotTell, "The service is busy; examine again in a minute."
	case f.Fix == "":
		f.Fix = "Look the code up in the RUNBOOK."
	}
	if role != "" && f.State == Wrong {
		f.Fix += " The role is " + role + "."
	}
	return f
}

// isBusy reports whether a service only asks to come again.
func isBusy(fault *airlock.Fault) bool {
	return fault.Kind == airlock.Transient && (fault.Code == "Cancelled" || fault.Code == "ServerBusy" || strings.HasPrefix(fault.Code, "HTTP 5") || strings.HasPrefix(fault.Code, "HTTP 429"))
}
