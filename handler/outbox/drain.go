package outbox

import (
	"context"
	"errors"
	"iter"
	"slices"

	"example.org/airlock/handler/airlock"
)

// Drain sends rows in batches, removes those that are out and returns their number. A
// row that cannot be sent holds up nothing behind it, except in its own topic when that
// cannot be reached. The error names everything that stays. Safe to repeat.
func (o *Outbox) Drain(ctx context.Context, rows iter.Seq[airlock.Event]) (sent int, err error) {
	d := draining{outbox: o, down: map[airlock.Topic]bool{}}
	for e := range rows {
		d.add(ctx, e)
	}
	d.flush(ctx)
	return d.sent, d.fault
}

// draining is one walk through the rows of a workspace.
type draining struct {
	outbox *Outbox
	batch  []airlock.Event
	down   map[airlock.Topic]bool // topics that cannot be reached now
	sent   int
	fault  error
}

func (d *draining) add(ctx context.Context, e airlock.Event) {
	if d.down[e.Topic] {
		return
	}
	if d.batch = append(d.batch, e); len(d.batch) == batchSize {
		d.flush(ctx)
	}
}

func (d *draining) flush(ctx context.Context) {
	if len(d.batch) == 0 {
		return
	}
	out, err := d.outbox.send(ctx, d.batch)
	if len(out) > 0 {
		if kept := d.outbox.config.Rows.Published(ctx, out); kept != nil {
			out, err = nil, errors.Join(err, kept)
		}
	}
	d.sent += len(out)
	for _, topic := range topics {
		d.down[topic] = d.down[topic] || isDown(err, topic)
	}
	d.fault, d.batch = errors.Join(d.fault, err), nil
}

// isDown reports whether err, or one of the errors joined in it, says that a
// topic could not be reached.
func isDown(err error, topic airlock.Topic) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return isDown(e, topic) })
	}
	down, ok := errors.AsType[*topicError](err)
	return ok && down.topic == topic
}
