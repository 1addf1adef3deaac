package workflow

import (
	"context"
	"time"
)

// The daily sweep runs in the small hours (UTC). A process that starts later in
// the day leaves it to tomorrow: processes come and go, and each would sweep anew.
const (
	sweepHour  = 3
	sweepUntil = 6
	// sweepAgain is how long after a sweep that was not complete the next begins.
	sweepAgain = 30 * time.Minute
)

// begin reports that a sweep is to be made now, which begins it.
func (d *daily) begin(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now = now.UTC()
	if now.Hour() < sweepHour || now.Hour() >= sweepUntil || d.done == now.Format(time.DateOnly) || now.Sub(d.tried) < sweepAgain {
		return false
	}
	d.tried = now
	return true
}

// complete notes that the sweep that began then has seen everything.
func (d *daily) complete(began time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = began.UTC().Format(time.DateOnly)
}

// sweepDaily makes the daily sweep, and the comparison with the log of anchors, if
// their time has come. Trouble of either is logged, and makes both begin again.
func (s *Service) sweepDaily(ctx context.Context) {
	began := s.config.Now()
	if !s.daily.begin(began) {
		return
	}
	_, compared := s.compareDaily(ctx)
	if swept := len(s.Sweep(ctx).Trouble) == 0; swept && compared {
		s.daily.complete(began)
	}
}
