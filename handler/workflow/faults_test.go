package workflow

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// Waiting for ever, or silently, is as bad as losing a request.
func TestARecordThatDoesNotFitEndsTheRequest(t *testing.T) {
	sc := sceneOf(copying("1"))
	sc.fits = func(r airlock.Request) bool { return r.Files[0].InProgressETag == "" }
	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, airlock.Failed, sc.row.Status)
	assert.Equal(t, "record_too_large", sc.row.Failure.Code)
}

func TestAStorageTimeoutIsAVisibleWait(t *testing.T) {
	sc := sceneOf(copying("1"))
	sc.onCopy = func(airlock.CopyOrder) error {
		return &airlock.Fault{Kind: airlock.Transient, Code: "TimedOut", Operation: "copy blob", Account: "stalimip", Err: context.DeadlineExceeded}
	}
	for range 3 {
		require.NoError(t, sc.advance(t.Context()))
		sc.clock = sc.row.Work.Due
	}
	assert.Equal(t, 3, sc.row.Work.Attempts)
	assert.Contains(t, sc.row.StatusMessage, "waiting: ")
	assert.Equal(t, []string{"waiting"}, sc.actions())
}

// Each file's arrival is an event, and each tries again: two hundred of them must not put the next try off to a quarter
// of an hour.
func TestTriesBeforeTheNextOneIsDueDoNotLengthenTheWait(t *testing.T) {
	sc := sceneOf(copying("1"))
	busy := &airlock.Fault{Kind: airlock.Transient, Code: "ServerBusy", Operation: "copy blob", Account: "stalimip"}
	sc.onCopy = func(airlock.CopyOrder) error { return busy }
	for range 200 {
		require.NoError(t, sc.advance(t.Context()))
	}
	assert.Equal(t, 1, sc.row.Work.Attempts)
	assert.Equal(t, sc.clock.Add(sc.config.Grace), sc.row.Work.Due)
	busy.After = time.Hour // storage itself asks for more time
	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, sc.clock.Add(time.Hour), sc.row.Work.Due)
}

// When our own time is up, the request has not met anything.
func TestAStepCutShortIsNoFault(t *testing.T) {
	sc := sceneOf(copying("1"))
	ctx, cancel := context.WithCancel(t.Context())
	sc.onCopy = func(airlock.CopyOrder) error {
		cancel()
		return ctx.Err()
	}
	require.ErrorIs(t, sc.advance(ctx), context.Canceled)
	assert.Zero(t, sc.row.Work.Attempts)
}

// The policy at submit holds for the hash limit too: a file must not pass without
// its hash while that is under way.
func TestTheHashLimitOfSubmitHolds(t *testing.T) {
	c := copying("1")
	c.Files[0].Size = 100
	sc := sceneOf(c)
	sc.halfway = true
	require.NoError(t, sc.advance(t.Context()))
	sc.ws.Policy.Files.HashLimitBytes = 10
	require.NoError(t, sc.advance(t.Context()))
	assert.Empty(t, sc.row.Files[0].SHA256)
	assert.Equal(t, airlock.Submitted, sc.row.Status)
	assert.NotContains(t, sc.actions(), "copied")
	sc.halfway = false
	require.NoError(t, sc.advance(t.Context()))
	assert.Contains(t, sc.actions(), "copied")
}

// Malware that is reported while a request has failed counts when it is retried.
func TestMalwareReportedWhileFailedBlocksTheRetry(t *testing.T) {
	sc := sceneOf(approving("1"))
	require.NoError(t, sc.failed(t.Context(), sc.ws, *sc.row, sc.version(sc.row.ID), unrecoverable{code: "X", operation: "copy", cause: "something else"}))
	require.NoError(t, sc.ScanResult(t.Context(), airlock.ScanHint{Account: string(airlock.ImportInProgress), Container: airlock.ContainerName(sc.row.ID), Names: []string{"1.csv"}, ETag: "1",
		Outcome: airlock.Malicious, ID: "late", SHA256: "cd"}))
	last := sc.records[len(sc.records)-1]
	assert.True(t, last.Security, "malware in a request that has ended is an alarm")
	assert.Equal(t, "cd", last.Detail["sha256"])
	require.Equal(t, airlock.Failed, sc.row.Status)
	sc.clock = sc.clock.Add(time.Hour)
	_, err := sc.Retry(t.Context(), owner, sc.ws, sc.row.ID, "")
	require.NoError(t, err)
	assert.Equal(t, airlock.BlockingInProgress, sc.row.Status)
	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, airlock.BlockedByScan, sc.row.Status)
	assert.Empty(t, sc.bytesAt(airlock.ImportApproved))
}

// The last line of defence: however the verdict got onto the row.
func TestNothingIsApprovedWithMalwareOnRecord(t *testing.T) {
	sc := sceneOf(approving("1").verdict(0, "1", airlock.Malicious))
	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, airlock.BlockedByScan, sc.row.Status)
	assert.Empty(t, sc.bytesAt(airlock.ImportApproved))
}

func TestMalwareInWhatIsBeingRejectedIsAnAlarm(t *testing.T) {
	c := approving("1")
	c.Status = airlock.RejectionInProgress
	sc := sceneOf(c)
	require.NoError(t, sc.ScanResult(t.Context(), airlock.ScanHint{Account: string(airlock.ImportInProgress), Container: airlock.ContainerName(sc.row.ID), Names: []string{"1.csv"}, ETag: "1", Outcome: airlock.Malicious, ID: "late"}))
	assert.True(t, sc.records[0].Security)
	assert.Equal(t, airlock.RejectionInProgress, sc.row.Status)
}

// A verified copy that is not there at the end was taken away by somebody.
func TestNothingIsApprovedThatIsNotThere(t *testing.T) {
	c := approving("1")
	c.Files[0].FinalETag, c.Files[0].FinalChecked = "copy of 1", true
	sc := sceneOf(c)
	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, airlock.Failed, sc.row.Status)
	assert.Equal(t, "integrity_violation", sc.row.Failure.Code)
}

func TestADeletionThatIsRefusedHoldsNothingUp(t *testing.T) {
	c := approving("1")
	c.Work.Delete, c.Work.GivenUp = places(airlock.ImportExternal), noon
	sc := sceneOf(c)
	sc.keeps = string(airlock.ImportExternal)
	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, airlock.Approved, sc.row.Status)
	assert.NotEmpty(t, sc.row.Receipt)
	assert.Contains(t, sc.row.Work.Delete, airlock.Place{Stage: airlock.ImportExternal, Turn: 1})
	assert.Equal(t, 1, sc.row.Work.Attempts, "and it is tried again, later")
	sc.keeps = ""
	require.NoError(t, sc.advance(t.Context()))
	assert.Empty(t, sc.row.Work.Delete)
}

func TestRefusedAttemptsAreRecordedOnceInAWhile(t *testing.T) {
	sc := sceneOf(submitted("1"))
	ben := airlock.Principal{ID: "ben", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	for range 3 {
		require.NoError(t, sc.Refused(t.Context(), ben, sc.ws, sc.row.ID, airlock.ActionReview, "role_missing"))
		_, err := sc.Submit(t.Context(), ben, sc.ws, sc.row.ID, "")
		require.ErrorAs(t, err, new(*airlock.RefusedError))
	}
	require.Len(t, sc.records, 2)
	for i, attempted := range []string{"review", "submit"} {
		assert.True(t, sc.records[i].Security)
		assert.Equal(t, airlock.UserID("ben"), sc.records[i].Actor.ID)
		assert.Equal(t, attempted, sc.records[i].Detail["attempted"])
	}
	sc.clock = sc.clock.Add(airlock.RefusalsKept)
	require.NoError(t, sc.Refused(t.Context(), ben, sc.ws, sc.row.ID, airlock.ActionReview, "role_missing"))
	assert.Len(t, sc.records, 3)
	require.NoError(t, sc.Refused(t.Context(), ben, sc.ws, "00000000-0000-4000-8000-000000000000", airlock.ActionReview, "role_missing"), "an unknown request")
}
