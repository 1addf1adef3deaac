package airlock

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func checkable() Workspace {
	w := Workspace{ID: "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11", DisplayName: "G", ScopeID: "api://g", ClientID: "aaaaaaaa-0000-4000-8000-000000000001",
		Accounts: Accounts{}, Policy: DefaultPolicy()}
	for _, stage := range WorkspaceStages {
		w.Accounts[stage] = string(stage) + "g"
	}
	return w
}

func TestAWorkspaceIsChecked(t *testing.T) {
	reserved := Reserved{Audience: "CCCCCCCC-0000-4000-8000-000000000001", Accounts: map[string]string{"stalstate": "the service's own"}}
	assert.Empty(t, checkable().Check(reserved))
	tests := []struct {
		rule, member string
		spoil        func(w *Workspace)
	}{
		{"missing", "displayName", func(w *Workspace) { w.DisplayName = "" }},
		{"missing", "scopeId", func(w *Workspace) { w.ScopeID = "" }},
		{"bad_id", "clientId", func(w *Workspace) { w.ClientID = "" }},
		{"bad_id", "clientId", func(w *Workspace) { w.ClientID = strings.ToUpper(w.ClientID) }},
		{"bad_id", "servicePrincipalId", func(w *Workspace) { w.ServicePrincipalID = "x" }},
		{"client_id_taken", "clientId", func(w *Workspace) { w.ClientID = strings.ToLower(reserved.Audience) }},
		{"bad_account", "accounts.stalexip", func(w *Workspace) { delete(w.Accounts, ExportInProgress) }},
		{"bad_account", "accounts.stalexip", func(w *Workspace) { w.Accounts[ExportInProgress] = "evil.example" }},
		{"account_taken", "accounts.stalexip", func(w *Workspace) { w.Accounts[ExportInProgress] = "stalstate" }},
		{"account_taken", "accounts.stalexrej", func(w *Workspace) { w.Accounts[ExportRejected] = w.Accounts[ExportInProgress] }},
		{"unknown_stage", "accounts", func(w *Workspace) { w.Accounts[ImportExternal] = "another" }},
		{"out_of_range", "policy", func(w *Workspace) { w.Policy.Link.LifetimeMinutes = 0 }},
	}
	compact := checkable()
	for _, stage := range WorkspaceStages {
		compact.Accounts[stage] = "stalworkspace"
	}
	assert.Empty(t, compact.Check(reserved), "one account for all five")
	compact.Accounts[ExportBlocked] = "another"
	assert.Len(t, compact.Check(reserved), 3, "one account for four: the first has it")
	for _, tt := range tests {
		w := checkable()
		tt.spoil(&w)
		found := w.Check(reserved)
		if assert.Len(t, found, 1, "%s %s", tt.rule, tt.member) {
			assert.Equal(t, tt.rule, found[0].Rule)
			assert.Equal(t, tt.member, found[0].Member)
		}
	}
	assert.Len(t, reserved.Accounts, 1, "the caller's map is left alone")
}

func TestWorkspacesThatClash(t *testing.T) {
	other := checkable()
	other.ClientID = "bbbbbbbb-0000-4000-8000-000000000001"
	other.Accounts = Accounts{}
	for _, stage := range WorkspaceStages {
		other.Accounts[stage] = string(stage) + "other"
	}
	assert.Empty(t, checkable().Clashes(other))
	assert.Empty(t, Workspace{}.Clashes(Workspace{}), "what is not said clashes with nothing")
	other.ClientID = strings.ToUpper(checkable().ClientID)
	other.Accounts[ImportApproved] = checkable().Accounts[ExportRejected] // of any stage
	found := checkable().Clashes(other)
	if assert.Len(t, found, 2) {
		assert.Equal(t, "clientId", found[0].Member)
		assert.Equal(t, "accounts.stalexrej", found[1].Member)
	}
}
