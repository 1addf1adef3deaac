package azure_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

const secretAddress = "https://stone.blob.core.windows.net/c/patients.csv?sv=1&sig=SECRET"

func answered(status int, code string, headers ...string) error {
	r := &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{"X-Ms-Error-Code": {code}},
		Body: io.NopCloser(strings.NewReader("SECRET")), Request: httptest.NewRequest(http.MethodPut, secretAddress, nil)}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return runtime.NewResponseError(r)
}

func requireFault(t *testing.T, err error, kind airlock.FaultKind, code string) *airlock.Fault {
	t.Helper()
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, kind, f.Kind, "%v", err)
	require.Equal(t, code, f.Code, "%v", err)
	require.Equal(t, "copy blob", f.Operation)
	require.Equal(t, "stone", f.Account)
	for _, text := range []string{f.Error(), fmt.Sprintf("%+v %#v", f, f.Err)} {
		require.NotContains(t, text, "SECRET")
		require.NotContains(t, text, "patients")
	}
	return f
}

func TestAnswersHaveMeanings(t *testing.T) {
	meanings := []azure.Meaning{
		{Codes: []string{"BlobNotFound"}, Is: airlock.ErrGone},
		{Status: 409, Codes: []string{"Busy"}, Kind: airlock.Transient},
		{Status: 409, Kind: airlock.Operator},
		{Status: 503, Codes: []string{"Closed"}, Kind: airlock.Operator},
		{Status: 404, Codes: []string{""}, Is: airlock.ErrGone},
		{Kind: airlock.Permanent},
	}
	for _, try := range []struct {
		status int
		code   string
		kind   airlock.FaultKind
		told   string
	}{
		{409, "Busy", airlock.Transient, "Busy"},
		{409, "Other", airlock.Operator, "Other"},
		{503, "Closed", airlock.Operator, "Closed"},
		{503, "ServerBusy", airlock.Transient, "ServerBusy"},
		{408, "", airlock.Transient, "HTTP 408"},
		{429, "", airlock.Transient, "HTTP 429"},
		{500, "", airlock.Transient, "HTTP 500"},
		{599, "", airlock.Transient, "HTTP 599"},
		{501, "", airlock.Permanent, "HTTP 501"},
		{400, "Bad", airlock.Permanent, "Bad"},
		{404, "Other", airlock.Permanent, "Other"},
	} {
		err := azure.Fault("copy blob", "stone", fmt.Errorf("put: %w", answered(try.status, try.code, "x-ms-request-id", "the-request")), meanings)
		f := requireFault(t, err, try.kind, try.told)
		assert.Contains(t, f.Error(), "the-request")
	}
	for _, gone := range []error{answered(404, "BlobNotFound"), answered(404, "")} {
		err := azure.Fault("copy blob", "stone", gone, meanings)
		require.ErrorIs(t, err, airlock.ErrGone)
		require.NotErrorAs(t, err, new(*airlock.Fault))
	}
	requireFault(t, azure.Fault("copy blob", "stone", answered(404, "X"), nil), airlock.Operator, "X")
	require.NoError(t, azure.Fault("copy blob", "stone", nil, meanings))
	known := &airlock.Fault{Kind: airlock.Permanent, Code: "Known"}
	require.Same(t, known, azure.Fault("other", "other", fmt.Errorf("again: %w", known), meanings))
}

type timedOut struct{}

func (timedOut) Error() string   { return "i/o timeout" }
func (timedOut) Timeout() bool   { return true }
func (timedOut) Temporary() bool { return true }

// bodyCut is azcore's error for a connection that breaks within a body: it must
// not be repeated by the SDK, and is no matter of the identity.
type bodyCut struct{ error }

func (bodyCut) NonRetriable() {}

func TestErrorsThatAreNoAnswer(t *testing.T) {
	identity := func(status int) error {
		return fmt.Errorf("token: %w", &azidentity.AuthenticationFailedError{RawResponse: &http.Response{StatusCode: status}})
	}
	get := func(err error) error { return &url.Error{Op: "Get", URL: secretAddress, Err: err} }
	for name, try := range map[string]struct {
		err  error
		kind airlock.FaultKind
		code string
	}{
		"no such host":          {get(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}), airlock.Operator, "NoSuchHost"},
		"name server away":      {get(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}), airlock.Transient, "ConnectionFailed"},
		"another's certificate": {get(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), airlock.Operator, "CertificateRefused"},
		"another's name":        {get(&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}}), airlock.Operator, "CertificateRefused"},
		"refused":               {get(errors.New("connection refused")), airlock.Transient, "ConnectionFailed"},
		"cut off":               {io.ErrUnexpectedEOF, airlock.Transient, "ConnectionFailed"},
		"cut off within a body": {bodyCut{io.ErrUnexpectedEOF}, airlock.Transient, "ConnectionFailed"},
		"quotes the address":    {errors.New("dial " + secretAddress + ": refused sig=SECRET"), airlock.Transient, "ConnectionFailed"},
		"too slow":              {get(context.DeadlineExceeded), airlock.Transient, "TimedOut"},
		"too slow below":        {get(timedOut{}), airlock.Transient, "TimedOut"},
		"the caller left":       {get(context.Canceled), airlock.Transient, "Cancelled"},
		"no identity":           {fmt.Errorf("x: %w", errors.Join(errors.New("y"), azidentity.NewCredentialUnavailableError("SECRET"))), airlock.Operator, "CredentialUnavailable"},
		"identity away":         {&azidentity.AuthenticationFailedError{}, airlock.Transient, "IdentityUnavailable"},
		"identity refused":      {identity(400), airlock.Operator, "IdentityRefused"},
		"identity forbidden":    {identity(403), airlock.Operator, "IdentityRefused"},
		"identity being moved":  {identity(404), airlock.Transient, "IdentityUnavailable"},
		"identity timed out":    {identity(408), airlock.Transient, "IdentityUnavailable"},
		"identity updated":      {identity(410), airlock.Transient, "IdentityUnavailable"},
		"identity throttled":    {identity(429), airlock.Transient, "IdentityUnavailable"},
		"identity broken":       {identity(500), airlock.Transient, "IdentityUnavailable"},
		"identity not there":    {identity(501), airlock.Transient, "IdentityUnavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			// No service's own words change the meaning: all of them are told alike.
			err := azure.Fault("copy blob", "stone", try.err, []azure.Meaning{{Kind: airlock.Permanent}})
			requireFault(t, err, try.kind, try.code)
			for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
				assert.Equal(t, errors.Is(try.err, ended), errors.Is(err, ended))
			}
		})
	}
}

func TestHowLongAServiceAsksToWait(t *testing.T) {
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for _, try := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", "", 0},
		{"Retry-After", "0", 0},
		{"Retry-After", "-1", 0},
		{"Retry-After", "soon", 0},
		{"Retry-After", "99999", azure.LongestWait},
		{"Retry-After", "99999999999999999999999", azure.LongestWait},
		{"Retry-After", in(time.Hour), azure.LongestWait},
		{"Retry-After", in(-time.Hour), 0},
		{"retry-after-ms", "1500", 1500 * time.Millisecond},
		{"x-ms-retry-after-ms", "1500", 1500 * time.Millisecond},
		{"x-ms-retry-after-ms", "9999999999999999", azure.LongestWait},
	} {
		f := requireFault(t, azure.Fault("copy blob", "stone", answered(503, "ServerBusy", try.name, try.value), nil), airlock.Transient, "ServerBusy")
		assert.Equal(t, try.want, f.After, "%s: %s", try.name, try.value)
	}
	f := requireFault(t, azure.Fault("copy blob", "stone", answered(503, "ServerBusy", "Retry-After", in(5*time.Minute)), nil), airlock.Transient, "ServerBusy")
	assert.InDelta(t, 5*time.Minute, f.After, float64(2*time.Second))
}
