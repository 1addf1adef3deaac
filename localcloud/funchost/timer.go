package funchost

import (
	"context"
	"time"
)

// tick runs a timer function on its schedule until ctx ends. Runs never overlap:
// the next time is looked for when a run has ended. A failure waits for the next.
func (h *Host) tick(ctx context.Context, f *function) {
	var last time.Time
	if f.trigger.RunOnStartup {
		last = time.Now()
		_ = h.invoke(ctx, f, f.timerEnvelope(nil)) // logged there
	}
	for {
		next := f.schedule.next(time.Now())
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		var status *scheduleStatus
		if following := f.schedule.next(next); f.monitored() && following.Sub(next) >= time.Minute {
			status = &scheduleStatus{Last: last.UTC(), Next: next, LastUpdated: last.UTC()}
		}
		last = time.Now()
		_ = h.invoke(ctx, f, f.timerEnvelope(status))
	}
}

func (f *function) monitored() bool { return f.trigger.UseMonitor == nil || *f.trigger.UseMonitor }
