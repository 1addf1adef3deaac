package chaos

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// records makes an attack on the audit trail of an approved request: change says which rows to write and to remove.
func records(change func(rows []ground.Row) (put, remove []ground.Row)) func(p *story.Play) {
	return func(p *story.Play) {
		rows := trailOfApproved(p)
		put, remove := change(rows)
		write(p, put, remove)
		found := p.TrailResult()
		p.Holds(!found.OK, "the history still verifies")
		p.Holds(len(found.Problems) > 0, "the history does not say what is wrong")
		out, ok := verifyChain(p, false)
		p.Holds(!ok, "airlock-verify still says:\n%s", out)
	}
}

// trailOfApproved brings a request to its end and returns its audit rows, which verify.
func trailOfApproved(p *story.Play) (rows []ground.Row) {
	p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean).Submits()
	p.Eventually(story.InReview)
	p.As(story.Manager).Approves("fine")
	p.Eventually(story.Approved)
	p.Until(func() string { // nobody but the attacker may write from here on
		l, err := readLedger(p.Context(), p.Cloud.Ground, nil)
		must(p, err)
		if unrest := l.unrest(p.ID, time.Now()); unrest != "" {
			return unrest
		}
		rows, err = p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "a|"+p.ID+"|")
		must(p, err)
		r := p.TrailResult()
		if !r.OK || r.Records != len(rows) || r.Records != l.requests[p.ID].document.Chain.Length || l.heads[p.ID] {
			return fmt.Sprintf("the trail is still being written: %+v, %d rows, head to anchor: %v", r, len(rows), l.heads[p.ID])
		}
		return ""
	})
	out, ok := verifyChain(p, true)
	p.Holds(ok, "airlock-verify finds fault with an untouched trail:\n%s", out)
	return rows
}

func write(p *story.Play, put, remove []ground.Row) {
	for _, row := range put {
		must(p, p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, row))
	}
	for _, row := range remove {
		must(p, p.Cloud.Ground.Remove(p.Context(), ground.RequestsTable, row))
	}
}

// withHead makes an attack that leaves no trace in the chain itself: the trail is rewritten and so is the head in the
// request's row, which is sealed anew by somebody who has the key. Only what was
// anchored before gives it away.
func withHead(change func(rows []ground.Row) (put, remove []ground.Row)) func(p *story.Play) {
	return func(p *story.Play) {
		rows := trailOfApproved(p)
		put, remove := change(rows)
		write(p, put, remove)
		left, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "a|"+p.ID+"|")
		must(p, err)
		last := left[len(left)-1]
		requests, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "r|"+p.ID)
		must(p, err)
		p.Holds(len(requests) == 1, "the attack itself fails: %d rows", len(requests))
		hash, _ := last["Hash"].(string)
		head := regexp.MustCompile(`"chain":\{"hash":"[0-9a-f]*","length":\d+\}`)
		document := head.ReplaceAllString(requests[0].Text("Document"), fmt.Sprintf(`"chain":{"hash":"%s","length":%d}`, hash, len(left)))
		requests[0].SetText("Document", document)
		p.Cloud.Ground.Seal(ground.RequestsTable, requests[0])
		write(p, requests, nil)
		out, ok := verifyChain(p, true)
		p.Holds(ok, "the attack itself fails, the chain shows it:\n%s", out)
		p.Holds(!p.TrailResult().OK, "the history still verifies")
		out, ok = verifyAnchors(p)
		p.Holds(!ok && strings.Contains(out, p.ID), "airlock-verify still says:\n%s", out)
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
