package httpapi_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// shown is the request as GET shows it, with its envelope.
func (f *fixture) shown(token string) (request, envelope map[string]any) {
	envelope = f.get(requestPath, token).isOK().json()
	return envelope["airlockRequest"].(map[string]any), envelope
}

func TestARequestSaysWhoHoldsItAndUntilWhen(t *testing.T) {
	f := newFixture(t)
	f.workspaces[0].Policy.Deadlines.InReviewHours = 1
	f.request.Status, f.request.StatusSince = airlock.InReview, time.Now().Add(-59*time.Minute)
	f.request.Files = []airlock.File{{Name: "a.csv", Size: 3}}
	r, _ := f.shown(manager())
	require.Equal(t, "airlock_manager", r["heldBy"])
	require.Equal(t, "An airlock manager other than the requestor reads the file and approves or rejects the request.", r["next"])
	require.Equal(t, "genomics", r["workspaceName"])
	require.Equal(t, false, r["overdue"])
	require.InDelta(t, 3600, r["dueWhen"].(float64)-r["statusSince"].(float64), 1e-3)

	f.request.StatusSince = time.Now().Add(-61 * time.Minute)
	r, _ = f.shown(manager())
	require.Equal(t, true, r["overdue"])

	f.request.Status = airlock.Approved
	r, _ = f.shown(researcher())
	require.Nil(t, r["dueWhen"])
	require.Equal(t, false, r["overdue"])
	require.Equal(t, "requestor", r["heldBy"])

	f.requests = []airlock.Request{f.request}
	var list []map[string]any
	require.NoError(t, json.Unmarshal(f.get("/api/requests", treUser()).isOK().body, &list))
	for _, member := range []string{"heldBy", "next", "statusSince", "dueWhen", "overdue", "workspaceName"} {
		assert.Equal(t, r[member], list[0][member], member)
	}
}

func TestARequestSaysWhichLinkAndFromWhere(t *testing.T) {
	f := newFixture(t)
	f.request.Accounts = airlock.Accounts{}
	for _, stage := range append(airlock.CoreStages, airlock.WorkspaceStages...) {
		f.request.Accounts[stage] = string(stage)
	}
	mine, others := researcher(), grace()
	for _, c := range []struct {
		direction       airlock.RequestType
		status          airlock.Status
		mine, reviewers any
		account, from   string
	}{
		{airlock.Import, airlock.Draft, "write", nil, "stalimex", "internet"},
		{airlock.Import, airlock.Submitted, nil, nil, "", ""},
		{airlock.Import, airlock.InReview, nil, "read", "stalimip", "review"},
		{airlock.Import, airlock.Approved, "read", nil, "stalimapp", "workspace"},
		{airlock.Import, airlock.Rejected, nil, nil, "", ""},
		{airlock.Export, airlock.Draft, "write", nil, "stalexint", "workspace"},
		{airlock.Export, airlock.InReview, nil, "read", "stalexip", "workspace"},
		{airlock.Export, airlock.Approved, "read", nil, "stalexapp", "internet"},
		{airlock.Export, airlock.BlockedByScan, nil, nil, "", ""},
		{airlock.Export, airlock.Cancelled, nil, nil, "", ""},
	} {
		f.request.Type, f.request.Status = c.direction, c.status
		r, envelope := f.shown(mine)
		assert.Equal(t, c.mine, envelope["link"], "%s %s", c.direction, c.status)
		var want any
		if c.account != "" {
			want = map[string]any{"host": c.account + ".blob.example", "endpoint": "https://" + c.account + ".blob.example", "from": c.from}
		}
		assert.Equal(t, want, r["storage"], "%s %s", c.direction, c.status)
		_, envelope = f.shown(others)
		assert.Equal(t, c.reviewers, envelope["link"], "%s %s", c.direction, c.status)
	}
	f.request.Status, f.request.Work.DataDeleted = airlock.Approved, moment
	r, envelope := f.shown(mine)
	require.Nil(t, envelope["link"])
	require.Nil(t, r["storage"])
	require.Equal(t, "nobody", r["heldBy"])
}

func TestAFileSaysWhatTheScannerSaid(t *testing.T) {
	f := newFixture(t)
	f.request.Files = []airlock.File{
		{Name: "a", Verdict: &airlock.Verdict{Outcome: airlock.Malicious, ID: "scan-1", At: moment, Malware: []string{"EICAR"}, Tagged: true}, Rescans: 1, FinalChecked: true},
		{Name: "b", Verdict: &airlock.Verdict{Outcome: airlock.NotScanned, ID: "tag", Reason: "SAM259207"}},
		{Name: "c"},
	}
	r, _ := f.shown(researcher())
	require.Equal(t, []any{
		map[string]any{"name": "a", "size": 0.0, "rescans": 1.0, "contentChecked": true, "verdict": map[string]any{
			"outcome": "malicious", "id": "scan-1", "at": float64(moment.UnixMicro()) / 1e6, "malware": []any{"EICAR"}, "confirmed": true}},
		map[string]any{"name": "b", "size": 0.0, "verdict": map[string]any{"outcome": "not_scanned", "id": "tag", "at": nil, "reason": "SAM259207", "confirmed": false}},
		map[string]any{"name": "c", "size": 0.0},
	}, r["files"])
}
