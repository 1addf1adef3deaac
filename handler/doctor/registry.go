package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/airlock/handler/airlock"
)

// accounts tries the stage accounts of the core or of a workspace, each once.
func (e *examination) accounts(ctx context.Context, accounts airlock.Accounts, stages []airlock.Stage, workspace string) {
	for _, stage := range stages {
		if accounts[stage] == "" {
			e.found(Finding{Check: "account", About: whose(string(stage), workspace, stage), State: Wrong, Says: "No account is named for this stage.",
				Fix: "Name it in the registry row: PUT /api/workspaces/{id}."})
		}
	}
	for account, served := range accounts.Uses() {
		e.account(ctx, served, account, workspace)
	}
}

// whose names an account, or a stage without one, for people.
func whose(name, workspace string, stages ...airlock.Stage) string {
	if workspace != "" {
		workspace = " of " + workspace
	}
	texts := make([]string, len(stages))
	for i, stage := range stages {
		texts[i] = string(stage)
	}
	return name + " (" + strings.Join(texts, ", ") + workspace + ")"
}

// account tries one stage account as its stages need it.
func (e *examination) account(ctx context.Context, stages []airlock.Stage, account, workspace string) {
	about := whose(account, workspace, stages...)
	const check = "account"
	b := e.config.Blobs
	serves := func(wanted ...airlock.Stage) bool {
		return slices.ContainsFunc(stages, func(s airlock.Stage) bool { return slices.Contains(wanted, s) })
	}
	e.try(ctx, check, about, "can be listed", roleStage, func(ctx context.Context) error { return b.TryList(ctx, account) })
	e.try(ctx, check, about, "can be written", roleStage, func(ctx context.Context) error { return b.TryWrite(ctx, account) })
	e.try(ctx, check, about, "can be deleted from", roleStage, func(ctx context.Context) error { return b.TryDelete(ctx, account) })
	if serves(airlock.ImportInProgress, airlock.ExportInProgress) {
		e.try(ctx, check, about, "can be asked for index tags", roleTags, func(ctx context.Context) error { return b.TryTags(ctx, account) })
	}
	if serves(linked()...) {
		e.try(ctx, "link", about, "can be reached by a signed link", roleSign, func(ctx context.Context) error { return b.TryLink(ctx, account) })
	}
}

// linked are the stages that people get links to.
func linked() []airlock.Stage {
	var stages []airlock.Stage
	for _, g := range airlock.Grants() {
		if g.Do != airlock.ActionLink {
			continue
		}
		for _, status := range g.In {
			for _, direction := range []airlock.RequestType{airlock.Import, airlock.Export} {
				if stage, ok := airlock.StageOf(direction, status); ok {
					stages = append(stages, stage)
				}
			}
		}
	}
	return stages
}

// registry looks at every workspace.
func (e *examination) registry(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, e.config.Within)
	defer cancel()
	all, err := e.config.Registry.Workspaces(limited)
	const check = "registry"
	fault, _ := errors.AsType[*airlock.Fault](err)
	switch {
	case err == nil:
		e.found(Finding{Check: check, About: "all rows", State: OK, Says: fmt.Sprintf("%d workspaces can be read.", len(all))})
	case fault != nil && fault.Code == airlock.UnreadableRow:
		e.found(Finding{Check: check, About: "rows", State: Wrong, Says: "Some rows are not valid: " + fault.Cause() + ".", Fix: "See the RUNBOOK, state_damaged; PUT /api/workspaces/{id} replaces a row."})
	case fault != nil && fault.Code == airlock.StateDamaged:
		e.found(Finding{Check: check, About: "rows", State: Wrong, Says: "Somebody else wrote what is in force of a workspace: " + fault.Cause() + ".",
			Fix: "See the RUNBOOK, state_damaged; PUT /api/workspaces/{id} with If-Match: * says what holds."})
	default:
		e.found(Finding{Check: check, About: "all rows", State: CannotTell, Says: "The registry cannot be read.", Fix: "Mend the state account first."})
		return
	}
	if len(all) == 0 && err == nil {
		e.found(Finding{Check: check, About: "workspaces", State: Wrong, Says: "No workspace is registered.", Fix: "Apply infra/workspace, or PUT /api/workspaces/{id}."})
	}
	e.shared(all)
	for _, ws := range all {
		e.workspace(ctx, ws)
	}
}

// shared names accounts that two purposes have.
func (e *examination) shared(all []airlock.Workspace) {
	purposes := map[string][]string{}
	note := func(accounts airlock.Accounts, owner string) {
		for account, stages := range accounts.Uses() {
			if airlock.MayShare(stages) { // one purpose
				stages = stages[:1]
			}
			for _, stage := range stages {
				purposes[account] = append(purposes[account], string(stage)+" of "+owner)
			}
		}
	}
	note(e.config.Accounts, "the core")
	for _, ws := range all {
		note(ws.Accounts, string(ws.ID))
	}
	for _, account := range slices.Sorted(maps.Keys(purposes)) {
		if users := purposes[account]; len(users) > 1 && account != "" {
			slices.Sort(users)
			e.found(Finding{Check: "registry", About: account, State: Wrong, Says: fmt.Sprintf("The account has more than one purpose: %v.", users),
				Fix: "Give every stage of every workspace an account of its own, or all five of a workspace one."})
		}
	}
}

func (e *examination) workspace(ctx context.Context, ws airlock.Workspace) {
	name := string(ws.ID)
	if ws.Changed {
		e.found(Finding{Check: "registry", About: name, State: Wrong, Says: "Somebody else changed or removed the workspace's row; that is not in force.",
			Fix: "See the RUNBOOK, registry_changed; POST /api/workspaces/{id}/accept shows the difference and takes it."})
	}
	e.accounts(ctx, ws.Accounts, airlock.WorkspaceStages, name)
	if violations := ws.Policy.Check(); len(violations) > 0 {
		e.found(Finding{Check: "policy", About: name, State: Wrong, Says: violations[0].Message, Fix: "PUT /api/workspaces/{id} with a policy that keeps docs/policy.schema.json."})
	}
	if ws.Policy.Review.AllowSelfReview {
		e.found(Finding{Check: "policy", About: name, State: Wrong, Says: "Requestors may review their own requests.", Fix: "Set review.allowSelfReview to false: it is for trials."})
	}
	if !ws.Policy.MalwareScanning.Enabled {
		e.found(Finding{Check: "policy", About: name, State: Wrong, Says: "Files are not scanned for malware.", Fix: "Set malwareScanning.enabled to true."})
	}
	e.gates(ctx, ws)
	e.check(ctx, "people", name, func(ctx context.Context) Finding {
		f := Finding{Check: "people", About: name, State: OK}
		managers, err := e.config.Directory.Members(ctx, ws, airlock.RoleManager)
		n := len(managers)
		need := max(ws.Policy.Approvals(airlock.Import), ws.Policy.Approvals(airlock.Export))
		switch {
		case err != nil:
			f = of("people", name, "can be asked who its airlock managers are", "Application.Read.All, GroupMember.Read.All and User.ReadBasic.All of Microsoft Graph", err)
		case n < need:
			f.State, f.Says = Wrong, fmt.Sprintf("It has %d airlock managers, and its policy asks for %d approvals.", n, need)
			f.Fix = "Assign the role AirlockManager of the workspace's application to more people."
		default:
			f.Says = fmt.Sprintf("It has %d airlock managers.", n)
		}
		return f
	})
}

// gates looks whether those can sign in who speak for the external gates of a workspace.
func (e *examination) gates(ctx context.Context, ws airlock.Workspace) {
	const check = "gate"
	for _, direction := range []airlock.RequestType{airlock.Import, airlock.Export} {
		for _, g := range ws.Policy.Gates.For(direction) {
			for _, caller := range g.Callers {
				about := fmt.Sprintf("%s of %ss of %s", g.ID, direction, ws.ID)
				e.check(ctx, check, about, func(ctx context.Context) Finding {
					there, err := e.config.Directory.Application(ctx, caller)
					if err != nil {
						return of(check, about, "can be looked up in the directory", "Application.Read.All of Microsoft Graph", err)
					}
					if !there {
						return Finding{Check: check, About: about, State: Wrong, Says: fmt.Sprintf("No service principal %s can sign in, so that the gate will not answer.", caller),
							Fix: "Name the object id of the engine's enterprise application in callers; the application's client id is another."}
					}
					return Finding{Check: check, About: about, State: OK, Says: "Nothing speaks against its service principal."}
				})
			}
		}
	}
}
