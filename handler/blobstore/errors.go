package blobstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
)

// kinds says what storage's error codes mean for a request; kindOf judges the
// rest by status (learn.microsoft.com/rest/api/storageservices/blob-service-error-codes).
var kinds = map[bloberror.Code]airlock.FaultKind{
	bloberror.AccountIsDisabled:                     airlock.Operator,
	bloberror.CopyAcrossAccountsNotSupported:        airlock.Operator,
	bloberror.BlobImmutableDueToPolicy:              airlock.Operator,
	bloberror.LeaseIDMissing:                        airlock.Operator, // somebody holds a lease; only people can break it
	bloberror.LeaseIDMismatchWithBlobOperation:      airlock.Operator,
	bloberror.LeaseIDMismatchWithContainerOperation: airlock.Operator,
	bloberror.LeaseAlreadyPresent:                   airlock.Operator,
	bloberror.BlobArchived:                          airlock.Permanent,
	bloberror.InvalidBlobType:                       airlock.Permanent,
	bloberror.InvalidSourceBlobType:                 airlock.Permanent,
	bloberror.InvalidSourceBlobURL:                  airlock.Permanent,
	bloberror.BlobUsesCustomerSpecifiedEncryption:   airlock.Permanent,
}

func kindOf(status int, code string) airlock.FaultKind {
	if kind, ok := kinds[bloberror.Code(code)]; ok {
		return kind
	}
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired:
		return airlock.Operator // a role that is missing, or still spreading
	case status == http.StatusNotImplemented:
		return airlock.Permanent
	case status == http.StatusConflict && code == string(bloberror.CannotVerifyCopySource):
		return airlock.Permanent // too large for a synchronous copy
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500,
		status == http.StatusNotFound, status == http.StatusConflict, status == http.StatusPreconditionFailed:
		// The last three are states of storage that pass: a pending copy, a
		// container being deleted. What they mean for good is judged where they occur.
		return airlock.Transient
	}
	return airlock.Permanent
}

// isGone reports whether err says that a container or blob is not there.
func isGone(err error) bool {
	var re *azcore.ResponseError
	if !errors.As(err, &re) {
		return false
	}
	switch bloberror.Code(re.ErrorCode) {
	case bloberror.BlobNotFound, bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ResourceNotFound:
		return true
	}
	return re.ErrorCode == "" && re.StatusCode == http.StatusNotFound
}

// failure is classify for calls whose target may be gone: airlock.ErrGone then.
func failure(operation, account string, err error) error {
	if isGone(err) {
		return fmt.Errorf("%s on %s: %w", operation, account, airlock.ErrGone)
	}
	return classify(operation, account, err)
}

// classify turns an error of the SDK, the network or the credential into an
// *airlock.Fault. It takes nothing over that could hold a signature: no URL, no
// header, no answer's body. A *airlock.Fault passes unchanged.
func classify(operation, account string, err error) error {
	if known, ok := errors.AsType[*airlock.Fault](err); ok {
		return known
	}
	f := &airlock.Fault{Operation: operation, Account: account, Err: harmless(err)}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		f.Code = re.ErrorCode
		if f.Code == "" {
			f.Code = "HTTP " + strconv.Itoa(re.StatusCode)
		}
		f.Kind, f.After = kindOf(re.StatusCode, re.ErrorCode), retryAfter(re.RawResponse)
		return f
	}
	f.Kind, f.Code = connectionFault(err)
	return f
}

// connectionFault judges errors that are no answer of storage.
func connectionFault(err error) (airlock.FaultKind, string) {
	if auth, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		if r := auth.RawResponse; r != nil && r.StatusCode < 500 && r.StatusCode != http.StatusTooManyRequests {
			return airlock.Operator, "IdentityRefused"
		}
		return airlock.Transient, "IdentityUnavailable"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return airlock.Operator, "NoSuchHost"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return airlock.Operator, "CertificateRefused"
	}
	if errors.Is(err, context.Canceled) {
		return airlock.Transient, "Cancelled"
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return airlock.Transient, "TimedOut"
	}
	return airlock.Transient, "ConnectionFailed"
}

// retryAfter is how long storage asks us to wait, 0 if it does not.
func retryAfter(r *http.Response) time.Duration {
	if r == nil {
		return 0
	}
	for _, header := range []struct {
		name string
		unit time.Duration
	}{{"retry-after-ms", time.Millisecond}, {"x-ms-retry-after-ms", time.Millisecond}, {"Retry-After", time.Second}} {
		if n, err := strconv.Atoi(r.Header.Get(header.name)); err == nil && n > 0 {
			return time.Duration(n) * header.unit
		}
	}
	return 0
}
