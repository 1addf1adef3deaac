package grid

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.org/airlock/localcloud/event"
)

// deadLetter is an event as Event Grid writes it into the dead-letter blob: the
// original with the delivery's story at the top level.
type deadLetter struct {
	ID              string          `json:"id"`
	EventTime       string          `json:"eventTime"`
	EventType       string          `json:"eventType"`
	DataVersion     string          `json:"dataVersion"`
	MetadataVersion string          `json:"metadataVersion"`
	Topic           string          `json:"topic"`
	Subject         string          `json:"subject"`
	Reason          string          `json:"deadLetterReason"`
	Attempts        int             `json:"deliveryAttempts"`
	LastOutcome     string          `json:"lastDeliveryOutcome"`
	Published       string          `json:"publishTime"`
	LastAttempt     string          `json:"lastDeliveryAttemptTime"`
	Data            json.RawMessage `json:"data"`
}

// deadLetterName is SUBSCRIPTION/year/month/day/hour/guid.json in UTC, numbers
// without leading zeros.
func deadLetterName(subscription string, at time.Time) string {
	at = at.UTC()
	return fmt.Sprintf("%s/%d/%d/%d/%d/%s.json", strings.ToUpper(subscription),
		at.Year(), at.Month(), at.Day(), at.Hour(), event.NewID())
}

// bury writes the dead letter. False means that it has to be tried again later:
// Event Grid does so for four hours and then drops the event.
func (g *Grid) bury(ctx context.Context, l *lane, d *delivery) bool {
	e := d.Event
	if l.NoDeadLetters {
		g.mu.Lock()
		defer g.mu.Unlock()
		l.count.Dropped++
		return true
	}
	body, err := json.Marshal([]deadLetter{{
		e.ID, e.EventTime, e.EventType, e.DataVersion, e.MetadataVersion, e.Topic, e.Subject,
		d.DeadReason, d.Attempts, d.LastOutcome, event.Time(d.Published), event.Time(d.LastAttempt), e.Data,
	}})
	if err == nil && g.config.DeadLetter != nil {
		err = g.config.DeadLetter(ctx, deadLetterName(l.Name, time.Now()), body)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil {
		l.count.DeadLettered++
		return true
	}
	d.Due = time.Now().Add(g.scaled(deadLetterPause))
	dropped := d.Due.Sub(d.DeadSince) > g.scaled(deadLetterPatience)
	g.config.Log.Error("dead letter not written", "subscription", l.Name, "event", e.ID, "dropped", dropped, "error", err)
	return dropped
}
