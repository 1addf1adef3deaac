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
	steps, mails lane
}

// lane is a queue of events on their way out.
type lane struct {
	queue chan airlock.Event
	// closedUntil holds kicks back after a topic could not be reached, in Unix
	// nanoseconds: with Event Grid down the reconciler's tries are enough. Each
	// lane has its own: trouble with mails never delays a step.
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
	fillWithin    = 20 * time.Second
	restAfter     = 2 * time.Second
)

// NewOutbox returns an outbox that publishes nothing until Run.
func NewOutbox(store outboxRows, publisher Publisher, notices Notices, registry Registry, log *slog.Logger) *Outbox {
	return &Outbox{store: store, publisher: publisher, notices: notices, registry: registry, log: log,
		steps: lane{queue: make(chan airlock.Event, laneLength)}, mails: lane{queue: make(chan airlock.Event, laneLength)}}
}

// Kick offers events that have just been committed. It never blocks and never
// fails: what it cannot take stays in the store for the reconciler.
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

// Run publishes what Kick brings until ctx ends.
func (o *Outbox) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() { defer close(done); o.serve(ctx, &o.mails) }()
	o.serve(ctx, &o.steps)
	<-done
}

// serve sends what has gathered in a lane, batch by batch.
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
			err := o.Send(ctx, batch)
			if err == nil {
				continue
			}
			o.log.WarnContext(ctx, "events stay in the outbox", "events", len(batch), "error", err.Error())
			if _, down := errors.AsType[*topicError](err); down {
				l.closedUntil.Store(time.Now().Add(restAfter).UnixNano())
			}
		}
	}
}

// topicError reports a topic that could not be published to, or whose rows could
// not be removed. Other events of the topic would meet the same.
type topicError struct {
	topic airlock.Topic
	err   error
}

func (e *topicError) Error() string { return "topic " + string(e.topic) + ": " + e.err.Error() }

func (e *topicError) Unwrap() error { return e.err }

// topics in the order in which they are served.
var topics = []airlock.Topic{airlock.TopicStatusChanged, airlock.TopicStepResult, airlock.TopicDataDeletion, airlock.TopicNotification}

// Send publishes outbox rows and removes those that are out. Safe to repeat. It
// goes on with the others when some cannot be sent; the error names them all.
func (o *Outbox) Send(ctx context.Context, events []airlock.Event) error {
	byTopic := map[airlock.Topic][]airlock.Event{}
	for _, e := range events {
		byTopic[e.Topic] = append(byTopic[e.Topic], e)
	}
	var fault error
	// Notifications last: they may wait for the directory, the next steps must not.
	for _, topic := range topics {
		fault = errors.Join(fault, o.sendTopic(ctx, topic, byTopic[topic]))
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
	// What one batch may ask of the directory must not use up the time to send it.
	within, cancel := context.WithTimeout(ctx, fillWithin)
	defer cancel()
	for _, row := range batch {
		e, err := o.fill(within, row)
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
	ctx, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	err := o.publisher.Publish(ctx, topic, events)
	if err == nil {
		err = o.store.Published(ctx, rows)
	}
	if err != nil {
		return &topicError{topic, err}
	}
	return nil
}

func (o *Outbox) fill(ctx context.Context, row airlock.Event) (airlock.Event, error) {
	ws, err := o.registry.Workspace(ctx, row.Workspace)
	if err != nil {
		return airlock.Event{}, err
	}
	return o.notices.Fill(ctx, ws, row)
}
