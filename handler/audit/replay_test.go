package audit

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// told is a request with the records that led to it.
type told struct {
	airlock.Request
	records []Record
}

// aRelease is approved by two people after a first try at it had failed.
func aRelease() *told {
	at := func(m int) time.Time { return time.Date(2026, 1, 2, 3, m, 0, 0, time.UTC) }
	person := func(id airlock.UserID) Actor { return Actor{Kind: Person, ID: id} }
	system := Actor{Kind: System, Component: "copy"}
	files := func(etag, sum string) []FileEvidence {
		return []FileEvidence{{Name: "a.csv", Size: 7, ETag: etag + "1", SHA256: sum}, {Name: "b.csv", Size: 8, ETag: etag + "2", SHA256: sum}}
	}
	r := &told{Request: airlock.Request{ID: testRequest, Workspace: testWorkspace, Status: airlock.Approved, ApprovalsRequired: 2, CreatedBy: airlock.Principal{ID: "ada"},
		Files: []airlock.File{{Name: "b.csv", Size: 8, DraftETag: "d2", InProgressETag: "i2", FinalETag: "f2", SHA256: "s"},
			{Name: "a.csv", Size: 7, DraftETag: "d1", InProgressETag: "i1", FinalETag: "f1", SHA256: "s"}},
		Reviews: []airlock.Review{
			{Reviewer: airlock.Principal{ID: "bob"}, When: at(5), Decision: airlock.DecisionApproved, Explanation: "fine"},
			{Reviewer: airlock.Principal{ID: "cleo"}, When: at(6), Decision: airlock.DecisionApproved, Explanation: "good"}},
	}}
	r.records = []Record{
		{At: at(0), Actor: person("ada"), Action: "create", To: airlock.Draft},
		{At: at(1), Actor: person("ada"), Action: "link_issued", From: airlock.Draft, To: airlock.Draft, Detail: map[string]string{"permission": "write"}},
		{At: at(2), Actor: person("ada"), Action: "submit", From: airlock.Draft, To: airlock.Submitted, Files: files("d", "")},
		{At: at(3), Actor: system, Action: "copied", From: airlock.Submitted, To: airlock.Submitted, Files: files("i", "s")},
		{At: at(4), Actor: system, Action: "gates_passed", From: airlock.Submitted, To: airlock.InReview, Files: files("i", "s")},
		{At: at(5), Actor: person("bob"), Action: "approve", From: airlock.InReview, To: airlock.InReview, Files: files("i", "s"), Reason: "fine", Detail: map[string]string{"approvals": "1 of 2"}},
		{At: at(6), Actor: person("cleo"), Action: "approve", From: airlock.InReview, To: airlock.ApprovalInProgress, Files: files("i", "s"), Reason: "good", Detail: map[string]string{"approvals": "2 of 2"}},
		{At: at(7), Actor: system, Action: "cannot_succeed", From: airlock.ApprovalInProgress, To: airlock.Failed},
		{At: at(8), Actor: person("olga"), Action: "retry", From: airlock.Failed, To: airlock.ApprovalInProgress},
		{At: at(9), Actor: system, Action: "copy_verified", From: airlock.ApprovalInProgress, To: airlock.Approved, Files: files("f", "s")},
		{At: at(10), Actor: person("ada"), Action: "link_issued", From: airlock.Approved, To: airlock.Approved, Detail: map[string]string{"permission": "read"}},
	}
	return r
}

// importedDraft has the request begin as a draft that was open in another airlock.
func importedDraft(r *told) {
	r.Imported = &airlock.Imported{From: "azuretre", Status: airlock.Submitted}
	r.records[0] = Record{At: r.records[0].At, Actor: Actor{Kind: System, Component: "import"}, OnBehalfOf: "ada", Action: Imported, To: airlock.Draft}
}

// importedEnd has the request end in another airlock.
func importedEnd(r *told) {
	r.records = r.records[:1]
	r.Imported = &airlock.Imported{From: "azuretre", Status: airlock.Approved}
	r.records[0] = Record{At: r.records[0].At, Actor: Actor{Kind: System, Component: "import"}, OnBehalfOf: "ada", Action: Imported, To: airlock.Approved}
}

// atGates has the request pass a content gate, whose findings both reviewers acknowledge.
func atGates(r *told) {
	r.Gates = []airlock.GateRun{{Policy: airlock.GatePolicy{ID: "content", Kind: airlock.ContentGate, Mode: airlock.GateRequired, Inconclusive: airlock.InconclusiveBlock},
		Status: airlock.RunFindings, Digest: r.ContentDigest(), Review: 2}}
	r.records[2].Detail = map[string]string{"gates": "content content required block"}
	seen := func(at time.Time, id airlock.UserID) Record {
		return Record{At: at, Actor: Actor{Kind: Person, ID: id}, Action: FindingsAcknowledged, From: airlock.InReview, To: airlock.InReview, Detail: map[string]string{"groups": "2"}}
	}
	r.records = slices.Insert(r.records, 6, seen(r.records[6].At, "cleo"))
	r.records = slices.Insert(r.records, 5, seen(r.records[5].At, "bob"))
	r.records = slices.Insert(r.records, 4, Record{At: r.records[4].At, Actor: Actor{Kind: System, Component: "content gate"}, Action: GateVerdict, From: airlock.Submitted, To: airlock.Submitted,
		Detail: map[string]string{"gate": "content", "digest": r.ContentDigest(), "outcome": "findings", "review": "2"}})
}

// then makes one change after another.
func then(changes ...func(r *told)) func(r *told) {
	return func(r *told) {
		for _, change := range changes {
			change(r)
		}
	}
}

// upTo leaves the first n records, and the request where they lead.
func (r *told) upTo(n int, status airlock.Status) { r.records, r.Status = r.records[:n], status }

func (r *told) replay(t *testing.T) error {
	t.Helper()
	var rows []Row
	for _, rec := range r.records {
		rec.Workspace, rec.Request = r.Workspace, r.ID
		sealed, head, err := Seal(r.Chain, rec)
		require.NoError(t, err)
		r.Chain = head
		rows = append(rows, Row{Seq: head.Length, Body: sealed.Body, Hash: sealed.Hash})
	}
	require.True(t, VerifyTrail(TrailOf(r.Request), r.Chain, rows).OK)
	return Replay(rows, r.Request)
}

// quarantinedFirst puts a quarantine before the gates, from which somebody brought the
// files back, and what was said about them there, if anything.
func quarantinedFirst(outcome string) func(r *told) {
	return func(r *told) {
		system := Actor{Kind: System, Component: "scan gate"}
		steps := []Record{
			{Actor: system, Action: "inconclusive_scan", From: airlock.Submitted, To: airlock.BlockingInProgress},
			{Actor: system, Action: "copy_verified", From: airlock.BlockingInProgress, To: airlock.BlockedByScan, Files: r.records[9].Files},
			{Actor: system, Action: "data_deleted", From: airlock.BlockedByScan, To: airlock.BlockedByScan},
			{Actor: Actor{Kind: Person, ID: "olga"}, Action: "retry", From: airlock.BlockedByScan, To: airlock.Submitted},
			r.records[3],
		}
		if outcome != "" {
			steps[2] = Record{Actor: system, Action: ScanVerdict, From: airlock.BlockedByScan, To: airlock.BlockedByScan,
				Detail: map[string]string{"outcome": outcome, "bytes": "sealed"}}
		}
		r.records = slices.Insert(r.records, 4, steps...)
	}
}

// sentBackFirst puts a turn before the last approval that ended with the request being sent
// back. Of those who approved in it, again approve in the next one, too.
func sentBackFirst(again ...Record) func(r *told) {
	return func(r *told) {
		system := Actor{Kind: System, Component: "copy"}
		steps := []Record{
			{Actor: Actor{Kind: Person, ID: "cleo"}, Action: "request_changes", From: airlock.InReview, To: airlock.ReturnInProgress, Files: r.records[4].Files},
			{Actor: system, Action: "copy_verified", From: airlock.ReturnInProgress, To: airlock.Returned, Files: r.records[2].Files},
			{Actor: Actor{Kind: Person, ID: "ada"}, Action: "submit", From: airlock.Returned, To: airlock.Submitted, Files: r.records[2].Files},
			r.records[3], r.records[4],
		}
		r.records = slices.Insert(r.records, 6, append(steps, again...)...)
	}
}

// A forger who can write both tables' rows and the chain makes trails that verify.
func TestReplay(t *testing.T) {
	with := func(i int, change func(rec *Record)) func(r *told) {
		return func(r *told) { change(&r.records[i]) }
	}
	tests := map[string]struct {
		change func(r *told)
		want   string // "" = it bears the release out
	}{
		"as it was":                {func(*told) {}, ""},
		"on its way":               {func(r *told) { r.upTo(9, airlock.ApprovalInProgress) }, ""},
		"files listed differently": {func(r *told) { slices.Reverse(r.Files) }, ""},
		"self-review by policy": {func(r *told) {
			r.records[6].Actor.ID, r.records[6].Detail["ownRequest"], r.Reviews[1].Reviewer.ID = "ada", "allowed by policy", "ada"
		}, ""},
		"an application by policy":          {with(6, func(rec *Record) { rec.Actor.Kind, rec.Detail["application"] = Application, "allowed by policy" }), ""},
		"an approval again, at a lower bar": {func(r *told) { r.records = slices.Insert(r.records, 6, r.records[5]) }, ""},

		"through gates":                        {atGates, ""},
		"a gate said otherwise":                {then(atGates, func(r *told) { r.records[4].Detail["outcome"] = "blocked" }), `no record says that the gate content said "findings"`},
		"a gate spoke about other bytes":       {then(atGates, func(r *told) { r.records[4].Detail["digest"] = "x" }), "no record says that the gate content"},
		"a gate did not speak":                 {then(atGates, func(r *told) { r.records = slices.Delete(r.records, 4, 5) }), "no record says that the gate content"},
		"a gate was struck from the row":       {then(atGates, func(r *told) { r.Gates = nil }), "not those that it was submitted to"},
		"a gate that may fail was made of one": {then(atGates, func(r *told) { r.Gates[0].Policy.Mode = airlock.GateAdvisory }), "not those that it was submitted to"},
		"not every finding was acknowledged":   {then(atGates, func(r *told) { r.records[6].Detail["groups"] = "1" }), "bob approved and did not acknowledge"},
		"one reviewer acknowledged for both":   {then(atGates, func(r *told) { r.records = slices.Delete(r.records, 8, 9) }), "cleo approved and did not acknowledge"},

		"back from quarantine":                     {quarantinedFirst(""), ""},
		"back from quarantine in spite of malware": {quarantinedFirst("malicious"), "what malware was found in"},
		"back from a quarantine for malware": {func(r *told) {
			quarantinedFirst("")(r)
			r.records[4].Action = "malicious_verdict"
		}, "what malware was found in"},
		"back from quarantine by the system": {func(r *told) { quarantinedFirst("")(r); r.records[7].Actor = Actor{Kind: System} }, "is not for the actor"},
		"back from quarantine into review":   {func(r *told) { quarantinedFirst("")(r); r.records[7].To = airlock.InReview }, "leads to"},

		"sent back, and approved anew":      {func(r *told) { sentBackFirst(r.records[5])(r) }, ""},
		"an approval of the turn before":    {sentBackFirst(), "1 of 2 approvals"},
		"sent back without a word of whose": {func(r *told) { sentBackFirst(r.records[5])(r); r.records[6].Actor = Actor{Kind: System} }, "is not for the actor"},

		"begun as an imported draft":                        {importedDraft, ""},
		"an imported draft, approved by who made it":        {func(r *told) { importedDraft(r); r.records[0].OnBehalfOf = "bob" }, "bob approved their own request"},
		"imported by a person":                              {func(r *told) { importedDraft(r); r.records[0].Actor.Kind = Person }, "is not for the actor"},
		"imported into review":                              {func(r *told) { importedDraft(r); r.records[0].To = airlock.InReview }, "does not lead to"},
		"imported later":                                    {func(r *told) { importedDraft(r); r.records = append(r.records[:1:1], r.records...) }, "the records before lead to"},
		"ended in another airlock":                          {importedEnd, "ended in another airlock"},
		"ended in another airlock, which the row withholds": {func(r *told) { importedEnd(r); r.Imported = nil }, "ended in another airlock"},
		"revoked after it ended in another airlock": {func(r *told) {
			importedEnd(r)
			r.records = append(r.records, Record{Actor: Actor{Kind: Person, ID: "bob"}, Action: "revoke", From: airlock.Approved, To: airlock.Revoked})
		}, "changes no more"},

		"not on its way yet":          {func(r *told) { r.upTo(6, airlock.InReview) }, "is not released"},
		"put to approval in progress": {func(r *told) { r.upTo(5, airlock.ApprovalInProgress) }, `lead to "in_review", and the request says it is "approval_in_progress"`},
		"put to approved":             {func(r *told) { r.upTo(9, airlock.Approved) }, `lead to "approval_in_progress"`},
		"put back from a rejection": {func(r *told) {
			r.records[5].Action, r.records[5].To = "reject", airlock.RejectionInProgress
			r.upTo(6, airlock.Approved)
		}, `lead to "rejection_in_progress"`},
		"a review nobody gave": {func(r *told) {
			r.Reviews = append(r.Reviews, airlock.Review{Reviewer: airlock.Principal{ID: "eve"}, Decision: airlock.DecisionApproved})
		}, "no record says that eve reviewed"},
		"a review in another's name":          {func(r *told) { r.Reviews[0].Reviewer.ID = "eve" }, "no record says that eve reviewed"},
		"a review with other words":           {func(r *told) { r.Reviews[0].Explanation = "sure" }, "no record says that bob reviewed"},
		"a review taken away":                 {func(r *told) { r.Reviews = r.Reviews[:1] }, "does not know the approval of cleo"},
		"a lower bar on the row":              {func(r *told) { r.ApprovalsRequired = 1 }, "the records ask for 2 and the request for 1"},
		"one approval of two":                 {func(r *told) { r.records = slices.Delete(r.records, 5, 6) }, "1 of 2 approvals"},
		"one person twice":                    {with(5, func(rec *Record) { rec.Actor.ID = "cleo" }), "1 of 2 approvals"},
		"no bar at all":                       {with(6, func(rec *Record) { rec.Detail = nil }), "how many approvals were needed"},
		"a bar of none":                       {with(6, func(rec *Record) { rec.Detail = map[string]string{"approvals": "2 of 0"} }), "how many approvals were needed"},
		"an application":                      {with(6, func(rec *Record) { rec.Actor.Kind = Application }), "which only people do"},
		"the system":                          {with(5, func(rec *Record) { rec.Actor = Actor{Kind: System} }), "which only people do"},
		"the requestor":                       {with(5, func(rec *Record) { rec.Actor.ID = "ada" }), "ada approved their own request"},
		"a colleague with a write link":       {with(1, func(rec *Record) { rec.Actor.ID = "bob" }), "bob approved their own request"},
		"a colleague who submitted":           {with(2, func(rec *Record) { rec.Actor.ID = "bob" }), "bob approved their own request"},
		"gates that other bytes passed":       {with(4, func(rec *Record) { rec.Files[0].ETag = "x" }), "other bytes than passed the gates"},
		"gates that fewer files passed":       {with(4, func(rec *Record) { rec.Files = rec.Files[:1] }), "other bytes than passed the gates"},
		"gates that no bytes passed":          {with(4, func(rec *Record) { rec.Files = nil }), "other bytes than passed the gates"},
		"gates that a person passed":          {with(4, func(rec *Record) { rec.Actor.Kind = Person }), "is not for the actor"},
		"gates left out":                      {func(r *told) { r.records = slices.Delete(r.records, 4, 5) }, `it says the request was "in_review", and the records before lead to "submitted"`},
		"gates noted in passing":              {with(4, func(rec *Record) { rec.To = rec.From }), `lead to "submitted"`},
		"an approval of other bytes":          {with(6, func(rec *Record) { rec.Files[1].SHA256 = "x" }), "cleo approved other bytes"},
		"an approval of no bytes":             {with(5, func(rec *Record) { rec.Files = nil }), "bob approved other bytes"},
		"approvals before the gates":          {func(r *told) { r.records[4], r.records[5] = r.records[5], r.records[4] }, `lead to "submitted"`},
		"approvals from before the gates":     {func(r *told) { r.records = slices.Insert(r.records, 6, r.records[4]) }, `it says the request was "submitted"`},
		"another file on the row":             {func(r *told) { r.Files[0].Name = "c.csv" }, "not those that were submitted"},
		"another size on the row":             {func(r *told) { r.Files[0].Size++ }, "not those that were submitted"},
		"one file more on the row":            {func(r *told) { r.Files = append(r.Files, airlock.File{Name: "c.csv"}) }, "not those that were submitted"},
		"other bytes on the row":              {func(r *told) { r.Files[0].InProgressETag = "x" }, "not those that passed the gates"},
		"another hash on the row":             {func(r *told) { r.Files[0].SHA256 = "x" }, "not those that passed the gates"},
		"other bytes released":                {func(r *told) { r.Files[0].FinalETag = "x" }, "verified at the destination"},
		"a step that is not in the rule book": {with(4, func(rec *Record) { rec.Action, rec.To = "gates_opened", airlock.InReview }), "no rule leads from"},
		"a step that leads elsewhere":         {with(4, func(rec *Record) { rec.To = airlock.ApprovalInProgress }), `leads to "in_review", and it says "approval_in_progress"`},
		"released twice":                      {func(r *told) { r.records = append(r.records, r.records[9]) }, "and the records before lead to"},
		"no records":                          {func(r *told) { r.records = r.records[:1]; r.records[0].To = "" }, `lead to ""`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := aRelease()
			tt.change(r)
			err := r.replay(t)
			if tt.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
