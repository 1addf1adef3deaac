package identity_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
)

func TestManagedIdentityIsForItsProgramAlone(t *testing.T) {
	key, err := identity.NewKey()
	require.NoError(t, err)
	m := &identity.Managed{Key: key, Tenant: identity.Tenant, Secret: "secret", ObjectID: "oid"}
	ask := func(secret, query string) (int, map[string]string) {
		r := httptest.NewRequest(http.MethodGet, "/msi/token?"+query, nil)
		r.Header.Set("X-IDENTITY-HEADER", secret)
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		var answer map[string]string
		_ = json.Unmarshal(w.Body.Bytes(), &answer)
		return w.Code, answer
	}
	const storage = "api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com"
	status, answer := ask("secret", storage)
	require.Equal(t, http.StatusOK, status)
	oid, tid, err := m.Verify(answer["access_token"], "https://storage.azure.com")
	require.NoError(t, err)
	require.Equal(t, "oid", oid)
	require.Equal(t, identity.Tenant, tid)
	_, _, err = m.Verify(answer["access_token"], "https://eventgrid.azure.net")
	require.ErrorContains(t, err, "wrong audience")

	for _, c := range []struct {
		secret, query string
		want          int
	}{{"", storage, 401}, {"guess", storage, 401}, {"secret", "api-version=2019-08-01", 400}, {"secret", "resource=x", 400}} {
		status, _ := ask(c.secret, c.query)
		require.Equal(t, c.want, status, c)
	}
	m.Fail(1, http.StatusTooManyRequests)
	status, _ = ask("secret", storage)
	require.Equal(t, http.StatusTooManyRequests, status)
	status, _ = ask("secret", storage)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, m.Asked(), "https://storage.azure.com")
}
