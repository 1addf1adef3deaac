package front_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/azurite"
	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/front"
	"example.org/airlock/localcloud/identity"
)

// The tests are an unmodified program: production host names, SDK defaults, no options. All that leads them to the
// front is in the environment, as for the handler.

const accountA, accountB, accountT = "stfronta", "stfrontb", "stfrontt"

// syncLimit stands for Azure's 256 MiB, so that no test has to move that much.
const syncLimit = 64 << 10

// lab is the front under test with its Azurite, shared by all tests; each test uses names of its own.
var lab struct {
	people  string // address for people
	azurite string // Azurite's own blob address
	managed *identity.Managed
	faults  *fault.Filter
	front   *front.Front
	backend *front.Backend
	events  events
	restart func() error // of Azurite
}

type events struct {
	mu  sync.Mutex
	all []event.Event
}

func (e *events) add(_ string, ev event.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
}

func TestMain(m *testing.M) {
	code, err := runLab(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runLab(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "front")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	install, err := azurite.FindInstall(".")
	if err != nil {
		return 1, err
	}
	keys, err := azurite.LoadKeys(filepath.Join(dir, "accounts.json"), []string{accountA, accountB, accountT})
	if err != nil {
		return 1, err
	}
	options := azurite.Options{Install: install, Dir: filepath.Join(dir, "azurite"), Keys: keys, Ports: freePorts(), Log: os.Stderr}
	server, err := azurite.Start(context.Background(), options)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	lab.restart = func() (err error) {
		if err = server.Stop(); err == nil {
			server, err = azurite.Start(context.Background(), options)
		}
		return err
	}
	lab.azurite = server.Blob.String()
	return serveLab(m, dir, front.NewBackend(server.Blob, server.Table, keys))
}

// serveLab puts the front before Azurite, points the environment to it and runs the tests.
func serveLab(m *testing.M, dir string, backend *front.Backend) (int, error) {
	ca, err := front.LoadCA(dir)
	if err != nil {
		return 1, err
	}
	key, err := identity.NewKey()
	if err != nil {
		return 1, err
	}
	lab.backend, lab.faults = backend, &fault.Filter{}
	lab.managed = &identity.Managed{Key: key, Tenant: identity.Tenant, Secret: "secret", ObjectID: "b0000000-0000-4000-8000-00000000000f"}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	lab.front = front.New(front.Config{Backend: backend, Secret: []byte("links"), Verify: lab.managed.Verify, Emit: lab.events.add,
		Faults: lab.faults, Log: log, SyncCopyLimit: syncLimit})
	lab.front.SetCORS(map[string]front.CORSRule{accountA: {Origins: []string{"http://127.0.0.1:7071"}, Methods: []string{"GET", "PUT"},
		AllowedHeaders: []string{"content-type", "x-ms-version"}, ExposedHeaders: []string{"etag", "x-ms-error-code"}, MaxAge: 7200}})
	proxy := front.NewProxy(ca, log)
	for _, host := range lab.front.Hosts() {
		proxy.Handle(host, lab.front)
	}
	proxy.Handle("*.eventgrid.azure.net", lab.faults.Handler("Publish", func(r *http.Request) string { return r.Host }, http.HandlerFunc(topic)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1, err
	}
	go func() { _ = proxy.Serve(listener) }()
	defer proxy.Close()
	people := httptest.NewServer(lab.front.People())
	defer people.Close()
	lab.people = people.URL
	msi := httptest.NewServer(lab.managed)
	defer msi.Close()
	proxyURL := "http://" + listener.Addr().String()
	for name, value := range map[string]string{"IDENTITY_ENDPOINT": msi.URL + "/msi/token", "IDENTITY_HEADER": "secret",
		"HTTPS_PROXY": proxyURL, "HTTP_PROXY": proxyURL, "SSL_CERT_FILE": ca.File, "NO_PROXY": ""} {
		if err := os.Setenv(name, value); err != nil {
			return 1, err
		}
	}
	return m.Run(), nil
}

// topic takes every event of who may publish.
func topic(w http.ResponseWriter, r *http.Request) {
	if err := lab.managed.Authorize("https://eventgrid.azure.net")(r); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
	}
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

// fixture is one test's own container, in accounts A and B.
type fixture struct {
	*testing.T
	container string
	cred      azcore.TokenCredential
}

func newFixture(t *testing.T) *fixture {
	cred, err := azidentity.NewManagedIdentityCredential(nil)
	require.NoError(t, err)
	f := &fixture{T: t, container: event.NewID(), cred: cred}
	for _, account := range []string{accountA, accountB} {
		_, err := f.client(account).CreateContainer(t.Context(), f.container, nil)
		require.NoError(t, err)
	}
	return f
}

func host(account string) string { return "https://" + account + ".blob.core.windows.net" }

func (f *fixture) client(account string) *azblob.Client {
	f.Helper()
	c, err := azblob.NewClient(host(account), f.cred, nil)
	require.NoError(f, err)
	return c
}

func (f *fixture) upload(account, name, text string) azcore.ETag {
	f.Helper()
	r, err := f.client(account).UploadBuffer(f.Context(), f.container, name, []byte(text), nil)
	require.NoError(f, err)
	return *r.ETag
}

// sign makes a user delegation SAS exactly as a program does in production; blob "" is the whole container.
func (f *fixture) sign(account, blob, permissions string, life time.Duration) string {
	f.Helper()
	client, err := service.NewClient(host(account), f.cred, nil)
	require.NoError(f, err)
	now := time.Now().UTC()
	key, err := client.GetUserDelegationCredential(f.Context(), service.KeyInfo{Start: to.Ptr(now.Add(-time.Minute).Format(time.RFC3339)),
		Expiry: to.Ptr(now.Add(time.Hour).Format(time.RFC3339))}, nil)
	require.NoError(f, err)
	q, err := sas.BlobSignatureValues{Protocol: sas.ProtocolHTTPS, StartTime: now.Add(-time.Minute), ExpiryTime: now.Add(life), Permissions: permissions,
		ContainerName: f.container, BlobName: blob}.SignWithUserDelegation(key)
	require.NoError(f, err)
	return q.Encode()
}

// created are the BlobCreated events of one blob.
func (f *fixture) created(account, name string) (found []map[string]any) {
	f.Helper()
	lab.events.mu.Lock()
	defer lab.events.mu.Unlock()
	for _, e := range lab.events.all {
		if e.Subject == "/blobServices/default/containers/"+f.container+"/blobs/"+name && e.Topic == event.StorageTopic(account) {
			var data map[string]any
			require.NoError(f, json.Unmarshal(e.Data, &data))
			found = append(found, data)
		}
	}
	return found
}

// outcome is "ok" or the status and code of a storage error.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return strings.TrimSpace(fmt.Sprintf("%d %s", re.StatusCode, re.ErrorCode))
	}
	return err.Error()
}

// curl returns status and error code of a request by the real curl.
func curl(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"-s", "--cacert", os.Getenv("SSL_CERT_FILE"), "-o", "/dev/null", "-w", "%{http_code} %header{x-ms-error-code}"}, args...)
	out, err := exec.CommandContext(t.Context(), "curl", args...).CombinedOutput()
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(out))
}
