package grid

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// inFlightLimit keeps a slow endpoint from eating all sockets of the machine.
const inFlightLimit = 64

// handshakePause is the wait between two tries of the validation handshake: the
// endpoints start together with the grid and need a moment.
const handshakePause = 100 * time.Millisecond

// deadLetterPause and deadLetterPatience are how often and how long a dead
// letter is tried to be written; after that Event Grid drops the event.
const (
	deadLetterPause    = 10 * time.Second
	deadLetterPatience = 4 * time.Hour
)

// lane is one subscription with the deliveries that wait for it. Everything but
// wake is guarded by the grid's mutex.
type lane struct {
	Subscription
	wake     chan struct{}
	waiting  line
	inFlight int
	valid    bool
	count    Counts
}

// Counts are a subscription's deliveries since the start.
type Counts struct {
	Published    int `json:"published"` // events that matched
	Dropped      int `json:"dropped"`   // lost on demand, or given up without a dead letter
	Duplicated   int `json:"duplicated"`
	Attempts     int `json:"attempts"`
	Delivered    int `json:"delivered"`
	Failed       int `json:"failed"` // attempts that were not accepted
	DeadLettered int `json:"deadLettered"`
	Queued       int `json:"queued"`
	InFlight     int `json:"inFlight"`
}

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run validates the endpoint and then delivers until ctx ends. Deliveries that
// are under way then return to the lane untouched.
func (g *Grid) run(ctx context.Context, l *lane) {
	if !g.validate(ctx, l) {
		return
	}
	var flying sync.WaitGroup
	defer flying.Wait()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		ready, wait := g.take(l)
		for _, d := range ready {
			flying.Go(func() { g.attempt(ctx, l, d) })
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-timer.C:
		}
	}
}

// validate repeats the handshake until the endpoint answers or ctx ends.
func (g *Grid) validate(ctx context.Context, l *lane) bool {
	for {
		err := g.handshake(ctx, l.Subscription)
		if err == nil {
			g.mu.Lock()
			l.valid = true
			g.mu.Unlock()
			return true
		}
		g.config.Log.Debug("endpoint did not validate yet", "subscription", l.Name, "error", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(handshakePause):
		}
	}
}

// take removes the due deliveries and says how long to wait for the next one.
func (g *Grid) take(l *lane) (ready []*delivery, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for !g.paused && len(l.waiting) > 0 && l.inFlight < inFlightLimit {
		if wait := l.waiting[0].Due.Sub(now); wait > 0 {
			return ready, wait
		}
		ready = append(ready, heap.Pop(&l.waiting).(*delivery))
		l.inFlight++
	}
	return ready, time.Hour // paused, empty or full: a nudge ends the wait
}

// attempt delivers once, or writes the dead letter of what was given up.
func (g *Grid) attempt(ctx context.Context, l *lane, d *delivery) {
	again := false
	if d.DeadReason == "" {
		again = g.deliver(ctx, l, d)
	}
	if d.DeadReason != "" {
		again = !g.bury(ctx, l, d)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	l.inFlight--
	if again {
		heap.Push(&l.waiting, d)
	}
	l.nudge()
}

// deliver posts the event. It says whether the delivery has to wait for another
// attempt, and sets DeadReason if it was given up.
func (g *Grid) deliver(ctx context.Context, l *lane, d *delivery) (again bool) {
	status, _, err := g.post(ctx, l.Subscription, "Notification", d.Attempts, d.Event)
	if err != nil && ctx.Err() != nil {
		return true // the grid stops: this attempt does not count
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	d.Attempts++
	d.LastAttempt = time.Now()
	l.count.Attempts++
	if err == nil && accepted(status) {
		l.count.Delivered++
		return false
	}
	l.count.Failed++
	if d.LastOutcome = outcomeOf(status); err != nil {
		d.LastOutcome = err.Error()
	}
	luck := dice(g.faults.Seed, l.Name, d.Sequence, d.Attempts).Float64()
	d.Due = d.LastAttempt.Add(g.scaled(waitAfter(d.Attempts, status, luck)))
	d.DeadReason = g.givenUp(l, d, status)
	d.DeadSince = d.LastAttempt
	g.config.Log.Warn("delivery failed", "subscription", l.Name, "event", d.Event.ID, "attempt", d.Attempts,
		"outcome", d.LastOutcome, "status", status, "givenUp", d.DeadReason)
	return true
}

// givenUp is the reason why a failed delivery is not tried again, or "".
func (g *Grid) givenUp(l *lane, d *delivery, status int) string {
	if reason := hopeless(status, l.AzureFunction); reason != "" {
		return reason
	}
	if d.Attempts >= l.MaxAttempts {
		return "MaxDeliveryAttemptsExceeded"
	}
	if d.Due.Sub(d.Published) >= g.scaled(l.TTL) {
		return "TimeToLiveExceeded"
	}
	return ""
}

// scaled divides one of Event Grid's own waits by the speed.
func (g *Grid) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / g.config.Speed)
}
