package airlock

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Reserved holds the names and ids of the TRE itself, which no workspace may have.
type Reserved struct {
	// Audience is that of core tokens.
	Audience string
	// Accounts maps the names of accounts to whose they are, e.g. "the core's stalimex".
	Accounts map[string]string
}

// InvalidError names everything that is wrong with a workspace, at once.
type InvalidError struct{ Violations []Violation }

func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		texts[i] = v.Message
	}
	return "airlock: not valid: " + strings.Join(texts, "; ")
}

var accountName = regexp.MustCompile(AccountNamePattern)

// AccountNamePattern is Azure's rule for the name of a storage account
// (learn.microsoft.com/azure/storage/common/storage-account-overview).
const AccountNamePattern = `^[a-z0-9]{3,24}$`

// IsAccountName reports whether s can be the name of a storage account. It keeps
// a row or a setting from naming any other host.
func IsAccountName(s string) bool { return accountName.MatchString(s) }

// Check returns every rule that w breaks by itself, for every author of w. Clashes
// with other workspaces are apart (Clashes).
func (w Workspace) Check(r Reserved) []Violation {
	var out []Violation
	complain := func(rule, member, format string, args ...any) {
		out = append(out, Violation{Rule: rule, Member: member, Message: fmt.Sprintf(format, args...)})
	}
	if w.DisplayName == "" {
		complain("missing", "displayName", "displayName is missing")
	}
	if w.ScopeID == "" {
		complain("missing", "scopeId", "scopeId is missing")
	}
	if id, err := parseUUID(w.ClientID); err != nil || id != w.ClientID {
		complain("bad_id", "clientId", "clientId is not a UUID in lower case")
	}
	if id, err := parseUUID(w.ServicePrincipalID); w.ServicePrincipalID != "" && (err != nil || id != w.ServicePrincipalID) {
		complain("bad_id", "servicePrincipalId", "servicePrincipalId is not a UUID in lower case")
	}
	if strings.EqualFold(w.ClientID, r.Audience) {
		out = append(out, clientTaken)
	}
	uses := w.Accounts.Uses()
	for _, stage := range WorkspaceStages {
		name := w.Accounts[stage]
		if !IsAccountName(name) {
			complain("bad_account", accountMember(stage), "%s is not the name of a storage account", accountMember(stage))
			continue
		}
		switch owner, ok := r.Accounts[name]; {
		case ok:
			out = append(out, accountTaken(stage, name, owner))
		case !MayShare(uses[name]) && uses[name][0] != stage:
			out = append(out, accountTaken(stage, name, fmt.Sprintf("this workspace's %s (one account may serve all five stages, not some)", uses[name][0])))
		}
	}
	for stage := range w.Accounts {
		if !slices.Contains(WorkspaceStages, stage) {
			complain("unknown_stage", "accounts", "accounts has a stage that workspaces do not have")
		}
	}
	for _, v := range w.Policy.Check() {
		v.Member = "policy"
		out = append(out, v)
	}
	return out
}

// Clashes returns the accounts and ids of w that another workspace has already. Two workspaces
// with one client id would accept each other's tokens, and in a shared account
// each would find containers that it takes for its own.
func (w Workspace) Clashes(other Workspace) []Violation {
	var out []Violation
	if w.ClientID != "" && strings.EqualFold(w.ClientID, other.ClientID) {
		out = append(out, clientTaken)
	}
	for _, stage := range WorkspaceStages {
		for _, theirs := range other.Accounts {
			if name := w.Accounts[stage]; name != "" && name == theirs {
				out = append(out, accountTaken(stage, name, "another workspace's"))
			}
		}
	}
	return out
}

var clientTaken = Violation{Rule: "client_id_taken", Member: "clientId", Message: "clientId is the audience of other tokens already"}

func accountTaken(stage Stage, name, owner string) Violation {
	return Violation{Rule: "account_taken", Member: accountMember(stage), Message: fmt.Sprintf("the account %s is %s already", name, owner)}
}

func accountMember(s Stage) string { return "accounts." + string(s) }
