package budget

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/keys"
	"example.org/airlock/handler/tablestore"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/identity"
	"example.org/airlock/localcloud/story"
)

// tableEndpoint is where the handler reaches the state.
const tableEndpoint = "https://" + ground.StateAccount + ".table.core.windows.net"

// way is how a program reaches storage as the handler does: through the proxy, which leads to the storage front, with a
// token of the managed identity.
type way struct{ Proxy, CA, Token string }

// handlersWay opens that way.
func handlersWay(t testing.TB) (azcore.TokenCredential, policy.Transporter) {
	t.Helper()
	credential, transport, err := wayOf(t).open()
	require.NoError(t, err)
	t.Cleanup(transport.CloseIdleConnections)
	return credential, &http.Client{Transport: transport}
}

func wayOf(t testing.TB) way {
	t.Helper()
	pem, err := os.ReadFile(shared.CAFile)
	require.NoError(t, err)
	return way{Proxy: shared.Proxy, CA: string(pem), Token: string(managed(t))}
}

func (w way) open() (azcore.TokenCredential, *http.Transport, error) {
	proxy, err := url.Parse(w.Proxy)
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(w.CA)) {
		return nil, nil, errors.New("no certificate")
	}
	return fixedToken(w.Token), &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 16}, nil
}

// fixedToken is a token that outlives the test.
type fixedToken string

func (f fixedToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(f), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// managed asks the managed identity's endpoint for a token for storage.
func managed(t testing.TB) fixedToken {
	t.Helper()
	secret, err := os.ReadFile(filepath.Join(shared.Dir, "keys", "identity-header"))
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, shared.Control+"/msi/token?api-version=2019-08-01&resource=https://storage.azure.com", nil)
	require.NoError(t, err)
	req.Header.Set("X-IDENTITY-HEADER", string(secret))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var got struct {
		Token string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
	return fixedToken(got.Token)
}

// fill writes n approved requests of the last months into a workspace: one as the handler's own store writes it, the
// others as copies of its rows with ids and times of their own, many to a transaction.
func fill(t testing.TB, workspace string, n int) {
	t.Helper()
	if n == 0 {
		return
	}
	credential, transport := handlersWay(t)
	seals, err := keys.NewSealer(keys.Config{Location: "file://" + filepath.Join(shared.Dir, "keys", "state.key"), Credential: credential})
	require.NoError(t, err)
	store, err := tablestore.New(tablestore.Config{Endpoint: tableEndpoint, Credential: credential, ClientOptions: azcore.ClientOptions{Transport: transport}, Seals: seals})
	require.NoError(t, err)
	r := finished(airlock.WorkspaceID(shared.Workspaces[workspace]), time.Now().Add(-24*time.Hour))
	_, _, err = store.Commit(t.Context(), audit.Commit{Request: r})
	require.NoError(t, err)
	copyRows(t, newBare(t, shared.Workspaces[workspace]), rowsOf(t, r), string(r.ID), n-1)
}

// rowsOf returns the rows of a request as JSON.
func rowsOf(t testing.TB, r airlock.Request) (rows []string) {
	t.Helper()
	all, err := shared.Ground.Rows(t.Context(), ground.RequestsTable, string(r.Workspace), "")
	require.NoError(t, err)
	for _, row := range all {
		if strings.Contains(row.Key(), string(r.ID)) {
			text, err := json.Marshal(plain(row))
			require.NoError(t, err)
			rows = append(rows, string(text))
		}
	}
	require.Len(t, rows, rowsEach, "the request, its places in the listings (all, by status, by creator), and the hash of its file")
	return rows
}

// newestFirst is the time in the keys of listings: the older, the larger.
var newestFirst = regexp.MustCompile(`"RowKey":"t\|(\d{19})\|`)

// rowsEach is how many rows a finished request with one file has.
const rowsEach = 5

const requestsAtOnce = 100 / rowsEach // a transaction takes a hundred rows

func copyRows(t testing.TB, to bare, rows []string, id string, n int) {
	t.Helper()
	var age string
	for _, row := range rows {
		if found := newestFirst.FindStringSubmatch(row); found != nil {
			age = found[1]
		}
	}
	at, err := strconv.ParseInt(age, 10, 64)
	require.NoError(t, err)
	var actions []aztables.TransactionAction
	for i := 1; i <= n; i++ {
		renamed := strings.NewReplacer(id, uuid.NewString(), age, fmt.Sprintf("%019d", at+int64(i)*int64(time.Minute)))
		for _, row := range rows {
			var copied ground.Row
			require.NoError(t, json.Unmarshal([]byte(renamed.Replace(row)), &copied))
			shared.Ground.Seal(ground.RequestsTable, copied)
			entity, err := json.Marshal(copied)
			require.NoError(t, err)
			actions = append(actions, aztables.TransactionAction{ActionType: aztables.TransactionTypeAdd, Entity: entity})
		}
		if i%requestsAtOnce == 0 || i == n {
			_, err := to.table.SubmitTransaction(t.Context(), actions, nil)
			require.NoError(t, err)
			actions = nil
		}
	}
}

// finished is a request that went all the way.
func finished(ws airlock.WorkspaceID, at time.Time) airlock.Request {
	who := func(persona string, roles ...airlock.Role) airlock.Principal {
		p, err := identity.FindPersona(persona)
		if err != nil {
			panic(err)
		}
		return airlock.Principal{ID: airlock.UserID(p.ObjectID), Name: p.Name, Email: p.Mail, Roles: roles, WorkspaceToken: true}
	}
	researcher, manager := who(story.Researcher2, airlock.RoleResearcher), who(story.Manager, airlock.RoleManager)
	at = at.UTC()
	r := airlock.Request{ID: airlock.RequestID(uuid.NewString()), Workspace: ws, Type: airlock.Import, Title: "Reference data",
		Justification: "The reference panel that the variants are compared with; it is public and has no data about persons.",
		CreatedBy:     researcher, CreatedWhen: at, UpdatedBy: researcher, UpdatedWhen: at, Status: airlock.Draft, StatusSince: at,
		History: []airlock.Change{}, Files: []airlock.File{}, Reviews: []airlock.Review{}, PolicyVersion: 1}
	for _, step := range []struct {
		on airlock.Trigger
		by airlock.Principal
	}{{airlock.TriggerSubmit, researcher}, {airlock.TriggerGatesPassed, airlock.SystemPrincipal("scan gate")}, {airlock.TriggerApprove, manager}, {airlock.TriggerCopyVerified, airlock.SystemPrincipal("copy")}} {
		if err := r.Apply(step.on, step.by, at.Add(time.Minute)); err != nil {
			panic(fmt.Sprint("the rule book has changed: ", err))
		}
	}
	r.Files = []airlock.File{{Name: "panel/reference.csv", Size: 4 << 20, SHA256: fmt.Sprintf("%064x", at.UnixNano()),
		DraftETag: "0x8DD000000000001", InProgressETag: "0x8DD000000000002", FinalETag: "0x8DD000000000003", FinalChecked: true}}
	r.Reviews = []airlock.Review{{ID: uuid.NewString(), Reviewer: manager, When: at, Decision: airlock.DecisionApproved, Explanation: "Public reference data.", PolicyVersion: 1}}
	r.Receipt = string(r.ID) + ".json"
	return r
}
