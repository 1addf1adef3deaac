package blobstore_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
	"example.org/airlock/handler/blobstore"
	"example.org/airlock/localcloud/azurite"
	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/front"
	"example.org/airlock/localcloud/identity"
)

// The accounts of the tests.
const (
	draftAccount    = "stalimexlocal"
	progressAccount = "stalimiplocal"
	finalAccount    = "stalimappgenomics"
	evidenceAccount = "stalevidencelocal"
	stateAccount    = "stalstatelocal"
)

// cloud is one Azurite behind the local cloud's storage front, shared by the
// tests of this package: the store runs its production path, with production
// host names, bearer tokens and user delegation signatures.
type cloud struct {
	faults  *fault.Filter
	backend *front.Backend
	front   *front.Front
	managed *identity.Managed
	people  string // where links lead
	client  *http.Client
}

var local *cloud

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "blobstore-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stop, err := startCloud(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the tests of blobstore need the storage emulator:", err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func startCloud(dir string) (stop func(), err error) {
	install, err := azurite.FindInstall(".")
	if err != nil {
		return nil, err
	}
	keys, err := azurite.LoadKeys(filepath.Join(dir, "keys.json"), []string{draftAccount, progressAccount, finalAccount, evidenceAccount, stateAccount})
	if err != nil {
		return nil, err
	}
	server, err := azurite.Start(context.Background(), azurite.Options{Install: install, Dir: filepath.Join(dir, "azurite"),
		Keys: keys, Ports: freePorts(), Log: io.Discard})
	if err != nil {
		return nil, err
	}
	key, err := identity.NewKey()
	if err != nil {
		return nil, err
	}
	ca, err := front.LoadCA(dir)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	c := &cloud{faults: &fault.Filter{}, backend: front.NewBackend(server.Blob, server.Table, keys),
		managed: &identity.Managed{Key: key, Tenant: identity.Tenant, ObjectID: uuid.NewString()}}
	storage := front.New(front.Config{Backend: c.backend, Secret: []byte(uuid.NewString()), Verify: c.managed.Verify,
		Emit: func(string, event.Event) {}, Faults: c.faults, Log: quiet})
	c.front = storage
	proxy := front.NewProxy(ca, quiet)
	for _, host := range storage.Hosts() {
		proxy.Handle(host, storage)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = proxy.Serve(listener) })
	people := httptest.NewServer(storage.People())
	c.people = people.URL
	if c.client, err = proxyClient(ca.File, listener.Addr().String()); err != nil {
		return nil, err
	}
	local = c
	return func() {
		people.Close()
		_ = proxy.Close()
		serving.Wait()
		_ = server.Stop()
	}, nil
}

func freePorts() azurite.Ports {
	var port [3]int
	for i := range port {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		defer l.Close()
		port[i] = l.Addr().(*net.TCPAddr).Port
	}
	return azurite.Ports{Blob: port[0], Queue: port[1], Table: port[2]}
}

// proxyClient does what HTTPS_PROXY and SSL_CERT_FILE do for the whole program.
func proxyClient(caFile, proxy string) (*http.Client, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := azure.NewTransport()
	transport := client.Transport.(*http.Transport)
	transport.Proxy, transport.TLSClientConfig.RootCAs = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy}), roots
	return client, nil
}

// managedIdentity stands in for azidentity, whose own tests cover how a token is
// fetched; the token itself is one of the local cloud's.
type managedIdentity struct{ *identity.Managed }

func (m managedIdentity) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if len(o.Scopes) != 1 || o.Scopes[0] != "https://storage.azure.com/.default" {
		return azcore.AccessToken{}, fmt.Errorf("unexpected scopes %v", o.Scopes)
	}
	token, expires := m.Token("https://storage.azure.com")
	return azcore.AccessToken{Token: token, ExpiresOn: expires}, nil
}

func config() blobstore.Config {
	return blobstore.Config{Suffix: "core.windows.net", LinkBase: local.people + "/{account}", Credential: managedIdentity{local.managed},
		ClientOptions: azcore.ClientOptions{Transport: local.client}, Now: time.Now}
}

func newStore(t testing.TB) *blobstore.Store {
	t.Helper()
	s, err := blobstore.New(config())
	require.NoError(t, err)
	return s
}

// fixture is a store and one request's containers, fresh for each test.
type fixture struct {
	*blobstore.Store
	t               testing.TB
	id              airlock.RequestID
	draft, progress airlock.Container
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	id := airlock.RequestID(uuid.NewString())
	f := &fixture{Store: newStore(t), t: t, id: id,
		draft: airlock.Container{Account: draftAccount, Name: airlock.ContainerName(id)}, progress: airlock.Container{Account: progressAccount, Name: airlock.ContainerName(id)}}
	require.NoError(t, f.CreateContainer(t.Context(), f.draft))
	require.NoError(t, f.CreateContainer(t.Context(), f.progress))
	return f
}

// upload puts a file through a link, as a researcher's browser does.
func (f *fixture) upload(c airlock.Container, name string, body []byte, header ...string) airlock.Blob {
	f.t.Helper()
	f.put(c, name, body, header...)
	b, err := f.Stat(f.t.Context(), c, name)
	require.NoError(f.t, err)
	return b
}

// order asks for a copy of b from the draft to the in-progress container.
func (f *fixture) order(b airlock.Blob) airlock.CopyOrder {
	return airlock.CopyOrder{From: f.draft, To: f.progress, Name: b.Name, SourceETag: b.ETag, Size: b.Size}
}

// copied copies a file whole, in one go.
func (f *fixture) copied(o airlock.CopyOrder) (airlock.Copied, error) {
	_, made, err := f.Copy(f.t.Context(), o, airlock.CopyProgress{})
	return made, err
}

// tag sets a blob's index tag, which a link does not permit: a scanner does it, or
// anybody who has a role.
func (f *fixture) tag(c airlock.Container, name, key, value string) {
	f.t.Helper()
	client, err := azblob.NewClient("https://"+c.Account+".blob.core.windows.net/", managedIdentity{local.managed}, &azblob.ClientOptions{ClientOptions: config().ClientOptions})
	require.NoError(f.t, err)
	_, err = client.ServiceClient().NewContainerClient(string(c.Name)).NewBlobClient(name).SetTags(f.t.Context(), map[string]string{key: value}, nil)
	require.NoError(f.t, err)
}

// fail lets calls on this fixture's containers go wrong.
func (f *fixture) fail(r fault.Rule) {
	if r.Match == "" {
		r.Match = string(f.id)
	}
	local.faults.Add(r)
}

// calls are the operations the store has made on this fixture's containers.
func (f *fixture) calls() []string {
	var ops []string
	for _, c := range local.faults.Calls("", string(f.id), fault.Program) {
		ops = append(ops, c.Op)
	}
	return ops
}

// stored reads the blob itself, past the store and the front.
func (f *fixture) stored(c airlock.Container, name string) []byte {
	f.t.Helper()
	body, _, err := local.backend.Read(f.t.Context(), c.Account, string(c.Name), name, 1<<20)
	require.NoError(f.t, err)
	return body
}
