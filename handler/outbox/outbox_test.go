package outbox

import (
	"context"
	"errors"
	"log/slog"
	"slices"
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

func (g *grid) Published(context.Context, []airlock.Event) error { return nil }

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
	require.Error(t, o.send(t.Context(), []airlock.Event{mail("a"), mail("b"), mail("c"), step("d")}))
	assert.ElementsMatch(t, []string{"a", "c", "d"}, g.sent)
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

func TestNewNeedsEveryPart(t *testing.T) {
	assert.Panics(t, func() { New(Config{}) })
}
