package airlock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/airlock/handler/inspect"
)

// FindingsFormat is the version of the format of Findings.
const FindingsFormat = "airlock-findings/1"

// Findings is a gate's report on the files of a request: an item in the evidence
// account. It holds no data: files are numbers of the manifest, and a finding names a rule,
// a place in numbers, and how often.
type Findings struct {
	Format  string     `json:"format"`
	Request RequestID  `json:"request"`
	Turn    int        `json:"turn"`
	Gate    string     `json:"gate"`
	Digest  string     `json:"contentDigest"`
	RuleSet string     `json:"ruleSet"` // its hash, or an engine's word on its own
	Engine  string     `json:"engine,omitempty"`
	Outcome GateStatus `json:"outcome"`
	// Files are those of the manifest, by number, or those in which an external gate found
	// something.
	Files []FileFindings `json:"files"`
}

// FileFindings holds the findings in one file.
type FileFindings struct {
	File     int              `json:"file"` // its number in the manifest, from 1
	Type     string           `json:"type,omitempty"`
	Read     int64            `json:"read,omitempty"` // bytes that were looked at
	Findings []inspect.Judged `json:"findings"`
	// Below are findings that are none under the rules in force, since their numbers are not
	// below the thresholds. They have no places: they are for other rules to judge.
	Below []inspect.Finding `json:"below,omitempty"`
	// Dropped counts kinds of findings that there was no room for: the least grave.
	Dropped int `json:"dropped,omitempty"`
}

// Group is the unit that a reviewer acknowledges: all findings of one rule in one file, such as
// "sdc.small_count/3".
func Group(rule string, file int) string { return rule + "/" + strconv.Itoa(file) }

// dropped is the rule of the group of findings that there was no room for.
const dropped = "truncated"

// asks reports whether a finding asks a reviewer for an acknowledgement. In the last turn
// nothing is returned, so a person decides about that too.
func (g GateRun) asks(a inspect.Action) bool {
	return g.Required() && (a == inspect.ActReview || a == inspect.ActReturn)
}

// Groups lists the groups that a reviewer has to acknowledge, in the order of the report.
func (f Findings) Groups(g GateRun) []string {
	var out []string
	add := func(group string) {
		if !slices.Contains(out, group) {
			out = append(out, group)
		}
	}
	for _, file := range f.Files {
		for _, one := range file.Findings {
			if g.asks(one.Action) {
				add(Group(one.Rule, file.File))
			}
		}
		if file.Dropped > 0 && g.Required() {
			add(Group(dropped, file.File))
		}
	}
	return out
}

// Worst is the word of a gate that found this: what the gravest action asks for.
func (f Findings) Worst() GateStatus {
	worst := RunPassed
	for _, file := range f.Files {
		for _, one := range file.Findings {
			if s := statusOf[one.Action]; s.Graver(worst) {
				worst = s
			}
		}
		if file.Dropped > 0 && RunFindings.Graver(worst) {
			worst = RunFindings
		}
	}
	return worst
}

var statusOf = map[inspect.Action]GateStatus{inspect.ActNote: RunPassed, inspect.ActReview: RunFindings, inspect.ActReturn: RunReturned, inspect.ActBlock: RunBlocked}

// Note takes a report into the run: its counts, the rules that found something, and how
// many groups have to be acknowledged.
func (g *GateRun) Note(f Findings, report GateReport) {
	g.RuleSet, g.Report, g.Counts, g.Rules, g.Why = f.RuleSet, &report, GateCounts{}, nil, ""
	g.Review = len(f.Groups(*g))
	for _, file := range f.Files {
		for _, one := range file.Findings {
			switch one.Severity {
			case inspect.High:
				g.Counts.High += one.Count
			case inspect.Medium:
				g.Counts.Medium += one.Count
			case inspect.Low:
				g.Counts.Low += one.Count
			default:
				g.Counts.Note += one.Count
			}
			if one.Action != inspect.ActNote && !slices.Contains(g.Rules, one.Rule) && len(g.Rules) < MaxRunRules {
				g.Rules = append(g.Rules, one.Rule)
			}
		}
	}
	g.Settle(f.Outcome)
}

// String says the counts in words.
func (c GateCounts) String() string {
	var parts []string
	for _, one := range []struct {
		n    int64
		word string
	}{{c.High, "high"}, {c.Medium, "medium"}, {c.Low, "low"}, {c.Note, "note"}} {
		if one.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.n, one.word))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Bounds of a request's reports together. Evidence items are small, and so is what is kept
// of an inspection under way.
const (
	maxKinds     = 5_000
	maxPlaces    = 20_000
	maxTies      = 12_000
	leastKinds   = 10
	placesBeyond = 3
)

// RoomFor cuts a file's report to the room that a request's findings leave after those of
// the files before. The gravest findings stay, and counts stay exact.
func RoomFor(before []FileReport, r inspect.Report) FileReport {
	kinds, places, ties := 0, 0, r.Ties.Size()
	for _, b := range before {
		kinds, ties = kinds+len(b.Findings), ties+b.Ties.Size()
		for _, f := range b.Findings {
			places += len(f.Places)
		}
	}
	out := FileReport{Report: r}
	if ties > maxTies {
		out.Ties = r.Ties.Forget()
	}
	room := max(leastKinds, maxKinds-kinds)
	if len(r.Findings) > room {
		kept := slices.Clone(r.Findings)
		slices.SortStableFunc(kept, func(a, b inspect.Finding) int {
			return slices.Index(inspect.Severities(), a.Severity) - slices.Index(inspect.Severities(), b.Severity)
		})
		out.Findings, out.Dropped = kept[:room], len(kept)-room
	}
	out.Findings = slices.Clone(out.Findings)
	for i := range out.Findings {
		f := &out.Findings[i]
		if places+len(f.Places) > maxPlaces {
			f.Places = f.Places[:min(len(f.Places), placesBeyond)]
		}
		places += len(f.Places)
	}
	return out
}

// FileReport is the result of one file's inspection, before a rule set judges it.
type FileReport struct {
	inspect.Report
	Dropped int `json:"dropped,omitempty"`
}

// JoinReports adds to the reports on all files of a request, in their order, what only the
// files together tell.
func JoinReports(files []File, reports []FileReport) []FileReport {
	parts := make([]inspect.Part, len(reports))
	for i, r := range reports {
		parts[i] = inspect.Part{Name: files[i].Name, SHA256: files[i].SHA256, Supporting: files[i].Supporting, Report: r.Report}
	}
	out := make([]FileReport, len(reports))
	for i, r := range inspect.Join(parts) {
		out[i] = FileReport{Report: r, Dropped: reports[i].Dropped}
	}
	return out
}

// JudgeReports makes a gate's findings of the reports on all files, in their order.
func JudgeReports(set inspect.RuleSet, reports []FileReport) []FileFindings {
	out := []FileFindings{}
	for i, r := range reports {
		out = append(out, FileFindings{File: i + 1, Type: r.Type, Read: r.Read, Findings: set.Apply(r.Report), Below: set.Below(r.Report), Dropped: r.Dropped})
	}
	return out
}
