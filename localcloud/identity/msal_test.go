package identity_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/front"
	"example.org/airlock/localcloud/identity"
)

// asEntra serves the sign-in under Entra's name, as the local cloud does, and returns a client with the settings that
// HTTPS_PROXY and SSL_CERT_FILE make.
func asEntra(t *testing.T, people *identity.Server) *http.Client {
	t.Helper()
	ca, err := front.LoadCA(t.TempDir())
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	proxy := front.NewProxy(ca, slog.New(slog.DiscardHandler))
	proxy.Handle(identity.EntraHost, people.Handler())
	ended := make(chan error, 1)
	go func() { ended <- proxy.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, proxy.Close())
		require.NoError(t, <-ended)
	})
	certificate, err := os.ReadFile(ca.File)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(certificate))
	transport := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: listener.Addr().String()}), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// enter answers on the page of codes as somebody who reads the message and presses a button.
func enter(t *testing.T, message, persona string) {
	found := regexp.MustCompile(`the page (\S+) and enter the code (\S+) to`).FindStringSubmatch(message)
	require.Len(t, found, 3, message)
	for wrong, form := range map[bool]url.Values{true: {"user_code": {"WRONG"}, "persona": {persona}}, false: {"user_code": {found[2]}, "persona": {persona}}} {
		resp, err := http.PostForm(found[1], form)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, wrong, resp.StatusCode != http.StatusOK)
	}
}

func TestMSALForGoSignsInUnmodified(t *testing.T) {
	people := newServer(t, filepath.Join(t.TempDir(), "key.pem"))
	client, err := public.New(identity.PublicClientID, public.WithAuthority("https://"+identity.EntraHost+"/"+identity.Tenant), public.WithHTTPClient(asEntra(t, people)))
	require.NoError(t, err)
	core := []string{"api://" + identity.CoreClientID + "/user_impersonation"}
	genomics, err := identity.FindWorkspace("genomics")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	t.Run("by device code", func(t *testing.T) {
		waiting, err := client.AcquireTokenByDeviceCode(ctx, core)
		require.NoError(t, err)
		enter(t, waiting.Result.Message, "owner")
		result, err := waiting.AuthenticationResult(ctx)
		require.NoError(t, err)
		require.Equal(t, "owner@tre.example", result.Account.PreferredUsername)
		// The workspace's token comes without a question, from the same sign-in.
		result, err = client.AcquireTokenSilent(ctx, []string{genomics.ScopeID() + "/user_impersonation"}, public.WithSilentAccount(result.Account))
		require.NoError(t, err)
		got, err := claims(t, people.Issuer, genomics.ClientID, result.AccessToken)
		require.NoError(t, err)
		require.Equal(t, []any{"WorkspaceOwner"}, got["roles"])
	})
	t.Run("by browser", func(t *testing.T) {
		result, err := client.AcquireTokenInteractive(ctx, core, public.WithOpenURL(func(address string) error {
			pick, err := url.Parse(address)
			if err != nil {
				return err
			}
			q := pick.Query()
			q.Set("persona", "manager2")
			pick.RawQuery = q.Encode()
			go pressThrough(pick.String())
			return nil
		}))
		require.NoError(t, err)
		require.Equal(t, "manager2@tre.example", result.Account.PreferredUsername)
	})
}

var (
	formAction = regexp.MustCompile(`action="([^"]+)"`)
	formInput  = regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`)
)

// pressThrough sends the form that a browser sends by itself. An error shows in the program that waits.
func pressThrough(address string) {
	resp, err := http.Get(address)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	action := formAction.FindSubmatch(page)
	if err != nil || action == nil {
		return
	}
	form := url.Values{}
	for _, input := range formInput.FindAllSubmatch(page, -1) {
		form.Set(string(input[1]), string(input[2]))
	}
	if done, err := http.PostForm(string(action[1]), form); err == nil {
		done.Body.Close()
	}
}

func TestAzidentitySignsInUnmodified(t *testing.T) {
	people := newServer(t, filepath.Join(t.TempDir(), "key.pem"))
	options := policy.ClientOptions{Transport: asEntra(t, people)}
	credential, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{ClientOptions: options, TenantID: identity.Tenant, ClientID: identity.PublicClientID,
		UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
			enter(t, m.Message, "researcher")
			return nil
		}})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	token, err := credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{"api://" + identity.CoreClientID + "/.default"}})
	require.NoError(t, err)
	got, err := claims(t, people.Issuer, identity.CoreClientID, token.Token)
	require.NoError(t, err)
	require.Equal(t, "Ada Researcher", got["name"])
}
