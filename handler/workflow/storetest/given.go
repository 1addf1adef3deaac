package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

const (
	workspace = airlock.WorkspaceID("b0000000-0000-4000-8000-00000000000b")
	elsewhere = airlock.WorkspaceID("c0000000-0000-4000-8000-00000000000c")
)

// at has no more digits than a store keeps.
var at = time.Date(2026, 3, 1, 9, 0, 0, 123456700, time.UTC)

func requestID(n string) airlock.RequestID {
	return airlock.RequestID("af89dccd-cdf8-4e47-8cfe-00000000000" + n)
}

// create is the decision that makes a request.
func create(n string) audit.Commit {
	ada := airlock.Principal{ID: "ada00000-0000-4000-8000-000000000001", Name: "Ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	r := airlock.Request{ID: requestID(n), Workspace: workspace, Type: airlock.Import, Title: "first", Justification: "Needed for <alignment> & co",
		Status: airlock.Draft, StatusSince: at, CreatedBy: ada, CreatedWhen: at, UpdatedBy: ada, UpdatedWhen: at, History: []airlock.Change{},
		Files: []airlock.File{{Name: "a.csv", Size: 3, DraftETag: "0x1"}}, Reviews: []airlock.Review{}, Work: airlock.Work{Due: at.Add(time.Hour)}}
	return record(audit.Commit{Request: r}, "create")
}

// next is a decision about a request as it is stored: it gets another title.
func next(t *testing.T, s Requests, id airlock.RequestID, title string) audit.Commit {
	t.Helper()
	was, version := load(t, s, id)
	return change(was, version, title)
}

func change(was airlock.Request, version airlock.Version, title string) audit.Commit {
	now := was.Clone()
	now.Title = title
	return record(audit.Commit{Request: now, Was: &was, Version: version}, "change")
}

// record adds an audit record to a decision.
func record(c audit.Commit, action audit.Action) audit.Commit {
	r := &c.Request
	sealed, head, err := audit.Seal(r.Chain, audit.Record{Workspace: r.Workspace, Request: r.ID, At: at,
		Actor: audit.Actor{Kind: audit.Person, ID: r.CreatedBy.ID}, Action: action, Reason: r.Title})
	if err != nil {
		panic(err) // a mistake of this package
	}
	r.Chain, c.Records = head, append(c.Records, sealed)
	return c
}

func rowOf(s audit.Sealed) audit.Row { return audit.Row{Seq: s.Record.Seq, Body: s.Body, Hash: s.Hash} }

func verdict(file, etag string, o airlock.Outcome, id string) airlock.KeptVerdict {
	return airlock.KeptVerdict{File: file, Verdict: airlock.Verdict{Outcome: o, ETag: etag, ID: id, Noted: at}}
}

func remark(n int, text string) *airlock.Comment {
	return &airlock.Comment{Number: n, ID: "c", Turn: 1, By: airlock.Principal{ID: "ada"}, When: at, Text: text, Visibility: airlock.ForEveryone}
}

func commit(t *testing.T, s Requests, c audit.Commit) ([]airlock.Event, airlock.Version) {
	t.Helper()
	events, version, err := s.Commit(t.Context(), c)
	require.NoError(t, err)
	return events, version
}

func load(t *testing.T, s Requests, id airlock.RequestID) (airlock.Request, airlock.Version) {
	t.Helper()
	r, version, err := s.Load(t.Context(), workspace, id)
	require.NoError(t, err)
	return r, version
}

func trail(t *testing.T, s Requests, id airlock.RequestID) []audit.Row {
	t.Helper()
	rows, err := s.Trail(t.Context(), workspace, id)
	require.NoError(t, err)
	return rows
}

func kept(t *testing.T, s Requests, id airlock.RequestID, etag string) []airlock.KeptVerdict {
	t.Helper()
	all, err := s.Verdicts(t.Context(), workspace, id, etag)
	require.NoError(t, err)
	return all
}
