package workflow

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// grid is Event Grid and the outbox table. A fake, because topics that fail one
// by one and notices that cannot be filled cannot be made to happen on cue.
type grid struct {
	Requests // only what the outbox uses is there
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

func (g *grid) Unpublished(context.Context, airlock.WorkspaceID, time.Time) iter.Seq2[airlock.Event, error] {
	return func(yield func(airlock.Event, error) bool) {
		for _, e := range g.rows {
			var err error
			if e.ID == "unreadable" {
				err = errors.New("unreadable row")
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// registry knows every workspace.
type registry struct{ Registry }

func (registry) Workspace(_ context.Context, id airlock.WorkspaceID) (airlock.Workspace, error) {
	return airlock.Workspace{ID: id}, nil
}

func newGrid() (*grid, *Service) {
	g := &grid{down: map[airlock.Topic]bool{}, unfilled: map[string]bool{}}
	s := testService()
	s.Requests = g
	s.Outbox = NewOutbox(g, g, g, registry{}, slog.New(slog.DiscardHandler))
	return g, s
}

func mail(id string) airlock.Event {
	return airlock.Event{ID: id, Topic: airlock.TopicNotification, Time: noon}
}
func step(id string) airlock.Event {
	return airlock.Event{ID: id, Topic: airlock.TopicStatusChanged, Time: noon}
}

func TestOneMailsTroubleIsItsOwn(t *testing.T) {
	g, s := newGrid()
	g.unfilled["b"] = true
	require.Error(t, s.Outbox.Send(t.Context(), []airlock.Event{mail("a"), mail("b"), mail("c"), step("d")}))
	assert.ElementsMatch(t, []string{"a", "c", "d"}, g.sent)
}

// With hundreds of mails that wait for the directory, the events behind them
// still go out.
func TestWaitingMailsHoldUpNothing(t *testing.T) {
	g, s := newGrid()
	for range 3 * batchSize {
		g.unfilled["m"] = true
		g.rows = append(g.rows, mail("m"))
	}
	g.rows = append(g.rows, airlock.Event{ID: "unreadable"}, step("behind"))
	_, err := s.republish(t.Context(), airlock.Workspace{})
	require.Error(t, err)
	assert.Equal(t, []string{"behind"}, g.sent)
}

func TestATopicThatIsAwayHoldsUpOnlyItself(t *testing.T) {
	g, s := newGrid()
	g.down[airlock.TopicNotification] = true
	for range 2 * batchSize {
		g.rows = append(g.rows, mail("m"))
	}
	g.rows = append(g.rows, step("a"))
	report, err := s.republish(t.Context(), airlock.Workspace{})
	require.Error(t, err)
	assert.Equal(t, []string{"a"}, g.sent)
	assert.Equal(t, 1, report.Published)
	assert.True(t, isDown(err, airlock.TopicNotification))
	assert.False(t, isDown(err, airlock.TopicStatusChanged))
}

// Trouble with mails must not close the lane of the steps.
func TestLanesRestApart(t *testing.T) {
	g, s := newGrid()
	g.down[airlock.TopicNotification] = true
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Outbox.Run(ctx); close(done) }()
	s.Outbox.Kick([]airlock.Event{mail("m")})
	require.Eventually(t, func() bool { return s.Outbox.mails.closedUntil.Load() > 0 }, 5*time.Second, time.Millisecond)
	assert.Zero(t, s.Outbox.steps.closedUntil.Load())
	s.Outbox.Kick([]airlock.Event{step("s")})
	require.Eventually(t, func() bool { return len(s.Outbox.steps.queue) == 0 }, 5*time.Second, time.Millisecond)
	cancel()
	<-done
	assert.Contains(t, g.sent, "s")
}
