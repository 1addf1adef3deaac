package airlock

// Workspace is one row of the registry.
type Workspace struct {
	ID          WorkspaceID `json:"id"`
	DisplayName string      `json:"displayName"`
	Description string      `json:"description"`
	// ClientID is the audience of the workspace's tokens.
	ClientID string `json:"clientId"`
	// ScopeID is the scope clients ask tokens for ("api://…").
	ScopeID string `json:"scopeId"`
	// ServicePrincipalID is the workspace application's object id in the
	// directory, for looking up who holds its roles. Optional.
	ServicePrincipalID string `json:"servicePrincipalId,omitempty"`
	// Accounts names the five workspace stage accounts.
	Accounts Accounts `json:"accounts"`
	Contacts Contacts `json:"contacts"`
	Policy   Policy   `json:"policy"`
	// PolicyVersion is the row's version: every change of the row counts it up.
	PolicyVersion int     `json:"version"`
	ETag          Version `json:"-"`
}

// Contacts are the people to tell where the directory is not asked.
type Contacts struct {
	Owners          []Person `json:"owners,omitempty"`
	AirlockManagers []Person `json:"airlockManagers,omitempty"`
	Researchers     []Person `json:"researchers,omitempty"`
}

// Person is somebody who holds a role. Email may be empty.
type Person struct {
	ID    UserID `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}
