package httpapi

import "context"

// Metadata holds the settings that clients need to log in.
type Metadata struct {
	APIClientID  string `json:"api_client_id" doc:"Public client that command lines log in with."`
	APIRootScope string `json:"api_root_scope" doc:"Scope of core tokens."`
	TenantID     string `json:"aad_tenant_id" doc:"Directory the users belong to."`
	SignIn       SignIn `json:"portal" doc:"What the portal and the command line sign in with."`
}

// SignIn is the configuration of a public client of MSAL.
type SignIn struct {
	ClientID         string   `json:"client_id" doc:"Public client of the portal and the command line."`
	Authority        string   `json:"authority" doc:"Authority to sign in at."`
	KnownAuthorities []string `json:"known_authorities" nullable:"false" doc:"Hosts of the authority."`
	// Endpoints is there where the authority is not where its name says.
	Endpoints *SignInEndpoints `json:"authority_metadata,omitempty" doc:"Where the authority's endpoints are, for authorityMetadata of msal-browser. Absent except in a local cloud."`
	LinkHosts []string         `json:"link_hosts" nullable:"false" doc:"Origins that links to files begin with; * stands for the account."`
}

// SignInEndpoints are those members of an OpenID Connect discovery document that MSAL reads.
type SignInEndpoints struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Device        string `json:"device_authorization_endpoint"`
	EndSession    string `json:"end_session_endpoint"`
	Keys          string `json:"jwks_uri"`
}

// MetadataAnswer is the answer of GetMetadata.
type MetadataAnswer struct{ Body MetadataReport }

// MetadataReport holds the settings that clients need to log in, and names the program they talk to.
type MetadataReport struct {
	APIVersion string `json:"api_version"`
	Metadata
	Version string `json:"build" doc:"Version of the running program. A page that finds another one than before offers to reload."`
	Commit  string `json:"commit" doc:"Commit of the running program."`
}

func (a *API) metadata(context.Context, *call, *struct{}) (*MetadataAnswer, error) {
	return &MetadataAnswer{Body: MetadataReport{APIVersion: Version, Metadata: a.config.Metadata, Version: a.config.Build.Version, Commit: a.config.Build.Commit}}, nil
}
