package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// mixed are requests of several people and statuses, newest first.
func mixed() []airlock.Request {
	all := many(6)
	for i, with := range []struct {
		title, by string
		status    airlock.Status
	}{
		{"Blood counts 2026", "Ada Lovelace", airlock.Draft},
		{"Blood pressure", "Ben", airlock.InReview},
		{"Blood counts 2025", "Ada Lovelace", airlock.InReview},
		{"Scans", "Adam", airlock.Submitted},
		{"Scans of blood", "Ben", airlock.Failed},
		{"Panel", "Ada Lovelace", airlock.Rejected},
	} {
		all[i].Title, all[i].CreatedBy.Name, all[i].Status = with.title, with.by, with.status
		all[i].Workspace = genomics
		all[i].UpdatedWhen = moment.Add(time.Duration(i) * time.Minute)
	}
	return all
}

func TestListsAreNarrowed(t *testing.T) {
	f := newFixture(t)
	f.page = func(q airlock.Query) airlock.Page { // as the store: by status, and no other filter
		var found []airlock.Request
		for _, r := range mixed() {
			for _, s := range q.Statuses {
				if s == r.Status {
					found = append(found, r)
				}
			}
			if len(q.Statuses) == 0 {
				found = append(found, r)
			}
		}
		return paged(found)(q)
	}
	since := fmt.Sprintf("%.6f", float64(moment.Add(4*time.Minute).UnixMicro())/1e6)
	for query, want := range map[string][]int{
		"status=in_review&status=draft":               {0, 1, 2},
		"status=in_review,draft":                      {0, 1, 2}, // as the host hands it on
		"held_by=airlock_manager":                     {1, 2, 4},
		"held_by=airlock_manager&status=failed":       {4},
		"held_by=nobody&status=failed":                nil,
		"held_by=system":                              {3},
		"q=BLOOD+counts":                              {0, 2},
		"q=blood+ada":                                 {0, 2},
		"q=++blood+ben":                               {1, 4},
		"q=nothing":                                   nil,
		"updated_since=" + since:                      {4, 5},
		"q=blood&order_by=updatedWhen":                {0, 1, 2, 4},
		"q=blood&order_by=createdWhen":                {4, 2, 1, 0},
		"status=in_review&status=in_review&q=&limit=": {1, 2},
	} {
		for _, limit := range []string{"", "&limit=1", "&limit=2"} {
			if limit != "" && query[len(query)-1] == '=' {
				continue
			}
			got, pages := f.follow(requestsPath + "?" + query + limit)
			require.Equal(t, want, got, "%s%s", query, limit)
			require.Greater(t, pages, 0)
		}
	}
	for _, bad := range []string{"status=draft&status=lost", "held_by=me", "updated_since=yesterday", "updated_since=-1", "q=" + url.QueryEscape(string(make([]byte, 201)))} {
		f.get(requestsPath+"?"+bad, researcher()).isProblem(422, "invalid_request", "")
		f.get("/api/requests?"+bad, treUser()).isProblem(422, "invalid_request", "")
	}
}

func TestMyRequestsAreNarrowed(t *testing.T) {
	f := newFixture(t)
	f.requests = mixed()
	var got []map[string]any
	require.NoError(t, json.Unmarshal(f.get("/api/requests?q=blood&limit=2", treUser()).isOK().body, &got))
	require.Len(t, got, 2)
	require.Equal(t, "Blood pressure", got[1]["title"])
	require.Equal(t, 1000, f.query.Limit, "what does not fit must not count")
	require.Equal(t, map[string]any{"required": 1.0, "given": 0.0}, got[0]["approvals"])
	f.get("/api/requests?status=draft&status=in_review", treUser()).isOK()
	require.Equal(t, []airlock.Status{airlock.Draft, airlock.InReview}, f.query.Statuses)
}
