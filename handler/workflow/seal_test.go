package workflow

import (
	"context"
	"encoding/json"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// unsealedTable is a table whose requests all were written before rows were sealed. A
// fake, since the content of the real one is a test of package tablestore.
type unsealedTable struct {
	*table
	sealed []airlock.RequestID
}

func (u *unsealedTable) Unsealed(context.Context, airlock.WorkspaceID) iter.Seq2[airlock.UnsealedRequest, error] {
	return func(yield func(airlock.UnsealedRequest, error) bool) {
		if !yield(airlock.UnsealedRequest{}, &airlock.Fault{Code: airlock.UnreadableRow, Operation: "list"}) {
			return
		}
		for id := range u.requests {
			r, v, err := u.Load(context.Background(), u.requests[id].Workspace, id)
			if !yield(airlock.UnsealedRequest{Request: r, Version: v}, err) {
				return
			}
		}
	}
}

func (u *unsealedTable) Commit(ctx context.Context, c audit.Commit) ([]airlock.Event, airlock.Version, error) {
	if c.Unsealed {
		u.sealed = append(u.sealed, c.Request.ID)
	}
	return u.table.Commit(ctx, c)
}

func (u *unsealedTable) SealRest(context.Context, airlock.WorkspaceID) (int, []string, error) {
	return 3, []string{"o|x"}, nil
}

func (u *unsealedTable) SealOthers(context.Context) (int, []string, error) { return 2, nil, nil }

// Anybody who can write the table could have written a row without a seal. It gets one
// if its trail bears it out and is anchored.
func TestOnlyWhatItsTrailBearsOutIsSealed(t *testing.T) {
	tests := map[string]struct {
		do         func(b *testBed, id airlock.RequestID)
		unanchored bool
		head       string // as the record says; "" for no record
		why        string
	}{
		"anchored":     {do: anchorIt, head: "anchored"},
		"not anchored": {why: "the end of its trail is not anchored"},
		"not anchored, at the administrator's word": {unanchored: true, head: "not anchored"},
		"another status": {do: func(b *testBed, id airlock.RequestID) {
			anchorIt(b, id)
			r := b.table.get(id)
			r.Status = airlock.Approved
			b.table.put(r)
		}, unanchored: true, why: "does not bear out its status"},
		"a trail that was cut": {do: func(b *testBed, id airlock.RequestID) {
			anchorIt(b, id)
			b.table.trails[id] = b.table.trails[id][1:]
		}, unanchored: true, why: "its trail does not verify"},
		"cut together with its head": {do: func(b *testBed, id airlock.RequestID) {
			anchorIt(b, id)
			rows := b.table.trails[id]
			r := b.table.get(id)
			b.table.trails[id] = rows[:len(rows)-1]
			r.Chain, r.Status = airlock.ChainHead{Hash: rows[len(rows)-2].Hash, Length: len(rows) - 1}, airlock.InReview
			b.table.put(r)
		}, unanchored: true, why: "its trail does not verify"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := approving("1")
			c.Accounts = nil
			b := newTestBed(t, c)
			u := &unsealedTable{table: b.table}
			b.config.Requests = u
			if tt.do != nil {
				tt.do(b, c.ID)
			}
			var refused *airlock.RefusedError
			_, err := b.SealRows(t.Context(), bob, true)
			require.ErrorAs(t, err, &refused)
			report, err := b.SealRows(t.Context(), admin, tt.unanchored)
			require.NoError(t, err)
			assert.True(t, report.Done)
			assert.Equal(t, 5, report.Rows)
			left, err := json.Marshal(report.Left)
			require.NoError(t, err)
			assert.Contains(t, string(left), "o|x")
			if tt.head == "" {
				assert.Contains(t, string(left), tt.why)
				assert.Empty(t, u.sealed)
				assert.Zero(t, report.Requests)
				return
			}
			assert.Equal(t, 1, report.Requests)
			assert.Equal(t, []airlock.RequestID{c.ID}, u.sealed)
			last := b.table.records[len(b.table.records)-1]
			assert.Equal(t, audit.RowSealed, last.Action)
			assert.Equal(t, tt.head, last.Detail["head"])
			assert.True(t, last.Security)
			assert.Equal(t, admin.ID, last.Actor.ID)
			assert.Equal(t, "stalimip", b.table.get(c.ID).Accounts[airlock.ImportInProgress])
		})
	}
}

// anchorIt has the end of a request's trail anchored.
func anchorIt(b *testBed, id airlock.RequestID) {
	r := b.table.get(id)
	require.NoError(b.t, b.appendHeads(b.t.Context(), []audit.HeadRow{{TrailID: audit.TrailOf(r), Head: r.Chain}}))
}
