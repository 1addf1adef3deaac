package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// told writes the records that led to a release, as the service would, and puts the
// request's chain to where the receipt was signed.
func told(t *testing.T, r *airlock.Request) exported {
	t.Helper()
	person := func(p airlock.Principal) audit.Actor { return audit.Actor{Kind: audit.Person, ID: p.ID, Name: p.Name} }
	system := audit.Actor{Kind: audit.System, Component: "copy"}
	files := func(etag func(airlock.File) string, hashed bool) []audit.FileEvidence {
		var out []audit.FileEvidence
		for _, f := range r.Files {
			e := audit.FileEvidence{Name: f.Name, Size: f.Size, ETag: etag(f)}
			if hashed {
				e.SHA256 = f.SHA256
			}
			out = append(out, e)
		}
		return out
	}
	sealed := files(func(f airlock.File) string { return f.InProgressETag }, true)
	records := []audit.Record{
		{Actor: person(r.CreatedBy), Action: "create", To: airlock.Draft},
		{Actor: person(r.CreatedBy), Action: "link_issued", From: airlock.Draft, To: airlock.Draft, Detail: map[string]string{"permission": "write"}},
		{Actor: person(r.CreatedBy), Action: "submit", From: airlock.Draft, To: airlock.Submitted, Files: files(func(f airlock.File) string { return f.DraftETag }, false)},
	}
	for _, f := range r.Files {
		if f.Verdict != nil {
			records = append(records, audit.Record{Actor: system, Action: "scan_verdict", From: airlock.Submitted, To: airlock.Submitted,
				Detail: map[string]string{"file": f.Name, "outcome": string(f.Verdict.Outcome), "etag": f.Verdict.ETag}})
		}
	}
	records = append(records, audit.Record{Actor: system, Action: "gates_passed", From: airlock.Submitted, To: airlock.InReview, Files: sealed})
	for i := range r.Reviews {
		v := &r.Reviews[i]
		v.When = time.Date(2026, 1, 2, 3, 5, i, 0, time.UTC)
		rec := audit.Record{At: v.When, Actor: person(v.Reviewer), Action: "approve", From: airlock.InReview, To: airlock.InReview, Reason: v.Explanation, Files: sealed,
			Detail: map[string]string{"approvals": fmt.Sprintf("%d of %d", i+1, r.ApprovalsRequired)}}
		if r.SelfReviewed {
			rec.Detail["ownRequest"] = "allowed by policy"
		}
		if i == len(r.Reviews)-1 {
			rec.To = airlock.ApprovalInProgress
		}
		records = append(records, rec)
	}
	records = append(records, audit.Record{Actor: system, Action: "copy_verified", From: airlock.ApprovalInProgress, To: airlock.Approved,
		Files: files(func(f airlock.File) string { return f.FinalETag }, true)})
	e := exported{Request: r.ID, Workspace: r.Workspace, Exported: time.Date(2026, 1, 2, 3, 15, 0, 0, time.UTC)}
	for i, rec := range records {
		rec.At = cmp.Or(rec.At, time.Date(2026, 1, 2, 3, i, 0, 0, time.UTC))
		e.add(t, rec)
	}
	r.Chain = e.Head
	e.add(t, audit.Record{At: time.Date(2026, 1, 2, 3, 14, 0, 0, time.UTC), Actor: system, Action: "receipt_stored", From: airlock.Approved, To: airlock.Approved})
	return e
}

// add seals one more record.
func (e *exported) add(t *testing.T, rec audit.Record) {
	t.Helper()
	rec.Workspace, rec.Request = e.Workspace, e.Request
	sealed, head, err := audit.Seal(e.Head, rec)
	require.NoError(t, err)
	e.Head = head
	e.Records = append(slices.Clone(e.Records), storedRecord{Seq: head.Length, Hash: sealed.Hash, Body: string(sealed.Body)})
}

// retold is the trail with one record changed and everything behind it sealed anew:
// what a forger makes who can write the table, but not the log.
func (e exported) retold(t *testing.T, seq int, change func(rec *audit.Record)) exported {
	t.Helper()
	out := e
	out.Head, out.Records = airlock.ChainHead{}, nil
	for _, stored := range e.Records {
		rec := recordOf(t, stored)
		if stored.Seq == seq {
			change(&rec)
		}
		out.add(t, rec)
	}
	return out
}

func recordOf(t *testing.T, stored storedRecord) audit.Record {
	t.Helper()
	var rec audit.Record
	require.NoError(t, json.NewDecoder(bytes.NewBufferString(stored.Body)).Decode(&rec))
	return rec
}

// sentBackBefore is the trail with the approval of that number given twice: by the same
// person in a turn that ended with the request being sent back, and by somebody else in
// the next one, as the second of two.
func (e exported) sentBackBefore(t *testing.T, seq int) exported {
	t.Helper()
	submit, passed := e.find(t, "submit"), e.find(t, "gates_passed")
	all := make([]audit.Record, len(e.Records))
	for i, stored := range e.Records {
		require.NoError(t, json.Unmarshal([]byte(stored.Body), &all[i]))
	}
	cleo, system := audit.Actor{Kind: audit.Person, ID: "cleo", Name: "Cleo"}, audit.Actor{Kind: audit.System, Component: "copy"}
	first, again, second := all[seq-1], all[submit-1], &all[seq-1]
	first.To, first.Detail = airlock.InReview, map[string]string{"approvals": "1 of 2"}
	again.From = airlock.Returned
	second.Actor, second.Detail = cleo, map[string]string{"approvals": "2 of 2"}
	sent := []audit.Record{first,
		{At: first.At, Actor: cleo, Action: "request_changes", From: airlock.InReview, To: airlock.ReturnInProgress, Files: first.Files},
		{At: first.At, Actor: system, Action: "copy_verified", From: airlock.ReturnInProgress, To: airlock.Returned, Files: again.Files},
		again, all[passed-1],
	}
	out := e
	out.Head, out.Records = airlock.ChainHead{}, nil
	for _, rec := range slices.Insert(all, seq-1, sent...) {
		out.add(t, rec)
	}
	return out
}

// find is the number of the first record with that action.
func (e exported) find(t *testing.T, action string) int {
	t.Helper()
	i := slices.IndexFunc(e.Records, func(r storedRecord) bool { return bytes.Contains([]byte(r.Body), []byte(`"action":"`+action+`"`)) })
	require.GreaterOrEqual(t, i, 0, action)
	return i + 1
}

// folder writes the export of GET …/evidence.
type folder struct {
	request airlock.Request
	trail   exported
	files   map[string][]byte
	at      time.Time
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	f := &folder{request: released(airlock.ChainHead{}, contents), files: map[string][]byte{}}
	f.trail = told(t, &f.request)
	f.at = f.trail.Exported
	f.seal(t)
	return f
}

// seal signs and anchors the folder's request and trail as they are now.
func (f *folder) seal(t *testing.T) {
	t.Helper()
	receipt, _ := signedReceipt(t, f.request)
	f.files["release.json"] = read(t, receipt)
	f.files["receipt-keys.json"] = keySet(t, serviceKey)
	f.anchor(t, f.trail.headAt(len(f.trail.Records)))
	f.history(t)
}

// anchor makes the log of anchors one of these heads.
func (f *folder) anchor(t *testing.T, heads ...audit.AnchoredHead) {
	t.Helper()
	f.files["anchors/"+entryName(1)] = read(t, anchored(t, serviceKey, heads)+"/"+entryName(1))
}

func (f *folder) history(t *testing.T) {
	t.Helper()
	body, err := json.Marshal(f.trail)
	require.NoError(t, err)
	f.files["history.json"] = body
}

// documents are the files as the service hands them out, with its statement.
func (f *folder) documents(t *testing.T) map[string][]byte {
	t.Helper()
	var all []audit.Document
	for name, body := range f.files {
		all = append(all, audit.Document{Name: name, Body: body})
	}
	statement, err := audit.NewExport(f.request, f.at, all).Seal(t.Context(), signWith(serviceKey))
	require.NoError(t, err)
	out := map[string][]byte{"export.json": statement}
	for name, body := range f.files {
		out[name] = body
	}
	return out
}
