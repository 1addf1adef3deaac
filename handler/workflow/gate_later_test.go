package workflow

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// policyOfGates is put in force for the workspace, as an administrator does while requests are under way.
func (b *testBed) policyOfGates(t *testing.T, exports string) {
	t.Helper()
	p := policyOf(t, exports)
	b.ws.Policy, b.registry.rows[0].Policy = p, p
}

// policyOf is a policy with gates of exports.
func policyOf(t *testing.T, exports string) airlock.Policy {
	t.Helper()
	p := airlock.DefaultPolicy()
	require.NoError(t, json.Unmarshal([]byte(`{"export":[`+exports+`]}`), &p.Gates))
	require.Empty(t, p.Check())
	return p
}

// What a policy says after the submit opens and shuts no gate of a request under way.
func TestAPolicyThatChangesOpensNoGate(t *testing.T) {
	for name, later := range map[string]string{"the gate is gone": "", "its finding is a note now": judged("note"), "it is advisory now": `{"id":"content","kind":"content","mode":"advisory"}`} {
		b := exporting(t, judged("block"), texts{"counts.csv": smallCells})
		b.policyOfGates(t, later)
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, b.only().ID, "test"), name)
		assert.True(t, b.only().GateBlocked(), name)
	}
	b := exporting(t, "", texts{"counts.csv": smallCells})
	b.policyOfGates(t, judged("block"))
	assert.Equal(t, airlock.InReview, b.passing(t).Status, "a gate that came later")
}

// An engine whose gate was taken out of the policy still speaks for the requests that were submitted to it, and nobody else.
func TestAGateThatIsGoneIsStillWaitedFor(t *testing.T) {
	b := exporting(t, externalGate(""), texts{"a.csv": smallCells})
	b.passing(t)
	b.policyOfGates(t, "")
	r := b.passing(t)
	require.Equal(t, airlock.Submitted, r.Status)
	require.NoError(t, b.speaks(engineCalls, "dlp", word(r, airlock.RunPassed)))
	assert.Equal(t, airlock.InReview, b.only().Status)
}

// A word that comes after another gate has sent the request back changes nothing, and in the next turn only a word about that
// turn's bytes counts, once the gate is at work on them.
func TestAWordAfterTheReturnIsTooLate(t *testing.T) {
	b := exporting(t, judged("return")+","+externalGate(`,"mode":"advisory"`), texts{"counts.csv": smallCells})
	b.storage.copyFault = &airlock.Fault{Kind: airlock.Transient, Code: "later", Operation: "copy"} // the way back is another's test
	first := b.only()
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, first.ID, "test"))
	require.Equal(t, airlock.ReturnInProgress, b.only().Status)
	about := word(b.only(), airlock.RunPassed)
	for _, status := range []airlock.Status{airlock.ReturnInProgress, airlock.Returned} {
		r := b.only()
		r.Status = status
		b.table.put(r)
		for _, outcome := range []airlock.GateStatus{airlock.RunPassed, airlock.RunFindings, airlock.RunBlocked} {
			require.ErrorIs(t, b.speaks(engineCalls, "dlp", word(r, outcome)), airlock.ErrGateDecided, "%s: %s", status, outcome)
		}
	}
	r := b.only()
	r.Status, r.Resubmits, r.Gates = airlock.Submitted, 1, airlock.NewGateRuns(policyOf(t, externalGate("")), airlock.Export, 2)
	b.table.put(r)
	var other *airlock.OtherBytesError
	require.ErrorAs(t, b.speaks(engineCalls, "dlp", about), &other, "the gate is not at work yet, though the bytes are the same")
	assert.Equal(t, airlock.RunWaiting, b.only().Gates[0].Status)
}

// A file without a hash is known by its ETag, so a fresh copy for another scan is other content: the gate is asked anew, what
// it says about the former copy is refused, and what it said of that counts no more.
func TestAWordAboutContentThatHasChanged(t *testing.T) {
	for name, before := range map[string]airlock.GateStatus{"not yet spoken": "", "passed": airlock.RunPassed, "findings": airlock.RunFindings} {
		b := exporting(t, externalGate(""), texts{"large.csv": smallCells})
		r := b.only()
		r.HashLimit, r.Files[0].SHA256, r.ScanRequired = 1, "", true // above the limit for hashing, and the scan still to come
		b.table.put(r)
		r = b.passing(t)
		former := word(r, airlock.RunPassed)
		if before != "" {
			require.NoError(t, b.speaks(engineCalls, "dlp", word(r, before)), name)
		}
		r = b.only()
		require.Equal(t, airlock.Submitted, r.Status, name)
		r.Files[0].InProgressETag = "fresh"
		b.table.put(r)
		var other *airlock.OtherBytesError
		require.ErrorAs(t, b.speaks(engineCalls, "dlp", former), &other, name)
		r = b.passing(t)
		g := r.Gates[0]
		assert.Equal(t, airlock.RunRunning, g.Status, name)
		assert.Equal(t, r.ContentDigest(), g.Digest, name)
		assert.Zero(t, g.Review, name)
		require.ErrorAs(t, b.speaks(engineCalls, "dlp", former), &other, name)
		require.NoError(t, b.speaks(engineCalls, "dlp", word(r, airlock.RunPassed)), name)
		assert.Equal(t, airlock.RunPassed, b.only().Gates[0].Status, name)
	}
}

// After a retry the gate that could not judge tries once more; the word of another one holds as long as the bytes are the same.
func TestARetryAsksOnlyWhoCouldNotJudge(t *testing.T) {
	b := exporting(t, judged("review")+","+externalGate(`,"stage":1,"deadlineMinutes":60,"retries":0,"inconclusive":"fail"`), texts{"counts.csv": smallCells})
	r := b.passing(t)
	require.Equal(t, airlock.RunFindings, r.Gates[0].Status)
	report := *r.Gates[0].Report
	b.clock = noon.Add(61 * time.Minute)
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, r.ID, "test"))
	r = b.only()
	require.Equal(t, airlock.Failed, r.Status)
	require.Equal(t, airlock.RunInconclusive, r.Gates[1].Status)

	b.clock = b.clock.Add(time.Hour)
	olga := airlock.Principal{ID: "olga", WorkspaceToken: true, Roles: []airlock.Role{airlock.RoleOwner}}
	_, err := b.Retry(t.Context(), olga, b.ws, r.ID, "")
	require.NoError(t, err)
	r = b.passing(t)
	require.Equal(t, airlock.Submitted, r.Status)
	assert.Equal(t, report, *r.Gates[0].Report, "what the content gate found holds")
	require.Equal(t, airlock.RunRunning, r.Gates[1].Status)
	assert.Equal(t, b.clock.Add(time.Hour), r.Gates[1].Deadline, "with all its time")
	require.NoError(t, b.speaks(engineCalls, "dlp", word(r, airlock.RunPassed)))
	assert.Equal(t, airlock.InReview, b.only().Status)
	assert.Positive(t, b.only().Gates[0].Review, "and still has to be acknowledged")
}
