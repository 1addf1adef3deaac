package airlock

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/airlock/handler/inspect"
)

// GateStatus says how far a gate is with a request.
type GateStatus string

// The statuses. The first two are before the gate's word.
const (
	RunWaiting      GateStatus = "waiting" // for its stage
	RunRunning      GateStatus = "running"
	RunPassed       GateStatus = "passed"       // nothing was found that asks for anything
	RunFindings     GateStatus = "findings"     // a person has to look
	RunReturned     GateStatus = "returned"     // the requestor has to mend something
	RunBlocked      GateStatus = "blocked"      // the files must not go on
	RunInconclusive GateStatus = "inconclusive" // nobody could say
)

// Ended reports whether the gate has spoken, or will not.
func (s GateStatus) Ended() bool { return s != RunWaiting && s != RunRunning }

// graver orders the words of a gate: of contradictory ones the graver holds.
var graver = []GateStatus{RunWaiting, RunRunning, RunInconclusive, RunPassed, RunFindings, RunReturned, RunBlocked}

// Graver reports whether s outweighs another word of the same gate.
func (s GateStatus) Graver(than GateStatus) bool {
	return slices.Index(graver, s) > slices.Index(graver, than)
}

// Severity says how much a finding matters.
type Severity = inspect.Severity

// GateCounts counts findings by severity.
type GateCounts struct {
	High   int64 `json:"high,omitempty"`
	Medium int64 `json:"medium,omitempty"`
	Low    int64 `json:"low,omitempty"`
	Note   int64 `json:"note,omitempty"`
}

// GateReport names the evidence of a gate's word.
type GateReport struct {
	Name   string `json:"name"`   // of the item
	SHA256 string `json:"sha256"` // of its bytes, lower-case hex
	Size   int    `json:"size"`
}

// GateRun is one gate with one request, in its present turn. It holds the policy as it
// was at submit: a policy edit opens no gate for a request under way.
type GateRun struct {
	Policy GatePolicy `json:"policy"`
	Status GateStatus `json:"status"`
	// Digest is the content digest that the status is about.
	Digest   string    `json:"digest,omitempty"`
	Started  time.Time `json:"started,omitzero"`
	Deadline time.Time `json:"deadline,omitzero"`
	// Asked counts the events that were sent to an external gate, and the next is due at
	// AskAgain.
	Asked    int       `json:"asked,omitempty"`
	AskAgain time.Time `json:"askAgain,omitzero"`
	// RuleSet is the hash of the rules in force, or an external engine's word on its own.
	RuleSet string      `json:"ruleSet,omitempty"`
	Report  *GateReport `json:"report,omitempty"`
	Counts  GateCounts  `json:"counts,omitzero"`
	// Rules are the ids of the rules that found something, the first of them.
	Rules []string `json:"rules,omitempty"`
	// Review counts the groups of findings that a reviewer has to acknowledge.
	Review int `json:"review,omitempty"`
	// NoReturn is true in the last turn that a request may have: a person decides in
	// place of a return.
	NoReturn bool `json:"noReturn,omitempty"`
	// Why says why the gate is inconclusive.
	Why string `json:"why,omitempty"`
	// By is who spoke for an external gate.
	By UserID `json:"by,omitempty"`
}

// MaxRunRules bounds GateRun.Rules.
const MaxRunRules = 20

// Required reports whether the request waits for the gate.
func (g GateRun) Required() bool { return g.Policy.Mode == GateRequired }

// SpokenFor reports whether p may speak for the gate: an application with the role, whose
// object id the policy named at submit.
func (g GateRun) SpokenFor(p Principal) bool {
	return g.Policy.Kind == ExternalGate && p.Application && p.Has(RoleGate) && slices.Contains(g.Policy.Callers, string(p.ID))
}

// NewGateRuns are the gates that a request has to pass which is submitted now, for a turn.
func NewGateRuns(p Policy, t RequestType, turn int) []GateRun {
	var runs []GateRun
	for _, gate := range p.Gates.For(t) {
		runs = append(runs, GateRun{Policy: gate, Status: RunWaiting, NoReturn: turn >= p.Review.MaxTurns})
	}
	return runs
}

// GatePlan names the gates that the request has to pass as the record of its submit does:
// id, kind and mode of each, and of a required one the outcome of a request that it cannot
// judge, such as "content content required review, dlp external advisory".
func (r Request) GatePlan() string {
	all := make([]string, len(r.Gates))
	for i, g := range r.Gates {
		all[i] = fmt.Sprintf("%s %s %s", g.Policy.ID, g.Policy.Kind, g.Policy.Mode)
		if g.Required() {
			all[i] += " " + string(g.unjudged())
		}
	}
	return strings.Join(all, ", ")
}

// unjudged is the outcome of a request that a required gate cannot judge. Where nothing is
// returned any more, a person decides.
func (g GateRun) unjudged() InconclusiveChoice {
	if g.Policy.Inconclusive == InconclusiveReturn && g.NoReturn {
		return InconclusiveReview
	}
	return g.Policy.Inconclusive
}

// ContentDigest is one digest of the whole manifest: the SHA-256 over a line for each
// file with its name, its size and the SHA-256 of its bytes; above the hash limit their
// ETag stands in. The words of gates are bound to it.
func (r Request) ContentDigest() string {
	h := sha256.New()
	for _, f := range r.Files {
		proof := "etag:" + f.InProgressETag
		if f.SHA256 != "" {
			proof = "sha256:" + f.SHA256
		}
		fmt.Fprintf(h, "%s\x00%d\x00%s\n", f.Name, f.Size, proof)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// FoundAtLeast reports whether a gate found something of a severity, high or medium, or
// graver.
func (r Request) FoundAtLeast(s Severity) bool {
	return slices.ContainsFunc(r.Gates, func(g GateRun) bool {
		return g.Counts.High > 0 || s == inspect.Medium && g.Counts.Medium > 0
	})
}

// Run returns the gate with that id, or nil.
func (r *Request) Run(id string) *GateRun {
	i := slices.IndexFunc(r.Gates, func(g GateRun) bool { return g.Policy.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Gates[i]
}

// anew is the run as it was at submit.
func (g GateRun) anew() GateRun {
	return GateRun{Policy: g.Policy, Status: RunWaiting, NoReturn: g.NoReturn}
}

// Start begins a run about the present bytes.
func (g *GateRun) Start(digest string, now time.Time) {
	*g = g.anew()
	g.Status, g.Digest, g.Started, g.Deadline = RunRunning, digest, now, now.Add(g.Policy.Deadline())
}

// Ask notes that an external gate was sent an event, and when it is next.
func (g *GateRun) Ask(now time.Time) {
	g.Asked++
	g.AskAgain = time.Time{}
	if g.Asked <= g.Policy.Retries {
		g.AskAgain = now.Add(g.Policy.Deadline() / time.Duration(g.Policy.Retries+1))
	}
}

// Settle puts a gate's word in force. An advisory one neither stops the request nor asks
// anything of anybody.
func (g *GateRun) Settle(to GateStatus) {
	switch g.Status = to; {
	case g.Required() && (to != RunReturned || !g.NoReturn):
	case to == RunBlocked || to == RunReturned:
		g.Status = RunFindings
	}
}

// GateBlocked reports whether a gate's findings stop the files, so that the request does
// not come back from quarantine.
func (r Request) GateBlocked() bool {
	return slices.ContainsFunc(r.Gates, func(g GateRun) bool { return g.Status == RunBlocked })
}

// RetryGates has the gates that could not judge the request try once more; what the
// others said holds as long as the bytes are the same.
func (r *Request) RetryGates() {
	for i := range r.Gates {
		if g := &r.Gates[i]; g.Status == RunInconclusive {
			*g = g.anew()
		}
	}
}

// walk is where the gates beside the malware gate stand at a moment.
type walk struct {
	start, expired, ask []int
	stop                *GateRun // the one that ends the request's way through the gates
	waits               bool     // for a required one
	inspect             bool     // a content gate is at work
	next                time.Time
}

// walkGates judges the gates beside the malware gate, which is in stage 0 and either
// waited for or passed. A gate that blocks ends the way at once. Before any other end the
// gates of the stages that have come are heard: files that one of them blocks must not go
// back to anybody.
func (r Request) walkGates(scanWaits bool, now time.Time) walk {
	var w walk
	digest := r.ContentDigest()
	front, busy := r.front(scanWaits, digest), scanWaits
	for i := range r.Gates {
		g := &r.Gates[i]
		switch {
		case g.unfinished(digest):
			w.waits = w.waits || g.Required() || g.Policy.Kind == ContentGate
			busy = busy || g.Required() && g.Policy.Stage <= front
			if g.Status == RunRunning && g.Digest == digest {
				w.running(i, g, now)
			} else if g.Policy.Stage <= front {
				w.start = append(w.start, i)
			}
		case g.stops() && (w.stop == nil || g.Status.Graver(w.stop.Status)):
			w.stop = g
		}
	}
	if w.stop != nil && w.stop.Status != RunBlocked && busy {
		w.stop, w.waits = nil, true
	}
	return w
}

// unfinished reports whether the gate has not spoken about the bytes with a digest.
func (g GateRun) unfinished(digest string) bool { return !g.Status.Ended() || g.Digest != digest }

// running judges a gate at work.
func (w *walk) running(i int, g *GateRun, now time.Time) {
	if !now.Before(g.Deadline) {
		w.expired = append(w.expired, i)
		return
	}
	w.next = earlierOf(w.next, g.Deadline)
	if g.Policy.Kind == ContentGate {
		w.inspect = true
	}
	if !g.AskAgain.IsZero() {
		if !now.Before(g.AskAgain) {
			w.ask = append(w.ask, i)
			return
		}
		w.next = earlierOf(w.next, g.AskAgain)
	}
}

// stops reports whether the gate's word ends the way through the gates otherwise than in
// review.
func (g GateRun) stops() bool {
	switch g.Status {
	case RunBlocked, RunReturned:
		return g.Required()
	case RunInconclusive:
		return g.Required() && g.unjudged() != InconclusiveReview
	}
	return false
}

// front is the stage that has come: the first one with a required gate that has not let
// the request on, the last one when all have.
func (r Request) front(scanWaits bool, digest string) int {
	const last = 9
	if scanWaits {
		return 0
	}
	front := last
	for _, g := range r.Gates {
		if g.Required() && (g.unfinished(digest) || g.stops()) {
			front = min(front, g.Policy.Stage)
		}
	}
	return front
}
