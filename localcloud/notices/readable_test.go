package notices_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
	"example.org/airlock/localcloud/logicapp"
	. "example.org/airlock/localcloud/story"
)

var (
	wayToThePage = regexp.MustCompile(`(?m)This is done at (http\S+)$`)
	codeWord     = regexp.MustCompile(`\b(in_review|\w+_in_progress|blocked_by_scan|airlock_manager|workspace_owner|status_changed)\b`)
)

// readable looks at every mail as the person who gets it: it says what happened, what is next, who holds the request and
// where it is, in plain words; and the page that it names opens for that person.
func readable(t *testing.T, c *Cloud, mails []logicapp.Mail) {
	used := map[string]int{}
	for _, m := range mails {
		assert.Regexp(t, `^Airlock (import|export) “Story” in Genomics: [a-z]`, m.Subject)
		assert.Regexp(t, `(?s)^The .+\.\n\nNext:    [A-Z0-9].+\nHeld by: .+\nRequest: http.+\nId:      `+m.RequestID+`$`, m.Text)
		assert.NotRegexp(t, codeWord, m.Subject+m.Text)
		path := "/workspaces/" + c.Workspaces["genomics"] + "/requests/" + m.RequestID
		page := c.API + "/ui#" + path
		assert.Contains(t, m.Text, "Request: "+page+"\n")

		way := wayToThePage.FindStringSubmatch(m.Text)
		if way == nil && (m.EventType == "malware_found" || strings.HasSuffix(m.EventType, "comment")) {
			continue // nobody is to fetch anything
		}
		if way == nil {
			assert.NotContains(t, []string{Draft, InReview, Approved}, m.Status, m.Text)
			continue
		}
		persona, _, _ := strings.Cut(m.To, "@")
		_, err := identity.FindPersona(persona)
		require.NoError(t, err)
		assert.Equal(t, page, way[1])
		statusNow(t, c, persona, path) // the page's first call: whoever gets the mail may see the request
		used[m.Status]++
	}
	for _, status := range []string{Draft, InReview, Approved} {
		assert.Positive(t, used[status], "nobody followed a mail on %s", status)
	}
}

func statusNow(t *testing.T, c *Cloud, persona, path string) string {
	var e struct{ AirlockRequest Request }
	answer, err := c.Call(t.Context(), persona, "genomics", http.MethodGet, path, nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.Status, answer)
	require.NoError(t, answer.Into(&e))
	return e.AirlockRequest.Status
}
