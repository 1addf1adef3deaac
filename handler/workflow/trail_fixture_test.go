package workflow

import (
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

var bob = airlock.Principal{ID: "bob", Name: "Bob", Roles: []airlock.Role{airlock.RoleManager}, WorkspaceToken: true}

// trailOf writes the records that lead to a request that is being released, or is,
// and what they leave on its row. Other requests get no trail.
func trailOf(r *airlock.Request) []audit.Row {
	if r.Chain.Length > 0 || r.Status != airlock.ApprovalInProgress && r.Status != airlock.Approved {
		return nil
	}
	at := r.StatusSince.Add(-time.Minute)
	if len(r.Reviews) == 0 {
		r.Reviews = []airlock.Review{{ID: "r1", Reviewer: bob, When: at, Decision: airlock.DecisionApproved, Explanation: "fine"}}
	}
	r.ApprovalsRequired = 1
	c := &change{Request: *r, at: at}
	records := []audit.Record{
		{Actor: actorOf(r.CreatedBy), Action: "create", To: airlock.Draft},
		{Actor: actorOf(r.CreatedBy), Action: "submit", From: airlock.Draft, To: airlock.Submitted, Files: frozen("draft", r.Files)},
		{Actor: actorOf(airlock.SystemPrincipal("scan gate")), Action: "gates_passed", From: airlock.Submitted, To: airlock.InReview, Files: c.sealed()},
		{Actor: actorOf(r.Reviews[0].Reviewer), Action: "approve", From: airlock.InReview, To: airlock.ApprovalInProgress, Files: c.sealed(),
			Reason: r.Reviews[0].Explanation, Detail: map[string]string{"approvals": "1 of 1"}},
	}
	if r.Status == airlock.Approved {
		records = append(records, audit.Record{Actor: actorOf(airlock.SystemPrincipal("copy")), Action: "copy_verified", From: airlock.ApprovalInProgress, To: airlock.Approved,
			Files: evidenceOf(c.Files, "", func(f airlock.File) string { return f.FinalETag })})
	}
	return written(r, at, records...)
}

// written seals records to the request's chain and returns their rows.
func written(r *airlock.Request, at time.Time, records ...audit.Record) (rows []audit.Row) {
	for _, rec := range records {
		rec.Workspace, rec.Request, rec.At = r.Workspace, r.ID, at
		sealed, head, err := audit.Seal(r.Chain, rec)
		if err != nil {
			panic(err)
		}
		r.Chain = head
		rows = append(rows, rowOf(sealed))
	}
	return rows
}

func rowOf(s audit.Sealed) audit.Row {
	return audit.Row{Seq: s.Record.Seq, Body: s.Body, Hash: s.Hash}
}
