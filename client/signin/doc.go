// Package signin gets people's and programs' tokens for an airlock: from Entra by
// browser or device code, from a managed or workload identity, from the Azure CLI, or
// from a command.
package signin

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"example.org/airlock/client"
)

// Kind is a way to get tokens.
type Kind string

// The ways.
const (
	User             Kind = "user"
	ManagedIdentity  Kind = "managed-identity"
	WorkloadIdentity Kind = "workload-identity"
	AzureCLI         Kind = "azure-cli"
	TokenCommand     Kind = "token-command"
)

// Config says how to get tokens.
type Config struct {
	Kind      Kind
	Tenant    string
	Authority string // of people's sign-in; "" for the public cloud
	ClientID  string // of people's sign-in, or of a user-assigned identity
	Account   string // of people's sign-in: whose tokens
	Command   string // of token-command
	CacheFile string // of people's sign-in; "" keeps tokens in memory
	HTTP      *http.Client
	// Scope finds the scope that an audience's tokens are asked for, without
	// /user_impersonation or /.default.
	Scope func(context.Context, client.Audience) (string, error)
}

// New returns the source of tokens that a Config describes.
func New(c Config) (client.Tokens, error) {
	switch c.Kind {
	case User:
		return newUser(c)
	case ManagedIdentity, WorkloadIdentity, AzureCLI:
		return newCredential(c)
	case TokenCommand:
		return newCommand(c)
	}
	return nil, &client.SignInError{Why: fmt.Sprintf("%q is no way to sign in; sign in with `airlock login`", c.Kind)}
}

// Fixed is a token that somebody handed over, for whatever it is good for.
type Fixed string

// Token implements client.Tokens.
func (f Fixed) Token(_ context.Context, _ client.Audience, fresh bool) (string, error) {
	if fresh {
		return "", &client.SignInError{Why: "the token in AIRLOCK_TOKEN is not taken; it has ended, or is for another workspace. Get a new one"}
	}
	return strings.TrimSpace(string(f)), nil
}
