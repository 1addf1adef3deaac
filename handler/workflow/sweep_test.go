package workflow

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// lies puts a container into an account, last changed that long ago, and returns
// what a report calls it.
func (b *bench) lies(account, name string, ago time.Duration) string {
	b.storage.containers[account] = append(b.storage.containers[account], airlock.ContainerInfo{Name: name, Changed: b.clock.Add(-ago)})
	return account + "/" + name
}

const day = 24 * time.Hour

func TestTheSweepDeletesOrphansAndNothingElse(t *testing.T) {
	inReview, approved := named(1, submitted("1")), named(2, submitted("1"))
	inReview.Status, approved.Status = airlock.InReview, airlock.Approved
	b := newBench(t, inReview, approved)
	another := airlock.Workspace{ID: "def000d3-82da-4bfc-b6e9-9a7853ef753e", Accounts: airlock.Accounts{airlock.ImportApproved: "anothersapp"}}
	b.registry.rows = append(b.registry.rows, another)
	nobodys := string(named(3, submitted()).ID)
	orphans := []string{
		b.lies("anothersapp", string(approved.ID), day), // the right stage of the wrong workspace
		b.lies("stalimapp", string(inReview.ID), day),   // a copy that lost a race
		b.lies("stalimex", nobodys, 2*time.Hour),        // a create that was interrupted
	}
	b.lies("stalimip", string(inReview.ID), day)
	b.lies("stalimapp", string(approved.ID), day)
	b.lies("stalexint", nobodys, orphanAge-time.Minute) // a create that may be under way
	unknown := b.lies("stalimrej", "somebody-elses", day)
	report := b.Sweep(t.Context())
	assert.Equal(t, SweepReport{Containers: 7, Orphans: orphans, Unknown: []string{unknown}, Trouble: []string{}}, report)
	assert.ElementsMatch(t, orphans, b.storage.deleted)
}

// What a newer version of this program may have made of a request is not known
// here, so nothing of it is an orphan.
func TestTheSweepKeepsWhatItDoesNotUnderstand(t *testing.T) {
	tomorrows := named(1, submitted("1"))
	tomorrows.Status = "on_hold"
	b := newBench(t, tomorrows)
	for _, stage := range airlock.StagesOf(airlock.Import) {
		b.lies(string(stage), string(tomorrows.ID), day)
	}
	assert.Empty(t, b.Sweep(t.Context()).Orphans)
	assert.Empty(t, b.storage.deleted)
}

// Whatever is wrong with one container, one row or one account, the sweep tells
// it and goes on.
func TestTheSweepGoesOn(t *testing.T) {
	away := &airlock.Fault{Kind: airlock.Operator, Code: "AuthorizationFailure", Operation: "delete container", Account: "a", Err: errors.New("sig=secret")}
	unreadable, undeletable, unregistered, orphan := named(1, submitted()), named(2, submitted()), named(3, submitted()), named(4, submitted())
	b := newBench(t, unreadable)
	b.table.broken[unreadable.ID] = junk()
	b.table.origins[unregistered.ID] = "fff000d3-82da-4bfc-b6e9-9a7853ef753e"
	b.registry.err = junk()
	b.storage.faults["stalimrej"] = away
	stays := b.lies("stalimex", string(unregistered.ID), day)
	damaged := b.lies("stalimex", string(unreadable.ID), day)
	refused := b.lies("stalimex", string(undeletable.ID), day)
	b.storage.faults[refused] = away
	want := []string{
		b.lies("stalimblocked", string(orphan.ID), day), b.lies("stalimex", string(orphan.ID), day),
		b.lies("stalimip", string(orphan.ID), day), b.lies("stalimrej", string(orphan.ID), day),
	}
	report := b.Sweep(t.Context())
	assert.Equal(t, want, report.Orphans)
	assert.Equal(t, []string{stays}, report.Unknown, "nobody can say what it holds")
	assert.ElementsMatch(t, []string{
		"registry: list on state: UnreadableRow", damaged + ": list on state: UnreadableRow",
		refused + ": delete container on a: AuthorizationFailure", "stalimrej: delete container on a: AuthorizationFailure",
	}, report.Trouble)
}

// What is at home in one stage would be an orphan in the other.
func TestAnAccountOfTwoStagesIsNotSwept(t *testing.T) {
	c := submitted("1")
	c.Status = airlock.InReview
	b := newBench(t, c)
	b.registry.rows[0].Accounts[airlock.ImportApproved] = "stalimip"
	b.lies("stalimip", string(c.ID), day)
	report := b.Sweep(t.Context())
	assert.Empty(t, report.Orphans)
	assert.Equal(t, []string{"stalimip: it is registered for two stages"}, report.Trouble)
}

// More containers than one look-up after the other has time for.
func TestTheSweepHasTimeForLargeAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		for n := range 50_000 {
			b.lies("stalimapp", string(named(n, submitted()).ID), day)
		}
		var looked atomic.Int32
		b.Requests = slowLookups{b.table, &looked}
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
	b := newBench(t)
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
	b := newBench(t)
	b.clock = time.Date(2031, 2, 3, 3, 10, 0, 0, time.UTC)
	orphan := b.lies("stalimex", string(submitted().ID), day)
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
		b := newBench(t, c)
		b.clock = time.Date(2031, 2, 3, 3, 0, 0, 0, time.UTC)
		b.table.due = []row[airlock.RequestID]{{value: c.ID}}
		orphan := b.lies("stalimex", string(named(2, submitted()).ID), day)
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
	b := newBench(t, c)
	b.table.due = []row[airlock.RequestID]{{value: c.ID}, {err: errors.New("the table is away")}}
	orphan := b.lies("stalimex", string(named(2, submitted()).ID), day)
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
