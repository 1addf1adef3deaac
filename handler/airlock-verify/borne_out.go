package main

import (
	"fmt"
	"slices"
	"strings"
)

// checkReplay refuses a receipt that its trail does not bear out: every decision,
// file and verdict in it has to be on record, and the records have to lead to it.
func (rec receipt) checkReplay(t *trail, r *report) {
	p, err := t.replayUpTo(rec.Chain.Length)
	if err != nil {
		r.wrong("%s does not lead to a release: %v", t.file, err)
		return
	}
	before := r.bad
	if p.status != "approved" || p.passed == nil || p.released == nil || len(p.submitted) == 0 {
		r.wrong("%s does not lead to a release: it leads to %q", t.file, p.status)
		return
	}
	rec.checkDecisions(p, r)
	last := p.submitted[len(p.submitted)-1]
	kept := rec.checkKept(p, last, r)
	rec.checkBytes("submitted", last, kept, func(f receiptFile) (string, string) { return f.Submitted, "" }, r)
	rec.checkBytes("scanned and approved", *p.passed, kept, func(f receiptFile) (string, string) { return f.Reviewed, f.SHA256 }, r)
	rec.checkBytes("released", *p.released, nil, func(f receiptFile) (string, string) { return f.Released, f.SHA256 }, r)
	if turn := max(rec.Turn, 1); turn != p.turn {
		r.wrong("the receipt is of turn %d, and the trail leads to turn %d", turn, p.turn)
	}
	if rec.Answers != last.Detail["answers"] {
		r.wrong("the requestor's answers are not those that were submitted")
	}
	for _, v := range rec.Scan.Verdicts {
		if !slices.ContainsFunc(p.verdicts, func(on record) bool { return on.Detail["etag"] == v.ETag && on.Detail["outcome"] == v.Outcome }) {
			r.wrong("no record says that %s was scanned with the outcome %s", v.File, v.Outcome)
		}
	}
	if r.bad == before {
		r.ok("%s: replayed, it leads to this release: gates passed%s, then %s for exactly these bytes, by %s",
			t.file, p.gates.spoke(), count(len(p.approvals()), "approval"), people(p))
	}
}

func people(p *replay) string {
	var names []string
	for _, rec := range p.approvals() {
		names = append(names, rec.Actor.Name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// checkDecisions holds the receipt's decisions against those on record, both ways.
func (rec receipt) checkDecisions(p *replay, r *report) {
	for _, d := range rec.Review.Decisions {
		if !slices.ContainsFunc(p.reviews, func(on record) bool {
			return on.decided() == d.Decision && rec.named(on, d) && on.At.Equal(d.At) && on.Reason == d.Explanation && slices.Equal(on.FileDecisions, d.Files)
		}) {
			r.wrong("no record says that %s decided %q on %s as the receipt has it", d.Reviewer.Name, d.Decision, d.At.UTC().Format("2006-01-02 15:04:05"))
		}
	}
	for _, on := range p.approvals() {
		if !slices.ContainsFunc(rec.Review.Decisions, func(d decision) bool {
			return rec.named(on, d) && on.At.Equal(d.At) && d.Decision == "approved"
		}) {
			r.wrong("the receipt leaves out the approval of %s", on.Actor.Name)
		}
	}
	if rec.Review.Required != p.required || rec.Review.Given != len(p.approvals()) {
		r.wrong("the receipt says %d of %d approvals, the trail %d of %d", rec.Review.Given, rec.Review.Required, len(p.approvals()), p.required)
	}
	if rec.Review.Independent != p.rule.independent || rec.Review.Differ != p.rule.differ {
		r.wrong("the receipt says of another kind of review than the trail")
	}
}

// named reports whether a decision in the receipt may be the one on record: the receipt
// of an anonymous review numbers its reviewers.
func (rec receipt) named(on record, d decision) bool {
	return on.Actor.ID == d.Reviewer.ID || rec.Review.Anonymous && strings.HasPrefix(d.Reviewer.ID, "reviewer-")
}

// checkKept holds the files that the receipt says were not released against the trail,
// and returns their names.
func (rec receipt) checkKept(p *replay, submitted record, r *report) []string {
	names := func(files []keptFile) (out []string) {
		for _, f := range files {
			out = append(out, f.Name)
		}
		slices.Sort(out)
		return out
	}
	withheld, helping := names(rec.Withheld), names(rec.Supporting)
	if !slices.Equal(withheld, p.withheld()) {
		r.wrong("the receipt withholds %q, and the reviewers %q", withheld, p.withheld())
	}
	if !slices.Equal(helping, supporting(submitted)) {
		r.wrong("the receipt names the supporting files %q, and the trail %q", helping, supporting(submitted))
	}
	return slices.Concat(withheld, helping)
}

// checkBytes holds the receipt's files against those that a record names, but for some
// that were not released.
func (rec receipt) checkBytes(what string, on record, kept []string, of func(receiptFile) (etag, sum string), r *report) {
	named := map[string]string{}
	on.Files = slices.Clone(on.Files)
	for i := len(on.Files) - 1; i >= 0; i-- {
		if slices.Contains(kept, on.Files[i].Name) {
			on.Files = slices.Delete(on.Files, i, i+1)
		}
	}
	for _, f := range on.Files {
		named[f.Name] = fmt.Sprintf("%d %q %q", f.Size, f.ETag, f.SHA256)
	}
	if len(named) != len(rec.Files) || len(on.Files) != len(rec.Files) {
		r.wrong("the receipt lists %s, and %s were %s", count(len(rec.Files), "file"), count(len(on.Files), "file"), what)
		return
	}
	for _, f := range rec.Files {
		etag, sum := of(f)
		if named[f.Name] != fmt.Sprintf("%d %q %q", f.Size, etag, sum) {
			r.wrong("%s: what was %s by record %d is not what the receipt says", f.Name, what, on.Seq)
		}
	}
}
