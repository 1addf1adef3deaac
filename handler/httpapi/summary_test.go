package httpapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestSummary(t *testing.T) {
	f := newFixture(t)
	require.Equal(t, map[string]any{"workspaces": []any{}}, f.get("/api/requests/summary", treUser()).isOK().json())

	f.requests = mixed()
	f.workspaces[0].Policy.Deadlines.InReviewHours = 1
	inReview := mixed()[1]
	inReview.CreatedBy = airlock.Principal{ID: "ben"}
	inReview.StatusSince = time.Now()
	late := inReview
	late.StatusSince = time.Now().Add(-2 * time.Hour)
	decided := inReview
	decided.Reviews = []airlock.Review{{Reviewer: airlock.Principal{ID: adaID}, Decision: airlock.DecisionApproved}}
	own := inReview
	own.CreatedBy.ID = adaID
	f.managed = []airlock.Request{inReview, late, decided, own}
	elsewhere := inReview
	elsewhere.Workspace = imaging
	f.managed = append(f.managed, elsewhere)
	require.Equal(t, map[string]any{"workspaces": []any{
		map[string]any{"workspaceId": string(genomics), "workspaceName": "genomics",
			"mine":   map[string]any{"byHeldBy": map[string]any{"requestor": 1.0, "airlock_manager": 3.0, "system": 1.0, "nobody": 1.0}},
			"review": map[string]any{"waiting": 2.0, "overdue": 1.0, "mineDecided": 1.0}},
		map[string]any{"workspaceId": string(imaging), "workspaceName": "imaging",
			"mine":   map[string]any{"byHeldBy": map[string]any{"requestor": 0.0, "airlock_manager": 0.0, "system": 0.0, "nobody": 0.0}},
			"review": map[string]any{"waiting": 1.0, "overdue": 0.0, "mineDecided": 0.0}},
	}}, f.get("/api/requests/summary", treUser()).isOK().json())
	require.Equal(t, []airlock.Status{airlock.InReview}, f.query.Statuses)
	f.get("/api/requests/summary", researcher()).isProblem(401, "token_invalid", "")
}

func TestPeopleOfAWorkspace(t *testing.T) {
	f := newFixture(t)
	f.people = airlock.Contacts{AirlockManagers: []airlock.Person{{ID: "g", Name: "Grace"}}}
	require.Equal(t, map[string]any{"owners": []any{}, "airlockManagers": []any{map[string]any{"id": "g", "name": "Grace"}}, "researchers": []any{}},
		f.get(genomicsPath+"/people", researcher()).isOK().json())
	f.get(genomicsPath+"/people", treUser()).isProblem(401, "token_invalid", "")
	f.get(genomicsPath+"/people", nobody()).isProblem(403, "role_missing", "")
}

func TestARequestIsFoundByItsID(t *testing.T) {
	f := newFixture(t)
	path := "/api/requests/" + string(theRequest)
	require.Equal(t, map[string]any{"workspaceId": string(genomics)}, f.get(path, treUser()).isOK().json())
	require.Contains(t, f.asked, "find "+string(theRequest))
	f.get(path, researcher()).isProblem(401, "token_invalid", "")
	f.err = airlock.ErrNotFound
	f.get(path, treUser()).isProblem(404, "no_such_request", "Airlock request does not exist")
}
