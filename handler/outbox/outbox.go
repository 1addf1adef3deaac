// Package outbox publishes the events that decisions left in the store. It
// decides nothing: it sends written events, and an event that it cannot send stays there.
package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"example.org/airlock/handler/airlock"
)

// Outbox publishes the events that decisions left in the store. Right after a
// commit it is kicked with the rows just written. After a crash, or with Event Grid
// down, the reconciler sends the rest. Events go out at least once, always with the
// id they were written with.
type Outbox struct {
	config Config

	// Two lanes: a notification asks the directory first, and must not hold up
	// the event that starts the next step.
	steps, mails lane
	removal      removal
}

// lane is a queue of events on their way out.
type lane struct {
	queue chan airlock.Event
	// closedUntil holds kicks back after a topic could not be reached, in Unix
	// nanoseconds: with Event Grid down the reconciler's tries are enough. Each
	// lane has its own: trouble with mails never delays a step.
	closedUntil atomic.Int64
}

const (
	laneLength    = 4096 // events kicked and not yet sent; beyond it the reconciler sends them
	batchSize     = 100
	publishWithin = 20 * time.Second
	fillWithin    = 20 * time.Second
	restAfter     = 2 * time.Second
)

// Config holds an Outbox's dependencies. All members are required.
type Config struct {
	Rows       Rows
	Publisher  Publisher
	Notices    Notices
	Workspaces Workspaces
	Log        *slog.Logger
}

// Rows are the events in the store.
type Rows interface {
	// Published removes the rows of events that are out. Rows that are gone already
	// are no error.
	Published(ctx context.Context, events []airlock.Event) error
}

// Publisher sends events.
type Publisher interface {
	// Publish sends a batch; nil means all of them are with Event Grid. After an
	// error some may have been sent: events are repeated with the same ids.
	Publish(ctx context.Context, topic airlock.Topic, events []airlock.Event) error
}

// Notices turns the notification a decision left in the outbox into the event
// that is sent: it adds who is told, and the text. It may ask the directory, so
// it runs only when an outbox row is published, never in a decision.
type Notices interface {
	Fill(ctx context.Context, ws airlock.Workspace, e airlock.Event) (airlock.Event, error)
}

// Workspaces knows the workspace a notice is about.
type Workspaces interface {
	Workspace(ctx context.Context, id airlock.WorkspaceID) (airlock.Workspace, error)
}

// New returns an outbox that publishes nothing until Run. It panics on a missing
// dependency, which is a mistake in the wiring.
func New(c Config) *Outbox {
	if c.Rows == nil || c.Publisher == nil || c.Notices == nil || c.Workspaces == nil || c.Log == nil {
		panic("outbox: missing dependency")
	}
	return &Outbox{config: c, steps: lane{queue: make(chan airlock.Event, laneLength)}, mails: lane{queue: make(chan airlock.Event, laneLength)}, removal: newRemoval()}
}

// Kick offers events that have just been committed. It never blocks and never
// fails: events that it cannot take stay in the store for the reconciler.
func (o *Outbox) Kick(events []airlock.Event) {
	now := time.Now().UnixNano()
	for _, e := range events {
		l := &o.steps
		if e.Topic == airlock.TopicNotification {
			l = &o.mails
		}
		if now < l.closedUntil.Load() {
			continue
		}
		select {
		case l.queue <- e:
		default:
		}
	}
}

// Run publishes the rows that Kick brings until ctx ends, and then removes the rows of events that are
// out.
func (o *Outbox) Run(ctx context.Context) {
	var lanes, removing sync.WaitGroup
	lanes.Go(func() { o.serve(ctx, &o.mails) })
	lanes.Go(func() { o.serve(ctx, &o.steps) })
	sent, end := context.WithCancel(context.WithoutCancel(ctx))
	removing.Go(func() { o.remove(sent) })
	lanes.Wait()
	end()
	removing.Wait()
}

// serve sends the gathered events of a lane, batch by batch.
func (o *Outbox) serve(ctx context.Context, l *lane) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-l.queue:
			batch := []airlock.Event{e}
			for len(batch) < batchSize && len(l.queue) > 0 {
				batch = append(batch, <-l.queue)
			}
			out, err := o.send(ctx, batch)
			o.removal.add(out)
			if err == nil {
				continue
			}
			o.config.Log.WarnContext(ctx, "events stay in the outbox", "events", len(batch), "error", err.Error())
			if _, down := errors.AsType[*topicError](err); down {
				l.closedUntil.Store(time.Now().Add(restAfter).UnixNano())
			}
		}
	}
}
