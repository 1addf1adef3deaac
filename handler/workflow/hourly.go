package workflow

import (
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
)

// hourly counts each person's actions within the present hour. It belongs to this
// process alone: it keeps a person from wearing out the service, and is no state.
type hourly struct {
	mu    sync.Mutex
	hour  time.Time
	times map[string]int // by workspace and person
}

// take counts one more, unless that is more than most; then it returns how long
// the hour still lasts.
func (t *hourly) take(ws airlock.WorkspaceID, p airlock.UserID, most int, at time.Time) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	who := t.who(ws, p, at)
	if t.times[who] >= most {
		return t.hour.Add(time.Hour).Sub(at)
	}
	t.times[who]++
	return 0
}

// count is how often somebody did it in the present hour.
func (t *hourly) count(ws airlock.WorkspaceID, p airlock.UserID, at time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.times[t.who(ws, p, at)]
}

// who is a person's key; with a new hour all begin anew.
func (t *hourly) who(ws airlock.WorkspaceID, p airlock.UserID, at time.Time) string {
	if hour := at.Truncate(time.Hour); !hour.Equal(t.hour) {
		t.hour, t.times = hour, map[string]int{}
	}
	return string(ws) + "/" + string(p)
}
