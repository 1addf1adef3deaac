package fault

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Do is the fault of a call. A status such as "503" is answered instead of the call.
type Do string

// The faults, beside an answer of some status.
const (
	Drop       Do = "drop"        // not done, connection closed without an answer
	Lose       Do = "lose"        // done, but the answer is lost
	Hold       Do = "hold"        // Copy Blob: the copy stays pending for For, then ends as Final
	Delay      Do = "delay"       // done, For later
	KillBefore Do = "kill-before" // the caller dies, nothing is done
	KillAfter  Do = "kill-after"  // done, the caller dies before the answer
)

// Rule lets calls go wrong.
type Rule struct {
	Op    string // operation as in Call.Op; empty: any
	Match string // substring of Call.Where; empty: any
	By    string // Program or People; empty: any
	Nth   int    // only the program's call with this number (Call.N); 0: any
	Skip  int    // how many calls that match pass first
	Count int    // how many more times; with Nth always once

	Do         Do
	RetryAfter string        // header of an answered status
	For        time.Duration // Hold, Delay
	Final      string        // Hold: "success" (default) or "failed"
}

// Status is the status to answer instead of the call, 0 if Do is something else.
func (r *Rule) Status() int {
	status, _ := strconv.Atoi(string(r.Do))
	return status
}

// is reports whether the rule exists and does d; so callers need no nil check.
func (r *Rule) is(d Do) bool { return r != nil && r.Do == d }

func (r *Rule) matches(c Call) bool {
	return r.Count > 0 && (r.Op == "" || r.Op == c.Op) && strings.Contains(c.Where, r.Match) &&
		(r.By == "" || r.By == c.By) && (r.Nth == 0 || r.Nth == c.N)
}

// ParseRule reads a rule from the names op, match, by, nth, skip, n, do, retryafter, for, final.
func ParseRule(v url.Values) (Rule, error) {
	r := Rule{Op: v.Get("op"), Match: v.Get("match"), By: v.Get("by"), Do: Do(v.Get("do")), RetryAfter: v.Get("retryafter"), Final: v.Get("final"), Count: 1}
	known := []string{"op", "match", "by", "nth", "skip", "n", "do", "retryafter", "for", "final"}
	for name := range v {
		if !slices.Contains(known, name) {
			return Rule{}, fmt.Errorf("unknown name %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	for name, number := range map[string]*int{"n": &r.Count, "nth": &r.Nth, "skip": &r.Skip} {
		if v.Get(name) == "" {
			continue
		}
		n, err := strconv.Atoi(v.Get(name))
		if err != nil || n < 1 {
			return Rule{}, fmt.Errorf("%s=%q is not a positive number", name, v.Get(name))
		}
		*number = n
	}
	if v.Get("for") != "" {
		d, err := time.ParseDuration(v.Get("for"))
		if err != nil {
			return Rule{}, fmt.Errorf("for: %w", err)
		}
		r.For = d
	}
	return r, r.check()
}

func (r *Rule) check() error {
	if status := r.Status(); status >= 400 && http.StatusText(status) != "" {
		return nil
	}
	words := []Do{Drop, Lose, Hold, Delay, KillBefore, KillAfter}
	if !slices.Contains(words, r.Do) {
		return fmt.Errorf("do=%q is neither an error status nor one of %v", r.Do, words)
	}
	if (r.Do == Hold || r.Do == Delay) && r.For <= 0 {
		return fmt.Errorf("do=%s needs for=DURATION", r.Do)
	}
	if r.Final != "" && r.Final != "success" && r.Final != "failed" {
		return fmt.Errorf("final=%q is neither success nor failed", r.Final)
	}
	return nil
}
