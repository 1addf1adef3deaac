package airlock

import (
	"slices"

	"example.org/airlock/handler/inspect"
)

// SimulatedTurn is the outcome of a turn of a request under another policy, by the
// records of the turn.
type SimulatedTurn struct {
	Was, Would Outlook
	// Rules are those of the policy that the files would break at submit.
	Rules []string
	// Gates are those of the other policy.
	Gates []SimulatedGate
}

// Changed reports whether the other policy would have made something else of the turn, as
// far as is known.
func (t SimulatedTurn) Changed() bool { return t.Would != OutlookUnknown && t.Would != t.Was }

// Complete reports whether all is on record that the gates would have judged.
func (t SimulatedTurn) Complete() bool {
	return !slices.ContainsFunc(t.Gates, func(g SimulatedGate) bool { return g.Unknown != "" })
}

// SimulatedGate is the word that one gate would have had.
type SimulatedGate struct {
	ID string
	// Was is the word of a gate of that kind then, "" for none.
	// Would is RunWaiting where nothing is on record.
	Was, Would GateStatus
	Counts     GateCounts
	// Rules that would have asked for an action, the first of them.
	Rules []string
	// Groups of findings that an approval would have had to acknowledge.
	Acknowledge int
	// Unknown says what is not on record, so that the gate might have said more.
	Unknown string
}

// Why a gate's word is not known, or not all of it.
const (
	unknownNoWord   = "The gate did not look at these files, or came to no word about them."
	unknownNoReport = "Its report cannot be read."
	unknownDropped  = "The report had no room for all kinds of findings."
	unknownLimit    = "The gate would look at another part of a large file."
)

// Simulate judges the present turn by another policy. reports are the gates' findings, by
// the gate's id; those that are missing cannot be read. Nothing is looked at anew: a gate
// that had no word is unknown, and the malware gate is taken as it was.
func (r Request) Simulate(draft Policy, reports map[string]Findings) SimulatedTurn {
	out := SimulatedTurn{Was: r.outlook()}
	then := r
	then.Gates = NewGateRuns(draft, r.Type, r.Turn())
	for i := range then.Gates {
		g := &then.Gates[i]
		one := SimulatedGate{ID: g.Policy.ID}
		if before := r.counterpart(g.Policy); before == nil {
			one.Unknown = unknownNoWord
		} else {
			one.Was = before.Status
			one.Unknown = r.judgeAnew(g, *before, reports)
		}
		if one.Would = g.Status; g.Status == RunWaiting && !g.Required() { // its word would change nothing
			g.Status, g.Digest = RunPassed, r.ContentDigest()
		}
		one.Counts, one.Rules, one.Acknowledge = g.Counts, g.Rules, g.Review
		out.Gates = append(out.Gates, one)
	}
	out.Rules = r.brokenRules(draft)
	switch {
	case len(out.Rules) > 0:
		out.Would = OutlookRefuse
	case r.stoppedByScan():
		out.Would = OutlookBlock
	default:
		out.Would = then.outlook()
	}
	return out
}

// counterpart is the gate of the turn whose word tells what a gate would have said: the one
// with its id, or any content gate, for they all find the same. nil for none.
func (r Request) counterpart(p GatePolicy) *GateRun {
	spoke := func(g GateRun) bool {
		return g.Policy.Kind == p.Kind && g.Status.Ended() && g.Digest == r.ContentDigest()
	}
	if g := r.Run(p.ID); g != nil && spoke(*g) {
		return g
	}
	i := slices.IndexFunc(r.Gates, func(g GateRun) bool { return p.Kind == ContentGate && spoke(g) && g.Report != nil })
	if i < 0 {
		return nil
	}
	return &r.Gates[i]
}

// judgeAnew has a gate say what it would have said, from what its counterpart found, and
// returns the facts that are not on record.
func (r Request) judgeAnew(g *GateRun, before GateRun, reports map[string]Findings) string {
	found, read := reports[before.Policy.ID]
	switch {
	case before.Status == RunInconclusive:
		g.Digest = before.Digest
		g.Settle(RunInconclusive)
		return ""
	case !read:
		return unknownNoReport
	}
	if g.Policy.Kind == ContentGate {
		set, err := g.Policy.RuleSet(r.Type)
		if err != nil {
			return unknownNoWord
		}
		found = found.judgeAnew(set)
	}
	g.Digest = before.Digest
	g.Note(found, *before.Report)
	switch {
	case slices.ContainsFunc(found.Files, func(f FileFindings) bool { return f.Dropped > 0 }):
		return unknownDropped
	case g.Policy.Kind == ContentGate && r.largerThan(g.Policy, before.Policy):
		return unknownLimit
	}
	return ""
}

// largerThan reports whether two gates would look at different parts of a file.
func (r Request) largerThan(a, b GatePolicy) bool {
	x, y := a.inspects(), b.inspects()
	return x != y && slices.ContainsFunc(r.Files, func(f File) bool { return f.Size > min(x, y) })
}

// inspects is how many bytes of a file the content gate looks at.
func (g GatePolicy) inspects() int64 {
	if g.InspectLimit > 0 {
		return g.InspectLimit
	}
	return inspect.DefaultLimits().Bytes
}

// brokenRules are the rules about files that the manifest would break, without repetition.
func (r Request) brokenRules(p Policy) []string {
	var blobs []Blob
	for _, f := range r.Files {
		blobs = append(blobs, Blob{Name: f.Name, Size: f.Size, Type: BlockBlob})
	}
	var rules []string
	for _, v := range CheckFiles(r.Type, blobs, p) {
		if !slices.Contains(rules, v.Rule) {
			rules = append(rules, v.Rule)
		}
	}
	return rules
}

// judgeAnew judges what a content gate found by another rule set.
func (f Findings) judgeAnew(set inspect.RuleSet) Findings {
	reports := make([]FileReport, len(f.Files))
	for i, file := range f.Files {
		found := slices.Clone(file.Below)
		for _, one := range file.Findings {
			if one.Rule != inspect.TypeNotAllowed {
				found = append(found, one.Finding)
			}
		}
		reports[i] = FileReport{Report: inspect.Report{Type: file.Type, Read: file.Read, Findings: found}, Dropped: file.Dropped}
	}
	f.RuleSet, f.Files = set.Hash(), JudgeReports(set, reports)
	f.Outcome = f.Worst()
	return f
}
