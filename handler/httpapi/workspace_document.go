package httpapi

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
)

// PutWorkspaceInput is the input of PutWorkspace.
type PutWorkspaceInput struct {
	WorkspacePath
	IfMatch     string `header:"If-Match" doc:"The _etag of the workspace to replace; without it the workspace must not exist yet. * replaces whatever is there."`
	IfNoneMatch string `header:"If-None-Match" enum:"*" doc:"*: the workspace must not exist yet (the same as without If-Match)."`
	Body        WorkspaceDocument
}

// WorkspaceDocument is a row of the registry as a TRE administrator, or
// Terraform, writes it.
type WorkspaceDocument struct {
	DisplayName        string             `json:"displayName" minLength:"1" maxLength:"200"`
	Description        string             `json:"description,omitempty" maxLength:"2000"`
	ClientID           string             `json:"clientId" format:"uuid" doc:"Client id of the workspace's application: the audience of its tokens."`
	ScopeID            string             `json:"scopeId" minLength:"1" maxLength:"300" pattern:"^[!-~]+$" example:"api://5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01" doc:"Scope that clients ask tokens for."`
	ServicePrincipalID string             `json:"servicePrincipalId,omitempty" format:"uuid" doc:"Object id of the workspace's enterprise application, for looking up who holds its roles."`
	Accounts           WorkspaceAccounts  `json:"accounts"`
	Contacts           *WorkspaceContacts `json:"contacts,omitempty" doc:"People to tell where the directory is not asked."`
	Policy             *airlock.Policy    `json:"policy,omitempty" doc:"Every member is optional and has a documented default."`
}

// TransformSchema implements huma.SchemaTransformer. Unknown members are refused,
// as in the policy.
func (WorkspaceDocument) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.AdditionalProperties = false
	return s
}

// documentOf is the document that workspace turns into w.
func documentOf(w airlock.Workspace) *WorkspaceDocument {
	return &WorkspaceDocument{DisplayName: w.DisplayName, Description: w.Description, ClientID: w.ClientID, ScopeID: w.ScopeID,
		ServicePrincipalID: w.ServicePrincipalID, Accounts: accountsView(w.Accounts), Contacts: contactsView(w.Contacts), Policy: &w.Policy}
}

// workspace is the document as the rules know it.
func (d WorkspaceDocument) workspace(id airlock.WorkspaceID) airlock.Workspace {
	w := airlock.Workspace{ID: id, DisplayName: d.DisplayName, Description: d.Description, ClientID: strings.ToLower(d.ClientID), ScopeID: d.ScopeID,
		ServicePrincipalID: strings.ToLower(d.ServicePrincipalID), Accounts: d.Accounts.accounts(), Policy: airlock.DefaultPolicy()}
	if d.Contacts != nil {
		w.Contacts = d.Contacts.contacts()
	}
	if d.Policy != nil {
		w.Policy = *d.Policy
	}
	return w
}
