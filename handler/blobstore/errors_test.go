package blobstore_test

import (
	"context"
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
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/fault"
)

func answered(status int, code string, header ...string) error {
	r := &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")),
		Request: httptest.NewRequest(http.MethodPut, "https://a.blob.core.windows.net/c/b?sig=SECRET", nil)}
	r.Header.Set("x-ms-error-code", code)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return runtime.NewResponseError(r)
}

func TestErrorsHaveKinds(t *testing.T) {
	noHost := &url.Error{Op: "Put", URL: "https://a.example/?sig=SECRET", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}}
	for name, try := range map[string]struct {
		err  error
		kind airlock.FaultKind
		code string
	}{
		"busy":              {answered(503, "ServerBusy"), airlock.Transient, "ServerBusy"},
		"throttled":         {answered(429, ""), airlock.Transient, "HTTP 429"},
		"timed out there":   {answered(500, "OperationTimedOut"), airlock.Transient, "OperationTimedOut"},
		"408":               {answered(408, ""), airlock.Transient, "HTTP 408"},
		"being deleted":     {answered(409, "ContainerBeingDeleted"), airlock.Transient, "ContainerBeingDeleted"},
		"pending copy":      {answered(409, "PendingCopyOperation"), airlock.Transient, "PendingCopyOperation"},
		"role missing":      {answered(403, "AuthorizationPermissionMismatch"), airlock.Operator, "AuthorizationPermissionMismatch"},
		"firewall":          {answered(403, "AuthorizationFailure"), airlock.Operator, "AuthorizationFailure"},
		"source forbidden":  {answered(403, "CannotVerifyCopySource"), airlock.Operator, "CannotVerifyCopySource"},
		"no token":          {answered(401, "InvalidAuthenticationInfo"), airlock.Operator, "InvalidAuthenticationInfo"},
		"account disabled":  {answered(409, "AccountIsDisabled"), airlock.Operator, "AccountIsDisabled"},
		"leased":            {answered(412, "LeaseIdMissing"), airlock.Operator, "LeaseIdMissing"},
		"bad header":        {answered(400, "InvalidHeaderValue"), airlock.Permanent, "InvalidHeaderValue"},
		"archived":          {answered(409, "BlobArchived"), airlock.Permanent, "BlobArchived"},
		"not implemented":   {answered(501, "NotImplemented"), airlock.Permanent, "NotImplemented"},
		"no such host":      {noHost, airlock.Operator, "NoSuchHost"},
		"connection reset":  {&url.Error{Op: "Put", Err: errors.New("connection reset by peer")}, airlock.Transient, "ConnectionFailed"},
		"deadline":          {fmt.Errorf("put: %w", context.DeadlineExceeded), airlock.Transient, "TimedOut"},
		"cancelled":         {context.Canceled, airlock.Transient, "Cancelled"},
		"a fault, as it is": {&airlock.Fault{Kind: airlock.Permanent, Code: "X"}, airlock.Permanent, "X"},
	} {
		t.Run(name, func(t *testing.T) {
			err := blobstore.FaultOf("copy blob", "stone", try.err)
			f := requireFault(t, err, try.kind, try.code)
			assert.NotContains(t, f.Error(), "SECRET")
			assert.NotContains(t, fmt.Sprintf("%+v %#v", f, f.Err), "SECRET")
			assert.Equal(t, errors.Is(try.err, context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded))
		})
	}
	f := requireFault(t, blobstore.FaultOf("x", "stone", answered(503, "ServerBusy", "Retry-After", "7")), airlock.Transient, "ServerBusy")
	require.Equal(t, 7*time.Second, f.After)
}

// refusing refuses every request in a way that quotes the request, as storage
// does with headers it does not like and net/http with URLs.
type refusing struct {
	real   *http.Client
	quotes []string
	answer bool // refuse by an answer, else by a transport error
}

func (r *refusing) Do(req *http.Request) (*http.Response, error) {
	source := ""
	for name, values := range req.Header { // the SDK does not use net/http's letter case
		if strings.EqualFold(name, "x-ms-copy-source") {
			source = values[0]
		}
	}
	if source == "" && req.URL.Query().Get("comp") == "userdelegationkey" {
		return r.real.Do(req)
	}
	_, query, _ := strings.Cut(source, "?")
	if signed, err := url.ParseQuery(query); err == nil && signed.Get("sig") != "" {
		r.quotes = append(r.quotes, signed.Get("sig"), url.QueryEscape(signed.Get("sig")))
	}
	if !r.answer {
		return nil, &url.Error{Op: "Put", URL: source + "&of=" + req.URL.String(), Err: fmt.Errorf("dial %s: refused", source)}
	}
	body := "<Error><Code>InvalidHeaderValue</Code><Message>" + source + "</Message><HeaderValue>" + source + "</HeaderValue></Error>"
	return &http.Response{StatusCode: http.StatusBadRequest, Status: "400 " + source, Header: http.Header{"X-Ms-Error-Code": {"InvalidHeaderValue"}, "Content-Type": {"application/xml"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

func TestNoSignatureAndNoFileNameInAnyError(t *testing.T) {
	t.Parallel()
	for _, answer := range []bool{true, false} {
		transport := &refusing{real: local.client, answer: answer}
		c := config()
		c.ClientOptions.Transport = transport
		s, err := blobstore.New(c)
		require.NoError(t, err)
		id := airlock.RequestID(uuid.NewString())
		_, _, err = s.Copy(t.Context(), airlock.CopyOrder{From: airlock.Container{Account: draftAccount, Name: airlock.ContainerName(id)},
			To: airlock.Container{Account: progressAccount, Name: airlock.ContainerName(id)}, Name: "patients of Dr No.csv", SourceETag: "0x1", Size: 5}, airlock.CopyProgress{})
		require.Error(t, err)
		require.NotEmpty(t, transport.quotes, "a signature was sent")
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", errors.Unwrap(err))} {
			for _, sig := range transport.quotes {
				assert.NotContains(t, text, sig)
			}
			assert.NotContains(t, text, "sig=")
			assert.NotContains(t, text, "patients")
		}
	}
}

func TestFaultsOfEveryCallAreTold(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.upload(f.draft, "a.csv", []byte("1,2"))
	missing := airlock.Container{Account: draftAccount, Name: airlock.ContainerName(uuid.NewString())}
	_, err := f.List(t.Context(), missing, 1000)
	require.ErrorIs(t, err, airlock.ErrGone)
	_, err = f.Stat(t.Context(), missing, "a.csv")
	require.ErrorIs(t, err, airlock.ErrGone)

	for op, call := range map[string]func() error{
		"CreateContainer":   func() error { return f.CreateContainer(t.Context(), f.draft) },
		"ListBlobs":         func() error { _, err := f.List(t.Context(), f.draft, 1000); return err },
		"GetBlobProperties": func() error { _, err := f.Stat(t.Context(), f.draft, "a.csv"); return err },
		"DeleteContainer":   func() error { _, err := f.DeleteContainer(t.Context(), f.draft, time.Now()); return err },
	} {
		f.fail(fault.Rule{Op: op, Do: "503", RetryAfter: "60"})
		told := requireFault(t, call(), airlock.Transient, "ServerBusy")
		require.Equal(t, draftAccount, told.Account, op)
		require.Equal(t, time.Minute, told.After, op)
		require.NotContains(t, told.Error(), "a.csv", op)
		f.fail(fault.Rule{Op: op, Do: "403"})
		requireFault(t, call(), airlock.Operator, "AuthorizationPermissionMismatch")
	}
}

func TestLostAnswersAreOwnSuccess(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.upload(f.draft, "a.csv", []byte("1,2"))
	f.remove(f.draft, "a.csv")
	for _, op := range []string{"ListBlobs", "GetBlobProperties", "DeleteContainer", "CreateContainer"} {
		f.fail(fault.Rule{Op: op, Do: fault.Lose})
	}
	_, err := f.List(t.Context(), f.draft, 1000)
	require.NoError(t, err)
	_, err = f.Stat(t.Context(), f.draft, "a.csv")
	require.ErrorIs(t, err, airlock.ErrGone)
	f.removes(f.draft, time.Now())
	require.NoError(t, f.CreateContainer(t.Context(), f.draft))
	f.removes(f.draft, time.Now())
	f.removes(f.draft, time.Now())
}

func TestContainersAreListedWithTheirLastChange(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	found := map[string]time.Time{}
	for c, err := range f.Containers(t.Context(), draftAccount) {
		require.NoError(t, err)
		found[c.Name] = c.Changed
	}
	require.Contains(t, found, string(f.id))
	require.WithinDuration(t, time.Now(), found[string(f.id)], time.Minute)
	for range f.Containers(t.Context(), draftAccount) {
		break // an early end is fine
	}
	for _, err := range f.Containers(t.Context(), "NOT AN ACCOUNT") {
		requireFault(t, err, airlock.Operator, "InvalidAccountName")
	}
}
