package story

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"example.org/airlock/localcloud/event"
	"example.org/airlock/localcloud/fault"
	"example.org/airlock/localcloud/grid"
	"example.org/airlock/localcloud/ground"
	"example.org/airlock/localcloud/logicapp"
)

type groundBlob = ground.Blob

// Kill kills the handler at once (SIGKILL); the host starts it again.
func (c *Cloud) Kill(ctx context.Context) error {
	return c.control(ctx, http.MethodPost, "/handler/kill", nil, nil)
}

// Idle has the plan scale in: the first webhook call of each function answers 401 then, but of groups that are kept ready.
func (c *Cloud) Idle(ctx context.Context, ready ...string) error {
	return c.control(ctx, http.MethodPost, "/handler/idle?"+url.Values{"ready": ready}.Encode(), nil, nil)
}

// Break adds a rule by which calls to storage and Event Grid go wrong.
func (c *Cloud) Break(ctx context.Context, rule url.Values) error {
	return c.control(ctx, http.MethodPost, "/faults?"+rule.Encode(), nil, nil)
}

// Mend removes all such rules.
func (c *Cloud) Mend(ctx context.Context) error {
	return c.control(ctx, http.MethodDelete, "/faults", nil, nil)
}

// Rules are the rules that have not been used up.
func (c *Cloud) Rules(ctx context.Context) (rules []fault.Rule, err error) {
	err = c.control(ctx, http.MethodGet, "/faults", nil, &rules)
	return rules, err
}

// Calls returns the log of calls to storage, Event Grid and Graph.
func (c *Cloud) Calls(ctx context.Context) ([]fault.Call, error) {
	var log struct{ Calls []fault.Call }
	err := c.control(ctx, http.MethodGet, "/calls", nil, &log)
	return log.Calls, err
}

// ForgetCalls empties that log and counts from 1 again.
func (c *Cloud) ForgetCalls(ctx context.Context) error {
	return c.control(ctx, http.MethodDelete, "/calls", nil, nil)
}

// BreakEvents says what goes wrong with events from now on; the zero value ends it.
func (c *Cloud) BreakEvents(ctx context.Context, f grid.Faults) error {
	return c.control(ctx, http.MethodPut, "/events/faults", f, nil)
}

// Published lists the events whose subject contains a text, as far back as the grid remembers.
func (c *Cloud) Published(ctx context.Context, subject string) (events []event.Event, err error) {
	err = c.control(ctx, http.MethodGet, "/events/published?subject="+url.QueryEscape(subject), nil, &events)
	return events, err
}

// GridStats counts the grid's events.
func (c *Cloud) GridStats(ctx context.Context) (s grid.Stats, err error) {
	err = c.control(ctx, http.MethodGet, "/events/stats", nil, &s)
	return s, err
}

// Forge delivers an event to a subscription as if it were genuine.
func (c *Cloud) Forge(ctx context.Context, subscription string, e event.Event) error {
	return c.control(ctx, http.MethodPost, "/events/inject", map[string]any{"subscription": subscription, "event": e}, nil)
}

// Replay has remembered events delivered again: one by its id, all with "".
func (c *Cloud) Replay(ctx context.Context, id string) error {
	return c.control(ctx, http.MethodPost, "/events/replay", map[string]string{"id": id}, nil)
}

// settleLimit is how long events may be queued or under way: a replay of a whole storm takes a busy machine minutes.
const settleLimit = 6 * time.Minute

// Settle waits until no event is queued or under way. Its error says what waits.
func (c *Cloud) Settle(ctx context.Context) error {
	_, err := c.send(ctx, http.MethodPost, c.Control+"/events/settle", nil, nil, settleLimit)
	if err == nil || ctx.Err() != nil {
		return err
	}
	stats, statsErr := c.GridStats(ctx)
	return errors.Join(fmt.Errorf("%w: %+v", err, stats.Subscriptions), statsErr)
}

// Verdict says what the malware scan finds in blobs whose account/container/name contains a text, until further notice:
// clean, malicious, error, not-scanned, none (no verdict ever comes), auto (as the content deserves).
func (c *Cloud) Verdict(ctx context.Context, verdict, blob string) error {
	return c.control(ctx, http.MethodPost, "/defender/rules", map[string]any{"verdict": verdict, "blob": blob}, nil)
}

// VerdictOnce is Verdict for one scan only.
func (c *Cloud) VerdictOnce(ctx context.Context, verdict, blob string) error {
	return c.control(ctx, http.MethodPost, "/defender/rules", map[string]any{"verdict": verdict, "blob": blob, "once": true}, nil)
}

// Scan sets a rule of the malware scan with all it can say; see the control of localcloud/defender.
func (c *Cloud) Scan(ctx context.Context, rule map[string]any) error {
	return c.control(ctx, http.MethodPost, "/defender/rules", rule, nil)
}

// Say has the malware scan publish a verdict now, for a version of a blob, and tag the blob if it is there in that version.
func (c *Cloud) Say(ctx context.Context, verdict, account, container, blob, etag string) error {
	body := map[string]any{"account": account, "container": container, "blob": blob, "eTag": etag, "verdict": verdict}
	return c.control(ctx, http.MethodPost, "/defender/say", body, nil)
}

// BreakMail has the mailer answer so many notifications with a status instead of sending them; 0 times ends it.
func (c *Cloud) BreakMail(ctx context.Context, status, times int) error {
	return c.control(ctx, http.MethodPut, "/logicapp/failure", map[string]int{"status": status, "times": times}, nil)
}

// Mails lists the mails that would have been sent.
func (c *Cloud) Mails() ([]logicapp.Mail, error) { return logicapp.Mails(c.Dir) }
