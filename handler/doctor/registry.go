package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.org/airlock/handler/airlock"
)

// account tries one stage account as its stage needs it.
func (e *examination) account(ctx context.Context, stage airlock.Stage, account, workspace string) {
	about := account
	if about == "" {
		about = string(stage)
	}
	if workspace != "" {
		about += " (" + string(stage) + " of " + workspace + ")"
	} else {
		about += " (" + string(stage) + ")"
	}
	const check = "account"
	if account == "" {
		e.found(Finding{Check: check, About: about, State: Wrong, Says: "No account is named for this stage.", Fix: "Name it in the registry row: PUT /api/workspaces/{id}."})
		return
	}
	b := e.d.Blobs
	e.try(ctx, check, about, "can be listed", roleStage, func(ctx context.Context) error { return b.TryList(ctx, account) })
	e.try(ctx, check, about, "can be written", roleStage, func(ctx context.Context) error { return b.TryWrite(ctx, account) })
	e.try(ctx, check, about, "can be deleted from", roleStage, func(ctx context.Context) error { return b.TryDelete(ctx, account) })
	if slices.Contains([]airlock.Stage{airlock.ImportInProgress, airlock.ExportInProgress}, stage) {
		e.try(ctx, check, about, "can be asked for index tags", roleTags, func(ctx context.Context) error { return b.TryTags(ctx, account) })
	}
	if slices.Contains(linked(), stage) {
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
	limited, cancel := context.WithTimeout(ctx, e.d.Within)
	defer cancel()
	all, err := e.d.Registry.Workspaces(limited)
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
	for stage, account := range e.d.Accounts {
		purposes[account] = append(purposes[account], "the core's "+string(stage))
	}
	for _, ws := range all {
		for stage, account := range ws.Accounts {
			purposes[account] = append(purposes[account], string(stage)+" of "+string(ws.ID))
		}
	}
	for _, account := range slices.Sorted(maps.Keys(purposes)) {
		if users := purposes[account]; len(users) > 1 && account != "" {
			slices.Sort(users)
			e.found(Finding{Check: "registry", About: account, State: Wrong, Says: fmt.Sprintf("The account has more than one purpose: %v.", users),
				Fix: "Give every stage of every workspace an account of its own."})
		}
	}
}

func (e *examination) workspace(ctx context.Context, ws airlock.Workspace) {
	name := string(ws.ID)
	if ws.Changed {
		e.found(Finding{Check: "registry", About: name, State: Wrong, Says: "Somebody else changed or removed the workspace's row; that is not in force.",
			Fix: "See the RUNBOOK, registry_changed; POST /api/workspaces/{id}/accept shows the difference and takes it."})
	}
	for _, stage := range airlock.WorkspaceStages {
		e.account(ctx, stage, ws.Accounts[stage], name)
	}
	if violations := ws.Policy.Check(); len(violations) > 0 {
		e.found(Finding{Check: "policy", About: name, State: Wrong, Says: violations[0].Message, Fix: "PUT /api/workspaces/{id} with a policy that keeps docs/policy.schema.json."})
	}
	if ws.Policy.Review.AllowSelfReview {
		e.found(Finding{Check: "policy", About: name, State: Wrong, Says: "Requestors may review their own requests.", Fix: "Set review.allowSelfReview to false: it is for trials."})
	}
	if !ws.Policy.MalwareScanning.Enabled {
		e.found(Finding{Check: "policy", About: name, State: Wrong, Says: "Files are not scanned for malware.", Fix: "Set malwareScanning.enabled to true."})
	}
	e.check(ctx, "people", name, func(ctx context.Context) Finding {
		f := Finding{Check: "people", About: name, State: OK}
		managers, err := e.d.Directory.Members(ctx, ws, airlock.RoleManager)
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
