package workflow

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/inspect"
)

const theEngine = "5c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01"

func externalGate(more string) string {
	return `{"id":"dlp","kind":"external"` + more + `,"callers":["` + theEngine + `"]}`
}

var engineCalls = airlock.Principal{ID: theEngine, Application: true, Roles: []airlock.Role{airlock.RoleGate}}

// word is a gate's about all files as they are.
func word(r airlock.Request, outcome airlock.GateStatus) GateWord {
	w := GateWord{Digest: r.ContentDigest(), Outcome: outcome, Engine: "test 1", Found: []airlock.FileFindings{}}
	for _, f := range r.Files {
		w.Files = append(w.Files, GateFile{Name: f.Name, ETag: f.InProgressETag, SHA256: f.SHA256})
	}
	if outcome == airlock.RunFindings || outcome == airlock.RunBlocked {
		action := map[airlock.GateStatus]inspect.Action{airlock.RunFindings: inspect.ActReview, airlock.RunBlocked: inspect.ActBlock}[outcome]
		w.Found = append(w.Found, airlock.FileFindings{File: 1, Findings: []inspect.Judged{{Finding: inspect.Finding{Rule: "dlp.person", Severity: inspect.High, Count: 2}, Action: action}}})
	}
	return w
}

func (b *testBed) speaks(p airlock.Principal, gate string, w GateWord) error {
	_, err := b.GateSpeaks(b.t.Context(), p, b.ws, b.only().ID, gate, func(airlock.Request) (GateWord, error) { return w, nil })
	return err
}

func TestAnExternalGateSpeaks(t *testing.T) {
	for outcome, want := range map[airlock.GateStatus]airlock.Status{airlock.RunPassed: airlock.InReview, airlock.RunFindings: airlock.InReview,
		airlock.RunBlocked: airlock.BlockingInProgress, airlock.RunInconclusive: airlock.InReview} {
		b := exporting(t, externalGate(""), texts{"a.csv": smallCells})
		r := b.passing(t)
		require.NoError(t, b.speaks(engineCalls, "dlp", word(r, outcome)), outcome)
		now := b.only()
		assert.Equal(t, want, now.Status, outcome)
		assert.Equal(t, airlock.UserID(theEngine), now.Gates[0].By)
		records := len(b.table.records)
		require.NoError(t, b.speaks(engineCalls, "dlp", word(r, outcome)), "the same again changes nothing")
		assert.Len(t, b.table.records, records)
	}
}

// Nobody speaks for a gate but the service principals that the policy named, and only about
// the bytes that are there.
func TestWhoSpeaksForAGateAndAboutWhat(t *testing.T) {
	b := exporting(t, externalGate(""), texts{"a.csv": smallCells})
	r := b.passing(t)
	person, other, roleless := engineCalls, engineCalls, engineCalls
	person.Application, other.ID, roleless.Roles = false, "7c3f8e90-1b2d-4a6c-9f70-3d4e5a6b7c01", nil
	var refused *airlock.RefusedError
	for name, p := range map[string]airlock.Principal{"a person": person, "another application": other, "without the role": roleless} {
		require.ErrorAs(t, b.speaks(p, "dlp", word(r, airlock.RunPassed)), &refused, name)
	}
	require.ErrorAs(t, b.speaks(engineCalls, "other", word(r, airlock.RunPassed)), &refused, "another gate")

	var otherBytes *airlock.OtherBytesError
	for name, change := range map[string]func(*GateWord){
		"digest": func(w *GateWord) { w.Digest = "sha256:" + strings.Repeat("0", 64) },
		"hash":   func(w *GateWord) { w.Files[0].SHA256 = "cd" },
		"ETag":   func(w *GateWord) { w.Files[0].ETag = "another" },
		"file":   func(w *GateWord) { w.Files[0].Name = "b.csv" },
	} {
		w := word(r, airlock.RunPassed)
		change(&w)
		require.ErrorAs(t, b.speaks(engineCalls, "dlp", w), &otherBytes, name)
	}
	security := 0
	for _, rec := range b.table.records {
		if rec.Security {
			security++
		}
	}
	assert.Equal(t, 2, security, "one for each caller within ten minutes")
	assert.Equal(t, airlock.Submitted, b.only().Status)

	partial := word(r, airlock.RunPassed)
	partial.Files = nil
	require.NoError(t, b.speaks(engineCalls, "dlp", partial))
	assert.Equal(t, airlock.RunInconclusive, b.only().Gates[0].Status, "not every file was looked at")
	require.ErrorIs(t, b.speaks(engineCalls, "dlp", word(r, airlock.RunPassed)), airlock.ErrGateDecided)
}

// Late words count only if they block.
func TestALateWordOfAGate(t *testing.T) {
	b := exporting(t, externalGate(""), texts{"a.csv": smallCells})
	r := b.passing(t)
	require.NoError(t, b.speaks(engineCalls, "dlp", word(r, airlock.RunPassed)))
	require.Equal(t, airlock.InReview, b.only().Status)
	require.ErrorIs(t, b.speaks(engineCalls, "dlp", word(r, airlock.RunFindings)), airlock.ErrGateDecided)
	require.NoError(t, b.speaks(engineCalls, "dlp", word(r, airlock.RunBlocked)))
	now := b.only()
	assert.Equal(t, airlock.BlockingInProgress, now.Status)
	assert.NotContains(t, now.BlockReason, "dlp.person", "an engine's words stay in its report")
}

// An approval acknowledges every group of findings, each approver for themselves.
func TestApprovalsAcknowledgeFindings(t *testing.T) {
	b := exporting(t, judged("review"), texts{"counts.csv": smallCells})
	r := b.passing(t)
	require.Equal(t, airlock.InReview, r.Status)
	mia := airlock.Principal{ID: "mia", WorkspaceToken: true, Roles: []airlock.Role{airlock.RoleManager}}
	review := func(said ...airlock.Acknowledgement) error {
		_, err := b.Review(t.Context(), mia, b.ws, r.ID, ReviewInput{Decision: airlock.DecisionApproved, Explanation: "fine", Acknowledgements: said}, "")
		return err
	}
	_, all, err := b.Findings(t.Context(), mia, b.ws, r.ID)
	require.NoError(t, err)
	require.NotEmpty(t, all[0].Groups)
	var missing *airlock.UnacknowledgedError
	require.ErrorAs(t, review(), &missing)
	assert.Len(t, missing.Missing, len(all[0].Groups))
	var said []airlock.Acknowledgement
	for _, group := range all[0].Groups {
		said = append(said, airlock.Acknowledgement{Gate: "content", Group: group, Reason: "agreed with the data owner"})
	}
	var invalid *airlock.InvalidError
	short := append([]airlock.Acknowledgement{}, said...)
	short[0].Reason = "ok"
	require.ErrorAs(t, review(short...), &invalid)
	require.ErrorAs(t, review(append(said, airlock.Acknowledgement{Gate: "content", Group: "no.such/1", Reason: "agreed with the data owner"})...), &invalid)
	require.NoError(t, review(said...))
	assert.Equal(t, airlock.ApprovalInProgress, b.only().Status)
	assert.Contains(t, b.table.actions(), "findings_acknowledged")
	kept := b.archive.names("findings/acks/")
	require.Len(t, kept, 1)
	var a airlock.Acknowledgements
	require.NoError(t, json.Unmarshal([]byte(b.archive.items[kept[0]]), &a))
	assert.Equal(t, airlock.UserID("mia"), a.Reviewer)
	assert.Equal(t, all[0].Run.Report.SHA256, a.Findings["content"])
}

// A look at the bytes around a finding is on record, and for those who hold the link.
func TestAnExcerptIsOnRecord(t *testing.T) {
	b := exporting(t, judged("review"), texts{"counts.csv": smallCells})
	r := b.passing(t)
	mia := airlock.Principal{ID: "mia", WorkspaceToken: true, Roles: []airlock.Role{airlock.RoleManager}}
	_, all, err := b.Findings(t.Context(), mia, b.ws, r.ID)
	require.NoError(t, err)
	number := 0
	for _, f := range all[0].Found.Files {
		for i, one := range f.Findings {
			if one.Rule == "sdc.small_count" {
				number = i + 1
			}
		}
	}
	e, err := b.Excerpt(t.Context(), mia, b.ws, r.ID, ExcerptAt{Gate: "content", Finding: number, Place: 1})
	require.NoError(t, err)
	assert.Contains(t, string(e.Bytes), "North,3")
	assert.Equal(t, 1, strings.Count(strings.Join(b.table.actions(), " "), "excerpt_read"))
	_, err = b.Excerpt(t.Context(), mia, b.ws, r.ID, ExcerptAt{Gate: "content", Finding: 999, Place: 1})
	require.ErrorIs(t, err, airlock.ErrNoExcerpt)
	_, err = b.Excerpt(t.Context(), airlock.Principal{ID: "bob", WorkspaceToken: true, Roles: []airlock.Role{airlock.RoleResearcher}}, b.ws, r.ID, ExcerptAt{Gate: "content", Finding: number, Place: 1})
	var refused *airlock.RefusedError
	require.ErrorAs(t, err, &refused)
}

// An engine's words about its findings are shown to those who see them, and are no evidence:
// they can be forgotten.
func TestAnEnginesMessagesAreNoEvidence(t *testing.T) {
	b := exporting(t, externalGate(""), texts{"a.csv": smallCells})
	r := b.passing(t)
	w := word(r, airlock.RunFindings)
	w.Messages = []string{" two\n people\u202e, " + strings.Repeat("x", 300)}
	require.NoError(t, b.speaks(engineCalls, "dlp", w))
	mia := airlock.Principal{ID: "mia", WorkspaceToken: true, Roles: []airlock.Role{airlock.RoleManager}}
	_, all, err := b.Findings(t.Context(), mia, b.ws, r.ID)
	require.NoError(t, err)
	require.Len(t, all[0].Messages, 1)
	assert.True(t, strings.HasPrefix(all[0].Messages[0], "two people, xxx"), all[0].Messages[0])
	assert.Len(t, []rune(all[0].Messages[0]), maxMessage)
	for name, item := range b.archive.items {
		assert.NotContains(t, item, "two people", name)
	}
	for _, rec := range b.table.records {
		text, err := json.Marshal(rec)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "two people")
	}
	assert.NotContains(t, b.logs.text.String(), "two people")

	drawn := b.config.Progress.(*memoryProgress)
	for name, item := range drawn.items {
		drawn.items[name] = strings.Replace(item, `"report":"`, `"report":"0`, 1)
	}
	_, all, err = b.Findings(t.Context(), mia, b.ws, r.ID)
	require.NoError(t, err)
	assert.Empty(t, all[0].Messages, "of another report")
	clear(drawn.items)
	_, all, err = b.Findings(t.Context(), mia, b.ws, r.ID)
	require.NoError(t, err)
	assert.Empty(t, all[0].Messages)
	assert.NotEmpty(t, all[0].Found.Files)
}
