package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// lies puts a container into an account, last changed that long ago, and returns
// its name in a report.
func (b *testBed) lies(account, name string, ago time.Duration) string {
	b.storage.containers[account] = append(b.storage.containers[account], airlock.ContainerInfo{Name: name, Changed: b.clock.Add(-ago)})
	return account + "/" + name
}

const day = 24 * time.Hour

// begun notes the intent of a create that was interrupted, and returns its id.
func (b *testBed) begun(n int) airlock.RequestID {
	id := named(n, submitted()).ID
	b.table.origins[id] = b.ws.ID
	return id
}

// fills puts a blob into a container.
func (b *testBed) fills(name string) {
	account, id, _ := strings.Cut(name, "/")
	b.storage.blobs[airlock.Container{Account: account, Name: airlock.ContainerName(id)}] = []airlock.Blob{{Name: "a.csv", Size: 1, ETag: "e"}}
}

func TestTheSweepDeletesWhatACreateLeftAndNothingElse(t *testing.T) {
	inReview, approved, ending := named(1, submitted("1")), named(2, submitted("1")), named(3, submitted("1"))
	inReview.Status, approved.Status, ending.Status = airlock.InReview, airlock.Approved, airlock.Cancelled
	ending.Work.Delete = places(airlock.ImportExternal)
	b := newTestBed(t, inReview, approved, ending)
	another := airlock.Workspace{ID: "def000d3-82da-4bfc-b6e9-9a7853ef753e", Accounts: airlock.Accounts{airlock.ImportApproved: "anothersapp"}}
	b.registry.rows = append(b.registry.rows, another)
	nobodys, filled := string(named(4, submitted()).ID), string(b.begun(6))
	orphans := []string{b.lies("stalimex", string(b.begun(5)), 2*time.Hour)}
	b.lies("stalimip", string(inReview.ID), day)
	b.lies("stalimapp", string(approved.ID), day)
	b.lies("stalimex", string(ending.ID), day)
	b.lies("stalexint", nobodys, orphanAge-time.Minute) // a create that may be under way
	unclaimed := []string{
		b.lies("anothersapp", string(approved.ID), day), // the right stage of the wrong workspace
		b.lies("stalimapp", string(inReview.ID), day),   // a copy that lost a race, or an old row put back
		b.lies("stalimapp", filled, day),                // no account of drafts
		b.lies("stalimex", filled, day),
		b.lies("stalimex", nobodys, day), // no intent on record
	}
	b.fills(unclaimed[3])
	unknown := b.lies("stalimrej", "somebody-elses", day)
	report := b.Sweep(t.Context())
	slices.Sort(unclaimed)
	assert.Equal(t, SweepReport{Containers: 11, Orphans: orphans, Unclaimed: unclaimed, Unknown: []string{unknown}, Trouble: []string{}}, report)
	assert.Equal(t, orphans, b.storage.deleted)
	assert.Equal(t, 1, b.logs.alerts("container_unclaimed"))
	assert.Equal(t, 5, b.Health(t.Context()).Unclaimed)
	require.Len(t, b.registry.records, 1, "evidence of what was deleted, and of nothing else")
	swept := b.registry.records[0]
	assert.Equal(t, audit.ContainerSwept, swept.Action)
	assert.Equal(t, "airlock sweep", swept.Actor.Component)
	assert.Equal(t, orphans[0], swept.Detail["account"]+"/"+swept.Detail["container"])
}

// However much of the state is missing, no data is deleted for it.
func TestAbsenceDeletesNothing(t *testing.T) {
	var ids []airlock.RequestID
	var unclaimed []string
	everything := func(t *testing.T) *testBed {
		ids, unclaimed = nil, nil
		var all []*change
		for n, status := range []airlock.Status{airlock.Draft, airlock.InReview, airlock.Approved, airlock.Rejected, airlock.BlockedByScan} {
			c := named(n, submitted("1"))
			c.Status = status
			all, ids = append(all, c), append(ids, c.ID)
		}
		b := newTestBed(t, all...)
		for _, c := range all {
			stage, _ := airlock.StageOf(c.Type, c.Status)
			name := b.lies(string(stage), string(c.ID), day)
			b.fills(name)
			unclaimed = append(unclaimed, name)
		}
		slices.Sort(unclaimed)
		return b
	}
	gone := map[string]func(*testBed){
		"the id rows": func(b *testBed) {
			b.table.lost = append(b.table.lost, ids...)
		},
		"the request rows": func(b *testBed) {
			for _, id := range ids {
				delete(b.table.requests, id)
				b.table.origins[id] = b.ws.ID
			}
		},
		"everything: an empty table, or another one": func(b *testBed) {
			b.table.requests, b.table.origins = map[airlock.RequestID]*airlock.Request{}, map[airlock.RequestID]airlock.WorkspaceID{}
		},
		"the workspace of the id rows": func(b *testBed) {
			for _, id := range ids {
				b.table.origins[id] = "fff000d3-82da-4bfc-b6e9-9a7853ef753e"
			}
		},
		"what happened since they were drafts": func(b *testBed) {
			for _, id := range ids {
				r := b.table.get(id)
				r.Status, r.Files = airlock.Cancelled, nil
				b.table.put(r)
			}
		},
	}
	for what, take := range gone {
		b := everything(t)
		take(b)
		report := b.Sweep(t.Context())
		assert.Empty(t, b.storage.deleted, what)
		assert.Equal(t, unclaimed, report.Unclaimed, what)
		assert.Equal(t, 1, b.logs.alerts("container_unclaimed"), what)
	}
	b := everything(t)
	assert.Empty(t, b.Sweep(t.Context()).Unclaimed, "else the test proves nothing")
}

func TestASweepDeletesOnlySoMuch(t *testing.T) {
	b := newTestBed(t)
	for n := range maxSwept + 5 {
		b.lies("stalimex", string(b.begun(n)), day)
	}
	report := b.Sweep(t.Context())
	assert.Len(t, b.storage.deleted, maxSwept)
	assert.Len(t, b.registry.records, maxSwept)
	assert.Len(t, report.Trouble, 5, "what is left is said, and the next sweep goes on")
}

// A container is not deleted when its deletion cannot be recorded.
func TestEvidenceComesBeforeADeletion(t *testing.T) {
	b := newTestBed(t)
	orphan := b.lies("stalimex", string(b.begun(1)), day)
	b.registry.noRecords = errors.New("the registry is away")
	report := b.Sweep(t.Context())
	assert.Empty(t, b.storage.deleted)
	assert.Equal(t, []string{orphan + ": the registry is away"}, report.Trouble)
}

// The sweep reports any trouble with one container, one row or one account, and
// goes on.
func TestTheSweepGoesOn(t *testing.T) {
	away := &airlock.Fault{Kind: airlock.Operator, Code: "AuthorizationFailure", Operation: "delete container", Account: "a", Err: errors.New("sig=secret")}
	unreadable := named(1, submitted())
	b := newTestBed(t, unreadable)
	b.table.broken[unreadable.ID] = junk()
	b.registry.err = junk()
	b.storage.faults["stalimrej"] = away
	damaged := b.lies("stalimex", string(unreadable.ID), day)
	refused := b.lies("stalimex", string(b.begun(2)), day)
	b.storage.faults[refused] = away
	want := []string{b.lies("stalexint", string(b.begun(3)), day), b.lies("stalimex", string(b.begun(4)), day)}
	report := b.Sweep(t.Context())
	assert.Equal(t, want, report.Orphans)
	assert.ElementsMatch(t, []string{
		"registry: list on state: UnreadableRow", damaged + ": list on state: UnreadableRow",
		refused + ": delete container on a: AuthorizationFailure", "stalimrej: delete container on a: AuthorizationFailure",
	}, report.Trouble)
}

// A container of one stage would be an orphan in the other.
func TestAnAccountOfTwoStagesIsNotSwept(t *testing.T) {
	c := submitted("1")
	c.Status = airlock.InReview
	b := newTestBed(t, c)
	b.registry.rows[0].Accounts[airlock.ImportApproved] = "stalimip"
	b.lies("stalimip", string(c.ID), day)
	report := b.Sweep(t.Context())
	assert.Empty(t, report.Unclaimed)
	assert.Equal(t, []string{"stalimip: it is registered for two stages"}, report.Trouble)
}

// More containers than one look-up after the other has time for.
func TestTheSweepHasTimeForLargeAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTestBed(t)
		for n := range 50_000 {
			b.lies("stalimapp", string(named(n, submitted()).ID), day)
		}
		var looked atomic.Int32
		b.config.Requests = slowLookups{b.table, &looked}
		report := b.Sweep(t.Context())
		assert.Empty(t, report.Trouble)
		assert.EqualValues(t, 50_000, looked.Load())
		assert.Equal(t, 50_000, report.Containers)
	})
}

// slowLookups is a table that takes its time for each look-up, on a fake clock.
type slowLookups struct {
	*table
	n *atomic.Int32
}

func (s slowLookups) WorkspaceOf(ctx context.Context, id airlock.RequestID) (airlock.WorkspaceID, error) {
	s.n.Add(1)
	time.Sleep(20 * time.Millisecond)
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return s.table.WorkspaceOf(ctx, id)
}

func TestAnUnfinishedSweepSaysSo(t *testing.T) {
	b := newTestBed(t)
	for n := range 3 {
		b.lies("stalimapp", fmt.Sprintf("x%d", n), day)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report := b.Sweep(ctx)
	assert.Equal(t, []string{"stalimapp: context canceled"}, report.Trouble)
}

func TestTheSweepIsDueOnceADayUntilItIsComplete(t *testing.T) {
	var d daily
	at := func(day, hour, minute int) time.Time { return time.Date(2031, 2, day, hour, minute, 0, 0, time.UTC) }
	assert.False(t, d.begin(at(3, 2, 59)))
	assert.True(t, d.begin(at(3, 3, 40)), "a run that came late")
	assert.False(t, d.begin(at(3, 3, 41)), "one is under way")
	assert.True(t, d.begin(at(3, 4, 20)), "it was not complete")
	d.complete(at(3, 4, 20))
	assert.False(t, d.begin(at(3, 5, 0)), "done today")
	assert.False(t, d.begin(at(4, 6, 0)), "a process that started late waits for tomorrow")
	assert.True(t, d.begin(at(5, 3, 0)))
}

func TestTheTimersSweepIsRepeatedAfterTrouble(t *testing.T) {
	b := newTestBed(t)
	b.clock = time.Date(2031, 2, 3, 3, 10, 0, 0, time.UTC)
	orphan := b.lies("stalimex", string(b.begun(9)), day)
	b.storage.faults[orphan] = errors.New("away")
	require.NoError(t, b.Reconcile(t.Context()))
	assert.Empty(t, b.storage.deleted)
	delete(b.storage.faults, orphan)
	b.clock = b.clock.Add(sweepAgain)
	require.NoError(t, b.Reconcile(t.Context()))
	assert.Equal(t, []string{orphan}, b.storage.deleted)
	b.clock = b.clock.Add(sweepAgain)
	require.NoError(t, b.Reconcile(t.Context()))
	assert.Len(t, b.storage.deleted, 1, "done for today")
}

// However long the requests take, the sweep of the same run has its own time.
func TestTheTimersSweepNeedNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := hashing(1)
		b := newTestBed(t, c)
		b.clock = time.Date(2031, 2, 3, 3, 0, 0, 0, time.UTC)
		b.table.due = []row[airlock.RequestID]{{value: c.ID}}
		orphan := b.lies("stalimex", string(b.begun(2)), day)
		b.storage.hash = func(_ context.Context, _ string, p airlock.HashProgress) (airlock.HashProgress, string, error) {
			time.Sleep(reconcileWithin) // pays no heed to anything
			return p, "", nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), reconcileWithin)
		defer cancel()
		_ = b.Reconcile(ctx)
		assert.Equal(t, []string{orphan}, b.storage.deleted)
	})
}

func TestAnOperatorGetsTheReportWhateverWentWrong(t *testing.T) {
	c := clean(1)
	b := newTestBed(t, c)
	b.table.due = []row[airlock.RequestID]{{value: c.ID}, {err: errors.New("the table is away")}}
	orphan := b.lies("stalimex", string(b.begun(2)), day)
	report, sweep, err := b.RunReconcile(t.Context(), admin)
	require.NoError(t, err)
	assert.Equal(t, Report{Workspaces: 1, Advanced: 1, Missing: 1, Failed: 1}, report)
	assert.Equal(t, []string{orphan}, sweep.Orphans)

	b.registry.rows, b.registry.err = nil, errors.New("the table is away")
	_, _, err = b.RunReconcile(t.Context(), admin)
	require.Error(t, err, "nothing was done")

	var refused *airlock.RefusedError
	_, _, err = b.RunReconcile(t.Context(), airlock.Principal{ID: "eve", Roles: []airlock.Role{airlock.RoleTREUser}})
	require.ErrorAs(t, err, &refused)
}
