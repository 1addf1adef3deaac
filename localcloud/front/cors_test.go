package front_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A page's script may make the calls of the account's rule, and reads no other answer; errors are answers too.
func TestBrowsersAreHeldToTheRuleOfTheAccount(t *testing.T) {
	f := newFixture(t)
	f.upload(accountA, "in.txt", "hello")
	f.upload(accountB, "in.txt", "hello")
	const page = "http://127.0.0.1:7071"
	ask := func(method, account, query string, header ...string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, lab.people+"/"+account+"/"+f.container+"/in.txt?"+query, nil)
		require.NoError(t, err)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp
	}
	const method, headers = "Access-Control-Request-Method", "Access-Control-Request-Headers"
	for _, c := range []struct {
		name, account string
		header        []string
		want          int
	}{
		{"allowed", accountA, []string{"Origin", page, method, "PUT", headers, "Content-Type, x-ms-version"}, 200},
		{"without headers", accountA, []string{"Origin", page, method, "GET"}, 200},
		{"another page", accountA, []string{"Origin", "https://example.org", method, "PUT"}, 403},
		{"another method", accountA, []string{"Origin", page, method, "DELETE"}, 403},
		{"another header", accountA, []string{"Origin", page, method, "PUT", headers, "x-ms-meta-a"}, 403},
		{"an account without a rule", accountB, []string{"Origin", page, method, "GET"}, 403},
		{"no preflight at all", accountA, nil, 400},
	} {
		resp := ask(http.MethodOptions, c.account, "", c.header...)
		assert.Equal(t, c.want, resp.StatusCode, c.name)
		allowed := ""
		if c.want == 200 {
			allowed = page
			assert.Equal(t, "7200", resp.Header.Get("Access-Control-Max-Age"), c.name)
		}
		assert.Equal(t, allowed, resp.Header.Get("Access-Control-Allow-Origin"), c.name)
	}
	link := f.sign(accountA, "", "r", time.Hour)
	for query, status := range map[string]int{link: 200, "": 401} {
		resp := ask(http.MethodGet, accountA, query, "Origin", page)
		assert.Equal(t, status, resp.StatusCode)
		assert.Equal(t, []string{page}, resp.Header.Values("Access-Control-Allow-Origin"), status)
		assert.Equal(t, "etag,x-ms-error-code", resp.Header.Get("Access-Control-Expose-Headers"))
		assert.Empty(t, ask(http.MethodGet, accountA, query, "Origin", "https://example.org").Header.Get("Access-Control-Allow-Origin"))
		assert.Empty(t, ask(http.MethodGet, accountA, query).Header.Get("Access-Control-Allow-Origin"))
	}
}
