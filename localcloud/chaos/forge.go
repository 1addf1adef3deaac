package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// records makes an attack on the audit trail of an approved request: change says which rows to write and to remove.
func records(change func(rows []ground.Row) (put, remove []ground.Row)) func(p *story.Play) {
	return func(p *story.Play) {
		p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean).Submits()
		p.Eventually(story.InReview)
		p.As(story.Manager).Approves("fine")
		p.Eventually(story.Approved)
		var rows []ground.Row
		p.Until(func() string { // the last record is that of the deletion
			var err error
			rows, err = p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "a|"+p.ID+"|")
			must(p, err)
			r := p.TrailResult()
			if !r.OK || r.Records != len(rows) || len(rows) < 8 {
				return "the trail is still being written"
			}
			return ""
		})
		put, remove := change(rows)
		for _, row := range put {
			must(p, p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, row))
		}
		for _, row := range remove {
			must(p, p.Cloud.Ground.Remove(p.Context(), ground.RequestsTable, row))
		}
		found := p.TrailResult()
		p.Holds(!found.OK, "the history still verifies")
		p.Holds(len(found.Problems) > 0, "the history does not say what is wrong")
	}
}

// rehash changes a record and gives it the hash of its new bytes.
func rehash(row ground.Row, change func(body string) string) {
	body := change(row.Text("Body"))
	sum := sha256.Sum256([]byte(body))
	row.SetText("Body", body)
	row["Hash"] = hex.EncodeToString(sum[:])
}

// forged is a record that continues the chain as its writer would have.
func forged(last ground.Row) ground.Row {
	next := ground.Row{}
	for name, value := range last {
		next[name] = value
	}
	var seq int
	key := last.Key()
	at := strings.LastIndexByte(key, '|') + 1
	_, _ = fmt.Sscan(strings.TrimLeft(key[at:], "0"), &seq)
	next["RowKey"] = fmt.Sprintf("%s%0*d", key[:at], len(key)-at, seq+1)
	prev, _ := last["Hash"].(string)
	rehash(next, func(body string) string {
		body = strings.Replace(body, fmt.Sprintf(`"seq":%d,`, seq), fmt.Sprintf(`"seq":%d,`, seq+1), 1)
		if i := strings.LastIndex(body, `"prev":"`); i >= 0 {
			body = body[:i] + `"prev":"` + prev + `"}`
		}
		return body
	})
	return next
}
