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
	// Chain is the head of the workspace's own audit chain.
	Chain ChainHead `json:"-"`
	// Changed is true when somebody else has changed or removed the workspace's row
	// since. The change is not in force until a TRE administrator accepts it.
	Changed bool `json:"-"`
}

// OutsideChange is a workspace's document by somebody else, such as Terraform, beside
// the one in force.
type OutsideChange struct {
	Differs bool   // it differs from the row taken last
	InForce string // the document in force
	Outside string // the other document, with what it does not say filled in; "": the row was removed
	Digest  string // of the other row as it is stored, in hexadecimal; "": the row was removed
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
