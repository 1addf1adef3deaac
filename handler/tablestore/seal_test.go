package tablestore

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// resealed is a row with a genuine seal and any content: as a newer or a broken
// version of the program would leave it.
func resealed(t testing.TB, s *Store, table string, r row) row {
	t.Helper()
	columns := maps.Clone(r.columns)
	delete(columns, sealColumn)
	mac, id, err := s.seals.MAC(t.Context(), sealMessage(table, r.partition, r.key, columns))
	require.NoError(t, err)
	columns[sealColumn] = id + "." + sealText.EncodeToString(mac)
	return row{partition: r.partition, key: r.key, columns: columns}
}

// write puts a row into a table past the store, as a table writer would.
func write(t testing.TB, into table, r row) {
	t.Helper()
	entity, err := r.entity()
	require.NoError(t, err)
	_, err = into.UpsertEntity(t.Context(), entity, &aztables.UpsertEntityOptions{UpdateMode: aztables.UpdateModeReplace})
	require.NoError(t, err)
}

// taken reads a row past the store.
func taken(t testing.TB, from table, partition, key string) row {
	t.Helper()
	found, err := from.GetEntity(t.Context(), partition, key, nil)
	require.NoError(t, err)
	r := parse(found.Value)
	require.NoError(t, r.err)
	return row{partition: partition, key: key, columns: r.columns}
}

func requireDamaged(t testing.TB, err error) {
	t.Helper()
	var fault *airlock.Fault
	require.ErrorAs(t, err, &fault)
	require.Equal(t, airlock.StateDamaged, fault.Code, err)
	require.Equal(t, airlock.Operator, fault.Kind)
}

// A table writer changes a request's row in every way there is: nothing of it is
// believed, the alarm is raised, and putting the row back as it was ends it.
func TestARequestRowThatSomebodyElseWroteIsNotBelieved(t *testing.T) {
	t.Parallel()
	var alarms []airlock.DamagedRow
	s, wire := newAccount(t).open(t, Config{Damaged: func(_ context.Context, row airlock.DamagedRow) { alarms = append(alarms, row) }})
	c, other := draft(genomics, ada, start), draft(genomics, ada, start)
	commit(t, s, c)
	commit(t, s, other)
	good := taken(t, s.requests, string(genomics), requestKey(c.Request.ID))
	theirs := taken(t, s.requests, string(genomics), requestKey(other.Request.ID))
	replace := func(column string, value any) func(map[string]any) {
		return func(r map[string]any) { r[column] = value }
	}
	for name, change := range map[string]func(map[string]any){
		"status edited": func(r map[string]any) {
			r["Document"] = strings.Replace(r["Document"].(string), `"status":"draft"`, `"status":"approval_in_progress"`, 1)
		},
		"one blank more":         func(r map[string]any) { r["Document"] = r["Document"].(string) + " " },
		"a column more":          replace("Later", "x"),
		"commit mark edited":     replace("Commit", "x"),
		"format lowered":         replace("Schema", 1),
		"seal removed":           func(r map[string]any) { delete(r, sealColumn) },
		"unsealed as of old":     func(r map[string]any) { delete(r, sealColumn); r["Schema"] = 1 },
		"seal empty":             replace(sealColumn, ""),
		"seal without a key":     replace(sealColumn, strings.SplitN(good.columns[sealColumn].(string), ".", 2)[1]),
		"seal of an unknown key": replace(sealColumn, "0011223344556677."+strings.SplitN(good.columns[sealColumn].(string), ".", 2)[1]),
		"seal of another row":    replace(sealColumn, theirs.columns[sealColumn]),
		"seal is a number":       replace(sealColumn, 5),
		"another request's row":  func(r map[string]any) { maps.Copy(r, theirs.columns) },
		"document cut in two": func(r map[string]any) {
			text := r["Document"].(string)
			r["Document"], r["Document1"] = text[:9], text[9:]
		},
	} {
		t.Run(name, func(t *testing.T) {
			bad := row{partition: good.partition, key: good.key, columns: maps.Clone(good.columns)}
			change(bad.columns)
			write(t, s.requests, bad)
			alarms = nil
			wire.count()
			_, _, err := s.Load(t.Context(), genomics, c.Request.ID)
			requireDamaged(t, err)
			costs(t, wire, 1, "a load")
			require.Len(t, alarms, 1)
			assert.Equal(t, requestKey(c.Request.ID), alarms[0].Key)
			assert.Equal(t, 1, s.Damaged())

			write(t, s.requests, good)
			got, _, err := s.Load(t.Context(), genomics, c.Request.ID)
			require.NoError(t, err)
			assert.Equal(t, c.Request, got)
			assert.Zero(t, s.Damaged(), "it reads well again")
		})
	}

	t.Run("copied to another workspace", func(t *testing.T) {
		write(t, s.requests, row{partition: string(imaging), key: good.key, columns: good.columns})
		_, _, err := s.Load(t.Context(), imaging, c.Request.ID)
		requireDamaged(t, err)
	})
	t.Run("copied to another id", func(t *testing.T) {
		id := newID()
		write(t, s.requests, row{partition: string(genomics), key: requestKey(id), columns: good.columns})
		_, _, err := s.Load(t.Context(), genomics, id)
		requireDamaged(t, err)
	})
}

// Copies keep their seals, and have them in the wrong place.
func TestARowCopiedToAnotherTableHasNoSeal(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	id := newID()
	_, err := s.Register(t.Context(), id, genomics)
	require.NoError(t, err)
	good := taken(t, s.requestWorkspaces, string(id), workspaceKey)
	write(t, s.requests, row{partition: string(id), key: requestKey(id), columns: good.columns})
	_, _, err = s.Load(t.Context(), airlock.WorkspaceID(id), id)
	requireDamaged(t, err)

	good.columns["Workspace"] = string(imaging)
	write(t, s.requestWorkspaces, good)
	_, err = s.WorkspaceOf(t.Context(), id)
	requireDamaged(t, err)
	_, err = s.Register(t.Context(), id, genomics)
	requireDamaged(t, err)
}

// Listing rows are sealed too; one without a seal takes nothing from the others.
func TestAListLeavesOutWhatSomebodyElseWrote(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	a, b := draft(genomics, ada, start), draft(genomics, ada, start.Add(time.Second))
	commit(t, s, a)
	commit(t, s, b)
	for name, query := range map[string]airlock.Query{
		"t": {Workspace: genomics, Limit: 10}, "s": {Workspace: genomics, Limit: 10, Statuses: []airlock.Status{airlock.Draft}}, "u": {Workspace: genomics, Limit: 10, CreatedBy: ada},
	} {
		keys, err := indexRows(a.Request)
		require.NoError(t, err)
		for _, index := range keys {
			if !strings.HasPrefix(index.key, name+separator) {
				continue
			}
			good := taken(t, s.requests, string(genomics), index.key)
			for what, change := range map[string]func(map[string]any){
				"edited": func(r map[string]any) {
					r["Document"] = strings.Replace(r["Document"].(string), "Reference", "Forged", 1)
				},
				"unsealed": func(r map[string]any) { delete(r, sealColumn) },
				"no row":   func(r map[string]any) { clear(r) },
			} {
				bad := row{partition: good.partition, key: good.key, columns: maps.Clone(good.columns)}
				change(bad.columns)
				if what == "no row" {
					bad.columns = map[string]any{"Type": "import", "Status": "draft", "CreatedBy": string(ada)}
				}
				write(t, s.requests, bad)
				wire.count()
				page, err := s.List(t.Context(), query)
				require.NoError(t, err, name+" "+what)
				costs(t, wire, 1, "a list")
				require.Len(t, page.Requests, 1, name+" "+what)
				assert.Equal(t, b.Request.ID, page.Requests[0].ID)
				assert.Equal(t, 1, page.Damaged)
			}
			write(t, s.requests, good)
		}
		page, err := s.List(t.Context(), query)
		require.NoError(t, err)
		assert.Len(t, page.Requests, 2)
		assert.Zero(t, page.Damaged)
	}
	assert.Zero(t, s.Damaged())
}

// The fast way of reading a listing row and the general one agree on its seal.
func TestListingRowsAreReadTheFastWay(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	for _, kind := range []string{kindByTime, kindByStatus, kindByCreator} {
		from, to := between(kind)
		page, _, err := s.ask(t.Context(), s.requests, query{filter: rangeFilter(string(genomics), from, to)}, cursor{})
		require.NoError(t, err)
		rows, err := page.listed()
		require.NoError(t, err)
		require.Len(t, rows, 1)
		_, ok := s.readListedFast(t.Context(), &rows[0], new([]byte))
		assert.True(t, ok)
	}
}

// An older row of the same request has a genuine seal. It shows when the request
// is to go on: the record that comes next is there already.
func TestARequestThatWasPutBackDoesNotGoOn(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	old := taken(t, s.requests, string(genomics), requestKey(c.Request.ID))
	commit(t, s, next(t, s, genomics, c.Request.ID, submitted))
	write(t, s.requests, old)
	for range 2 {
		_, _, err := s.Commit(t.Context(), next(t, s, genomics, c.Request.ID, submitted))
		requireDamaged(t, err)
	}
	assert.Equal(t, 1, s.Damaged())
}

// Events, verdicts, heads and parked events that somebody else wrote.
func TestNothingElseThatSomebodyElseWroteIsBelieved(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	c.Verdicts = []airlock.KeptVerdict{{File: "a", Verdict: airlock.Verdict{Outcome: airlock.Malicious, ETag: "0x1"}}}
	events, _ := commit(t, s, c)
	require.NoError(t, s.Park(t.Context(), airlock.Parked{ID: "0a", Function: "f", Reason: "r", At: start, Event: []byte("{}")}))
	forge := func(into table, partition, key, from, to string) {
		r := taken(t, into, partition, key)
		for name, value := range r.columns {
			if text, ok := value.(string); ok && name != sealColumn {
				r.columns[name] = strings.ReplaceAll(text, from, to)
			}
		}
		write(t, into, r)
	}
	forge(s.requests, string(genomics), events[0].Key, "draft", "approved")
	for _, err := range s.Unpublished(t.Context(), genomics, start.Add(time.Hour)) {
		requireDamaged(t, err)
	}
	forge(s.requests, string(genomics), verdictKey(c.Request.ID, c.Verdicts[0]), "malicious", "clean")
	_, err := s.Verdicts(t.Context(), genomics, c.Request.ID, "")
	requireDamaged(t, err)
	forge(s.requests, string(genomics), key(kindHead, string(c.Request.ID)), c.Request.Chain.Hash, strings.Repeat("0", 64))
	for _, err := range s.Unanchored(t.Context(), genomics) {
		requireDamaged(t, err)
	}
	forge(s.parked, parkedPartition, parkedKey("0a"), "{}", "[]")
	_, err = s.Parked(t.Context(), "0a")
	requireDamaged(t, err)
	all, err := s.ListParked(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Contains(t, all[0].Reason, "cannot be read")
	assert.Nil(t, all[0].Event)
}

// A new key seals, and the old one is still known; a key that is taken away
// takes its rows with it.
func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	fresh := strings.Repeat("cd", 32)
	before, _ := a.open(t, Config{})
	c := draft(genomics, ada, start)
	commit(t, before, c)
	after, _ := a.open(t, Config{Seals: sealer(t, fresh, stateKey)})
	got, _, err := after.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, c.Request, got)
	commit(t, after, next(t, after, genomics, c.Request.ID, submitted))
	without, _ := a.open(t, Config{Seals: sealer(t, fresh)})
	_, _, err = without.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err, "sealed anew when it was written")
	_, _, err = before.Load(t.Context(), genomics, c.Request.ID)
	requireDamaged(t, err)
	page, err := without.List(t.Context(), airlock.Query{Workspace: genomics, Limit: 10})
	require.NoError(t, err)
	assert.Len(t, page.Requests, 1)
}
