package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/cloud"
	"example.org/airlock/localcloud/identity"
)

// worksAsPipeline demands that a program which signed in as the pipeline can work in the workspace and the TRE.
func (p person) worksAsPipeline(login ...string) {
	p.Helper()
	p.run(append([]string{"login", shared.API, "-w", "genomics"}, login...)...).ends(0).prints("44444444-4444-4444-8444-444444444444").prints("WorkspaceResearcher")
	id := p.draft("import")
	p.run("list").ends(0).prints(id)
	p.run("cancel", id).ends(0)
}

// A pod or pipeline shows the token of its platform, and is somebody in Entra.
func TestWorkloadIdentity(t *testing.T) {
	t.Parallel()
	p := inEntra(t)
	p.run("login", shared.API, "--workload-identity").ends(4).says("AZURE_FEDERATED_TOKEN_FILE")
	issuer, err := cloud.IssuerIn(shared.Dir)
	require.NoError(t, err)
	token, err := issuer.FederatedToken("pipeline")
	require.NoError(t, err)
	app, err := identity.FindApplication("pipeline")
	require.NoError(t, err)
	p.env = append(p.env, "AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/", "AZURE_TENANT_ID="+identity.Tenant, "AZURE_CLIENT_ID="+app.ClientID,
		"AZURE_FEDERATED_TOKEN_FILE="+p.file("token", token))
	p.worksAsPipeline("--workload-identity")
	of, err := issuer.FederatedToken("robot")
	require.NoError(t, err)
	p.file("token", of)
	refused := p.run("list", "--debug").ends(4).says("no token of the workload identity")
	require.NotRegexp(t, secret, refused.stderr)
	require.NoError(t, os.Remove(p.home+"/token"))
	p.run("list").ends(4).says("AZURE_FEDERATED_TOKEN_FILE")
}

// A machine with a managed identity asks an address of its own for tokens.
func TestManagedIdentity(t *testing.T) {
	t.Parallel()
	issuer, err := cloud.IssuerIn(shared.Dir)
	require.NoError(t, err)
	// The endpoint of App Service (learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint
	// reference"). The local cloud's own is the handler's.
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		audience := identity.CoreAudience()
		resource := strings.TrimPrefix(r.URL.Query().Get("resource"), "api://")
		for _, ws := range identity.Workspaces() {
			if ws.ClientID == resource {
				audience = ws.Audience()
			}
		}
		token, err := issuer.Token("pipeline", audience)
		if r.Header.Get("X-IDENTITY-HEADER") != "secret" || r.URL.Query().Get("api-version") != "2019-08-01" || resource != audience.ID || err != nil {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"statusCode":400,"message":"Unable to load the proper Managed Identity."}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"access_token": token, "expires_on": strconv.FormatInt(time.Now().Add(2*time.Hour).Unix(), 10), "resource": resource, "token_type": "Bearer"})
	}))
	t.Cleanup(endpoint.Close)
	p := newcomer(t)
	p.env = append(p.env, "IDENTITY_ENDPOINT="+endpoint.URL, "IDENTITY_HEADER=secret")
	p.worksAsPipeline("--managed-identity")
	p.env = append(p.env, "IDENTITY_HEADER=other")
	refused := p.run("list", "--debug").ends(4).says("managed identity").says("--client-id")
	require.NotRegexp(t, secret, refused.stderr)
}
