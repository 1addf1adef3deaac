package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nobody is an address that nobody listens at.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// outdated is an airlock whose certificate is good a year from now, as on a machine whose clock is wrong. It returns the
// address and the file with the certificate.
func outdated(p person) (address, file string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(p, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().AddDate(1, 0, 0), NotAfter: time.Now().AddDate(2, 0, 0), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(p, err)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.Config.ErrorLog = nil
	server.StartTLS()
	p.Cleanup(server.Close)
	return server.URL + "/api", p.file("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// Where no answer comes, the exit code is 3 and a sentence says where to look.
func TestNetworkTrouble(t *testing.T) {
	t.Parallel()
	p := newcomer(t)
	clock, certificate := outdated(p)
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(stranger.Close)
	for _, c := range []struct{ name, url, env, says string }{
		{"wrong proxy", "https://airlock.example.org/api", "HTTPS_PROXY=http://" + nobody(t), "The proxy that HTTPS_PROXY names"},
		{"nobody there", "https://" + nobody(t) + "/api", "X=", "Is the address right"},
		{"wrong clock", clock, "SSL_CERT_FILE=" + certificate, "is the clock right?"},
		{"unknown certificate", stranger.URL + "/api", "X=", "SSL_CERT_FILE=FILE"},
	} {
		q := p
		q.env = append(append([]string{}, p.env...), c.env)
		q.run("login", c.url, "--azure-cli").ends(3).says(c.says)
	}
	// The airlock answers, those who sign people in do not.
	p.env = append(p.env, "HTTPS_PROXY=http://"+nobody(t))
	p.run("login", shared.API, "--device-code").ends(3).says("login.microsoftonline.com").says("HTTPS_PROXY")
	assert.NoFileExists(t, filepath.Join(p.home, "config", "airlock", "config.yaml"))
}

// The end of the address is added where it was left out; another service's address is told from an airlock's.
func TestAddressOfLogin(t *testing.T) {
	t.Parallel()
	p := newcomer(t)
	u, err := url.Parse(shared.API)
	require.NoError(t, err)
	p.run("login", "http://"+u.Host, "--token-command", p.tokenCommand("researcher")).ends(0).prints(shared.API)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	p.run("login", other.URL+"/api", "--token-command", p.tokenCommand("researcher")).ends(6).says("ends in /api")
}

// A signed-in person without a network is not told to sign in again.
func TestSignedInWithoutNetwork(t *testing.T) {
	t.Parallel()
	p := signedInByCode(t)
	name := filepath.Join(p.home, "state", "airlock", "tokens.bin")
	kept, err := os.ReadFile(name)
	require.NoError(t, err)
	p.run("list").ends(0)
	require.NoError(t, os.WriteFile(name, withoutAccessTokens(t, kept), 0o600))
	online := p.env
	p.env = append(append([]string{}, online...), "HTTPS_PROXY=http://"+nobody(t))
	p.run("list").ends(3).says("login.microsoftonline.com cannot be reached").says("HTTPS_PROXY")
	p.env = online
	p.run("list").ends(0)
}

// withoutAccessTokens is MSAL's cache after the access tokens have ended.
func withoutAccessTokens(t *testing.T, kept []byte) []byte {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal(kept, &all))
	require.NotEmpty(t, all["AccessToken"])
	all["AccessToken"] = map[string]any{}
	less, err := json.Marshal(all)
	require.NoError(t, err)
	return less
}

// A download that is killed leaves nothing under the name of a file; the same command makes it whole.
func TestDownloadKilledAndRepeated(t *testing.T) {
	t.Parallel()
	ada := as(t, "researcher")
	id := ada.released("import", ada.file("a.csv", "n\n20\n"), ada.file("b.bin", string(noise(7, 3*mib))))
	require.NoError(t, shared.Break(t.Context(), url.Values{"op": {"GetBlob"}, "match": {"/" + id + "/b.bin"}, "by": {"people"}, "do": {"delay"}, "for": {"2m"}, "n": {"1"}}))
	cmd := ada.command("download", id, "out")
	require.NoError(t, cmd.Start())
	part := filepath.Join(ada.home, "out", ".b.bin.part")
	require.Eventually(t, func() bool { _, err := os.Stat(part); return err == nil }, time.Minute, 10*time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	assert.FileExists(t, filepath.Join(ada.home, "out", "a.csv"))
	assert.NoFileExists(t, filepath.Join(ada.home, "out", "b.bin"))
	ada.run("download", id, "out").ends(0).prints(sum(noise(7, 3*mib)))
	assert.NoFileExists(t, part)
}
