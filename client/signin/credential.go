package signin

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"example.org/airlock/client"
)

// credential gets tokens as azidentity does.
type credential struct {
	source azcore.TokenCredential
	line   *line
	scope  func(context.Context, client.Audience) (string, error)
	kind   Kind
}

func newCredential(c Config) (*credential, error) {
	way := newLine(c.HTTP)
	options := policy.ClientOptions{Transport: way.client()}
	var source azcore.TokenCredential
	var err error
	switch c.Kind {
	case ManagedIdentity:
		o := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: options}
		if c.ClientID != "" {
			o.ID = azidentity.ClientID(c.ClientID)
		}
		source, err = azidentity.NewManagedIdentityCredential(o)
	case WorkloadIdentity:
		source, err = azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: options, ClientID: c.ClientID, TenantID: c.Tenant})
	default:
		source, err = azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: c.Tenant})
	}
	if err != nil {
		return nil, &client.SignInError{Why: fmt.Sprintf("%s cannot be used here%s", c.Kind, needs[c.Kind]), Err: brief(err)}
	}
	return &credential{source: source, line: way, scope: c.Scope, kind: c.Kind}, nil
}

// needs are the environment variables of a kind
// (learn.microsoft.com/azure/aks/workload-identity-overview).
var needs = map[Kind]string{
	ManagedIdentity:  "; this machine has to have one, and --client-id says which if it has several",
	WorkloadIdentity: "; it takes AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE from the environment",
}

// Token implements client.Tokens. The credentials keep tokens themselves, the Azure CLI
// its own.
func (c *credential) Token(ctx context.Context, a client.Audience, _ bool) (string, error) {
	scope, err := c.scope(ctx, a)
	if err != nil {
		return "", err
	}
	token, err := c.source.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope + "/.default"}})
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	// Without a managed identity nobody answers.
	if err != nil && c.kind == WorkloadIdentity && c.line.cut() != nil {
		return "", c.line.cut()
	}
	if err != nil {
		why := map[Kind]string{
			AzureCLI:         "the Azure CLI has no token for this airlock; sign in with `az login`, or use `airlock login` without --azure-cli",
			ManagedIdentity:  "there is no token of a managed identity for this airlock" + needs[ManagedIdentity],
			WorkloadIdentity: "there is no token of the workload identity for this airlock" + needs[WorkloadIdentity],
		}[c.kind]
		return "", &client.SignInError{Why: why, Err: brief(err)}
	}
	return token.Token, nil
}
