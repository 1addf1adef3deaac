package budget

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/story"
)

// programs returns the calls the handler has made since the log was emptied.
func programs(t testing.TB) []fault.Call {
	t.Helper()
	calls, err := shared.Calls(t.Context())
	require.NoError(t, err)
	return slices.DeleteFunc(calls, func(c fault.Call) bool { return c.By != fault.Program })
}

func forget(t testing.TB) {
	t.Helper()
	require.NoError(t, shared.ForgetCalls(t.Context()))
}

// outbox reports whether a call is the outbox's: it publishes a decision's events, and removes the rows, beside the
// request path and mostly after the answer.
func outbox(c fault.Call) bool {
	return c.Op == "Publish" || c.Op == "Graph" || strings.Contains(c.Where, "RowKey='o|")
}

// registry reports whether a call reads a workspace's row, which is read once in five seconds however many ask.
func registry(c fault.Call) bool { return strings.Contains(c.Where, "AirlockWorkspaces") }

// operation is a call's verb and the kind of its object.
func operation(c fault.Call) string {
	for place, name := range map[string]string{
		"RowKey='r|": "request", "RowKey='t|": "request", // a new request's first row that is named is its listing's
		"RowKey='a|": "audit", "RowKey='o|": "outbox", "AirlockRequestWorkspaces": "origin",
	} {
		if strings.Contains(c.Where, place) {
			return c.Op + " " + name
		}
	}
	return c.Op
}

func operations(calls []fault.Call) []string {
	names := []string{}
	for _, c := range calls {
		names = append(names, operation(c))
	}
	return names
}

// delivering stops or starts deliveries of events, so that no event's work is mistaken for the request path's.
func delivering(t testing.TB, on bool) {
	t.Helper()
	path := "/events/pause"
	if on {
		path = "/events/resume"
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shared.Control+path, http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, 2, resp.StatusCode/100, path)
}

// quiet waits until no event is under way and no outbox row waits.
func quiet(t testing.TB, workspace string) {
	t.Helper()
	require.Eventually(t, func() bool {
		require.NoError(t, shared.Settle(t.Context()))
		rows, err := shared.Ground.Rows(t.Context(), ground.RequestsTable, shared.Workspaces[workspace], "o|")
		require.NoError(t, err)
		return len(rows) == 0 && shared.Settle(t.Context()) == nil
	}, 30*time.Second, 60*time.Millisecond, "events stay in the outbox")
}

// onPath counts the storage calls that the API makes from a call until its answer. Deliveries must be stopped.
func onPath(t testing.TB, act func()) []string {
	t.Helper()
	forget(t)
	act()
	return operations(slices.DeleteFunc(programs(t), outbox))
}

func TestCallsOnTheRequestPath(t *testing.T) {
	const workspace = "genomics"
	eventsOnly(t) // nothing but the call itself is to be counted
	defer delivering(t, true)
	play(t, workspace, 30*time.Second, func(p *story.Play) {
		researcher, manager := p.As(story.Researcher), p.As(story.Manager)
		base := "/workspaces/" + p.WorkspaceID() + "/requests"
		look := func() { // the registry row and the account's delegation key get into the cache, the events out of the way
			delivering(t, true)
			quiet(t, workspace)
			delivering(t, false)
			p.Now()
		}
		create := func(key string) {
			body := map[string]string{"type": story.Import, "title": "Story", "businessJustification": "Counting."}
			header := http.Header{}
			if key != "" {
				header.Set("Idempotency-Key", key)
			}
			p.Holds(researcher.Ask(http.MethodPost, base, header, body).Status == http.StatusCreated, "no request")
		}
		holds := func(what string, want []string, act func()) {
			look()
			got := onPath(t, act)
			if strings.HasPrefix(what, "create") { // it looks for room beside
				slices.Sort(want)
				slices.Sort(got)
			}
			require.Equal(t, want, got, what)
			t.Logf("%-28s %d: %s", what, len(want), strings.Join(want, ", "))
		}

		researcher.Creates(story.Import).Uploads("a.csv", measurements) // the account's delegation key gets into the cache
		researcher.Creates(story.Import)
		load, commit := "GetEntity request", "EntityTransaction request"
		made := []string{"QueryEntities", "EntityTransaction origin", "CreateContainer", commit}
		holds("create", made, func() { create("") })
		holds("create with a key", made, func() { create(t.Name() + time.Now().String()) })
		holds("get", []string{load}, func() { p.Now() })
		holds("list, a page", []string{"QueryEntities"}, func() {
			p.Holds(researcher.Ask(http.MethodGet, base, nil, nil).Status == http.StatusOK, "no list")
		})
		link := func() { p.Holds(researcher.Tries("link").Status == http.StatusOK, "no link") }
		holds("link", []string{load, commit}, link)
		holds("link, again", []string{load}, link)
		researcher.Uploads("a.csv", measurements)
		ask := func(by *story.Person, method, path string, body any) {
			p.Holds(by.Ask(method, path, nil, body).Status == http.StatusOK, "%s %s is not answered", method, path)
		}
		files := func() { ask(researcher, http.MethodGet, base+"/"+p.ID+"/files", nil) }
		holds("files of a draft", []string{load, "ListBlobs"}, files)
		holds("check before the upload", []string{}, func() {
			ask(researcher, http.MethodPost, "/workspaces/"+p.WorkspaceID()+"/check", map[string]any{"type": story.Import, "files": []any{map[string]any{"name": "a.csv", "size": 3}}})
		})
		holds("submit", []string{load, "ListBlobs", commit}, func() { researcher.Submits() })
		delivering(t, true)
		p.Eventually(story.InReview)
		holds("files of a request", []string{load}, files)
		one := func() { ask(manager, http.MethodPost, base+"/"+p.ID+"/link", map[string]string{"file": "a.csv"}) }
		ask(manager, http.MethodGet, base+"/"+p.ID+"/link", nil) // the account's delegation key gets into the cache
		holds("link to one file", []string{load, commit}, one)
		holds("link to one file, again", []string{load}, one)
		core := func(path string) {
			p.Holds(manager.WithTokenOf("").Ask(http.MethodGet, path, nil, nil).Status == http.StatusOK, "GET %s is not answered", path)
		}
		core("/requests/summary") // the directory's answers get into the cache
		holds("find", []string{"GetEntity origin", load}, func() { core("/requests/" + p.ID) })
		holds("summary: one's own in two workspaces, and what one reviews in them", []string{"QueryEntities", "QueryEntities", "QueryEntities", "QueryEntities"}, func() { core("/requests/summary") })
		holds("people", []string{}, func() { ask(researcher, http.MethodGet, "/workspaces/"+p.WorkspaceID()+"/people", nil) })
		holds("comment", []string{load, commit}, func() { manager.Comments("Which data set is it?", "reviewers") })
		holds("comments", []string{load, "QueryEntities"}, func() {
			p.Holds(manager.Ask(http.MethodGet, p.Path("/comments"), nil, nil).Status == http.StatusOK, "no comments")
		})
		holds("claim", []string{load, commit}, func() { manager.Claims() })
		holds("turns", []string{load, "QueryEntities"}, func() {
			p.Holds(manager.Ask(http.MethodGet, p.Path("/turns"), nil, nil).Status == http.StatusOK, "no turns")
		})
		holds("request changes", []string{load, commit}, func() { manager.AsksForChanges("Round it.") })
		delivering(t, true)
		p.IsReturned()
		holds("edit", []string{load, commit}, func() {
			p.Holds(researcher.Ask(http.MethodPatch, p.Path(""), nil, map[string]string{"title": "Rounded"}).Status == http.StatusOK, "no edit")
		})
		delivering(t, true)
		researcher.Uploads("a.csv", measurements).Submits()
		p.Eventually(story.InReview)
		holds("review", []string{load, commit}, func() { manager.Approves("fine") })
		delivering(t, true)
		p.Eventually(story.Approved)
		holds("revoke", []string{load, commit}, func() { manager.Revokes("a mistake") })
		delivering(t, true)
		researcher.Creates(story.Export)
		holds("cancel", []string{load, commit}, func() { researcher.Cancels() })
		holds("history", []string{load, "QueryEntities", "ListBlobs"}, func() { p.TrailResult() })
	})
}
