package outbox

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// grid is Event Grid and the outbox table. A fake, because topics that fail one
// by one and notices that cannot be filled cannot be made to happen on cue.
type grid struct {
	rows     []airlock.Event
	down     map[airlock.Topic]bool
	unfilled map[string]bool
	sent     []string

	mu       sync.Mutex
	removals [][]string // ids, call by call
	stuck    bool       // rows cannot be removed
}

func ids(events []airlock.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.ID)
	}
	return out
}

func (g *grid) Publish(_ context.Context, topic airlock.Topic, events []airlock.Event) error {
	if g.down[topic] {
		return errors.New("away")
	}
	for _, e := range events {
		g.sent = append(g.sent, e.ID)
	}
	return nil
}

func (g *grid) Published(_ context.Context, rows []airlock.Event) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stuck {
		return errors.New("the table does not answer")
	}
	g.removals = append(g.removals, ids(rows))
	return nil
}

func (g *grid) removed() [][]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.removals)
}

func (g *grid) Fill(_ context.Context, _ airlock.Workspace, e airlock.Event) (airlock.Event, error) {
	if g.unfilled[e.ID] {
		return e, errors.New("the directory does not answer")
	}
	return e, nil
}

// workspaces knows every workspace.
type workspaces struct{}

func (workspaces) Workspace(_ context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	return airlock.Workspace{ID: id}, nil
}

func newGrid() (*grid, *Outbox) {
	g := &grid{down: map[airlock.Topic]bool{}, unfilled: map[string]bool{}}
	return g, New(Config{Rows: g, Publisher: g, Notices: g, Workspaces: workspaces{}, Log: slog.New(slog.DiscardHandler)})
}

func mail(id string) airlock.Event {
	return airlock.Event{ID: id, Topic: airlock.TopicNotification, Time: time.Now()}
}
func step(id string) airlock.Event {
	return airlock.Event{ID: id, Topic: airlock.TopicStatusChanged, Time: time.Now()}
}

func TestOneMailsTroubleIsItsOwn(t *testing.T) {
	g, o := newGrid()
	g.unfilled["b"] = true
	out, err := o.send(t.Context(), []airlock.Event{mail("a"), mail("b"), mail("c"), step("d")})
	require.Error(t, err)
	assert.ElementsMatch(t, []string{"a", "c", "d"}, g.sent)
	assert.ElementsMatch(t, g.sent, ids(out))
}

// With hundreds of mails that wait for the directory, the events behind them
// still go out.
func TestWaitingMailsHoldUpNothing(t *testing.T) {
	g, o := newGrid()
	for range 3 * batchSize {
		g.unfilled["m"] = true
		g.rows = append(g.rows, mail("m"))
	}
	g.rows = append(g.rows, step("behind"))
	_, err := o.Drain(t.Context(), slices.Values(g.rows))
	require.Error(t, err)
	assert.Equal(t, []string{"behind"}, g.sent)
}

func TestATopicThatIsAwayHoldsUpOnlyItself(t *testing.T) {
	g, o := newGrid()
	g.down[airlock.TopicNotification] = true
	for range 2 * batchSize {
		g.rows = append(g.rows, mail("m"))
	}
	g.rows = append(g.rows, step("a"))
	sent, err := o.Drain(t.Context(), slices.Values(g.rows))
	require.Error(t, err)
	assert.Equal(t, []string{"a"}, g.sent)
	assert.Equal(t, 1, sent)
	assert.True(t, isDown(err, airlock.TopicNotification))
	assert.False(t, isDown(err, airlock.TopicStatusChanged))
}

// Trouble with mails must not close the lane of the steps.
func TestLanesRestApart(t *testing.T) {
	g, o := newGrid()
	g.down[airlock.TopicNotification] = true
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { o.Run(ctx); close(done) }()
	o.Kick([]airlock.Event{mail("m")})
	require.Eventually(t, func() bool { return o.mails.closedUntil.Load() > 0 }, 5*time.Second, time.Millisecond)
	assert.Zero(t, o.steps.closedUntil.Load())
	o.Kick([]airlock.Event{step("s")})
	require.Eventually(t, func() bool { return len(o.steps.queue) == 0 }, 5*time.Second, time.Millisecond)
	cancel()
	<-done
	assert.Contains(t, g.sent, "s")
}

// One call removes the rows of several decisions, and the end removes the rest.
func TestRowsOfWhatIsOutAreRemovedTogether(t *testing.T) {
	g, o := newGrid()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	o.removal.add([]airlock.Event{step("a"), mail("b")})
	o.removal.add([]airlock.Event{step("c")})
	go func() { o.Run(ctx); close(done) }()
	require.Eventually(t, func() bool { return len(g.removed()) == 1 }, 30*time.Second, time.Millisecond)
	assert.Equal(t, [][]string{{"a", "b", "c"}}, g.removed())
	o.removal.add([]airlock.Event{step("d")})
	cancel()
	<-done
	assert.Equal(t, [][]string{{"a", "b", "c"}, {"d"}}, g.removed())
}

// A row that stays is sent again, so it must not count as done.
func TestWhatCannotBeRemovedStays(t *testing.T) {
	g, o := newGrid()
	g.stuck = true
	sent, err := o.Drain(t.Context(), slices.Values([]airlock.Event{step("a")}))
	require.ErrorContains(t, err, "the table does not answer")
	assert.Zero(t, sent)
}

func TestNewNeedsEveryPart(t *testing.T) {
	assert.Panics(t, func() { New(Config{}) })
}
