package airlock

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

func gate(id string, stage int, status GateStatus, change ...func(*GateRun)) GateRun {
	g := GateRun{Policy: GatePolicy{ID: id, Kind: ContentGate, Stage: stage, Mode: GateRequired, DeadlineMinutes: 60, Inconclusive: InconclusiveReview}, Status: status}
	for _, f := range change {
		f(&g)
	}
	return g
}

func advisory(g *GateRun)     { g.Policy.Mode, g.Policy.Kind = GateAdvisory, ExternalGate }
func blocksUnsure(g *GateRun) { g.Policy.Inconclusive = InconclusiveBlock }
func otherBytes(g *GateRun)   { g.Digest = "sha256:of other bytes" }

// atGates is a request at its gates, in which the malware scan is off or waited for.
func atGates(scanWaits bool, runs ...GateRun) Request {
	noon := time.Date(2031, 2, 3, 12, 0, 0, 0, time.UTC)
	r := Request{Type: Export, Status: Submitted, ScanRequired: scanWaits, Files: []File{{Name: "a.csv", Size: 3, InProgressETag: "e", SHA256: "ab", CopiedWhen: noon}}, Gates: runs}
	for i := range r.Gates {
		g := &r.Gates[i]
		if g.Status == RunWaiting {
			continue
		}
		g.Started, g.Deadline = noon, noon.Add(time.Hour)
		if g.Digest == "" {
			g.Digest = r.ContentDigest()
		}
	}
	return r
}

// The record of a submit names its gates, and the outcome of an unjudged request in this turn.
func TestGatePlan(t *testing.T) {
	returns := func(g *GateRun) { g.Policy.Inconclusive = InconclusiveReturn }
	last := func(g *GateRun) { g.NoReturn = true }
	assert.Empty(t, atGates(false).GatePlan())
	assert.Equal(t, "content content required return, old content required review, strict content required block, dlp external advisory",
		atGates(false, gate("content", 0, RunWaiting, returns), gate("old", 0, RunWaiting, returns, last), gate("strict", 1, RunWaiting, blocksUnsure, last), gate("dlp", 2, RunWaiting, advisory)).GatePlan())
}

// No path leads to review without every required gate's word about the present bytes.
func TestTheWalkOverTheGates(t *testing.T) {
	tests := map[string]struct {
		given Request
		want  GateStep
		start []int
		stop  string
	}{
		"none":                              {atGates(false), GateOpens, nil, ""},
		"not begun":                         {atGates(false, gate("a", 0, RunWaiting)), GateWaits, []int{0}, ""},
		"at work":                           {atGates(false, gate("a", 0, RunRunning)), GateWaits, nil, ""},
		"passed":                            {atGates(false, gate("a", 0, RunPassed)), GateOpens, nil, ""},
		"findings":                          {atGates(false, gate("a", 0, RunFindings)), GateOpens, nil, ""},
		"passed for other bytes":            {atGates(false, gate("a", 0, RunPassed, otherBytes)), GateWaits, []int{0}, ""},
		"the second stage":                  {atGates(false, gate("a", 1, RunPassed), gate("b", 2, RunWaiting), gate("c", 3, RunWaiting)), GateWaits, []int{1}, ""},
		"side by side":                      {atGates(false, gate("a", 1, RunRunning), gate("b", 1, RunWaiting), gate("c", 2, RunWaiting)), GateWaits, []int{1}, ""},
		"beside the malware scan":           {atGates(true, gate("a", 0, RunWaiting), gate("b", 1, RunWaiting)), GateWaits, []int{0}, ""},
		"passed before the malware scan":    {atGates(true, gate("a", 0, RunPassed), gate("b", 1, RunWaiting)), GateWaits, nil, ""},
		"nobody waits for advice":           {atGates(false, gate("a", 0, RunRunning, advisory), gate("b", 0, RunPassed)), GateOpens, nil, ""},
		"advice begins with its stage":      {atGates(false, gate("a", 1, RunRunning), gate("b", 1, RunWaiting, advisory), gate("c", 2, RunWaiting, advisory)), GateWaits, []int{1}, ""},
		"late advice begins with the rest":  {atGates(false, gate("a", 1, RunPassed), gate("c", 2, RunWaiting, advisory)), GateOpens, []int{1}, ""},
		"advice blocks nothing":             {atGates(false, gate("a", 0, RunBlocked, advisory)), GateOpens, nil, ""},
		"blocked":                           {atGates(false, gate("a", 0, RunBlocked)), GateStops, nil, "a"},
		"blocked ends at once":              {atGates(true, gate("a", 0, RunBlocked), gate("b", 0, RunRunning)), GateStops, nil, "a"},
		"blocked outweighs returned":        {atGates(false, gate("a", 0, RunReturned), gate("b", 0, RunBlocked)), GateStops, nil, "b"},
		"returned":                          {atGates(false, gate("a", 0, RunReturned), gate("b", 1, RunWaiting)), GateStops, nil, "a"},
		"returned waits for its stage":      {atGates(false, gate("a", 0, RunReturned), gate("b", 0, RunRunning)), GateWaits, nil, ""},
		"returned waits for the scan":       {atGates(true, gate("a", 0, RunReturned)), GateWaits, nil, ""},
		"inconclusive, a person decides":    {atGates(false, gate("a", 0, RunInconclusive)), GateOpens, nil, ""},
		"inconclusive, the policy blocks":   {atGates(false, gate("a", 0, RunInconclusive, blocksUnsure)), GateStops, nil, "a"},
		"inconclusive advice stops nothing": {atGates(false, gate("a", 0, RunInconclusive, blocksUnsure, advisory)), GateOpens, nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := tt.given.Gate(DefaultPolicy(), tt.given.Files[0].CopiedWhen.Add(time.Minute))
			assert.Equal(t, tt.want, got.Step)
			assert.Equal(t, tt.start, got.Start)
			if tt.stop != "" {
				require.NotNil(t, got.Stop)
				assert.Equal(t, tt.stop, got.Stop.Policy.ID)
			}
		})
	}
}

func TestAGateTakesNoLongerThanItsDeadline(t *testing.T) {
	r := atGates(false, gate("a", 0, RunRunning))
	r.Gates[0].Policy.Kind, r.Gates[0].Policy.Retries = ExternalGate, 1
	started := r.Gates[0].Started
	r.Gates[0].Ask(started)
	at := func(minute time.Duration) Gate { return r.Gate(DefaultPolicy(), started.Add(minute*time.Minute)) }
	assert.Equal(t, started.Add(30*time.Minute), at(10).Next, "the gate is asked again then")
	assert.False(t, at(10).Moves())
	assert.Equal(t, []int{0}, at(30).Ask)
	r.Gates[0].Ask(started.Add(30 * time.Minute))
	assert.False(t, at(40).Moves(), "asked often enough")
	assert.Equal(t, started.Add(time.Hour), at(40).Next)
	assert.Equal(t, []int{0}, at(60).Expired)
	r.Holds = []Hold{{Event: "e"}}
	assert.Equal(t, []int{0}, at(60).Expired, "a hold stops no clock")
}

// A gate that has spoken about the content speaks again when the content is another, and
// not when a fresh copy of the same bytes was made.
func TestTheContentDigest(t *testing.T) {
	r := atGates(false)
	was := r.ContentDigest()
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, was)
	r.Files[0].InProgressETag = "fresh copy"
	assert.Equal(t, was, r.ContentDigest())
	for name, change := range map[string]func(*File){
		"name": func(f *File) { f.Name = "b.csv" }, "size": func(f *File) { f.Size++ }, "bytes": func(f *File) { f.SHA256 = "cd" }, "not hashed": func(f *File) { f.SHA256 = "" },
	} {
		other := r.Clone()
		change(&other.Files[0])
		assert.NotEqual(t, was, other.ContentDigest(), name)
	}
}

func TestGatesInAPolicy(t *testing.T) {
	read := func(doc string) Policy {
		var p Policy
		require.NoError(t, json.Unmarshal([]byte(doc), &p))
		return p
	}
	p := read(`{"gates":{"import":[{"id":"content","kind":"content"}],"export":[{"id":"content","kind":"content","preset":"opensafely","rules":{"sdc.small_count":{"action":"block","threshold":5}}},
	  {"id":"dlp","kind":"external","stage":2,"callers":["5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01"]}]}}`)
	assert.Empty(t, p.Check())
	assert.Equal(t, GatePolicy{ID: "content", Kind: ContentGate, Stage: 1, Mode: GateRequired, DeadlineMinutes: 240, Retries: 2, Inconclusive: InconclusiveBlock}, p.Gates.Import[0])
	assert.Equal(t, InconclusiveReview, p.Gates.Export[1].Inconclusive)
	set, err := p.Gates.Export[0].RuleSet(Export)
	require.NoError(t, err)
	assert.Equal(t, inspect.ActBlock, set.Judge(inspect.Finding{Rule: "sdc.small_count", Bucket: "3-4", Confidence: inspect.Sure}))
	again, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Equal(t, p, read(string(again)), "as it is stored and read")
	before := DefaultPolicy()
	assert.Equal(t, before.Hash(), read(`{"gates":{}}`).Hash(), "no gates say nothing")

	for name, gate := range map[string]string{
		"no id": `{"kind":"content"}`, "taken": `{"id":"malware","kind":"content"}`, "kind": `{"id":"aa","kind":"magic"}`, "no caller": `{"id":"aa","kind":"external"}`,
		"caller": `{"id":"aa","kind":"external","callers":["Bob"]}`, "preset": `{"id":"aa","kind":"content","preset":"none such"}`,
		"rule": `{"id":"aa","kind":"content","rules":{"no.rule":{"action":"note"}}}`, "stage": `{"id":"aa","kind":"content","stage":10}`,
		"inconclusive": `{"id":"aa","kind":"content","inconclusive":"pass"}`, "of another kind": `{"id":"aa","kind":"external","preset":"gel","callers":["5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01"]}`,
		"twice": `{"id":"aa","kind":"content"},{"id":"aa","kind":"content"}`, "many": strings.Repeat(`{"id":"aa","kind":"content"},`, 8) + `{"id":"bb","kind":"content"}`,
	} {
		assert.NotEmpty(t, read(`{"gates":{"export":[`+gate+`]}}`).Check(), name)
	}
}

// Claims about other files are kept as far as there is room, and a report says where there is none.
func TestClaimsAreKeptWithinBounds(t *testing.T) {
	claims := inspect.Report{Ties: &inspect.Ties{Session: &inspect.Session{Claims: make([]inspect.Claim, maxTies/2)}}}
	var reports []FileReport
	for range 4 {
		reports = append(reports, RoomFor(reports, claims))
	}
	for i, more := range []bool{false, false, true, true} {
		assert.Equal(t, more, reports[i].Ties.Session.More, i)
		assert.Equal(t, more, len(reports[i].Ties.Session.Claims) == 0, i)
	}
	assert.False(t, claims.Ties.Session.More, "what was given is not changed")
}
