package tablestore

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// once is a store whose calls are not repeated.
func once(t *testing.T) (*Store, *wire) {
	t.Helper()
	var o Config
	o.ClientOptions.Retry = policy.RetryOptions{MaxRetries: -1, TryTimeout: time.Second}
	return newAccount(t).open(t, o)
}

func TestWhatTheServicesAnswersMean(t *testing.T) {
	t.Parallel()
	s, wire := once(t)
	tests := []struct {
		status int
		code   string
		is     error
		kind   airlock.FaultKind
	}{
		{status: 404, code: "ResourceNotFound", is: airlock.ErrNotFound},
		{status: 404, code: "TableNotFound", kind: airlock.Operator},
		{status: 404, kind: airlock.Operator},
		{status: 409, code: "EntityAlreadyExists", is: airlock.ErrExists},
		{status: 409, code: "TableBeingDeleted", kind: airlock.Operator},
		{status: 412, code: "UpdateConditionNotSatisfied", is: airlock.ErrStale},
		{status: 413, code: "RequestBodyTooLarge", is: airlock.ErrTooLarge},
		{status: 400, code: "EntityTooLarge", is: airlock.ErrTooLarge},
		{status: 400, code: "PropertyValueTooLarge", is: airlock.ErrTooLarge},
		{status: 400, code: "InvalidInput", kind: airlock.Operator},
		{status: 401, code: "InvalidAuthenticationInfo", kind: airlock.Operator},
		{status: 403, code: "AuthorizationPermissionMismatch", kind: airlock.Operator},
		{status: 408, kind: airlock.Transient},
		{status: 429, kind: airlock.Transient},
		{status: 500, code: "InternalError", kind: airlock.Transient},
		{status: 502, kind: airlock.Transient},
		{status: 503, code: "ServerBusy", kind: airlock.Transient},
		{status: 504, kind: airlock.Transient},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status, tt.code), func(t *testing.T) {
			body := `{"odata.error":{"code":"` + tt.code + `","message":{"lang":"en-US","value":"0:It is so."}}}`
			header := http.Header{"Retry-After": {"7"}, "X-Ms-Request-Id": {"the-request"}}
			inner := fmt.Sprintf("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\n"+
				"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n\r\n%s\r\n--c--\r\n--b--\r\n", tt.status, http.StatusText(tt.status), body)
			wire.answerWith(1, tt.status, header, body)
			_, _, plain := s.Load(t.Context(), genomics, newID())
			header.Set("Content-Type", "multipart/mixed; boundary=b")
			wire.answerWith(1, http.StatusAccepted, header, inner)
			_, said, inside := s.submit(t.Context(), s.requests, "commit request", []operation{insert(newRow("p", "k"))})
			require.NotNil(t, said)
			assert.Equal(t, 0, said.failed)
			for _, err := range []error{plain, inside} {
				if tt.is != nil {
					assert.ErrorIs(t, err, tt.is)
					continue
				}
				var fault *airlock.Fault
				require.ErrorAs(t, err, &fault)
				assert.Equal(t, tt.kind, fault.Kind)
				assert.Equal(t, 7*time.Second, fault.After)
				assert.Equal(t, s.account, fault.Account)
				assert.Contains(t, fault.Error(), "the-request")
				assert.NotContains(t, fault.Error(), "http")
				if tt.code != "" {
					assert.Equal(t, tt.code, fault.Code)
				}
			}
		})
	}
}

func TestACallersEndIsAFaultThatSaysSo(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := s.Load(ctx, genomics, newID())
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Workspace(ctx, genomics)
	require.ErrorIs(t, err, context.Canceled)
	for _, err := range s.Due(ctx, genomics, start) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestThrottlingIsWaitedFor(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	wire.answerWith(2, http.StatusServiceUnavailable, nil, "")
	commit(t, s, draft(genomics, ada, start))
	costs(t, wire, 3, "a commit that was throttled twice")
}

// token is a credential that only production's path needs.
type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func TestNewSendsABearerTokenForStorage(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "http://st.table.core.windows.net", "https://", "https://st.table.core.windows.net/?sig=x", "://"} {
		_, err := New(Config{Endpoint: bad, Credential: token{}, Seals: sealer(t, stateKey)})
		require.Error(t, err, bad)
	}
	assert.Panics(t, func() { _, _ = New(Config{Endpoint: "https://st.table.core.windows.net", Seals: sealer(t, stateKey)}) })
	assert.Panics(t, func() { _, _ = New(Config{Endpoint: "https://st.table.core.windows.net", Credential: token{}}) })

	w := newWire()
	w.before = func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, "Bearer t", r.Header.Get("Authorization"))
		assert.True(t, strings.HasPrefix(r.URL.String(), "https://stalstatelocal.table.core.windows.net/AirlockRequests("), r.URL)
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"60"}}, Body: http.NoBody, Request: r}, nil
	}
	o := Config{Endpoint: "https://stalstatelocal.table.core.windows.net/", Credential: token{}, Seals: sealer(t, stateKey)}
	o.ClientOptions.Transport = w
	s, err := New(o)
	require.NoError(t, err)
	var fault *airlock.Fault
	_, _, err = s.Load(t.Context(), genomics, "af89dccd-cdf8-4e47-8cfe-995faeac0f09")
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, "stalstatelocal", fault.Account)
	assert.Equal(t, time.Minute, fault.After)
	costs(t, w, 1, "a service that wants a minute: nobody waits that long here")
}
