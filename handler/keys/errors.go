package keys

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"example.org/airlock/handler/airlock"
)

// classify turns an error of the SDK, the network or the credential into an
// *airlock.Fault, without URLs or answers' bodies. Nothing about a key is ever
// permanent: whatever Key Vault refuses, an operator can mend.
func classify(operation, vault string, err error) error {
	f := &airlock.Fault{Kind: airlock.Operator, Operation: operation, Account: vault}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		f.Code, f.Err = re.ErrorCode, fmt.Errorf("key vault answered %d", re.StatusCode)
		if f.Code == "" {
			f.Code = "HTTP " + strconv.Itoa(re.StatusCode)
		}
		if re.StatusCode >= 500 || re.StatusCode == http.StatusTooManyRequests || re.StatusCode == http.StatusRequestTimeout {
			f.Kind = airlock.Transient
		}
		if re.RawResponse != nil {
			if seconds, err := strconv.Atoi(re.RawResponse.Header.Get("Retry-After")); err == nil && seconds > 0 {
				f.After = time.Duration(seconds) * time.Second
			}
		}
		return f
	}
	f.Kind, f.Code, f.Err = silence(err)
	return f
}

// silence judges errors that are no answer of Key Vault.
func silence(err error) (airlock.FaultKind, string, error) {
	if auth, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		if r := auth.RawResponse; r != nil && r.StatusCode < 500 && r.StatusCode != http.StatusTooManyRequests {
			return airlock.Operator, "IdentityRefused", errors.New("no token for the managed identity")
		}
		return airlock.Transient, "IdentityUnavailable", errors.New("no token for the managed identity")
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err // without the URL
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return airlock.Operator, "NoSuchHost", err
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return airlock.Transient, "TimedOut", err
	}
	return airlock.Transient, "ConnectionFailed", err
}

func unusable(operation, vault, why string) error {
	return &airlock.Fault{Kind: airlock.Operator, Code: "UnusableKey", Operation: operation, Account: vault, Err: errors.New(why)}
}
