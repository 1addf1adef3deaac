package workflow

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"example.org/airlock/handler/airlock"
)

// Outbox publishes the events that decisions left in the store. Right after a
// commit it is kicked with the rows just written; what that does not bring out
// (a crash, Event Grid down) the reconciler does. Events go out at least once,
// always with the id they were written with.
type Outbox struct {
	store     outboxRows
	publisher Publisher
	notices   Notices
	registry  Registry
	log       *slog.Logger

	// Two lanes: a notification asks the directory first, and must not hold up
	// the event that starts the next step.
	steps, mails chan airlock.Event
	// closedUntil holds kicks back after a failure, in Unix nanoseconds: with
	// Event Grid down the reconciler's tries are enough.
	closedUntil atomic.Int64
}

// outboxRows is what the outbox needs of the store.
type outboxRows interface {
	Published(ctx context.Context, events []airlock.Event) error
}

const (
	laneLength    = 4096 // events kicked and not yet sent; beyond it the reconciler sends them
	batchSize     = 100
	publishWithin = 20 * time.Second
	restAfter     = 2 * time.Second
)

// NewOutbox returns an outbox that publishes nothing until Run.
func NewOutbox(store outboxRows, publisher Publisher, notices Notices, registry Registry, log *slog.Logger) *Outbox {
	return &Outbox{store: store, publisher: publisher, notices: notices, registry: registry, log: log,
		steps: make(chan airlock.Event, laneLength), mails: make(chan airlock.Event, laneLength)}
}

// Kick offers events that have just been committed. It never blocks and never
// fails: what it cannot take stays in the store for the reconciler.
func (o *Outbox) Kick(events []airlock.Event) {
	if time.Now().UnixNano() < o.closedUntil.Load() {
		return
	}
	for _, e := range events {
		lane := o.steps
		if e.Topic == airlock.TopicNotification {
			lane = o.mails
		}
		select {
		case lane <- e:
		default:
		}
	}
}

// Run publishes what Kick brings until ctx ends.
func (o *Outbox) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() { defer close(done); o.lane(ctx, o.mails) }()
	o.lane(ctx, o.steps)
	<-done
}

// lane sends what has gathered in it, batch by batch.
func (o *Outbox) lane(ctx context.Context, in <-chan airlock.Event) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-in:
			batch := []airlock.Event{e}
			for len(batch) < batchSize && len(in) > 0 {
				batch = append(batch, <-in)
			}
			limited, cancel := context.WithTimeout(ctx, publishWithin)
			if err := o.Send(limited, batch); err != nil {
				o.closedUntil.Store(time.Now().Add(restAfter).UnixNano())
				o.log.WarnContext(ctx, "events stay in the outbox", "events", len(batch), "error", err.Error())
			}
			cancel()
		}
	}
}

// Send publishes outbox rows and removes those that are out. Safe to repeat.
func (o *Outbox) Send(ctx context.Context, events []airlock.Event) error {
	byTopic := map[airlock.Topic][]airlock.Event{}
	for _, e := range events {
		byTopic[e.Topic] = append(byTopic[e.Topic], e)
	}
	var fault error
	for topic, batch := range byTopic {
		if err := o.sendTopic(ctx, topic, batch); err != nil {
			fault = err
		}
	}
	return fault
}

func (o *Outbox) sendTopic(ctx context.Context, topic airlock.Topic, batch []airlock.Event) error {
	if topic != airlock.TopicNotification {
		return o.out(ctx, topic, batch, batch)
	}
	var (
		rows, filled []airlock.Event
		fault        error
	)
	for _, row := range batch {
		e, err := o.fill(ctx, row)
		if err != nil { // the others' mails must not wait for this one
			fault = err
			continue
		}
		rows, filled = append(rows, row), append(filled, e)
	}
	return errors.Join(o.out(ctx, topic, rows, filled), fault)
}

// out sends events and removes the rows they were made from.
func (o *Outbox) out(ctx context.Context, topic airlock.Topic, rows, events []airlock.Event) error {
	if len(rows) == 0 {
		return nil
	}
	if err := o.publisher.Publish(ctx, topic, events); err != nil {
		return err
	}
	return o.store.Published(ctx, rows)
}

func (o *Outbox) fill(ctx context.Context, row airlock.Event) (airlock.Event, error) {
	ws, err := o.registry.Workspace(ctx, row.Workspace)
	if err != nil {
		return airlock.Event{}, err
	}
	return o.notices.Fill(ctx, ws, row)
}
