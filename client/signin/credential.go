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
	scope  func(context.Context, client.Audience) (string, error)
	kind   Kind
}

func newCredential(c Config) (*credential, error) {
	options := policy.ClientOptions{Transport: c.HTTP}
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
		return nil, &client.SignInError{Why: fmt.Sprintf("%s cannot be used here", c.Kind), Err: err}
	}
	return &credential{source: source, scope: c.Scope, kind: c.Kind}, nil
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
	if err != nil {
		why := map[Kind]string{
			AzureCLI:         "the Azure CLI has no token for this airlock; sign in with `az login`, or use `airlock login` without --azure-cli",
			ManagedIdentity:  "this machine's managed identity has no token for this airlock",
			WorkloadIdentity: "the workload identity has no token for this airlock",
		}[c.kind]
		return "", &client.SignInError{Why: why, Err: err}
	}
	return token.Token, nil
}
