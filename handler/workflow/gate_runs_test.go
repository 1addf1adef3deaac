package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/inspect"
	"example.org/airlock/handler/inspect/sandbox"
)

// inProcessInspector inspects in the test's own process: what a child process adds has its own
// tests. died is how often it dies first.
type inProcessInspector struct{ died func(name string) error }

func (i inProcessInspector) Step(_ context.Context, f sandbox.File, kept []byte, src inspect.Source, _ time.Duration) (sandbox.Outcome, error) {
	if i.died != nil {
		if err := i.died(f.Name); err != nil {
			return sandbox.Outcome{}, err
		}
	}
	file := inspect.NewFile(f.Name, src.Size(), f.Limits)
	if len(kept) > 0 {
		var err error
		if file, err = inspect.Resume(f.Name, kept); err != nil {
			return sandbox.Outcome{}, err
		}
	}
	done, err := file.Step(src, func() bool { return false })
	if err != nil {
		return sandbox.Outcome{}, err
	}
	next, err := file.State()
	return sandbox.Outcome{Done: done, Kept: next, Report: file.Report()}, err
}

// memoryProgress keeps progress in memory, since a test wants to see each step of it.
type memoryProgress struct {
	mu     sync.Mutex
	items  map[string]string
	saves  int
	forged bool // what lies there until the next Save is somebody else's
}

func (d *memoryProgress) Load(_ context.Context, name string) ([]byte, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body, ok := d.items[name]
	if !ok {
		return nil, "", airlock.ErrGone
	}
	if d.forged {
		return nil, fmt.Sprint(len(body), d.saves), &airlock.Fault{Kind: airlock.Operator, Code: airlock.StateDamaged, Operation: "read progress"}
	}
	return []byte(body), fmt.Sprint(len(body), d.saves), nil
}

func (d *memoryProgress) Save(_ context.Context, name string, body []byte, _ string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.items == nil {
		d.items = map[string]string{}
	}
	d.saves++
	d.forged = false
	d.items[name] = string(body)
	return fmt.Sprint(len(body), d.saves), nil
}

// texts are the bytes of the files, by name.
type texts map[string]string

func (s *storage) ReadAt(_ context.Context, _ airlock.Container, name, _ string, _ int64, b []byte, offset int64) error {
	if err := s.faults["read "+name]; err != nil {
		return err
	}
	n, err := strings.NewReader(s.texts[name]).ReadAt(b, offset)
	if n < len(b) && (err == nil || errors.Is(err, io.EOF)) {
		return &airlock.IntegrityError{What: "short"}
	}
	return nil
}

const smallCells = "region,count\nNorth,3\nSouth,120\nEast,85\nWest,97\nCentral,410\n"

// exporting is an export at its gates, with the texts as its files, scanned clean.
func exporting(t *testing.T, gates string, files texts) *testBed {
	t.Helper()
	c := submitted()
	c.Type = airlock.Export
	c.ScanRequired = false
	for _, name := range sortedNames(files) {
		c.Files = append(c.Files, airlock.File{Name: name, Size: int64(len(files[name])), DraftETag: "d" + name, InProgressETag: "e" + name, SHA256: "ab", CRC64: sum(7), CopiedWhen: noon})
	}
	var p airlock.GatesPolicy
	require.NoError(t, json.Unmarshal([]byte(`{"export":[`+gates+`]}`), &p))
	policy := airlock.DefaultPolicy()
	policy.Gates = p
	require.Empty(t, policy.Check())
	c.Gates = airlock.NewGateRuns(policy, airlock.Export, 1)
	b := newTestBed(t, c)
	b.storage.texts = files
	return b
}

func sortedNames(files texts) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	for i := range names {
		for j := i; j > 0 && names[j] < names[j-1]; j-- {
			names[j], names[j-1] = names[j-1], names[j]
		}
	}
	return names
}

func (b *testBed) only() airlock.Request {
	for id := range b.table.requests {
		return b.table.get(id)
	}
	return airlock.Request{}
}

func (b *testBed) passing(t *testing.T) airlock.Request {
	t.Helper()
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, b.only().ID, "test"))
	return b.only()
}

func TestAContentGateLeavesFindingsToReviewers(t *testing.T) {
	b := exporting(t, judged("review"), texts{"counts.csv": smallCells, "notes.txt": "Nothing to see here.\n"})
	r := b.passing(t)
	require.Equal(t, airlock.InReview, r.Status)
	g := r.Gates[0]
	assert.Equal(t, airlock.RunFindings, g.Status)
	assert.Positive(t, g.Review)
	assert.Contains(t, g.Rules, "sdc.small_count")
	assert.Contains(t, r.StatusMessage, "sdc.small_count")
	assert.Equal(t, []string{"gate_started", "gate_verdict", "gates_passed"}, b.table.actions())

	found, err := b.readFindings(t.Context(), g)
	require.NoError(t, err)
	assert.Contains(t, found.Groups(g), "sdc.small_count/1")
	for name, body := range b.archive.items {
		assert.NotContains(t, body, "North", "%s: findings hold no data", name)
		assert.NotContains(t, body, "counts.csv", name)
	}
	for _, kept := range b.config.Progress.(*memoryProgress).items {
		assert.NotContains(t, kept, "North")
	}
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, r.ID, "again"))
	assert.Len(t, b.table.actions(), 3, "and once only")
}

// What only the files together tell is among the findings: here a session of ACRO's, with a file
// that it does not name, and one that it does not release.
func TestFilesAreComparedWithEachOther(t *testing.T) {
	b := exporting(t, `{"id":"content","kind":"content","rules":{"acro.do_not_release":{"action":"review"}}}`, texts{
		"counts.csv": "region,count\nNorth,30\nSouth,120\n", "people.csv": "region,count\nNorth,30\nSouth,120\n", "summary.txt": "Words.\n",
		"results.json": `{"version": "1.0.2", "results": {"a": {"status": "pass", "type": "table", "outcome": {}, "files": [{"name": "counts.csv", "sdc": {}}]},
			"b": {"status": "review", "type": "custom", "outcome": {}, "comments": ["DO NOT RELEASE"], "files": [{"name": "summary.txt", "sdc": {}}]}}}`,
	})
	r := b.passing(t)
	require.Equal(t, airlock.InReview, r.Status)
	found, err := b.readFindings(t.Context(), r.Gates[0])
	require.NoError(t, err)
	assert.Equal(t, []string{"acro.unlisted/2", "acro.checksum/3", "acro.discloses/3", "acro.do_not_release/4"}, found.Groups(r.Gates[0]))
	for name, body := range b.archive.items {
		assert.NotContains(t, body, "counts.csv", name)
		assert.NotContains(t, body, "ties", "%s: they are for the comparison alone", name)
	}
}

// By the policy's word a finding returns the request, or quarantines it.
func TestWhatAFindingDoes(t *testing.T) {
	for action, want := range map[string]airlock.Status{"note": airlock.InReview, "review": airlock.InReview, "return": airlock.ReturnInProgress, "block": airlock.BlockingInProgress} {
		b := exporting(t, judged(action), texts{"counts.csv": smallCells})
		b.storage.copyFault = &airlock.Fault{Kind: airlock.Transient, Code: "later", Operation: "copy"} // the way on is another's test
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, b.only().ID, "test"), action)
		r := b.only()
		assert.Equal(t, want, r.Status, action)
		switch action {
		case "block":
			assert.Contains(t, r.BlockReason, "sdc.small_count")
			assert.True(t, r.GateBlocked())
		case "return":
			assert.Equal(t, airlock.RunReturned, r.Gates[0].Status)
		}
	}
}

// In the last turn nothing is returned: people decide.
func TestTheLastTurnIsNotReturned(t *testing.T) {
	b := exporting(t, judged("return"), texts{"counts.csv": smallCells})
	r := b.only()
	r.Gates[0].NoReturn = true
	b.table.put(r)
	r = b.passing(t)
	assert.Equal(t, airlock.InReview, r.Status)
	assert.Positive(t, r.Gates[0].Review)
}

func TestAdviceHoldsNothingUp(t *testing.T) {
	b := exporting(t, `{"id":"content","kind":"content","mode":"advisory","rules":{"sdc.small_count":{"action":"block"}}}`, texts{"counts.csv": smallCells})
	r := b.passing(t)
	assert.Equal(t, airlock.InReview, r.Status)
	assert.Zero(t, r.Gates[0].Review)
}

// A gate that does not answer is inconclusive, and the policy says what follows.
func TestAGateThatNeverAnswers(t *testing.T) {
	const caller = `"callers":["5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01"]`
	for choice, want := range map[string]airlock.Status{"review": airlock.InReview, "block": airlock.BlockingInProgress, "fail": airlock.Failed, "return": airlock.ReturnInProgress} {
		b := exporting(t, `{"id":"dlp","kind":"external","deadlineMinutes":60,"retries":1,"inconclusive":"`+choice+`",`+caller+`}`, texts{"counts.csv": smallCells})
		b.storage.copyFault = &airlock.Fault{Kind: airlock.Transient, Code: "later", Operation: "copy"}
		r := b.passing(t)
		require.Equal(t, airlock.Submitted, r.Status)
		assert.Equal(t, "Waiting for the security gates: dlp.", r.StatusMessage)
		assert.Equal(t, noon.Add(30*time.Minute), r.Work.Due)
		b.clock = noon.Add(30 * time.Minute)
		r = b.passing(t)
		assert.Equal(t, 2, r.Gates[0].Asked)
		b.clock = noon.Add(time.Hour)
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, r.ID, "test"))
		r = b.only()
		assert.Equal(t, want, r.Status, choice)
		assert.Equal(t, airlock.RunInconclusive, r.Gates[0].Status)
		asked := 0
		for _, e := range b.table.events {
			if e.Topic == airlock.TopicGates {
				asked++
				assert.NotContains(t, string(e.Data), "counts.csv", "an event names no file")
			}
		}
		assert.Equal(t, 2, asked)
	}
}

// A file that kills its scanner is a finding, and not the end of the request.
func TestAFileThatKillsItsInspection(t *testing.T) {
	b := exporting(t, judged("review"), texts{"bad.csv": smallCells, "good.csv": smallCells})
	deaths := 0
	b.config.Inspector = inProcessInspector{died: func(name string) error {
		if name != "bad.csv" {
			return nil
		}
		deaths++
		return fmt.Errorf("%w: killed", sandbox.ErrDied)
	}}
	r := b.passing(t)
	require.Equal(t, airlock.InReview, r.Status)
	assert.Equal(t, 3, deaths)
	found, err := b.readFindings(t.Context(), r.Gates[0])
	require.NoError(t, err)
	assert.Equal(t, "uncheckable.corrupt", found.Files[0].Findings[0].Rule)
	assert.Contains(t, found.Groups(r.Gates[0]), "sdc.small_count/2", "the other file was looked at")
}

// Reads that storage fails cost a file no try, however often.
func TestStorageThatIsAwayCostsNoTry(t *testing.T) {
	b := exporting(t, judged("review"), texts{"counts.csv": smallCells})
	b.storage.faults["read counts.csv"] = &airlock.Fault{Kind: airlock.Transient, Code: "ServerBusy", Operation: "read blob"}
	for range 5 {
		r := b.passing(t)
		require.Equal(t, airlock.Submitted, r.Status)
	}
	delete(b.storage.faults, "read counts.csv")
	r := b.passing(t)
	require.Equal(t, airlock.InReview, r.Status)
	found, err := b.readFindings(t.Context(), r.Gates[0])
	require.NoError(t, err)
	assert.Contains(t, found.Groups(r.Gates[0]), "sdc.small_count/1")
}

// judged is a content gate with one action for the rules that small cells break.
func judged(action string) string {
	return `{"id":"content","kind":"content","rules":{"sdc.small_count":{"action":"` + action + `"},"sdc.unrounded":{"action":"note"},"uncheckable.corrupt":{"action":"review"}}}`
}
