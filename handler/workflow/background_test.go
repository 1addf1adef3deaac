package workflow

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// deciding has a request lie where its status says, and makes a decision about it that
// sends an event.
func deciding(t *testing.T, c *change) *testBed {
	t.Helper()
	b, source := newTestBed(t, c), airlock.Stage("")
	source, _ = airlock.SourceOf(c.Type, c.Status)
	from := airlock.Container{Account: string(source), Name: airlock.ContainerName(c.ID)}
	for _, f := range c.Files {
		etag := f.InProgressETag
		if c.Status == airlock.Submitted {
			etag = f.DraftETag
		}
		b.storage.blobs[from] = append(b.storage.blobs[from], airlock.Blob{Name: f.Name, Size: f.Size, ETag: etag})
	}
	_, err := b.decide(t.Context(), b.ws, c.ID, airlock.SystemPrincipal("test"), func(c *change) error {
		c.emitStatusChanged(c.Status)
		return nil
	})
	require.NoError(t, err)
	b.table.loads = 0
	return b
}

// told delivers the events that were sent so far.
func (b *testBed) told(id airlock.RequestID) {
	b.t.Helper()
	for _, e := range b.table.events {
		if e.Topic != airlock.TopicNotification {
			require.NoError(b.t, b.Heed(b.t.Context(), airlock.Hint{Request: id, Event: e.ID, Because: "test"}))
		}
	}
}

// From its own decision the process goes on without a look at the state, and its events
// find nothing to do.
func TestADecisionIsGoneOnFrom(t *testing.T) {
	for name, tt := range map[string]struct {
		given *change
		steps []string
	}{
		"into review": {copying("1"), []string{"copied", "data_deleted"}},
		"to its end":  {approving("1"), []string{"copy_verified", "data_deleted", "receipt_stored"}},
	} {
		b := deciding(t, tt.given)
		b.goOn(t.Context(), <-b.next)
		assert.Equal(t, tt.steps, b.table.actions(), name)
		b.told(tt.given.ID)
		for _, f := range b.table.get(tt.given.ID).Files {
			for _, etag := range []string{f.InProgressETag, f.FinalETag} {
				if etag != "" {
					require.NoError(t, b.Heed(t.Context(), airlock.Hint{Request: tt.given.ID, BlobETag: etag}), name)
				}
			}
		}
		assert.Zero(t, b.table.loads, name)
		assert.Equal(t, tt.steps, b.table.actions(), name)
		assert.Empty(t, b.next, "nobody is to go on from what was gone on from")
	}
}

// Run does so by itself.
func TestRunGoesOnUntilItsEnd(t *testing.T) {
	c := approving("1")
	b := deciding(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.Run(ctx); close(ended) }()
	require.Eventually(t, func() bool { return b.table.get(c.ID).Receipt != "" }, 30*time.Second, time.Millisecond)
	cancel()
	<-ended
}

// An event has the work done that a process does not do, or not to its end.
func TestAnEventHasDoneWhatNobodyDid(t *testing.T) {
	for name, before := range map[string]func(b *testBed, id airlock.RequestID){
		"nothing was done": func(*testBed, airlock.RequestID) {},
		"it broke off": func(b *testBed, id airlock.RequestID) {
			ctx, cancel := context.WithCancel(b.t.Context())
			cancel()
			b.goOn(ctx, id)
		},
		"the memory was emptied": func(b *testBed, _ airlock.RequestID) { b.recent.of = nil },
	} {
		c := approving("1")
		b := deciding(t, c)
		before(b, c.ID)
		b.told(c.ID)
		assert.NotEmpty(t, b.table.get(c.ID).Receipt, name)
	}
}

// A decision of another process meanwhile is not overlooked.
func TestAnotherProcessesDecisionIsSeen(t *testing.T) {
	c := approving("1")
	b := deciding(t, c)
	now := b.table.get(c.ID)
	now.Status = airlock.Failed
	b.table.put(now)
	b.table.versions[c.ID]++
	b.goOn(t.Context(), <-b.next)
	assert.Equal(t, airlock.Failed, b.table.get(c.ID).Status)
	assert.Empty(t, b.next, "the old row is not gone on from again and again")
	require.NoError(t, b.Heed(t.Context(), airlock.Hint{Request: c.ID, Event: "of the other process"}))
	assert.NotZero(t, b.table.loads)
}

// Nor is it when this process comes to it late: by then the events have reached others.
func TestAnOldRowIsReadAgain(t *testing.T) {
	c := copying("1")
	b := deciding(t, c)
	now := b.table.get(c.ID)
	now.Status = airlock.Cancelled
	b.table.put(now)
	b.table.versions[c.ID]++
	b.clock = b.clock.Add(freshFor + 1)
	b.goOn(t.Context(), <-b.next)
	assert.Equal(t, 1, b.table.loads)
	assert.Empty(t, b.table.actions(), "nothing is copied of what was cancelled")
	assert.Empty(t, b.next)
}

// A step that goes on in another delivery is not done when its event comes.
func TestAnEventThatAsksToGoOnIsHeard(t *testing.T) {
	c := copying("1")
	b := deciding(t, c)
	b.storage.hash = func(_ context.Context, _ string, p airlock.HashProgress) (airlock.HashProgress, string, error) {
		p.Offset++
		return p, "", nil // the time is short, each time
	}
	b.goOn(t.Context(), <-b.next)
	loads := b.table.loads
	b.told(c.ID)
	assert.Greater(t, b.table.loads, loads)
	assert.Empty(t, b.table.get(c.ID).Files[0].SHA256)
}

// Much to move is left to the events: another instance gets them, and would do it too.
func TestMuchToMoveIsLeftToTheEvents(t *testing.T) {
	c := approving("1")
	c.Files[0].Size = backgroundBytes + 1
	b := deciding(t, c)
	assert.Empty(t, b.next)
	b.told(c.ID)
	assert.NotEmpty(t, b.table.get(c.ID).Receipt)
}

// More decisions than wait are left to the events too, and none is kept for them.
func TestAFullQueueKeepsNothing(t *testing.T) {
	c := approving("1")
	b := newTestBed(t, c)
	for range backgroundLength {
		b.soon("af89dccd-0000-4000-8000-000000000000")
	}
	b.wrote(lastRow{Request: c.Request, version: "1"}, []airlock.Event{step("e")})
	assert.Nil(t, b.recent.of[c.ID].left)
}
