package airlock

import (
	"fmt"
	"time"
)

// ScanState says how far the malware scan of one file is.
type ScanState int

// The states. The file leaves the gate in the last three.
const (
	ScanWaiting     ScanState = iota // for a verdict, until FileScan.Next
	ScanUnconfirmed                  // clean says the event; the tag does not yet
	ScanAgain                        // a fresh copy is called for now
	ScanGivenUp                      // nobody will say anything about it
	ScanClean
	ScanMalicious
)

// FileScan is the state of one file's scan at a moment.
type FileScan struct {
	State ScanState
	// Why says why the scan is to be repeated or was given up.
	Why string
	// Next is when the state changes by itself, for ScanWaiting and ScanUnconfirmed.
	Next time.Time
}

// Reasons that are the airlock's own.
const (
	WhyNoVerdict   = "no verdict in time"
	WhyUnconfirmed = "the scanner's tag on the file did not confirm the verdict"
)

// Pauses before a fresh copy is made for a scanner that reported trouble. The last
// fresh copy waits longer than a short disturbance lasts.
const (
	firstPause = 5 * time.Second
	lastPause  = 150 * time.Second
	maxPause   = 15 * time.Minute
)

// pauseBefore is the wait before fresh copy n (from 0) of most. A retry by a
// person (n < 0) does not wait.
func pauseBefore(n, most int) time.Duration {
	if n < 0 {
		return 0
	}
	pause := firstPause
	for range min(n, 8) {
		pause *= 6
	}
	if n == most-1 {
		pause = max(pause, lastPause)
	}
	return min(pause, maxPause)
}

// confirmations is how many verdict deadlines the tag may come after the event.
const confirmations = 3

// ScanOf judges the scan of one file of the request at a moment.
func (r Request) ScanOf(f File, p Policy, now time.Time) FileScan {
	v, deadline := f.Verdict, p.VerdictDeadline()
	switch {
	case v == nil:
		return f.lacking(p, now, f.CopiedWhen.Add(deadline), WhyNoVerdict)
	case v.Outcome == Malicious:
		return FileScan{State: ScanMalicious}
	case v.Outcome == Clean && (v.Tagged || r.ScanUnconfirmed):
		return FileScan{State: ScanClean}
	case v.Outcome == Clean:
		until := later(v.Noted, f.CopiedWhen).Add(confirmations * deadline)
		if now.Before(until) {
			return FileScan{State: ScanUnconfirmed, Next: earlierOf(now.Add(lookAgain(now.Sub(v.Noted))), until)}
		}
		return f.lacking(p, now, until, WhyUnconfirmed)
	}
	return f.inconclusive(p, now)
}

// lookAgain is the wait for the next look at a tag that is owed for so long.
func lookAgain(owed time.Duration) time.Duration {
	return min(max(owed/2, firstPause), maxPause)
}

// lacking judges a file about which something is missing until a moment.
func (f File) lacking(p Policy, now, until time.Time, why string) FileScan {
	switch {
	case now.Before(until):
		return FileScan{State: ScanWaiting, Next: until}
	case f.Rescans < p.MalwareScanning.MaxRescans:
		return FileScan{State: ScanAgain, Why: why}
	}
	return FileScan{State: ScanGivenUp, Why: why}
}

// inconclusive judges a file that the scanner could not, or not yet, scan.
func (f File) inconclusive(p Policy, now time.Time) FileScan {
	v, most, deadline := f.Verdict, p.MalwareScanning.MaxRescans, p.VerdictDeadline()
	why := v.Why()
	switch {
	case v.kind() == permanent && f.Rescans >= 0:
		return FileScan{State: ScanGivenUp, Why: why}
	case v.kind() == delayed && f.Rescans >= 0:
		// As long as silence would be waited for, fresh copies included.
		until := f.CopiedWhen.Add(deadline * time.Duration(1+most))
		if now.Before(until) {
			return FileScan{State: ScanWaiting, Next: until}
		}
		return FileScan{State: ScanGivenUp, Why: why}
	case f.Rescans < most:
		if until := v.Noted.Add(pauseBefore(f.Rescans, most)); now.Before(until) {
			return FileScan{State: ScanWaiting, Next: until}
		}
		return FileScan{State: ScanAgain, Why: why}
	}
	// No more fresh copies: a scan that is under way may still tell.
	return f.lacking(p, now, v.Noted.Add(min(deadline, lastPause)), why)
}

// Why is the reason of an inconclusive verdict, for people.
func (v Verdict) Why() string {
	text := "the scanner reported an error"
	if v.Outcome == NotScanned {
		text = "the scanner did not scan it"
	}
	if v.Reason != "" {
		text += ": " + v.Reason
	}
	return text
}

// GateStep is the gate's next step with a request.
type GateStep int

// The steps. A file that needs a fresh copy waits like one without a verdict.
const (
	GateWaits        GateStep = iota
	GateOpens                 // every file is clean, or scanning is off
	GateBlocks                // malware was found in a file
	GateInconclusive          // every file is decided, and at least one was given up
	GateStops                 // another gate than the malware gate lets the request not go on
)

// Gate is the judgement of all gates about a request at a moment.
type Gate struct {
	Step GateStep
	// Stop is the gate that stops the request, for GateStops.
	Stop *GateRun
	// Start, Expired and Ask list the runs, by index, that are to be started, that took too
	// long, and that are to be reminded of the request.
	Start, Expired, Ask []int
	// Inspect is true while a content gate is at work.
	Inspect bool
	// Malware is the verdict that blocks.
	Malware *Verdict
	// Why says why files were given up, for GateInconclusive.
	Why string
	// Again lists the files, by index, that need a fresh copy now.
	Again []int
	// Tags is true when the scanner's tags can change the judgement now.
	Tags bool
	// Next is when the judgement changes by itself; zero: now, or never.
	Next time.Time
}

// Gate judges a request whose files lie in the in-progress account. Malware in any
// file blocks at once. Otherwise the gate waits until each file is clean or has
// been given up, so that malware in one file is not overlooked for another file
// that nobody can scan. A request on hold does not pass.
func (r Request) Gate(p Policy, now time.Time) Gate {
	g := r.malwareGate(p, now)
	given := g.Step == GateInconclusive && p.MalwareScanning.Inconclusive != InconclusiveReview
	if g.Step == GateBlocks || given || len(r.Gates) == 0 {
		return r.passing(g)
	}
	w := r.walkGates(g.Step == GateWaits, now)
	g.Start, g.Expired, g.Ask, g.Inspect, g.Next = w.start, w.expired, w.ask, w.inspect, earlierOf(g.Next, w.next)
	switch {
	case w.stop != nil:
		g.Step, g.Stop = GateStops, w.stop
	case w.waits:
		g.Step = GateWaits
	}
	return r.passing(g)
}

// Moves reports whether runs are to be started, ended or reminded now.
func (g Gate) Moves() bool { return len(g.Start)+len(g.Expired)+len(g.Ask) > 0 }

// malwareGate is the judgement of the malware gate alone.
func (r Request) malwareGate(p Policy, now time.Time) Gate {
	if !r.ScanRequired {
		return Gate{Step: GateOpens}
	}
	var (
		g     Gate
		lost  int
		why   string
		waits bool
	)
	for i, f := range r.Files {
		if v := f.Malware(); v != nil {
			return Gate{Step: GateBlocks, Malware: v}
		}
		switch scan := r.ScanOf(f, p, now); scan.State {
		case ScanWaiting, ScanUnconfirmed:
			waits, g.Next = true, earlierOf(g.Next, scan.Next)
			g.Tags = g.Tags || scan.State == ScanUnconfirmed
		case ScanAgain:
			waits, g.Again = true, append(g.Again, i)
		case ScanGivenUp:
			if lost++; why == "" {
				why = scan.Why
			}
		}
	}
	g.Tags = !r.ScanUnconfirmed && (g.Tags || len(g.Again) > 0 || lost > 0)
	switch {
	case waits:
		return g
	case lost > 0:
		if g.Step, g.Why = GateInconclusive, why; len(r.Files) > 1 {
			g.Why = fmt.Sprintf("%d of %d: %s", lost, len(r.Files), why)
		}
		return g
	}
	g.Step = GateOpens
	return g
}

// passing turns a step that lets a request on into waiting while it is on hold.
func (r Request) passing(g Gate) Gate {
	if len(r.Holds) > 0 && g.Step != GateBlocks {
		g.Step = GateWaits
	}
	return g
}

// ScanTag is the scanner's tag on a blob, with the ETag of the blob that has it.
type ScanTag struct{ ETag, Result string }

// NoteTag takes the scanner's tag on a file's blob into the record and returns the
// verdict it stands for. A malicious tag counts at any time. A clean one confirms a
// clean event. One that says why there was no scan takes the place of a clean event that
// it ought to have confirmed by now. A tag stands in for a lost event only when the file
// would otherwise be scanned again or given up. It reports false when nothing changed.
func (r Request) NoteTag(f *File, tag ScanTag, p Policy, now time.Time) (Verdict, bool) {
	v := Verdict{Outcome: OutcomeOf(tag.Result), ETag: tag.ETag, ID: "tag", Noted: now, Tagged: true}
	if tag.ETag != f.InProgressETag || v.Outcome == Unclear {
		return v, false
	}
	if !v.Outcome.Conclusive() {
		v.Reason = tag.Result
	}
	if f.contradicted(v) {
		v.Noted = f.Verdict.Noted // waiting began with the event
		if was := f.Verdict.Displaced; was != nil && was.ETag == v.ETag && was.Outcome == v.Outcome {
			v, v.Tagged = *was, true
		}
		f.Verdict = &v
		return v, true
	}
	confirms := v.Outcome == Clean && f.Verdict != nil && f.Verdict.Outcome == Clean
	state := r.ScanOf(*f, p, now).State
	if v.Outcome != Malicious && !confirms && state != ScanAgain && state != ScanGivenUp {
		return v, false
	}
	if !v.Outcome.Conclusive() && f.Verdict != nil {
		return v, false
	}
	_, noted := f.Note(v)
	return v, noted
}

// contradicted reports whether the scanner's tag says that the file was not scanned for
// which a clean event came. A clean event is ahead of its tag by a moment only: one that
// still has the tag of a failed scan some seconds later was forged, or was about an
// earlier scan of other luck.
func (f File) contradicted(tag Verdict) bool {
	v := f.Verdict
	return v != nil && v.Outcome == Clean && !v.Tagged && !tag.Outcome.Conclusive() && !tag.Noted.Before(v.Noted.Add(firstPause))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earlierOf returns the earlier of two moments; zero counts as never.
func earlierOf(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
