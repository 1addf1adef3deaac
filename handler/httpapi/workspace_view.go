package httpapi

import (
	"example.org/airlock/handler/airlock"
)

// Workspace is one workspace, with the members of the existing contract that its
// clients read.
type Workspace struct {
	ID              string              `json:"id" format:"uuid"`
	ResourceType    string              `json:"resourceType" enum:"workspace"`
	ResourcePath    string              `json:"resourcePath"`
	ResourceVersion int                 `json:"resourceVersion" doc:"Counts the changes of the registry row; the version of the policy."`
	Properties      WorkspaceProperties `json:"properties"`
	ETag            string              `json:"_etag" doc:"The version to name in If-Match."`
	// Two members that AzureTRE's UI and command line show.
	DeploymentStatus string         `json:"deploymentStatus" enum:"deployed" doc:"Always deployed: a workspace is registered once it is there."`
	WorkspaceURL     string         `json:"workspaceURL" doc:"Always empty: this service has no page of a workspace."`
	Policy           airlock.Policy `json:"policy"`
	// Document is for TRE administrators: the body for PUT, to be edited and sent back.
	Document *WorkspaceDocument `json:"document,omitempty" doc:"What PUT takes: edit it and send it back with If-Match. Shown to TRE administrators."`
}

// WorkspaceProperties are the facts that clients need to log in and to show the workspace.
type WorkspaceProperties struct {
	DisplayName   string `json:"display_name"`
	Description   string `json:"description"`
	ClientID      string `json:"client_id" doc:"Audience of the workspace's tokens."`
	ScopeID       string `json:"scope_id" doc:"Scope to ask tokens for; device code logins add /user_impersonation."`
	EnableAirlock bool   `json:"enable_airlock" doc:"false: no new requests can be created (policy.enabled)."`
}

// WorkspaceAccounts names the account of each of a workspace's five stages: five, or one
// for all.
type WorkspaceAccounts struct {
	ImportApproved   string `json:"stalimapp" pattern:"^[a-z0-9]{3,24}$"`
	ExportInternal   string `json:"stalexint" pattern:"^[a-z0-9]{3,24}$"`
	ExportInProgress string `json:"stalexip" pattern:"^[a-z0-9]{3,24}$"`
	ExportRejected   string `json:"stalexrej" pattern:"^[a-z0-9]{3,24}$"`
	ExportBlocked    string `json:"stalexblocked" pattern:"^[a-z0-9]{3,24}$"`
}

func accountsView(a airlock.Accounts) WorkspaceAccounts {
	return WorkspaceAccounts{ImportApproved: a[airlock.ImportApproved], ExportInternal: a[airlock.ExportInternal],
		ExportInProgress: a[airlock.ExportInProgress], ExportRejected: a[airlock.ExportRejected], ExportBlocked: a[airlock.ExportBlocked]}
}

func (w WorkspaceAccounts) accounts() airlock.Accounts {
	return airlock.Accounts{airlock.ImportApproved: w.ImportApproved, airlock.ExportInternal: w.ExportInternal,
		airlock.ExportInProgress: w.ExportInProgress, airlock.ExportRejected: w.ExportRejected, airlock.ExportBlocked: w.ExportBlocked}
}

// WorkspaceContacts are the people to tell where the directory is not asked.
type WorkspaceContacts struct {
	Owners          []WorkspacePerson `json:"owners,omitempty" maxItems:"100" nullable:"false"`
	AirlockManagers []WorkspacePerson `json:"airlockManagers,omitempty" maxItems:"100" nullable:"false"`
	Researchers     []WorkspacePerson `json:"researchers,omitempty" maxItems:"500" nullable:"false"`
}

// WorkspacePerson is one contact.
type WorkspacePerson struct {
	ID    string `json:"id" maxLength:"64" doc:"Object id in the directory."`
	Name  string `json:"name,omitempty" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$"`
	Email string `json:"email,omitempty" maxLength:"320" pattern:"^([^\\s<>@,;]+@[^\\s<>@,;]+)?$" doc:"A bare address."`
}

func contactsView(c airlock.Contacts) *WorkspaceContacts {
	return &WorkspaceContacts{Owners: peopleView(c.Owners), AirlockManagers: peopleView(c.AirlockManagers), Researchers: peopleView(c.Researchers)}
}

func (c WorkspaceContacts) contacts() airlock.Contacts {
	return airlock.Contacts{Owners: people(c.Owners), AirlockManagers: people(c.AirlockManagers), Researchers: people(c.Researchers)}
}

func peopleView(in []airlock.Person) []WorkspacePerson {
	var out []WorkspacePerson
	for _, p := range in {
		out = append(out, WorkspacePerson{ID: string(p.ID), Name: p.Name, Email: p.Email})
	}
	return out
}

func people(in []WorkspacePerson) []airlock.Person {
	var out []airlock.Person
	for _, p := range in {
		out = append(out, airlock.Person{ID: airlock.UserID(p.ID), Name: p.Name, Email: p.Email})
	}
	return out
}

// workspaceView shows a workspace to p.
func workspaceView(p airlock.Principal, w airlock.Workspace) Workspace {
	v := Workspace{ID: string(w.ID), ResourceType: "workspace", ResourcePath: "/workspaces/" + string(w.ID), ResourceVersion: w.PolicyVersion,
		Properties: WorkspaceProperties{DisplayName: w.DisplayName, Description: w.Description, ClientID: w.ClientID, ScopeID: w.ScopeID, EnableAirlock: w.Policy.Enabled},
		ETag:       string(w.ETag), DeploymentStatus: "deployed", Policy: w.Policy}
	if p.Has(airlock.RoleTREAdmin) {
		v.Document = documentOf(w)
	}
	return v
}
