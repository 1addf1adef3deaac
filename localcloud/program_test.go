package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/stretchr/testify/require"
)

// program reaches the cloud as the handler does, but inside the test's own process.
type program struct {
	*testing.T
	options policy.ClientOptions
	cred    azcore.TokenCredential
}

func newProgram(t *testing.T, p *process) *program {
	t.Helper()
	proxy, err := url.Parse(p.endpoint.Proxy)
	require.NoError(t, err)
	text, err := os.ReadFile(p.endpoint.CAFile)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(text))
	secret, err := os.ReadFile(filepath.Join(p.dir, "keys", "identity-header"))
	require.NoError(t, err)
	return &program{T: t, cred: managed{endpoint: p.endpoint.Control + "/msi/token", secret: string(secret)},
		options: policy.ClientOptions{Transport: &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}}}}
}

// managed asks for tokens as azidentity does, at an endpoint that is not in the environment.
type managed struct{ endpoint, secret string }

func (m managed) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.endpoint+"?api-version=2019-08-01&resource=https://storage.azure.com", nil)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	req.Header.Set("X-IDENTITY-HEADER", m.secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	defer resp.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return azcore.AccessToken{Token: answer.Token, ExpiresOn: time.Now().Add(time.Hour)}, err
}

func (p *program) upload(account, container, name, text string) {
	p.Helper()
	c, err := azblob.NewClient("https://"+account+".blob.core.windows.net", p.cred, &azblob.ClientOptions{ClientOptions: p.options})
	require.NoError(p, err)
	_, err = c.CreateContainer(p.Context(), container, nil)
	require.NoError(p, err)
	_, err = c.UploadBuffer(p.Context(), container, name, []byte(text), nil)
	require.NoError(p, err)
}

// row is the stand-in's last call of a function, "" if none.
func (p *program) row(function string) string {
	p.Helper()
	c, err := aztables.NewClient("https://stalstatelocal.table.core.windows.net/AirlockWorkspaces", p.cred, &aztables.ClientOptions{ClientOptions: p.options})
	require.NoError(p, err)
	got, err := c.GetEntity(p.Context(), "workspaces", function, nil)
	if err != nil {
		return ""
	}
	var row struct{ Document string }
	require.NoError(p, json.Unmarshal(got.Value, &row))
	return row.Document
}
