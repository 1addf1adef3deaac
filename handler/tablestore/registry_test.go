package tablestore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// workspace is valid, and shares nothing with that of another id.
func workspace(id airlock.WorkspaceID) airlock.Workspace {
	policy := airlock.DefaultPolicy()
	policy.Files.MaxFiles = 7
	return airlock.Workspace{
		ID: id, DisplayName: "Genomics", Description: "A <study>", ClientID: string(id), ScopeID: "api://x", Accounts: accountsOf(id),
		Contacts: airlock.Contacts{Owners: []airlock.Person{{ID: ada, Name: "Ada", Email: "ada@example.org"}}}, Policy: policy,
	}
}

// written is the record of a PUT.
var written = audit.Record{At: start, Actor: audit.Actor{Kind: audit.Person, ID: grace}, Action: audit.WorkspaceWritten}

func accountsOf(id airlock.WorkspaceID) airlock.Accounts {
	sum := sha256.Sum256([]byte(id))
	a := airlock.Accounts{}
	for _, stage := range airlock.WorkspaceStages {
		a[stage] = string(stage) + hex.EncodeToString(sum[:4])
	}
	return a
}

func TestRegistryRowsHaveVersions(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	want := workspace(genomics)
	first, err := s.Put(t.Context(), want, written)
	require.NoError(t, err)
	costs(t, wire, 3, "creating a workspace: generation, all rows, transaction")
	want.PolicyVersion, want.ETag, want.Chain = 1, first.ETag, first.Chain
	assert.Equal(t, want, first)
	assert.Regexp(t, `^[A-Za-z0-9_-]+$`, string(first.ETag), "fits into a header")
	got, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	_, err = s.Put(t.Context(), workspace(genomics), written)
	require.ErrorIs(t, err, airlock.ErrExists)

	change := first
	change.Policy.Files.MaxFiles, change.PolicyVersion = 9, 4711
	second, err := s.Put(t.Context(), change, written)
	require.NoError(t, err)
	assert.Equal(t, 2, second.PolicyVersion, "counted by the store, whatever the caller says")
	got, err = s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.Equal(t, second, got, "the cache forgot the old row")
	all, err := s.Workspaces(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []airlock.Workspace{second}, all, "the same ETag in a listing")

	for _, stale := range []airlock.Version{first.ETag, "*", version("*"), "nonsense"} {
		change.ETag = stale
		_, err = s.Put(t.Context(), change, written)
		require.ErrorIs(t, err, airlock.ErrStale, stale)
	}
	absent := workspace(imaging)
	absent.ETag = first.ETag
	_, err = s.Put(t.Context(), absent, written)
	require.ErrorIs(t, err, airlock.ErrStale)
	absent.ID, absent.ETag = "B0000000-0000-4000-8000-00000000000B/../x", ""
	_, err = s.Put(t.Context(), absent, written)
	require.ErrorIs(t, err, airlock.ErrBadID)
}

func TestALostAnswerOfPutIsRecognised(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	wire.loseNext(1)
	first, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)

	lost := false
	wire.spoil = func(r *http.Request, response *http.Response) (*http.Response, error) {
		if r.Method != http.MethodPost || lost {
			return response, nil
		}
		lost = true
		response.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	second, err := s.Put(t.Context(), first, written)
	require.NoError(t, err)
	assert.True(t, lost)
	assert.Equal(t, 2, second.PolicyVersion)
	got, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.Equal(t, second, got)
}

func TestRacingPutsHaveOneWinner(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	first, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)
	var wait sync.WaitGroup
	results := make(chan error, 8)
	for range 8 {
		wait.Go(func() {
			_, err := s.Put(t.Context(), first, written)
			results <- err
		})
	}
	wait.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
			continue
		}
		assert.ErrorIs(t, err, airlock.ErrStale)
	}
	assert.Equal(t, 1, won)
}

// terraform writes a row the way the infrastructure does.
func terraform(t *testing.T, s *Store, id, document string) {
	t.Helper()
	entity, err := row{partition: registryPartition, key: id, columns: map[string]any{"Document": document}}.entity()
	require.NoError(t, err)
	_, err = s.registry.UpsertEntity(t.Context(), entity, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	require.NoError(t, err)
}

// document is that of workspace(id) as Terraform writes it, with other members.
func document(t *testing.T, id airlock.WorkspaceID, other map[string]any) string {
	t.Helper()
	members := map[string]any{"displayName": "G", "clientId": id, "scopeId": "api://x", "accounts": accountsOf(id)}
	maps.Copy(members, other)
	text, err := json.Marshal(members)
	require.NoError(t, err)
	return string(text)
}

func TestTerraformWritesADocumentOnly(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	terraform(t, s, string(genomics), document(t, genomics, map[string]any{"policy": json.RawMessage(`{"files":{"maxFiles":3}}`), "clientId": strings.ToUpper(string(genomics))}))
	w, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	want := airlock.DefaultPolicy()
	want.Files.MaxFiles = 3
	assert.Equal(t, airlock.Workspace{ID: genomics, DisplayName: "G", ClientID: string(genomics), ScopeID: "api://x", Accounts: accountsOf(genomics),
		Policy: want, PolicyVersion: 1, ETag: w.ETag, Chain: w.Chain}, w)
	again, _ := s.Workspace(t.Context(), genomics)
	assert.Equal(t, w, again)
	s.forget(genomics)
	wire.count()
	again, err = s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.Equal(t, w, again, "to be admitted is no change of the policy")
	costs(t, wire, 1, "a row that was admitted before")

	w.DisplayName = "H"
	w, err = s.Put(t.Context(), w, written)
	require.NoError(t, err)
	assert.Equal(t, 2, w.PolicyVersion)

	terraform(t, s, string(imaging), document(t, imaging, nil))
	w, err = s.Workspace(t.Context(), imaging)
	require.NoError(t, err)
	assert.Equal(t, airlock.DefaultPolicy(), w.Policy, "what is not said has its default")
}

func TestABadWorkspaceStopsOnlyItself(t *testing.T) {
	t.Parallel()
	s, _ := newAccount(t).open(t, Config{Reserved: airlock.Reserved{Audience: "cccccccc-0000-4000-8000-000000000001", Accounts: map[string]string{"stalimexcore": "the core's stalimex"}}})
	_, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)
	accounts := func(name string) map[string]any {
		a := accountsOf(imaging)
		a[airlock.ExportInProgress] = name
		return map[string]any{"accounts": a}
	}
	for i, bad := range []string{
		`{`, `{} {}`, `{"displayNam":"x"}`, `{"policy":{"malwareScaning":{}}}`, `{"policy":{"files":{"maxFile":1}}}`, `{"policy":[]}`, `{}`,
		// A row of Terraform is refused by the same rules as a PUT.
		document(t, imaging, accounts("stalimexcore")),
		document(t, imaging, accounts(accountsOf(imaging)[airlock.ExportRejected])),
		document(t, imaging, accounts(accountsOf(genomics)[airlock.ExportRejected])),
		document(t, imaging, accounts("")),
		document(t, imaging, map[string]any{"clientId": "cccccccc-0000-4000-8000-000000000001"}),
		document(t, imaging, map[string]any{"clientId": genomics}),
		document(t, imaging, map[string]any{"policy": map[string]any{"link": map[string]any{"lifetimeMinutes": 100000}}}),
	} {
		id := fmt.Sprintf("d0000000-0000-4000-8000-%012d", i)
		terraform(t, s, id, bad)
		_, err := s.Workspace(t.Context(), airlock.WorkspaceID(id))
		var fault *airlock.Fault
		require.ErrorAs(t, err, &fault, bad)
		assert.Equal(t, airlock.UnreadableRow, fault.Code)
		bare, err := s.CurrentWorkspace(t.Context(), airlock.WorkspaceID(id))
		assert.NotEmpty(t, bare.ETag, "it can be replaced")
		if i != 9 && i != 12 { // whose only fault is to clash
			require.ErrorAs(t, err, &fault, bad)
		}
	}
	terraform(t, s, "NOT-AN-ID", `{}`)
	all, err := s.Workspaces(t.Context())
	require.Len(t, all, 1)
	assert.Equal(t, genomics, all[0].ID)
	assert.ErrorContains(t, err, "NOT-AN-ID")
	for i := range 14 {
		assert.ErrorContains(t, err, fmt.Sprintf("d0000000-0000-4000-8000-%012d", i))
	}

	mended := workspace("d0000000-0000-4000-8000-000000000000")
	bare, _ := s.CurrentWorkspace(t.Context(), mended.ID)
	mended.ETag = bare.ETag
	_, err = s.Put(t.Context(), mended, written)
	require.NoError(t, err)
	_, err = s.Workspace(t.Context(), mended.ID)
	require.NoError(t, err)
}

func TestTheRegistryIsCachedForAShortTime(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	s, wire := a.open(t, Config{CacheFor: 2 * time.Second})
	other, _ := a.open(t, Config{})
	first, err := other.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)

	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			_, err := s.Workspace(t.Context(), genomics)
			assert.NoError(t, err)
			_, err = s.Workspaces(t.Context())
			assert.NoError(t, err)
		})
	}
	wait.Wait()
	costs(t, wire, 2, "twenty readers at once")

	// Nobody's change reaches another reader or the cache.
	mine, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	mine.Accounts[airlock.ImportApproved] = "changed"
	mine.Contacts.Owners[0].Name = "changed"
	yours, err := s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
	assert.Equal(t, first, yours)
	costs(t, wire, 0, "a cached workspace")

	// That there is none is kept too: unknown ids cost nothing more.
	for range 5 {
		_, err = s.Workspace(t.Context(), imaging)
		require.ErrorIs(t, err, airlock.ErrNoWorkspace)
	}
	costs(t, wire, 1, "an unknown workspace")

	first.DisplayName = "New"
	_, err = other.Put(t.Context(), first, written)
	require.NoError(t, err)
	_, err = other.Put(t.Context(), workspace(imaging), written)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		w, err := s.Workspace(t.Context(), genomics)
		_, found := s.Workspace(t.Context(), imaging)
		return err == nil && w.DisplayName == "New" && found == nil
	}, 15*time.Second, 20*time.Millisecond, "another instance's change arrives")
}

func TestAFaultIsNotCached(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	_, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)
	wire.answerWith(1, 403, nil, `{"odata.error":{"code":"AuthorizationFailure"}}`)
	_, err = s.Workspace(t.Context(), genomics)
	var fault *airlock.Fault
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, airlock.Operator, fault.Kind)
	_, err = s.Workspace(t.Context(), genomics)
	require.NoError(t, err)
}
