package workflow

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// clean is a request whose files have been found clean: looking after it brings
// it into review.
func clean(n int) *change { return named(n, submitted("1").verdict(0, "1", airlock.Clean)) }

// hashing is a request whose file has landed and is to be hashed still.
func hashing(n int) *change {
	c := named(n, submitted("1"))
	c.Files[0].SHA256 = ""
	return c
}

func headRow(n int) row[audit.HeadRow] {
	r := named(n, submitted())
	return row[audit.HeadRow]{value: audit.HeadRow{TrailID: audit.TrailOf(r.Request), Head: airlock.ChainHead{Hash: "ab", Length: 1}}}
}

// One foreign row in the table must not stop the work on all others: not on the
// requests, and least of all on the evidence.
func TestARowNobodyCanReadStopsNothing(t *testing.T) {
	first, second := clean(1), clean(2)
	b := newTestBed(t, first, second)
	b.table.due = []row[airlock.RequestID]{{value: first.ID}, {err: junk()}, {value: second.ID}}
	b.table.heads = []row[audit.HeadRow]{headRow(1), {err: junk()}, headRow(2)}
	b.table.outbox = []row[airlock.Event]{{err: junk()}, {value: step("e")}}
	b.registry.err = junk()
	report, err := b.reconcile(t.Context())
	require.NoError(t, err, "the alert says it; a failing function would be another cry for the same")
	assert.Equal(t, Report{Workspaces: 1, Advanced: 2, Published: 1, Anchored: 2, Failed: 4}, report)
	assert.Equal(t, airlock.InReview, b.table.get(first.ID).Status)
	assert.Equal(t, airlock.InReview, b.table.get(second.ID).Status)
	assert.Len(t, b.table.anchored, 2)
	assert.Equal(t, 4, b.logs.alerts("state_damaged"))
}

// A call that fails is no damaged row, and one workspace's is not the others'.
func TestAFailedListingIsAnErrorOfTheRun(t *testing.T) {
	b := newTestBed(t, clean(1))
	down := errors.New("the table is away")
	b.table.due = []row[airlock.RequestID]{{value: clean(1).ID}, {err: down}}
	b.table.heads = []row[audit.HeadRow]{headRow(1), {err: down}}
	report, err := b.reconcile(t.Context())
	require.ErrorIs(t, err, down)
	assert.Equal(t, Report{Workspaces: 1, Advanced: 1, Anchored: 1, Failed: 2}, report)
	assert.Zero(t, b.logs.alerts("state_damaged"))
}

// Index row and request are written in one transaction, and nobody of ours
// removes a request.
func TestAnIndexRowWithoutItsRequestIsAnAlert(t *testing.T) {
	b := newTestBed(t)
	b.table.due = []row[airlock.RequestID]{{value: clean(1).ID}}
	report, err := b.reconcile(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, report.Failed)
	assert.Equal(t, 1, b.logs.alerts("state_damaged"))
}

func TestAPanicOverOneRequestIsItsOwn(t *testing.T) {
	bad, good := hashing(1), clean(2)
	b := newTestBed(t, bad, good)
	b.storage.hash = func(context.Context, string, airlock.HashProgress) (airlock.HashProgress, string, error) {
		panic("a bug")
	}
	b.table.due = []row[airlock.RequestID]{{value: bad.ID}, {value: good.ID}}
	b.table.heads = []row[audit.HeadRow]{headRow(1)}
	report, err := b.reconcile(t.Context())
	require.NoError(t, err)
	assert.Equal(t, Report{Workspaces: 1, Advanced: 2, Anchored: 1, Failed: 1}, report)
	assert.Equal(t, airlock.InReview, b.table.get(good.ID).Status)
}

// While the reconciler drives large files, as it does when Event Grid is down,
// the requests behind them and the anchors get their time in the same run.
func TestLargeFilesLeaveTimeForOthers(t *testing.T) {
	for name, large := range map[string]int{"a few": parallelRequests, "more than a run has time for": 100} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newTestBed(t)
				for n := range large {
					c := hashing(n)
					b.table.put(c.Request)
					b.table.due = append(b.table.due, row[airlock.RequestID]{value: c.ID})
				}
				small := clean(large)
				b.table.put(small.Request)
				b.table.due = append(b.table.due, row[airlock.RequestID]{value: small.ID})
				b.table.heads = []row[audit.HeadRow]{headRow(1)}
				// As blobstore does it: reading goes on until two seconds before the end.
				b.storage.hash = func(ctx context.Context, _ string, p airlock.HashProgress) (airlock.HashProgress, string, error) {
					end, ok := ctx.Deadline()
					require.True(t, ok)
					time.Sleep(max(time.Until(end)-2*time.Second, time.Second))
					p.Offset++
					return p, "", ctx.Err()
				}
				began := time.Now()
				report, err := b.reconcile(t.Context())
				require.NoError(t, err)
				assert.Equal(t, 1, report.Anchored)
				assert.LessOrEqual(t, report.Failed, parallelRequests, "one round may be cut short; what there was no time for is due still")
				assert.Less(t, time.Since(began), reconcileWithin)
				if large <= parallelRequests {
					assert.Less(t, time.Since(began), 2*advanceWithin)
					assert.Equal(t, airlock.InReview, b.table.get(small.ID).Status)
				}
			})
		})
	}
}

// A run that is cut short keeps its anchors.
func TestAnchorsAreDoneAnEntryAtATime(t *testing.T) {
	b := newTestBed(t)
	for n := range audit.MaxHeads + 1 {
		b.table.heads = append(b.table.heads, headRow(n))
	}
	b.archive.faults["anchors/"+audit.AnchorName(2)] = errors.New("away")
	report, err := b.anchor(t.Context(), b.registry.rows)
	require.Error(t, err)
	assert.Equal(t, audit.MaxHeads, report.Anchored)
	assert.Len(t, b.table.anchored, audit.MaxHeads)
	assert.Len(t, b.archive.names("anchors/heads/"), audit.MaxHeads)
}

// A head is forgotten only when its index says that it is anchored.
func TestAHeadWithoutItsIndexIsAnchoredAgain(t *testing.T) {
	b := newTestBed(t)
	b.table.heads = []row[audit.HeadRow]{headRow(1)}
	name := "anchors/heads/" + headRow(1).value.Name() + "/00000001-ab-000000000001"
	b.archive.faults[name] = errors.New("away")
	_, err := b.anchor(t.Context(), b.registry.rows)
	require.Error(t, err)
	assert.Empty(t, b.table.anchored)

	delete(b.archive.faults, name)
	b.archive.items[name] = "somebody else's bytes"
	report, err := b.anchor(t.Context(), b.registry.rows)
	require.NoError(t, err, "only the name counts")
	assert.Equal(t, 1, report.Anchored)
}

// Dead letters need no event: each run looks for them, and what it meets there
// keeps nothing else.
func TestARunCollectsDeadLetters(t *testing.T) {
	b := newTestBed(t, clean(1))
	b.table.due = []row[airlock.RequestID]{{value: clean(1).ID}}
	var asked time.Time
	away := errors.New("the container is away")
	b.letters = func(before time.Time) (int, error) { asked = before; return 3, away }
	report, err := b.reconcile(t.Context())
	require.ErrorIs(t, err, away)
	assert.Equal(t, Report{Workspaces: 1, Advanced: 1, DeadLetters: 3, Failed: 1}, report)
	assert.Equal(t, noon.Add(-b.config.Grace), asked, "a fresh one is left to its event")
	assert.Equal(t, airlock.InReview, b.table.get(clean(1).ID).Status)
}
