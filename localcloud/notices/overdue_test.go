package notices_test

import (
	"fmt"
	"regexp"
	"time"

	"example.org/airlock/localcloud/ground"
	. "example.org/airlock/localcloud/story"
)

var (
	since     = regexp.MustCompile(`"statusSince":"[^"]*"`)
	next      = regexp.MustCompile(`"due":"[^"]*"`)
	tolds     = regexp.MustCompile(`"expiryTold":"[^"]*"`)
	untils    = regexp.MustCompile(`"until":"[^"]*"`)
	commented = regexp.MustCompile(`"commentTold":"[^"]*"`)
)

// elapse makes the request in play older by so many hours, as if nobody had touched it meanwhile: deadlines are hours
// and days, and the handler's clock is not ours to turn.
func elapse(p *Play, hours int) {
	mails(p) // from here on nothing else writes the row
	rows := func(prefix string) []ground.Row {
		found, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), prefix)
		must(p, err)
		return found
	}
	request := rows("r|" + p.ID)
	p.Holds(len(request) == 1, "%d rows of the request", len(request))
	then := time.Now().UTC().Add(-time.Duration(hours) * time.Hour)
	text := request[0].Text("Document")
	p.Holds(since.MatchString(text) && next.MatchString(text), "the row has changed its form: %s", text)
	text = since.ReplaceAllString(text, fmt.Sprintf(`"statusSince":%q`, then.Format(time.RFC3339Nano)))
	text = next.ReplaceAllString(text, fmt.Sprintf(`"due":%q`, then.Format(time.RFC3339Nano)))
	text = tolds.ReplaceAllString(text, fmt.Sprintf(`"expiryTold":%q`, then.Format(time.RFC3339Nano)))
	text = untils.ReplaceAllString(text, fmt.Sprintf(`"until":%q`, then.Format(time.RFC3339Nano)))
	text = commented.ReplaceAllString(text, fmt.Sprintf(`"commentTold":%q`, then.Format(time.RFC3339Nano)))
	request[0].SetText("Document", text)
	p.Cloud.Ground.Seal(ground.RequestsTable, request[0])
	must(p, p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, request[0]))
	for _, row := range rows("w|") { // where the reconciler looks for due requests
		if len(row.Key()) > len(p.ID) && row.Key()[len(row.Key())-len(p.ID):] == p.ID {
			must(p, p.Cloud.Ground.Remove(p.Context(), ground.RequestsTable, row))
		}
	}
	due := ground.Row{"PartitionKey": p.WorkspaceID(), "RowKey": fmt.Sprintf("w|%019d|%s", then.UnixNano(), p.ID)}
	must(p, p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, due))
	p.Tell("check", "%d hours go by", hours)
}

// reported has the reconciler look at due requests until that is on record.
func reported(p *Play, action string) {
	p.Until(func() string {
		reconcile(p)
		for _, r := range p.Trail() {
			if r.Action == action {
				return ""
			}
		}
		return "nothing says " + action
	})
}

// gathered waits until a submitted request has nothing to do but to wait for the scan.
func gathered(p *Play) {
	p.Until(func() string {
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), Account(p.Direction(), InReview, p.Workspace()), p.ID)
		must(p, err)
		for _, r := range p.Trail() {
			if r.Action == "copied" && len(blobs) > 0 {
				return ""
			}
		}
		return "the files are not with the scanner"
	})
}
