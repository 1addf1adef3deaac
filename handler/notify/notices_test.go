package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

var (
	ada = airlock.Principal{ID: "ada", Name: "Ada", Email: "ada@example.org"}
	bob = airlock.Principal{ID: "bob", Name: "Bob", Email: "bob@example.org"}
)

var testWorkspace = airlock.Workspace{ID: "aaaaaaaa-0000-4000-8000-000000000001", DisplayName: "Genomics", Description: "of mice",
	Contacts: airlock.Contacts{
		Owners:          []airlock.Person{{ID: "olu", Name: "Olu", Email: "olu@example.org"}},
		AirlockManagers: []airlock.Person{{ID: "bob", Name: "Bob", Email: "bob@example.org"}, {ID: "olu", Name: "Olu", Email: "OLU@example.org"}, {ID: "nomail", Name: "Nomail"}},
		Researchers:     []airlock.Person{{ID: "ada", Name: "Ada", Email: "ada@example.org"}, {ID: "eve", Name: "Eve", Email: "eve@example.org"}},
	}}

func testRequest(s airlock.Status) airlock.Request {
	r := airlock.Request{
		ID: "bbbbbbbb-0000-4000-8000-000000000001", Workspace: testWorkspace.ID, Type: airlock.Import, Title: "Blood \ncounts {url}", Justification: "why",
		Status: s, StatusSince: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), CreatedBy: ada, CreatedWhen: time.UnixMilli(1770000000123),
		UpdatedBy: bob, UpdatedWhen: time.UnixMilli(1770000400000), Files: []airlock.File{{Name: "a.csv", Size: 3}}, ApprovalsRequired: 1,
	}
	switch s {
	case airlock.Failed:
		r.Failure = &airlock.Failure{Cause: "copy blob on stalimip: AuthorizationFailure"}
	case airlock.BlockedByScan:
		r.BlockReason = "malware found in 1 file"
	case airlock.Approved, airlock.Rejected:
		r.Reviews = []airlock.Review{{Reviewer: bob, Decision: airlock.DecisionApproved, Explanation: "secret words"}}
	}
	return r
}

func eventFor(t *testing.T, kind string, r airlock.Request) airlock.Event {
	body, err := json.Marshal(airlock.Notice{Kind: kind, Request: r})
	require.NoError(t, err)
	return airlock.Event{ID: "e1", Topic: airlock.TopicNotification, Type: airlock.EventNotification, Data: body}
}

func newNotices(d Directory) (*Notices, *strings.Builder) {
	var log strings.Builder
	return New(Config{Directory: d, Log: slog.New(slog.NewTextHandler(&log, nil)),
		RequestURL: "https://tre.example.org/api/workspaces/{workspace_id}/requests/{request_id}"}), &log
}

func filled(t *testing.T, n *Notices, ws airlock.Workspace, kind string, r airlock.Request) map[string]any {
	t.Helper()
	before := eventFor(t, kind, r)
	e, err := n.Fill(t.Context(), ws, before)
	require.NoError(t, err)
	var d map[string]any
	require.NoError(t, json.Unmarshal(e.Data, &d))
	e.Data = before.Data
	assert.Equal(t, before, e, "only the data changes")
	return d
}

func TestWhoIsToldOnWhat(t *testing.T) {
	const me, owner, manager = "ada@example.org", "olu@example.org", "bob@example.org"
	tests := []struct {
		kind string
		in   airlock.Status
		want []string
	}{
		{"draft", airlock.Draft, []string{me}},
		{"submitted", airlock.Submitted, []string{me}},
		{"in_review", airlock.InReview, []string{owner, manager}},
		{"return_in_progress", airlock.ReturnInProgress, []string{}},
		{"returned", airlock.Returned, []string{me}},
		{"approval_in_progress", airlock.ApprovalInProgress, []string{me}},
		{"approved", airlock.Approved, []string{me}},
		{"rejection_in_progress", airlock.RejectionInProgress, []string{me}},
		{"rejected", airlock.Rejected, []string{me}},
		{"cancelled", airlock.Cancelled, []string{me}},
		{"blocking_in_progress", airlock.BlockingInProgress, []string{}},
		{"blocked_by_scan", airlock.BlockedByScan, []string{me, owner}},
		{"failed", airlock.Failed, []string{me, owner, manager}},
		{"revoked", airlock.Revoked, []string{me, owner}},
		{airlock.NoticeMalwareFound, airlock.Approved, []string{me, owner, manager}},
		{Overdue, airlock.Draft, []string{me}},
		{Overdue, airlock.Returned, []string{me}},
		{Overdue, airlock.InReview, []string{owner, manager}},
		{Overdue, airlock.Submitted, []string{owner}},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		seen[tt.kind] = true
		t.Run(tt.kind+" in "+string(tt.in), func(t *testing.T) {
			n, _ := newNotices(Contacts{})
			d := filled(t, n, testWorkspace, tt.kind, testRequest(tt.in))
			got := []string{}
			for _, a := range d["recipients"].([]any) {
				got = append(got, a.(string))
			}
			assert.Equal(t, tt.want, got)
		})
	}
	for _, s := range airlock.Statuses() {
		assert.True(t, seen[string(s)], "status %s has no row in this test", s)
	}
}

func TestThePolicyOverridesTheTable(t *testing.T) {
	ws := testWorkspace
	ws.Policy.Notifications = map[string][]string{"draft": {}, "approved": {Researcher, Requestor}, Overdue: {Manager}}
	n, _ := newNotices(Contacts{})
	assert.Empty(t, filled(t, n, ws, "draft", testRequest(airlock.Draft))["recipients"])
	assert.Equal(t, []any{"ada@example.org", "eve@example.org"}, filled(t, n, ws, "approved", testRequest(airlock.Approved))["recipients"])
	assert.Equal(t, []any{"bob@example.org", "OLU@example.org"}, filled(t, n, ws, Overdue, testRequest(airlock.Draft))["recipients"])
	assert.Equal(t, []any{"ada@example.org"}, filled(t, n, ws, "submitted", testRequest(airlock.Submitted))["recipients"], "the rest stays")
}

func TestTheEventKeepsTheShapeOf40(t *testing.T) {
	n, _ := newNotices(Contacts{})
	d := filled(t, n, testWorkspace, "in_review", testRequest(airlock.InReview))
	assert.Equal(t, "status_changed", d["event_type"])
	assert.Equal(t, map[string]any{
		"workspace_owner": []any{"olu@example.org"}, "airlock_manager": []any{"bob@example.org", "OLU@example.org"},
		"workspace_researcher": []any{"ada@example.org", "eve@example.org"},
	}, d["recipient_emails_by_role"])
	assert.Equal(t, map[string]any{
		"id": "bbbbbbbb-0000-4000-8000-000000000001", "title": "Blood \ncounts {url}", "created_when": 1770000000.123, "created_by": map[string]any{"name": "Ada", "email": "ada@example.org"},
		"updated_when": 1770000400.0, "updated_by": map[string]any{"name": "Bob", "email": "bob@example.org"}, "request_type": "import",
		"files": []any{map[string]any{"name": "a.csv", "size": 3.0}}, "status": "in_review", "business_justification": "why",
	}, d["request"])
	assert.Equal(t, map[string]any{"id": string(testWorkspace.ID), "display_name": "Genomics", "description": "of mice"}, d["workspace"])
	assert.Equal(t, "https://tre.example.org/api/workspaces/aaaaaaaa-0000-4000-8000-000000000001/requests/bbbbbbbb-0000-4000-8000-000000000001", d["request_url"])
	assert.Equal(t, Overdue, filled(t, n, testWorkspace, Overdue, testRequest(airlock.InReview))["event_type"])
}

func TestEveryNoticeSaysWhatHappenedAndWhatIsNext(t *testing.T) {
	n, _ := newNotices(Contacts{})
	kinds := []string{Overdue}
	for _, s := range airlock.Statuses() {
		kinds = append(kinds, string(s))
	}
	for _, kind := range kinds {
		for _, s := range airlock.Statuses() {
			if kind != Overdue && kind != string(s) {
				continue
			}
			d := filled(t, n, testWorkspace, kind, testRequest(s))
			for _, member := range []string{"subject", "message", "next"} {
				words := d[member].(string)
				assert.NotEmpty(t, words)
				said, how, _ := strings.Cut(words, "\n")
				assert.NotContains(t, said, "http")
				for call := range strings.Lines(how) {
					assert.Equal(t, "next", member)
					assert.Regexp(t, `^[A-Z][a-z ]+: (GET|POST) https://tre\.example\.org/api/workspaces/[0-9a-f-]{36}/requests/[0-9a-f-]{36}/[a-z]+\n?$`, call)
				}
				assert.NotContains(t, words, "sig=")
				assert.NotContains(t, words, "secret words", "a reviewer's words stay with the request")
				assert.NotContains(t, strings.ReplaceAll(words, "counts {url}", ""), "{", "%s: %s", kind, words)
				assert.NotContains(t, words, "..")
			}
			assert.Contains(t, d["message"], "“Blood counts {url}”", "a title is text, never a placeholder")
			assert.Contains(t, d["subject"], "“Blood counts {url}” in Genomics: ")
			assert.Contains(t, []string{Requestor, Owner, Manager, wording.System, wording.Nobody}, d["held_by"])
		}
	}
	for _, kind := range []string{"draft", "in_review", "approved"} {
		d := filled(t, n, testWorkspace, kind, testRequest(airlock.Status(kind)))
		assert.Contains(t, d["next"], d["request_url"].(string)+"/link", "%s says how to get a link", kind)
	}
	assert.Equal(t, "The import request “Blood counts {url}” in workspace Genomics failed: copy blob on stalimip: AuthorizationFailure.",
		filled(t, n, testWorkspace, "failed", testRequest(airlock.Failed))["message"])
	failed := testRequest(airlock.Failed)
	failed.Failure, failed.StatusMessage = nil, "Request failed: a submitted file is not there any more."
	assert.Equal(t, "The import request “Blood counts {url}” in workspace Genomics failed: a submitted file is not there any more.",
		filled(t, n, testWorkspace, "failed", failed)["message"])
	assert.Equal(t, "The import request “Blood counts {url}” in workspace Genomics was blocked by the security scan. Malware found in 1 file.",
		filled(t, n, testWorkspace, "blocked_by_scan", testRequest(airlock.BlockedByScan))["message"])
}

func TestReviewersAreSaid(t *testing.T) {
	n, _ := newNotices(Contacts{})
	r, ws := testRequest(airlock.InReview), testWorkspace
	next := func() any { return filled(t, n, ws, "in_review", r)["next"] }
	assert.Contains(t, next(), "An airlock manager other than the requestor reads the file and approves or rejects the request.")
	ws.Policy.Review.AllowSelfReview = true
	assert.Contains(t, next(), "An airlock manager reads the file and approves or rejects the request.")
	ws.Policy.Review.AllowSelfReview = false
	ws.Policy.Review.ImportApprovals, r.Files = 2, append(r.Files, r.Files...)
	assert.Contains(t, next(), "2 airlock managers other than the requestor read the files and approve or reject the request.")

	r = testRequest(airlock.ApprovalInProgress)
	message := func() any { return filled(t, n, ws, "approval_in_progress", r)["message"] }
	r.Reviews = nil
	assert.Contains(t, message(), "was approved by Bob.", "who changed it last")
	for _, p := range []airlock.Principal{bob, {ID: "cy"}, {ID: "dot", Name: "Dot"}, bob} {
		r.Reviews = append(r.Reviews, airlock.Review{Reviewer: p, Decision: airlock.DecisionApproved})
	}
	assert.Contains(t, message(), "was approved by Bob, an airlock manager and Dot.")
}

func TestALongListOfFilesIsNotCounted(t *testing.T) {
	n, _ := newNotices(Contacts{})
	for files, want := range map[int]string{0: "0 files.", 1: "1 file.", 2: "2 files.", 99: "99 files.", 100: "100 files or more."} {
		r := testRequest(airlock.Submitted)
		r.Files = make([]airlock.File, files)
		assert.Contains(t, filled(t, n, testWorkspace, "submitted", r)["message"], "was submitted with "+want)
	}
}

func TestReviewersLearnThatNobodyScanned(t *testing.T) {
	n, _ := newNotices(Contacts{})
	r := testRequest(airlock.InReview)
	r.StatusMessage = "The files could not be scanned (encrypted). The decision is the reviewer's."
	assert.Contains(t, filled(t, n, testWorkspace, "in_review", r)["message"], "is ready for review. The files could not be scanned (encrypted). The decision is the reviewer's.")
}

func TestAPortalsPageIsNoAPI(t *testing.T) {
	n, _ := newNotices(Contacts{})
	n.config.RequestURL = "https://tre.example.org/workspaces/{workspace_id}/airlock/{request_id}"
	d := filled(t, n, testWorkspace, "draft", testRequest(airlock.Draft))
	assert.Equal(t, "Ada uploads the files and then submits the request.\nThis is done at "+d["request_url"].(string), d["next"])
	assert.NotContains(t, d["next"], "/link")
	assert.NotContains(t, filled(t, n, testWorkspace, "rejected", testRequest(airlock.Rejected))["next"], "http", "nothing is left to do")
}

func TestPeopleWithoutANameAreStillSomebody(t *testing.T) {
	n, _ := newNotices(Contacts{})
	r := testRequest(airlock.Approved)
	r.CreatedBy.Name, r.UpdatedBy.Name, r.Reviews = "", "", nil
	assert.Contains(t, filled(t, n, testWorkspace, "approved", r)["next"], "The requestor reads the file from")
	r.Status = airlock.RejectionInProgress
	assert.Contains(t, filled(t, n, testWorkspace, "rejection_in_progress", r)["message"], "rejected by an airlock manager.")
	r.Status = airlock.Cancelled
	assert.Contains(t, filled(t, n, testWorkspace, "cancelled", r)["message"], "cancelled by somebody.")
}

// Somebody's title must not turn the rest of the mail around, or add lines to it.
func TestTextOfPeopleStaysInItsPlace(t *testing.T) {
	n, _ := newNotices(Contacts{})
	for _, odd := range []rune{'\u202A', '\u202E', '\u2066', '\u2069', '\u2028', '\u2029', '\n', '\r', 0, 0x7f, 0x85} {
		r := testRequest(airlock.Draft)
		r.Title = "Blood" + string(odd) + "counts"
		d := filled(t, n, testWorkspace, "draft", r)
		assert.NotContains(t, d["subject"], string(odd), "%U", odd)
		assert.Contains(t, d["subject"], "“Blood counts”", "%U", odd)
		assert.NotContains(t, d["message"], string(odd), "%U", odd)
	}
}

// Event Grid takes events of 1 MiB at most.
func TestListsOfAddressesAreBounded(t *testing.T) {
	ws := testWorkspace
	ws.Contacts.Researchers = nil
	for i := range maxByRole + 1 {
		ws.Contacts.Researchers = append(ws.Contacts.Researchers, airlock.Person{ID: airlock.UserID(fmt.Sprint(i)), Email: fmt.Sprintf("r%d@example.org", i)})
	}
	n, _ := newNotices(Contacts{})
	byRole := filled(t, n, ws, "draft", testRequest(airlock.Draft))["recipient_emails_by_role"].(map[string]any)
	assert.Len(t, byRole[Researcher], maxByRole)
}

func TestReportsAreBoundedInMemory(t *testing.T) {
	n := New(Config{Directory: Contacts{}, Log: slog.New(slog.DiscardHandler)})
	for i := range maxReported + 1 {
		n.skip(airlock.Person{ID: airlock.UserID(fmt.Sprint(i))})
	}
	assert.Len(t, n.skipped, maxReported)
}

func TestPeopleWithoutMailAreReportedOnce(t *testing.T) {
	n, log := newNotices(Contacts{})
	for range 3 {
		filled(t, n, testWorkspace, "in_review", testRequest(airlock.InReview))
	}
	assert.Equal(t, 1, strings.Count(log.String(), "person=nomail"))
	r := testRequest(airlock.Draft)
	r.CreatedBy.ID, r.CreatedBy.Email = "stranger", "Ada <ada@example.org>, eve@example.org"
	assert.Equal(t, []any{}, filled(t, n, testWorkspace, "draft", r)["recipients"], "an address is one address")
	assert.Equal(t, 1, strings.Count(log.String(), "person=stranger"))
}

// away is a directory that does not answer for some roles.
type away struct{ roles []airlock.Role }

var errAway = errors.New("directory is away")

func (a away) Members(ctx context.Context, ws airlock.Workspace, role airlock.Role) ([]airlock.Person, error) {
	if slices.Contains(a.roles, role) {
		return nil, errAway
	}
	return Contacts{}.Members(ctx, ws, role)
}

func (away) Person(context.Context, airlock.Workspace, airlock.UserID) (airlock.Person, error) {
	return airlock.Person{}, errAway
}

// A guest's token has no mail address; the directory has one for their object id.
func TestARequestorWithoutAnAddressIsLookedUp(t *testing.T) {
	r := testRequest(airlock.Approved)
	r.CreatedBy.ID, r.CreatedBy.Email = "eve", "eve_example.org#EXT#@tenant.example"
	n, _ := newNotices(Contacts{})
	e, err := n.Fill(t.Context(), testWorkspace, eventFor(t, string(r.Status), r))
	require.NoError(t, err)
	assert.Contains(t, string(e.Data), `"recipients":["eve@example.org"]`)

	n, _ = newNotices(away{})
	_, err = n.Fill(t.Context(), testWorkspace, eventFor(t, string(r.Status), r))
	require.ErrorIs(t, err, errAway, "it waits for the directory")

	r.CreatedBy.Application = true
	e, err = n.Fill(t.Context(), testWorkspace, eventFor(t, string(r.Status), r))
	require.NoError(t, err)
	assert.Contains(t, string(e.Data), `"recipients":[]`, "nobody stands behind an application")
}

func TestADirectoryThatIsAwayHoldsUpOnlyWhoItKnows(t *testing.T) {
	n, _ := newNotices(away{airlock.WorkspaceRoles})
	d := filled(t, n, testWorkspace, "approved", testRequest(airlock.Approved))
	assert.Equal(t, []any{"ada@example.org"}, d["recipients"], "the requestor is known from the token")
	assert.Equal(t, map[string]any{}, d["recipient_emails_by_role"])
	_, err := n.Fill(t.Context(), testWorkspace, eventFor(t, "in_review", testRequest(airlock.InReview)))
	require.ErrorIs(t, err, errAway)

	n, _ = newNotices(away{[]airlock.Role{airlock.RoleResearcher}})
	d = filled(t, n, testWorkspace, "in_review", testRequest(airlock.InReview))
	assert.Equal(t, []any{"olu@example.org", "bob@example.org"}, d["recipients"])
}

func TestANoticeNobodyCanReadIsPermanent(t *testing.T) {
	n, _ := newNotices(Contacts{})
	_, err := n.Fill(t.Context(), testWorkspace, airlock.Event{Data: []byte("x")})
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	assert.Equal(t, airlock.Permanent, f.Kind)
}

func TestRulesNameOnlyWhatThereIs(t *testing.T) {
	for _, r := range Rules() {
		assert.True(t, r.Kind == Overdue || slices.Contains(airlock.Notices(), r.Kind) || airlock.Status(r.Kind).Valid(), r.Kind)
		for _, who := range r.Tell {
			assert.Contains(t, airlock.NotificationRoles, who)
		}
	}
	for _, notice := range airlock.Notices() {
		assert.True(t, slices.ContainsFunc(Rules(), func(r Rule) bool { return r.Kind == notice }), "say in rules.go who is told of %s", notice)
	}
}
