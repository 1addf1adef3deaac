package tablestore

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// Two workspaces with one client id would accept each other's tokens. If several
// instances want the same one at once, one gets it.
func TestAClientIDOrAccountIsTakenOnce(t *testing.T) {
	t.Parallel()
	for name, alike := range map[string]func(w *airlock.Workspace){
		"client id": func(w *airlock.Workspace) { w.ClientID = "eeeeeeee-0000-4000-8000-000000000001" },
		"account":   func(w *airlock.Workspace) { w.Accounts[airlock.ExportInProgress] = "stalexipsame" },
		"account of another stage": func(w *airlock.Workspace) {
			stage := airlock.WorkspaceStages[int(w.ID[len(w.ID)-1]-'0')%len(airlock.WorkspaceStages)]
			w.Accounts[stage] = "stalexipsame"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := newAccount(t)
			var stores []*Store
			for range 4 {
				s, _ := account.open(t, Config{})
				_, err := s.Workspaces(t.Context()) // each with its own memory of the registry
				require.NoError(t, err)
				stores = append(stores, s)
			}
			var wait sync.WaitGroup
			results := make(chan error, len(stores))
			for i, s := range stores {
				w := workspace(airlock.WorkspaceID(fmt.Sprintf("d0000000-0000-4000-8000-%012d", i)))
				alike(&w)
				wait.Go(func() {
					_, err := s.Put(t.Context(), w, written)
					results <- err
				})
			}
			wait.Wait()
			close(results)
			won := 0
			for err := range results {
				var invalid *airlock.InvalidError
				if err == nil {
					won++
				} else {
					assert.ErrorAs(t, err, &invalid)
				}
			}
			assert.Equal(t, 1, won)
		})
	}
}

// The same with the other one's write at the worst moment: after this one has
// looked, before it writes.
func TestWhatIsTakenWhileLookingIsTaken(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	a, wire := account.open(t, Config{})
	b, _ := account.open(t, Config{})
	for i, first := range []airlock.WorkspaceID{"d0000000-0000-4000-8000-000000000001", "d0000000-0000-4000-8000-000000000002"} {
		taken := fmt.Sprintf("eeeeeeee-0000-4000-8000-%012d", i)
		var once sync.Once
		wire.before = func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				once.Do(func() {
					w := workspace(first)
					w.ClientID = taken
					_, err := b.Put(t.Context(), w, written)
					assert.NoError(t, err)
				})
			}
			return nil, nil
		}
		late := workspace(imaging)
		late.ClientID = taken
		_, err := a.Put(t.Context(), late, written)
		var invalid *airlock.InvalidError
		require.ErrorAs(t, err, &invalid, "with and without a generation")
	}
}

func TestWhatBreaksARuleIsNotWritten(t *testing.T) {
	t.Parallel()
	s, _ := newAccount(t).open(t, Config{Reserved: airlock.Reserved{Accounts: map[string]string{"stalimexcore": "the core's stalimex"}}})
	w := workspace(genomics)
	w.Accounts[airlock.ExportInProgress] = "stalimexcore"
	_, err := s.Put(t.Context(), w, written)
	var invalid *airlock.InvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "accounts.stalexip", invalid.Violations[0].Member)
	assert.Empty(t, entities(t, s.registry))
}

func TestManyPutsAtOnceAllSucceed(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	var wait sync.WaitGroup
	for i := range 6 {
		wait.Go(func() {
			_, err := s.Put(t.Context(), workspace(airlock.WorkspaceID(fmt.Sprintf("d0000000-0000-4000-8000-%012d", i))), written)
			assert.NoError(t, err)
		})
	}
	wait.Wait()
	all, err := s.Workspaces(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 6)
}

// A row that Terraform wrote takes part from the start, even if nobody has read it.
func TestWhatATerraformRowNamesIsTaken(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	terraform(t, s, string(genomics), document(t, genomics, nil))
	w := workspace(imaging)
	w.ClientID = string(genomics)
	_, err := s.Put(t.Context(), w, written)
	var invalid *airlock.InvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "client_id_taken", invalid.Violations[0].Rule)
	assert.Equal(t, "clientId", invalid.Violations[0].Member)
}

// A newcomer that names what somebody has is no reason to stop that one.
func TestANewcomerTakesNothingFromAnybody(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	first, err := s.Put(t.Context(), workspace(genomics), written)
	require.NoError(t, err)
	terraform(t, s, string(imaging), document(t, imaging, map[string]any{"clientId": genomics}))
	first.DisplayName = "New"
	first, err = s.Put(t.Context(), first, written)
	require.NoError(t, err)
	all, err := s.Workspaces(t.Context())
	assert.Equal(t, []airlock.Workspace{first}, all)
	require.ErrorContains(t, err, string(imaging))

	// Terraform's row changed by hand, so that nothing is shared: it comes in.
	terraform(t, s, string(imaging), document(t, imaging, nil))
	s.forget(imaging)
	_, err = s.Workspace(t.Context(), imaging)
	require.NoError(t, err)
}

// Two rows of Terraform with one client id: one is used, never both.
func TestOfTwoTerraformRowsOneIsUsed(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	a, _ := account.open(t, Config{})
	b, _ := account.open(t, Config{})
	terraform(t, a, string(genomics), document(t, genomics, nil))
	terraform(t, a, string(imaging), document(t, imaging, map[string]any{"clientId": genomics}))
	var wait sync.WaitGroup
	var errs [2]error
	wait.Go(func() { _, errs[0] = a.Workspace(t.Context(), genomics) })
	wait.Go(func() { _, errs[1] = b.Workspace(t.Context(), imaging) })
	wait.Wait()
	assert.True(t, (errs[0] == nil) != (errs[1] == nil), "%v", errs)
}
