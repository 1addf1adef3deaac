package tablestore

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

const (
	genomics = airlock.WorkspaceID("b0000000-0000-4000-8000-00000000000b")
	imaging  = airlock.WorkspaceID("c0000000-0000-4000-8000-00000000000c")
	ada      = airlock.UserID("ada00000-0000-4000-8000-000000000001")
	grace    = airlock.UserID("09ace000-0000-4000-8000-000000000002")
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 123456789, time.UTC)

func newID() airlock.RequestID { return airlock.RequestID(uuid.NewString()) }

// draft is the commit that creates a request.
func draft(ws airlock.WorkspaceID, by airlock.UserID, at time.Time) audit.Commit {
	p := airlock.Principal{ID: by, Name: "somebody", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	r := airlock.Request{
		ID: newID(), Workspace: ws, Type: airlock.Import, Title: "Reference genome", Justification: "Needed for <alignment> & co",
		Status: airlock.Draft, StatusSince: at, CreatedBy: p, CreatedWhen: at, UpdatedBy: p, UpdatedWhen: at,
		History: []airlock.Change{}, Files: []airlock.File{}, Reviews: []airlock.Review{}, Work: airlock.Work{Due: at.Add(time.Hour)},
	}
	return record(audit.Commit{Request: r}, "create")
}

// record adds an audit record and an event to a commit.
func record(c audit.Commit, action string) audit.Commit {
	r := &c.Request
	sealed, head, err := audit.Seal(r.Chain, audit.Record{
		Workspace: r.Workspace, Request: r.ID, At: r.UpdatedWhen, Actor: audit.Actor{Kind: audit.Person, ID: r.UpdatedBy.ID}, Action: audit.Action(action), To: r.Status,
	})
	if err != nil {
		panic(err)
	}
	r.Chain = head
	c.Records = append(c.Records, sealed)
	c.Events = append(c.Events, event(*r, fmt.Sprintf("%s-%d", action, head.Length)))
	return c
}

func event(r airlock.Request, id string) airlock.Event {
	return airlock.Event{
		ID: id, Topic: airlock.TopicStatusChanged, Type: airlock.EventStatusChanged, Subject: string(r.ID), DataVersion: "2.0",
		Time: r.UpdatedWhen, Data: json.RawMessage(`{"new_status":"` + string(r.Status) + `"}`), Request: r.ID, Workspace: r.Workspace,
	}
}

// next is the commit that changes a request as it is stored.
func next(t testing.TB, s *Store, ws airlock.WorkspaceID, id airlock.RequestID, change func(*airlock.Request)) audit.Commit {
	t.Helper()
	was, v, err := s.Load(t.Context(), ws, id)
	require.NoError(t, err)
	now := was.Clone()
	change(&now)
	return record(audit.Commit{Request: now, Was: &was, Version: v}, "change")
}

func commit(t testing.TB, s *Store, c audit.Commit) ([]airlock.Event, airlock.Version) {
	t.Helper()
	events, v, err := s.Commit(t.Context(), c)
	require.NoError(t, err)
	return events, v
}

func submitted(r *airlock.Request) {
	if err := r.Apply(airlock.TriggerSubmit, r.CreatedBy, r.UpdatedWhen.Add(time.Minute)); err != nil {
		panic(err)
	}
}
