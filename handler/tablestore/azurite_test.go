package tablestore

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/stretchr/testify/require"

	handlerkeys "example.org/airlock/handler/keys"
	"example.org/airlock/localcloud/azurite"
)

// The tests run on the real emulator. Every test gets an account of its own, so
// that all may run at once and none sees another's rows.
const accounts = 120

var (
	server *azurite.Server
	keys   azurite.Keys
	used   atomic.Int32
)

func TestMain(m *testing.M) {
	code, err := withAzurite(m.Run)
	if err != nil {
		// Missing Node.js or Azurite fails the tests: skipped ones prove nothing.
		fmt.Fprintln(os.Stderr, "tablestore: the tests need the storage emulator:", err)
		code = 1
	}
	os.Exit(code)
}

func withAzurite(run func() int) (int, error) {
	install, err := azurite.FindInstall(".")
	if err != nil {
		return 1, err
	}
	dir, err := os.MkdirTemp("", "tablestore")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	var names []string
	for i := range accounts {
		names = append(names, fmt.Sprintf("sttest%03d", i))
	}
	if keys, err = azurite.LoadKeys(filepath.Join(dir, "keys.json"), names); err != nil {
		return 1, err
	}
	log, err := os.Create(filepath.Join(dir, "azurite.log"))
	if err != nil {
		return 1, err
	}
	defer log.Close()
	ports, err := freePorts()
	if err != nil {
		return 1, err
	}
	server, err = azurite.Start(context.Background(), azurite.Options{Install: install, Dir: filepath.Join(dir, "data"), Keys: keys, Ports: ports, Log: log})
	if err != nil {
		return 1, err
	}
	code := run()
	return code, server.Stop()
}

func freePorts() (azurite.Ports, error) {
	var port [3]int
	for i := range port {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return azurite.Ports{}, err
		}
		defer l.Close()
		port[i] = l.Addr().(*net.TCPAddr).Port
	}
	return azurite.Ports{Blob: port[0], Queue: port[1], Table: port[2]}, nil
}

// account is a storage account with the tables of the airlock.
type account struct {
	name, endpoint string
	credential     *aztables.SharedKeyCredential
}

func newAccount(t testing.TB) account {
	t.Helper()
	n := int(used.Add(1)) - 1
	require.Less(t, n, accounts, "more tests than accounts: raise the number")
	a := account{name: fmt.Sprintf("sttest%03d", n)}
	a.endpoint = server.Table.String() + "/" + a.name
	var err error
	a.credential, err = aztables.NewSharedKeyCredential(a.name, base64.StdEncoding.EncodeToString(keys[a.name]))
	require.NoError(t, err)
	service, err := aztables.NewServiceClientWithSharedKey(a.endpoint, a.credential, nil)
	require.NoError(t, err)
	for _, table := range []string{requestsTable, requestWorkspacesTable, workspacesTable, parkedTable} {
		_, err := service.CreateTable(t.Context(), table, nil)
		require.NoError(t, err)
	}
	return a
}

// open makes a store as New does, but signs with the account's key: the
// emulator behind plain HTTP takes no bearer tokens.
func (a account) open(t testing.TB, o Config) (*Store, *wire) {
	t.Helper()
	w := newWire()
	o.ClientOptions.Transport = w
	if o.Seals == nil {
		o.Seals = sealer(t, stateKey)
	}
	service, err := aztables.NewServiceClientWithSharedKey(a.endpoint, a.credential, clientOptions(o))
	require.NoError(t, err)
	return open(service, a.name, o), w
}

// stateKey is the key of the tests' rows.
var stateKey = strings.Repeat("ab", 32)

// sealer seals with the first key and knows the others.
func sealer(t testing.TB, key ...string) *handlerkeys.Sealer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.key")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(key, "\n")), 0o600))
	s, err := handlerkeys.NewSealer(handlerkeys.Config{Location: "file://" + path})
	require.NoError(t, err)
	return s
}

func newStore(t testing.TB) (*Store, *wire) {
	t.Helper()
	return newAccount(t).open(t, Config{})
}

// entities returns all rows of a table, by partition and key, without the members that the
// service adds.
func entities(t testing.TB, table table) map[string]map[string]any {
	t.Helper()
	out := map[string]map[string]any{}
	pager := table.NewListEntitiesPager(nil)
	for pager.More() {
		page, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		for _, e := range page.Entities {
			r := parse(e)
			require.NoError(t, r.err)
			out[r.partition+" "+r.key] = r.columns
		}
	}
	return out
}

func etagOf(t testing.TB, table table, partition, key string) azcore.ETag {
	t.Helper()
	found, err := table.GetEntity(t.Context(), partition, key, nil)
	require.NoError(t, err)
	return found.ETag
}
