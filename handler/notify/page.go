package notify

import (
	"fmt"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

// page is where a request is seen.
type page struct {
	url string
	// api is true when url is the API's own, so that the calls are below it, and
	// false for the page of some portal.
	api bool
}

// how says how the holder does their part, each way on a line of its own.
func (p page) how(calls []wording.Call) string {
	if len(calls) > 0 && !p.api {
		return "\nThis is done at " + p.url
	}
	var lines strings.Builder
	for _, c := range calls {
		fmt.Fprintf(&lines, "\n%s: %s %s%s", c.What, c.Method, p.url, c.Path)
	}
	return lines.String()
}

// subjectOf is the subject line of a mail with a filled text.
func subjectOf(t wording.Text, r airlock.Request, ws airlock.Workspace) string {
	return wording.Line(fmt.Sprintf("Airlock %s “%s” in %s: ", r.Type, wording.Line(r.Title, 60), wording.Line(ws.DisplayName, 60))+t.Short, 250)
}
