package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestWhoHasTheAnswerGetsNone(t *testing.T) {
	f := newFixture(t)
	f.requests = []airlock.Request{f.request}
	for path, token := range map[string]string{requestPath: researcher(), requestsPath: researcher(), "/api/requests": treUser()} {
		first := f.get(path, token).isOK()
		tag := first.Header.Get("ETag")
		require.NotEmpty(t, tag, path)
		require.Equal(t, tag, f.get(path, token).isOK().Header.Get("ETag"), "the same answer has the same tag")
		for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			again := f.get(path, token, "If-None-Match", known)
			require.Equal(t, http.StatusNotModified, again.StatusCode, "%s %s", path, known)
			require.Equal(t, tag, again.Header.Get("ETag"))
			require.Empty(t, again.body)
			require.Equal(t, "no-store", again.Header.Get("Cache-Control"))
		}
		for _, other := range []string{`"other"`, strings.Trim(tag, `"`) + "x", strings.Trim(tag, `"`), `""`, ","} {
			require.Equal(t, first.body, f.get(path, token, "If-None-Match", other).isOK().body, other)
		}
		require.Contains(t, f.logs.String(), `"status":304`)
	}
	f.err = airlock.ErrNotFound
	f.get(requestPath, researcher(), "If-None-Match", "*").isProblem(404, "no_such_request", "")
}

// The tag covers the caller's whole answer; the request's own version does not.
func TestTheTagIsOfTheAnswer(t *testing.T) {
	f := newFixture(t)
	f.request.Status, f.request.StatusSince = airlock.InReview, time.Now()
	tag := func(token string) string { return f.get(requestPath, token).isOK().Header.Get("ETag") }
	before := tag(manager())
	require.Regexp(t, `^"af89dccd-0\.[0-9a-f]{8}"$`, before)
	require.NotEqual(t, before, tag(researcher()), "they may do other things")
	f.workspaces[0].Policy.Review.ImportApprovals = 2
	approvals := tag(manager())
	require.NotEqual(t, before, approvals, "another policy asks for more approvals")
	f.request.StatusSince = time.Now().Add(-10000 * time.Hour)
	require.NotEqual(t, approvals, tag(manager()), "it is overdue now")
}

func TestIfMatchTakesTheTagOfAnAnswerToo(t *testing.T) {
	f := newFixture(t)
	got := f.get(requestPath, researcher()).isOK()
	envelope := got.json()["airlockRequest"].(map[string]any)
	for _, tag := range []string{got.Header.Get("ETag"), "W/" + got.Header.Get("ETag"), envelope["_etag"].(string), `"` + envelope["_etag"].(string) + `"`} {
		f.tag = ""
		f.send("POST", requestPath+"/cancel", researcher(), "", "If-Match", tag).isOK()
		require.Equal(t, "af89dccd-0", f.tag, tag)
	}
}
