package airlock

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// smallCounts is a file in which a rule found counts of some classes.
func smallCounts(classes ...string) FileReport {
	r := FileReport{Report: inspect.Report{Type: "csv", Size: 100}}
	for _, class := range classes {
		r.Findings = append(r.Findings, inspect.Finding{Rule: "sdc.small_count", Severity: inspect.High, Confidence: inspect.Sure, Count: 2, Bucket: class, Places: []inspect.Place{{Line: 2}}})
	}
	return r
}

// content is a content gate of exports with settings of its own.
func content(id string, settings map[string]inspect.Setting, change ...func(*GatePolicy)) GatePolicy {
	g := GatePolicy{ID: id, Kind: ContentGate, Mode: GateRequired, DeadlineMinutes: 60, Inconclusive: InconclusiveReview, Rules: settings}
	for _, f := range change {
		f(&g)
	}
	return g
}

func smallCountIs(action inspect.Action, threshold int) map[string]inspect.Setting {
	return map[string]inspect.Setting{"sdc.small_count": {Action: action, Threshold: threshold}}
}

// judgedBy is a request in review that passed the gates, with what they found.
func judgedBy(t *testing.T, report FileReport, gates ...GatePolicy) (Request, map[string]Findings) {
	t.Helper()
	r := Request{Type: Export, Status: InReview, Files: []File{{Name: "a.csv", Size: 100, InProgressETag: "e", SHA256: "ab"}}}
	reports := map[string]Findings{}
	for _, p := range gates {
		set, err := p.RuleSet(Export)
		require.NoError(t, err)
		f := Findings{RuleSet: set.Hash(), Files: JudgeReports(set, []FileReport{report})}
		f.Outcome = f.Worst()
		g := GateRun{Policy: p, Status: RunRunning, Digest: r.ContentDigest()}
		g.Note(f, GateReport{Name: p.ID})
		r.Gates, reports[p.ID] = append(r.Gates, g), f
	}
	return r, reports
}

func draftOf(gates ...GatePolicy) Policy {
	p := DefaultPolicy()
	p.Gates.Export = gates
	return p
}

// A simulated outcome follows from all that the gates of a request found, also from what
// was no finding then.
func TestAPolicyIsSimulated(t *testing.T) {
	external := GatePolicy{ID: "dlp", Kind: ExternalGate, Mode: GateRequired, Callers: []string{"x"}}
	advisory := func(g *GatePolicy) { g.Mode = GateAdvisory }
	limited := func(g *GatePolicy) { g.InspectLimit = 10 }
	var (
		review = content("content", smallCountIs(inspect.ActReview, 5))
		before = []GatePolicy{review}
	)
	tests := map[string]struct {
		report   FileReport
		before   []GatePolicy
		draft    Policy
		was      Outlook
		would    Outlook
		complete bool
	}{
		"the same":                       {smallCounts("3-4"), before, draftOf(review), OutlookAcknowledge, OutlookAcknowledge, true},
		"graver":                         {smallCounts("3-4"), before, draftOf(content("content", smallCountIs(inspect.ActBlock, 5))), OutlookAcknowledge, OutlookBlock, true},
		"back to the requestor":          {smallCounts("3-4"), before, draftOf(content("content", smallCountIs(inspect.ActReturn, 5))), OutlookAcknowledge, OutlookReturn, true},
		"a higher threshold":             {smallCounts("5-7"), before, draftOf(content("content", smallCountIs(inspect.ActReview, 8))), OutlookReview, OutlookAcknowledge, true},
		"a lower one":                    {smallCounts("3-4"), before, draftOf(content("content", smallCountIs(inspect.ActReview, 3))), OutlookAcknowledge, OutlookReview, true},
		"advice":                         {smallCounts("3-4"), before, draftOf(content("content", smallCountIs(inspect.ActBlock, 5), advisory)), OutlookAcknowledge, OutlookReview, true},
		"another name":                   {smallCounts("3-4"), before, draftOf(content("other", smallCountIs(inspect.ActBlock, 5))), OutlookAcknowledge, OutlookBlock, true},
		"no gate any more":               {smallCounts("3-4"), before, draftOf(), OutlookAcknowledge, OutlookReview, true},
		"types of a preset":              {smallCounts(), before, draftOf(content("content", smallCountIs(inspect.ActNote, 1), func(g *GatePolicy) { g.Preset = "opensafely" })), OutlookReview, OutlookReview, true},
		"the first gate":                 {smallCounts("3-4"), nil, draftOf(review), OutlookReview, OutlookUnknown, false},
		"one that nobody asked":          {smallCounts("3-4"), before, draftOf(review, external), OutlookAcknowledge, OutlookUnknown, false},
		"one that only could add advice": {smallCounts("3-4"), before, draftOf(review, GatePolicy{ID: "dlp", Kind: ExternalGate, Mode: GateAdvisory}), OutlookAcknowledge, OutlookAcknowledge, false},
		"block, whatever the other says": {smallCounts("3-4"), before, draftOf(content("content", smallCountIs(inspect.ActBlock, 5)), external), OutlookAcknowledge, OutlookBlock, false},
		"no room in the report":          {FileReport{Report: smallCounts("3-4").Report, Dropped: 3}, before, draftOf(review), OutlookAcknowledge, OutlookAcknowledge, false},
		"another part of the file":       {smallCounts("3-4"), before, draftOf(content("content", nil, limited)), OutlookAcknowledge, OutlookReturn, false},
	}
	for name, tt := range tests {
		r, reports := judgedBy(t, tt.report, tt.before...)
		got := r.Simulate(tt.draft, reports)
		assert.Equal(t, tt.was, got.Was, "%s: was", name)
		assert.Equal(t, tt.would, got.Would, "%s: would", name)
		assert.Equal(t, tt.complete, got.Complete(), "%s: complete", name)
		assert.Equal(t, tt.would != tt.was && tt.would != OutlookUnknown, got.Changed(), "%s: changed", name)
	}
}

// A file's type is on record, so that a preset's list of types can be tried.
func TestTypesAreSimulated(t *testing.T) {
	report := FileReport{Report: inspect.Report{Type: "zip"}}
	r, reports := judgedBy(t, report, content("content", nil))
	strict := func(g *GatePolicy) { g.Preset = "opensafely" }
	got := r.Simulate(draftOf(content("content", nil, strict)), reports)
	assert.Equal(t, OutlookReturn, got.Would)
	assert.Equal(t, []string{inspect.TypeNotAllowed}, got.Gates[0].Rules)

	r, reports = judgedBy(t, report, content("content", nil, strict))
	got = r.Simulate(draftOf(content("content", nil)), reports)
	assert.Equal(t, []Outlook{OutlookReturn, OutlookReview}, []Outlook{got.Was, got.Would}, "what was found of another preset is none of the file")
}

// A simulation claims nothing that is not on record, and a request that the malware gate
// stopped stays stopped.
func TestASimulationClaimsNothingElse(t *testing.T) {
	draft := draftOf(content("content", smallCountIs(inspect.ActNote, 5)))
	r, reports := judgedBy(t, smallCounts("3-4"), content("content", smallCountIs(inspect.ActReview, 5)))

	got := r.Simulate(draft, nil)
	assert.Equal(t, OutlookUnknown, got.Would)
	assert.Equal(t, unknownNoReport, got.Gates[0].Unknown)

	other := r
	other.Files = []File{{Name: "a.csv", Size: 100, SHA256: "cd"}}
	assert.Equal(t, OutlookUnknown, other.Simulate(draft, reports).Would, "its word is about other bytes")

	blocked := r
	blocked.Status = BlockedByScan
	got = blocked.Simulate(draft, reports)
	assert.Equal(t, []Outlook{OutlookBlock, OutlookBlock}, []Outlook{got.Was, got.Would})

	silent := r
	silent.Gates = []GateRun{{Policy: content("content", nil), Status: RunInconclusive, Digest: r.ContentDigest()}}
	strict := draftOf(content("content", nil, func(g *GatePolicy) { g.Inconclusive = InconclusiveFail }))
	got = silent.Simulate(strict, nil)
	assert.Equal(t, []Outlook{OutlookReview, OutlookFail}, []Outlook{got.Was, got.Would})
	assert.True(t, got.Complete())

	strict.Files.Export.Allowed = []string{".png"}
	got = r.Simulate(strict, reports)
	assert.Equal(t, OutlookRefuse, got.Would)
	assert.Equal(t, []string{"forbidden_type"}, got.Rules)
}
