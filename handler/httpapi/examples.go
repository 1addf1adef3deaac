package httpapi

import (
	"time"

	"example.org/airlock/handler/airlock"
)

// administrator is a TRE administrator with a core token.
var administrator = airlock.Principal{ID: "anybody", Roles: adminOnly}

// examples are answers as the document shows them. They are made by the same
// code that answers.
func examples() map[string]any {
	ada := airlock.Principal{ID: "11111111-1111-4111-8111-111111111111", Name: "Ada Researcher", Email: "ada@example.org",
		Roles: []airlock.Role{airlock.RoleResearcher}, Audience: exampleAudience, WorkspaceToken: true}
	grace := airlock.Principal{ID: "33333333-3333-4333-8333-333333333333", Name: "Grace Manager", Email: "grace@example.org",
		Roles: []airlock.Role{airlock.RoleManager}, Audience: exampleAudience, WorkspaceToken: true}
	ws := airlock.Workspace{ID: "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11", DisplayName: "Genomics", Description: "Whole-genome studies",
		ClientID: exampleAudience, ScopeID: "api://" + exampleAudience, Policy: airlock.DefaultPolicy(), PolicyVersion: 3, ETag: "example"}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	draft := airlock.Request{ID: "af89dccd-cdf8-4e47-8cfe-995faeac0f09", Workspace: ws.ID, Type: airlock.Import, Title: "Reference panel",
		Justification: "Needed to call variants", Status: airlock.Draft, CreatedBy: ada, CreatedWhen: at, UpdatedBy: ada, UpdatedWhen: at, StatusSince: at, PolicyVersion: 3,
		Accounts: airlock.Accounts{airlock.ImportExternal: "stalimexmytre", airlock.ImportInProgress: "stalimipmytre", airlock.ImportApproved: "stalimappmytre"}}
	submitted := draft.Clone()
	submitted.Touch(ada, at.Add(5*time.Minute))
	submitted.Status, submitted.Files, submitted.ScanRequired = airlock.Submitted, []airlock.File{{Name: "panel.vcf.gz", Size: 73400320}}, true
	approving := submitted.Clone()
	approving.Touch(airlock.SystemPrincipal("scan gate"), at.Add(6*time.Minute))
	approving.Status = airlock.InReview
	inReview := approving.Clone()
	approving.Touch(grace, at.Add(time.Hour))
	approving.Status, approving.ApprovalsRequired = airlock.ApprovalInProgress, 1
	approving.Reviews = []airlock.Review{{ID: "5b5b5b5b-0000-4000-8000-000000000000", Reviewer: grace, When: at.Add(time.Hour),
		Decision: airlock.DecisionApproved, Explanation: "Public data, as described", PolicyVersion: 3}}
	to := func(p airlock.Principal) viewer {
		return viewer{by: p, at: at.Add(2 * time.Hour), blobURL: func(account string) string { return "https://" + account + ".blob.core.windows.net" }}
	}
	next := "MTc2NzMyMzA0NQ"
	return map[string]any{
		"CreateRequest":  to(ada).envelope(ws, draft),
		"SubmitRequest":  to(ada).envelope(ws, submitted),
		"GetRequest":     to(grace).envelope(ws, inReview),
		"ReviewRequest":  to(grace).envelope(ws, approving),
		"ListRequests":   RequestList{AirlockRequests: []Envelope{to(grace).envelope(ws, inReview)}, NextPage: &next},
		"ListMyRequests": []AirlockRequest{to(ada).request(ws, draft)},
		"IssueLink":      SignedLink{ContainerURL: "https://stalimexmytre.blob.core.windows.net/" + string(draft.ID) + "?sv=…&sig=…", Expires: at.Add(time.Hour), Permission: "write"},
		"CheckFiles":     CheckedFiles{Violations: []violation{{Rule: "forbidden_type", File: "run.exe", Message: "Files of type \".exe\" may not be imported here (\"run.exe\")."}}},
		"ListFiles":      FileList{Files: filesView(submitted), Source: "request"},
		"GetSummary": Summary{Workspaces: []WorkspaceSummary{{WorkspaceID: string(ws.ID), WorkspaceName: ws.DisplayName,
			Mine: MineSummary{ByHeldBy: HeldCounts{Requestor: 2, System: 1}}, Review: ReviewSummary{Waiting: 3, Overdue: 1}}}},
		"FindRequest":       RequestPlace{WorkspaceID: string(ws.ID)},
		"ListPeople":        WorkspacePeople{Owners: []RoleHolder{}, AirlockManagers: []RoleHolder{{ID: string(grace.ID), Name: grace.Name}}, Researchers: []RoleHolder{{ID: string(ada.ID), Name: ada.Name}}},
		"ListWorkspaces":    WorkspaceList{Workspaces: []Workspace{workspaceView(ada, ws)}},
		"GetWorkspace":      WorkspaceEnvelope{Workspace: workspaceView(ada, ws)},
		"GetWorkspaceScope": WorkspaceAuth{WorkspaceAuth: ScopeID{ScopeID: ws.ScopeID}},
	}
}

const exampleAudience = "5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01"
