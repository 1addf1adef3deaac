package fault

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Who makes a call.
const (
	Program = "program" // comes through the proxy with a token: the handler
	People  = "people"  // comes with a signature
)

// Call is one call as the log keeps it.
type Call struct {
	N        int           `json:"n"` // number among the program's calls, from 1; 0 for people's
	Op       string        `json:"op"`
	Where    string        `json:"where"` // account/container/blob, account/table row, topic
	By       string        `json:"by"`
	Status   int           `json:"status"` // 0: no answer (yet)
	Fault    Do            `json:"fault,omitempty"`
	At       time.Time     `json:"at"`
	Took     time.Duration `json:"tookNanoseconds"`
	ClientID string        `json:"clientRequestId,omitempty"`
}

// logLimit bounds the log of a cloud that runs for days; a story takes a hundred calls.
const logLimit = 50000

// Filter numbers, logs and breaks calls. The zero value lets everything pass.
type Filter struct {
	// Kill ends the calling program at once (SIGKILL) and returns when it is dead.
	Kill func()

	mu    sync.Mutex
	rules []*Rule
	calls []*Call
	count int
}

// Add adds a rule; earlier ones are tried first.
func (f *Filter) Add(r Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Nth > 0 || r.Count == 0 {
		r.Count = 1
	}
	f.rules = append(f.rules, &r)
}

// Rules returns those that have not been used up.
func (f *Filter) Rules() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	left := []Rule{}
	for _, r := range f.rules {
		if r.Count > 0 {
			left = append(left, *r)
		}
	}
	return left
}

// Clear removes all rules.
func (f *Filter) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// Count is the number of calls the program has made since the start or Reset.
func (f *Filter) Count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// Reset empties the log and counts from 1 again.
func (f *Filter) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.count = nil, 0
}

// Calls returns the logged calls of operation op (any if empty) made by by (anybody if empty) whose Where contains match.
func (f *Filter) Calls(op, match, by string) []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := []Call{}
	for _, c := range f.calls {
		if (op == "" || c.Op == op) && (by == "" || c.By == by) && strings.Contains(c.Where, match) {
			found = append(found, *c)
		}
	}
	return found
}

// begin logs a call and takes the rule that applies to it, if any.
func (f *Filter) begin(c Call) (*Call, *Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.By == Program {
		f.count++
		c.N = f.count
	}
	c.At = time.Now().UTC()
	if len(f.calls) >= logLimit {
		f.calls = slices.Delete(f.calls, 0, logLimit/2)
	}
	f.calls = append(f.calls, &c)
	for _, r := range f.rules {
		if r.matches(c) && r.Skip > 0 {
			r.Skip--
		} else if r.matches(c) {
			r.Count--
			c.Fault = r.Do
			taken := *r
			return &c, &taken
		}
	}
	return &c, nil
}

func (f *Filter) end(c *Call, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.Status, c.Took = status, time.Since(c.At)
}

func (f *Filter) kill() {
	if f.Kill != nil {
		f.Kill()
	}
}
