package grid

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPublishTakesOrRefusesTheWholeBatch(t *testing.T) {
	const good = `{"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-01T00:00:00.1234567Z","dataVersion":"1.0","data":{"a":1}}`
	without := func(member string) string {
		return "[" + good + "," + strings.Replace(good, `"`+member+`"`, `"x"`, 1) + "]"
	}
	for _, test := range []struct {
		name, host, path, method, body string
		want                           int
	}{
		{"one event", "", "", "", "[" + good + "]", 200},
		{"two events", "", "", "", "[" + good + "," + good + "]", 200},
		{"not an array", "", "", "", good, 400},
		{"empty array", "", "", "", "[]", 400},
		{"not JSON", "", "", "", "hello", 400},
		{"no id", "", "", "", without("id"), 400},
		{"no subject", "", "", "", without("subject"), 400},
		{"no event type", "", "", "", without("eventType"), 400},
		{"no time", "", "", "", without("eventTime"), 400},
		{"no data version", "", "", "", without("dataVersion"), 400},
		{"odd time", "", "", "", strings.Replace("["+good+"]", "2026-01-01T", "yesterday", 1), 400},
		{"foreign topic", "", "", "", `[` + good[:len(good)-1] + `,"topic":"/x"}]`, 400},
		{"too large", "", "", "", `["` + strings.Repeat("x", publishLimit) + `"]`, 413},
		{"unknown topic", "nosuch.local-1.eventgrid.azure.net", "", "", "[" + good + "]", 404},
		{"other path", "", "/api/event?api-version=2018-01-01", "", "[" + good + "]", 404},
		{"other version", "", "/api/events?api-version=2019-01-01", "", "[" + good + "]", 400},
		{"other method", "", "", "PUT", "[" + good + "]", 405},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := New(Config{})
			host, path, method := or(test.host, "statuschanged.local-1.eventgrid.azure.net"), or(test.path, "/api/events?api-version=2018-01-01"), or(test.method, "POST")
			r := httptest.NewRequest(method, "https://"+host+path, strings.NewReader(test.body))
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			assert.Equal(t, test.want, w.Code, w.Body)
			if test.want == 200 {
				assert.Empty(t, w.Body.String())
				assert.Len(t, g.Published(""), strings.Count(test.body, `"id"`))
				return
			}
			assert.Empty(t, g.Published(""))
			assert.Contains(t, w.Body.String(), `"error"`)
		})
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestPublishNeedsAuthorisation(t *testing.T) {
	g := New(Config{Authorize: func(r *http.Request) error {
		if r.Header.Get("Authorization") == "" {
			return errors.New("no token")
		}
		return nil
	}})
	r := httptest.NewRequest(http.MethodPost, "https://stepresult.x/api/events?api-version=2018-01-01", strings.NewReader("[]"))
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	require.Equal(t, 401, w.Code)
}
