package grid

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"example.org/airlock/localcloud/event"
)

// delivery is one event on its way to one subscription. It is written to the
// state file as it is.
type delivery struct {
	Subscription string      `json:"subscription"`
	Event        event.Event `json:"event"`
	Sequence     uint64      `json:"sequence"`
	Published    time.Time   `json:"published"`
	Due          time.Time   `json:"due"`
	Attempts     int         `json:"attempts"`
	LastAttempt  time.Time   `json:"lastAttempt"`
	LastOutcome  string      `json:"lastOutcome"`
	DeadReason   string      `json:"deadReason,omitempty"` // set once only the dead letter is left to write
	DeadSince    time.Time   `json:"deadSince,omitzero"`
}

// line orders deliveries by due time, then by publishing.
type line []*delivery

func (l line) Len() int { return len(l) }
func (l line) Less(i, j int) bool {
	if l[i].Due.Equal(l[j].Due) {
		return l[i].Sequence < l[j].Sequence
	}
	return l[i].Due.Before(l[j].Due)
}
func (l line) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *line) Push(d any)   { *l = append(*l, d.(*delivery)) }
func (l *line) Pop() any {
	last := len(*l) - 1
	d := (*l)[last]
	(*l)[last], *l = nil, (*l)[:last]
	return d
}

var _ heap.Interface = (*line)(nil)

// post sends events to an endpoint and returns the answer's status and the
// beginning of its body. A status of 0 comes with an outcome's name as error.
func (g *Grid) post(ctx context.Context, s Subscription, kind string, attempt int, e event.Event) (int, []byte, error) {
	body, err := json.Marshal([]event.Event{e})
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, g.config.AnswerLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Endpoint, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("aeg-event-type", kind)
	request.Header.Set("aeg-subscription-name", strings.ToUpper(s.Name))
	request.Header.Set("aeg-delivery-count", strconv.Itoa(attempt))
	request.Header.Set("aeg-data-version", e.DataVersion)
	request.Header.Set("aeg-metadata-version", "1")
	answer, err := g.client.Do(request)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return 0, nil, errors.New("TimedOut")
	case err != nil:
		return 0, nil, errors.New("SocketError")
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return 0, nil, errors.New("SocketError")
	}
	return answer.StatusCode, text, nil
}

// handshake proves to the subscription's endpoint that it is meant, as Event
// Grid does before it sends anything else.
func (g *Grid) handshake(ctx context.Context, s Subscription) error {
	code := event.NewID()
	e := event.New(event.Validation, "", "2", map[string]string{
		"validationCode": code,
		"validationUrl":  "https://rp-local.eventgrid.azure.net/eventsubscriptions/" + s.Name + "/validate?id=" + code,
	})
	e.Topic = s.topicID()
	status, body, err := g.post(ctx, s, "SubscriptionValidation", 0, e)
	if err != nil {
		return err
	}
	var answer struct {
		ValidationResponse string `json:"validationResponse"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.ValidationResponse != code {
		return fmt.Errorf("answered %d and not the validation code", status)
	}
	return nil
}
