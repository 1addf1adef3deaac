package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// attack changes something past everybody. It ends its story when the attack is not found out.
type attack struct {
	name string
	play func(p *story.Play)
}

var attacks = []attack{
	{"draft overwritten after submit", draftOverwritten},
	{"draft deleted after submit", draftDeleted},
	{"bytes replaced before the verdict", replacedBeforeVerdict},
	{"bytes replaced in review, then approved", replacedInReview(true)},
	{"bytes replaced in review, then rejected", replacedInReview(false)},
	{"other bytes planted at the destination", plantedAtDestination("a.csv")},
	{"a file planted beside the approved ones", plantedAtDestination("b.csv")},
	{"verdict for an older version", verdictForOlderVersion},
	{"audit record edited", records(func(rows []ground.Row) (put, remove []ground.Row) {
		rows[2].SetText("Body", strings.Replace(rows[2].Text("Body"), `"action":"`, `"action":"x`, 1))
		return rows[2:3], nil
	})},
	{"audit record edited and hashed again", records(func(rows []ground.Row) (put, remove []ground.Row) {
		rehash(rows[2], func(body string) string { return strings.Replace(body, `"action":"`, `"action":"x`, 1) })
		return rows[2:3], nil
	})},
	{"last audit record edited and hashed again", records(func(rows []ground.Row) (put, remove []ground.Row) {
		last := rows[len(rows)-1]
		rehash(last, func(body string) string { return strings.Replace(body, `"action":"`, `"action":"x`, 1) })
		return []ground.Row{last}, nil
	})},
	{"audit record removed", records(func(rows []ground.Row) (put, remove []ground.Row) { return nil, rows[3:4] })},
	{"end of the trail cut off", records(func(rows []ground.Row) (put, remove []ground.Row) { return nil, rows[len(rows)-2:] })},
	{"beginning of the trail cut off", records(func(rows []ground.Row) (put, remove []ground.Row) { return nil, rows[:2] })},
	{"whole trail removed", records(func(rows []ground.Row) (put, remove []ground.Row) { return nil, rows })},
	{"two audit records swapped", records(func(rows []ground.Row) (put, remove []ground.Row) {
		a, b := rows[1], rows[2]
		for _, column := range []string{"Body", "Hash"} {
			a[column], b[column] = b[column], a[column]
		}
		return []ground.Row{a, b}, nil
	})},
	{"audit record added at the end", records(func(rows []ground.Row) (put, remove []ground.Row) {
		return []ground.Row{forged(rows[len(rows)-1])}, nil
	})},
	{"end of the trail cut off together with its head", withHead(func(rows []ground.Row) (put, remove []ground.Row) {
		return nil, rows[len(rows)-2:]
	})},
	{"last audit record and its head rewritten", withHead(func(rows []ground.Row) (put, remove []ground.Row) {
		last := rows[len(rows)-1]
		rehash(last, func(body string) string { return strings.Replace(body, `"action":"`, `"action":"x`, 1) })
		return []ground.Row{last}, nil
	})},
	{"progress of an inspection forged", progressForged},
	{"report of a gate replaced", reportReplaced},
	{"word of an engine forged", engineImpersonated},
	{"receipt changed", receiptChanged},
	{"request put back to before its rejection", rolledBack},
}

// tamper tries every attack, each on a request of its own.
func (o Options) tamper(ctx context.Context) (r Result, err error) {
	r.Name = "tampering"
	c, stop, err := o.open(ctx, "tampering", 1, Hasty())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for _, a := range attacks {
		if o.late() {
			break
		}
		var played *story.Play
		ctx := context.WithValue(ctx, verifierKey{}, o.Verifier)
		broken := c.Run(ctx, story.Story{Name: a.name, Play: func(p *story.Play) { played = p; a.play(p) }}, story.Options{Within: crashLimit})
		r.Requests++
		r.Faults++
		if broken != nil {
			one := Case{ID: played.ID, Story: a.name, Where: "tampering: " + a.name}
			r.Findings = append(r.Findings, Finding{one, string(Wrong) + ": not found out: " + broken.Error()})
		}
	}
	return r, nil
}

var clean = []byte("sample,value\n1,2\n")

// must ends the story when the attack itself fails.
func must(p *story.Play, err error) { p.Holds(err == nil, "the attack itself fails: %v", err) }

// failsForIntegrity waits until the request has failed, and for the record that auditors look at first.
func failsForIntegrity(p *story.Play) {
	p.Eventually(story.Failed)
	p.TrailHas("tampering", func(r story.AuditRecord) bool { return r.Security && r.To == story.Failed })
	p.TrailVerifies()
}

// slowly holds up the handler before it copies the draft, so that there is time for an attack.
func slowly(p *story.Play) {
	must(p, p.Cloud.Break(p.Context(), url.Values{"op": {"CreateContainer"}, "match": {"stalimiplocal/" + p.ID}, "do": {"delay"}, "for": {"1s"}}))
}

func draftOverwritten(p *story.Play) {
	p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean)
	slowly(p)
	p.As(story.Researcher).Submits()
	p.Holds(p.As(story.Researcher).Overwrites("a.csv", []byte("other bytes")), "the attack itself fails")
	failsForIntegrity(p)
}

func draftDeleted(p *story.Play) {
	p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean)
	slowly(p)
	p.As(story.Researcher).Submits()
	must(p, p.Cloud.Ground.Delete(p.Context(), account(p, story.Draft), p.ID, "a.csv"))
	failsForIntegrity(p)
}

func account(p *story.Play, status string) string {
	return story.Account(p.Direction(), status, p.Workspace())
}

// inProgress waits for the file in the in-progress account and returns its ETag.
func inProgress(p *story.Play) (etag string) {
	p.Until(func() string {
		blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account(p, story.InReview), p.ID)
		if err != nil || len(blobs) != 1 {
			return fmt.Sprintf("the file is not in progress: %v %v", blobs, err)
		}
		etag = blobs[0].ETag
		return ""
	})
	return etag
}

// replacedBeforeVerdict lets the scan find the replaced bytes clean: a verdict for bytes that were never submitted.
func replacedBeforeVerdict(p *story.Play) {
	p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean)
	must(p, p.Cloud.Verdict(p.Context(), "none", p.ID))
	p.As(story.Researcher).Submits()
	inProgress(p)
	waitsForScan(p)
	etag, err := p.Cloud.Ground.Write(p.Context(), account(p, story.InReview), p.ID, "a.csv", []byte("other bytes"))
	must(p, err)
	must(p, p.Cloud.Say(p.Context(), "clean", account(p, story.InReview), p.ID, "a.csv", etag))
	p.TrailHasSoon("a verdict for other bytes", func(r story.AuditRecord) bool { return r.Security && r.Action == "scan_verdict" })
	p.Holds(p.Now().Status != story.InReview, "bytes that were never submitted are up for review")
	p.TrailVerifies()
}

// waitsForScan waits until the copy is on record.
func waitsForScan(p *story.Play) {
	p.TrailHasSoon("the copy", func(r story.AuditRecord) bool { return r.Action == "copied" })
}

func replacedInReview(approve bool) func(p *story.Play) {
	return func(p *story.Play) {
		p.As(story.Researcher).Creates(story.Export).Uploads("a.csv", clean).Submits()
		p.Eventually(story.InReview)
		_, err := p.Cloud.Ground.Write(p.Context(), account(p, story.InReview), p.ID, "a.csv", []byte("other bytes"))
		must(p, err)
		if approve {
			p.As(story.Manager).Approves("what I saw")
		} else {
			p.As(story.Manager).Rejects("what I saw")
		}
		failsForIntegrity(p)
		nothingReleased(p)
	}
}

// plantedAtDestination puts a file where the approved ones will be.
func plantedAtDestination(name string) func(p *story.Play) {
	return func(p *story.Play) {
		p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean).Submits()
		p.Eventually(story.InReview)
		_, err := p.Cloud.Ground.Write(p.Context(), account(p, story.Approved), p.ID, name, []byte("planted"))
		must(p, err)
		p.As(story.Manager).Approves("what I saw")
		failsForIntegrity(p)
	}
}

// rolledBack puts the row of a rejected request back to when it was in review, and has it approved: what another
// manager decided must not be undone that way.
func rolledBack(p *story.Play) {
	p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean).Submits()
	p.Eventually(story.InReview)
	rows, err := p.Cloud.Ground.Rows(p.Context(), ground.RequestsTable, p.WorkspaceID(), "r|"+p.ID)
	must(p, err)
	p.As(story.Manager).Rejects("no")
	p.Eventually(story.Rejected)
	must(p, p.Cloud.Ground.Put(p.Context(), ground.RequestsTable, rows[0]))
	p.Holds(!p.TrailResult().OK, "the history still verifies")
	answer := p.As(story.Manager2).Tries("review")
	p.Holds(answer.Status/100 != 2, "the request is approved all the same: %s", answer)
	nothingReleased(p)
	p.Holds(!p.TrailResult().OK, "the history verifies again")
}

// nothingReleased looks into the approved account.
func nothingReleased(p *story.Play) {
	blobs, _, err := p.Cloud.Ground.Blobs(p.Context(), account(p, story.Approved), p.ID)
	must(p, err)
	p.Holds(len(blobs) == 0, "%d files were released all the same", len(blobs))
}

// verdictForOlderVersion has the first copy scanned clean after a second one was made.
func verdictForOlderVersion(p *story.Play) {
	p.As(story.Researcher).Creates(story.Import).Uploads("a.csv", clean)
	must(p, p.Cloud.Verdict(p.Context(), "none", p.ID))
	must(p, p.Cloud.VerdictOnce(p.Context(), "error", p.ID))
	p.As(story.Researcher).Submits()
	var old string
	p.TrailHasSoon("a second copy", func(r story.AuditRecord) bool {
		if r.Action == "rescan" {
			old = r.Detail["oldEtag"]
		}
		return old != ""
	})
	must(p, p.Cloud.Say(p.Context(), "clean", account(p, story.InReview), p.ID, "a.csv", old))
	p.TrailHasSoon("the old verdict", func(r story.AuditRecord) bool {
		return r.Action == "scan_verdict" && r.Detail["etag"] == old && r.Detail["outcome"] == "clean"
	})
	p.Holds(p.Now().Status == story.Submitted, "a verdict for an older version lets the request through")
	p.TrailVerifies()
}
