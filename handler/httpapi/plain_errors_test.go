package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/httpapi"
)

func TestErrorsAreTextForClientsThatAskForIt(t *testing.T) {
	f := newFixture(t)
	f.err = airlock.ErrNotFound
	config := configOf(f.fakeService, f.logs, issuer().url)
	config.PlainErrors = true
	gateway := httptest.NewServer(httpapi.New(config))
	defer gateway.Close()
	const text, problem = "text/plain; charset=utf-8", "application/problem+json"
	for accept, want := range map[string]struct{ asIs, plain string }{
		"":                                  {problem, text},
		"*/*":                               {problem, text},
		"application/json":                  {problem, problem},
		"application/problem+json":          {problem, problem},
		"text/plain":                        {text, text},
		"TEXT/Plain;q=0.5":                  {text, text},
		"text/plain;q=0":                    {problem, text},
		"text/plain, application/json":      {problem, problem},
		"text/plain, application/json;q=.1": {text, text},
		"text/html, */*;q=0.8":              {problem, text},
		";;;":                               {problem, text},
	} {
		for server, media := range map[string]string{f.server.URL: want.asIs, gateway.URL: want.plain} {
			for path, detail := range map[string]string{requestPath: "Airlock request does not exist", "/api/nowhere": "Not Found"} {
				status, got, body := fetched(t, server+path, accept)
				require.Equal(t, 404, status)
				require.Equal(t, media, got, accept)
				if media == text {
					require.Equal(t, detail+"\n", body, "the detail and nothing else")
				} else {
					require.Contains(t, body, `"detail":"`+detail+`"`)
				}
			}
		}
	}
	f.err = nil
	_, media, _ := fetched(t, gateway.URL+requestPath, "text/plain")
	require.Equal(t, "application/json", media, "answers that are no errors stay as they are")
}

func fetched(t *testing.T, address, accept string) (status int, media, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+researcher())
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(b)
}
