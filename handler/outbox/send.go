package outbox

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

// topicError reports a topic that could not be published to. Other events of the topic
// would meet the same.
type topicError struct {
	topic airlock.Topic
	err   error
}

func (e *topicError) Error() string { return "topic " + string(e.topic) + ": " + e.err.Error() }

func (e *topicError) Unwrap() error { return e.err }

// topics in the order in which they are served.
var topics = []airlock.Topic{airlock.TopicStatusChanged, airlock.TopicStepResult, airlock.TopicDataDeletion, airlock.TopicGates, airlock.TopicNotification}

// send publishes outbox rows and returns those that are out. Safe to repeat. It goes on
// with the others when some cannot be sent; the error names them all.
func (o *Outbox) send(ctx context.Context, events []airlock.Event) (out []airlock.Event, err error) {
	byTopic := map[airlock.Topic][]airlock.Event{}
	for _, e := range events {
		byTopic[e.Topic] = append(byTopic[e.Topic], e)
	}
	// Notifications last: they may wait for the directory, the next steps must not.
	for _, topic := range topics {
		sent, fault := o.sendTopic(ctx, topic, byTopic[topic])
		out, err = append(out, sent...), errors.Join(err, fault)
	}
	return out, err
}

func (o *Outbox) sendTopic(ctx context.Context, topic airlock.Topic, batch []airlock.Event) ([]airlock.Event, error) {
	if topic != airlock.TopicNotification {
		return o.publish(ctx, topic, batch, batch)
	}
	var (
		rows, filled []airlock.Event
		fault        error
	)
	// Questions to the directory must not use up the time to send the batch.
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
	out, err := o.publish(ctx, topic, rows, filled)
	return out, errors.Join(err, fault)
}

// publish sends events and returns the rows they were made from.
func (o *Outbox) publish(ctx context.Context, topic airlock.Topic, rows, events []airlock.Event) ([]airlock.Event, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	if err := o.config.Publisher.Publish(ctx, topic, events); err != nil {
		return nil, &topicError{topic, err}
	}
	return rows, nil
}

func (o *Outbox) fill(ctx context.Context, row airlock.Event) (airlock.Event, error) {
	ws, err := o.config.Workspaces.Workspace(ctx, row.Workspace)
	if err != nil {
		return airlock.Event{}, err
	}
	return o.config.Notices.Fill(ctx, ws, row)
}
