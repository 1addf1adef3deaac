package story_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/identity"
	. "example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

// imports runs the command of the production binary with the settings of the running handler.
func imports(t *testing.T, arguments ...string) (said string, code int) {
	t.Helper()
	root, err := storytest.Root()
	require.NoError(t, err)
	env, err := cloud.HandlerEnvironment(shared.Dir)
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), filepath.Join(root, "build", "handler"), append([]string{"import"}, arguments...)...)
	command.Env = slices.DeleteFunc(env, func(setting string) bool { return strings.HasPrefix(setting, "FUNCTIONS_") }) // the host's
	out, err := command.CombinedOutput()
	require.NotNil(t, command.ProcessState, "%v", err)
	return string(out), command.ProcessState.ExitCode()
}

// theirs is a request as AzureTRE stores it.
func theirs(t *testing.T, id, workspace, status string) string {
	t.Helper()
	researcher, err := identity.FindPersona(Researcher)
	require.NoError(t, err)
	manager, err := identity.FindPersona(Manager)
	require.NoError(t, err)
	user := func(p identity.Persona, role string) map[string]any {
		return map[string]any{"id": p.ObjectID, "name": p.DisplayName, "email": p.Mail, "roles": []string{role}, "audience": "x", "is_workspace_token": true}
	}
	began := float64(time.Now().AddDate(-1, 0, 0).Unix())
	text, err := json.Marshal(map[string]any{"id": id, "workspaceId": workspace, "type": "import", "title": "From before", "businessJustification": "why",
		"status": status, "statusMessage": nil, "resourceVersion": 3, "createdBy": user(researcher, "WorkspaceResearcher"), "createdWhen": began + 0.5,
		"updatedBy": user(manager, "AirlockManager"), "updatedWhen": began + 100, "files": []any{map[string]any{"name": "data.csv", "size": 7.0}},
		"history": []any{map[string]any{"resourceVersion": 0, "updatedWhen": began, "updatedBy": user(researcher, "WorkspaceResearcher"), "properties": map[string]any{"previousStatus": "draft"}}},
		"reviews": []any{map[string]any{"id": "5b5b5b5b-0000-4000-8000-000000000000", "reviewer": user(manager, "AirlockManager"), "dateCreated": began + 99,
			"reviewDecision": "approved", "decisionExplanation": "fine"}},
		"_etag": "\"x\"", "_ts": 1, "reviewUserResources": nil})
	require.NoError(t, err)
	return string(text)
}

// An export of AzureTRE's requests: ended ones can be read, open ones begin anew, and faulty ones are told.
func TestRequestsOfAzureTREAreImported(t *testing.T) {
	t.Parallel()
	workspace := shared.Workspaces["genomics"]
	id := func(n int) string { return fmt.Sprintf("1a2b3c4d-0000-4000-8000-%012d", n) }
	var export bytes.Buffer
	for i, status := range []string{"approved", "rejected", "cancelled", "blocked_by_scan", "failed", "revoked", "in_review"} {
		fmt.Fprintln(&export, theirs(t, id(i), workspace, status))
	}
	fmt.Fprintln(&export, theirs(t, id(20), "99999999-0000-4000-8000-000000000001", "approved"))
	fmt.Fprintln(&export, `{"id":`)
	file := filepath.Join(t.TempDir(), "export.jsonl")
	require.NoError(t, os.WriteFile(file, export.Bytes(), 0o600))

	said, code := imports(t, file)
	require.Equal(t, 1, code, said)
	require.Contains(t, said, "line 7: request "+id(6)+" is in_review")
	require.Contains(t, said, "line 8: request "+id(20)+": workspace 99999999-0000-4000-8000-000000000001 is not registered here")
	require.Contains(t, said, "line 9: it is no request of AzureTRE")
	require.Contains(t, said, "6 imported to be read, 0 begun anew as drafts, 0 were here already, 1 open ones left, 2 lines not imported")
	said, code = imports(t, "-drafts", file)
	require.Equal(t, 1, code, said)
	require.Contains(t, said, "0 imported to be read, 1 begun anew as drafts, 6 were here already, 0 open ones left, 2 lines not imported")
	lines := strings.SplitAfter(export.String(), "\n")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines[:7], "")), 0o600))
	said, code = imports(t, "-drafts", file)
	require.Zero(t, code, said)

	for i := range 6 {
		reads(t, "/workspaces/"+workspace+"/requests/"+id(i))
	}
	play(t, func(p *Play) {
		p.As(Researcher).Takes(id(6), Import).Uploads("a.csv", data).Submits()
		p.Eventually(InReview)
		p.As(Manager).Approves("now here")
		p.Eventually(Approved)
		receipted(p)
		p.TrailHasSoon("import", func(r AuditRecord) bool { return r.Action == "imported" })
		p.TrailVerifies()
		p.Until(func() string {
			if said, ok := stranger(t, p); !ok {
				return "airlock-verify says:\n" + said
			}
			return ""
		})
	})
}

// reads holds that an imported request can be read by those who could read it, and nothing else.
func reads(t *testing.T, path string) {
	t.Helper()
	a, err := shared.Call(t.Context(), Researcher, "genomics", http.MethodGet, path, nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.Status, a.String())
	require.Contains(t, string(a.Body), `"allowedUserActions":[]`)
	require.Contains(t, string(a.Body), `"decisionExplanation":"fine"`)
	require.Contains(t, string(a.Body), `"heldBy":"nobody"`)
	require.Contains(t, string(a.Body), `"imported":{"from":"azuretre"`)
	a, err = shared.Call(t.Context(), Researcher, "genomics", http.MethodGet, path+"/link", nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, a.Status, a.String())
	require.Contains(t, a.Detail(), "imported to be read")
	for action, body := range map[string]any{"revoke": map[string]string{"reason": "x"}, "retry": nil, "cancel": nil, "review": map[string]any{"approval": true, "decisionExplanation": "x"}} {
		a, err = shared.Call(t.Context(), Manager, "genomics", http.MethodPost, path+"/"+action, nil, body)
		require.NoError(t, err)
		require.Contains(t, []int{http.StatusBadRequest, http.StatusForbidden}, a.Status, "%s: %s", action, a)
	}
	a, err = shared.Call(t.Context(), Manager, "genomics", http.MethodGet, path+"/receipt", nil, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, a.Status, a.String())
	a, err = shared.Call(t.Context(), Manager, "genomics", http.MethodGet, path+"/history", nil, nil)
	require.NoError(t, err)
	require.Contains(t, string(a.Body), `"imported"`)
}
