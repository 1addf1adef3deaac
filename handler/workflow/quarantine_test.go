package workflow

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// unscannable is a request that was blocked because nobody could scan its files, at
// noon plus an hour, with the copies that were in progress gone.
func unscannable(t *testing.T) *scene {
	t.Helper()
	c := submitted("1", "2")
	c.Status, c.BlockReason = airlock.BlockingInProgress, "could not be scanned"
	c.Files[0].Note(airlock.Verdict{Outcome: airlock.Clean, ETag: "1", Tagged: true})
	c.Files[1].Note(airlock.Verdict{Outcome: airlock.NotScanned, ETag: "2"})
	trail := written(&c.Request, noon,
		audit.Record{Actor: actorOf(c.CreatedBy), Action: "create", To: airlock.Draft},
		audit.Record{Actor: actorOf(c.CreatedBy), Action: "submit", From: airlock.Draft, To: airlock.Submitted, Files: frozen("draft", c.Files)},
		audit.Record{Actor: actorOf(c.by), Action: "inconclusive_scan", From: airlock.Submitted, To: airlock.BlockingInProgress})
	sc := sceneOf(c)
	sc.trails[sc.row.ID] = trail
	require.NoError(t, sc.advance(t.Context()))
	require.Equal(t, airlock.BlockedByScan, sc.row.Status)
	require.Equal(t, []airlock.Stage{airlock.ImportBlocked}, sc.stages())
	return sc
}

// stages are those with a container of the request.
func (sc *scene) stages() (all []airlock.Stage) {
	for _, stage := range airlock.StagesOf(airlock.Import) {
		if sc.at[airlock.Container{Account: string(stage), Name: airlock.ContainerName(sc.row.ID)}] != nil {
			all = append(all, stage)
		}
	}
	return all
}

func (sc *scene) retry(t *testing.T, after time.Duration) error {
	t.Helper()
	sc.clock = sc.clock.Add(after)
	_, err := sc.Retry(t.Context(), owner, sc.ws, sc.row.ID, "")
	return err
}

func TestWhatNobodyCouldScanComesBackAndIsScannedAnew(t *testing.T) {
	sc := unscannable(t)
	var fault *airlock.Fault
	require.ErrorAs(t, sc.retry(t, settled-time.Second), &fault, "a deletion may be under way that would meet the new copies")
	assert.Equal(t, airlock.ClearingUp, fault.Code)
	require.NoError(t, sc.retry(t, time.Second))
	assert.Equal(t, airlock.Submitted, sc.row.Status)
	require.NoError(t, sc.retry(t, 0), "the answer got lost, and the call is repeated")
	assert.Equal(t, messageLeavingQuarantine, sc.row.StatusMessage)
	assert.Empty(t, sc.row.BlockReason)

	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, airlock.Submitted, sc.row.Status)
	assert.Equal(t, []airlock.Stage{airlock.ImportInProgress}, sc.stages())
	for i, was := range []string{"1", "2"} {
		f := sc.row.Files[i]
		assert.Equal(t, "copy of copy of "+was, f.InProgressETag)
		assert.Nil(t, f.Verdict, "each file is scanned anew")
		assert.Equal(t, "ab", f.SHA256)
	}
	require.False(t, sc.row.Copied(), "the gate waits until the quarantine is free again")
	due := sc.row.Work.Due
	assert.Equal(t, sc.clock.Add(settled), due)
	require.NoError(t, sc.advance(t.Context()))
	require.False(t, sc.row.Copied(), "not before its time")

	sc.clock = due
	require.NoError(t, sc.advance(t.Context()))
	require.True(t, sc.row.Copied())
	assert.Equal(t, messageWaitingScan, sc.row.StatusMessage)
	sc.tags = map[string]airlock.ScanTag{}
	for _, f := range sc.row.Files {
		sc.tags[f.Name] = airlock.ScanTag{ETag: f.InProgressETag, Result: "No threats found"}
		require.NoError(t, sc.ScanResult(t.Context(), airlock.ScanHint{Account: "stalimip", Container: airlock.ContainerName(sc.row.ID), ETag: f.InProgressETag, Outcome: airlock.Clean, ID: "v"}))
	}
	assert.Equal(t, airlock.InReview, sc.row.Status)
	require.NoError(t, sc.retry(t, 0), "repeated late")
	_, err := sc.Retry(t.Context(), airlock.Principal{ID: "olu", Roles: owner.Roles, WorkspaceToken: true}, sc.ws, sc.row.ID, "")
	require.Error(t, err, "somebody else's is none")
	assert.Equal(t, []string{"copy_verified", "data_deleted", "retry", "copied", "data_deleted", "scan_verdict", "scan_verdict", "gates_passed"}, sc.actions())
	require.NoError(t, audit.ReplayStatus(sc.trails[sc.row.ID], *sc.row))
}

// A verdict that comes while the files are on their way is not lost: malware sends them
// back into quarantine, to which nothing of the first time is left.
func TestMalwareOnTheWayBack(t *testing.T) {
	for name, etag := range map[string]string{"the new copy": "copy of copy of 2", "the one in quarantine": "copy of 2", "the first one": "2", "the draft": "d2"} {
		t.Run(name, func(t *testing.T) {
			sc := unscannable(t)
			require.NoError(t, sc.retry(t, settled))
			require.NoError(t, sc.advance(t.Context()))
			require.NoError(t, sc.ScanResult(t.Context(), airlock.ScanHint{Account: "stalimip", Container: airlock.ContainerName(sc.row.ID), ETag: etag, Outcome: airlock.Malicious, ID: "v"}))
			assert.Equal(t, airlock.Submitted, sc.row.Status)
			sc.clock = sc.row.Work.Due
			require.NoError(t, sc.advance(t.Context()))
			assert.Equal(t, airlock.BlockedByScan, sc.row.Status)
			assert.Equal(t, []airlock.Stage{airlock.ImportBlocked}, sc.stages())
			var refused *airlock.StatusError
			require.ErrorAs(t, sc.retry(t, time.Hour), &refused)
			assert.Equal(t, "malware_found", refused.Rule)
			require.NoError(t, audit.ReplayStatus(sc.trails[sc.row.ID], *sc.row))
		})
	}
}

// A request may be blocked, and tried again, more than once.
func TestAnotherTryAfterAnother(t *testing.T) {
	sc := unscannable(t)
	for range 4 {
		require.NoError(t, sc.retry(t, time.Hour))
		require.NoError(t, sc.advance(t.Context()))
		sc.clock = sc.row.Work.Due
		require.NoError(t, sc.advance(t.Context()))
		for _, f := range sc.row.Files {
			require.NoError(t, sc.ScanResult(t.Context(), airlock.ScanHint{Account: "stalimip", Container: airlock.ContainerName(sc.row.ID), ETag: f.InProgressETag,
				Outcome: airlock.NotScanned, Reason: "SAM259210: password", ID: "v"}))
		}
		require.NoError(t, sc.advance(t.Context()))
		require.Equal(t, airlock.BlockedByScan, sc.row.Status)
		assert.Contains(t, sc.row.StatusMessage, "SAM259210")
		assert.LessOrEqual(t, len(sc.row.Files[0].EarlierETags), 6)
	}
}

// Bytes that are not those that were in progress before do not come back.
func TestOtherBytesDoNotComeBack(t *testing.T) {
	sc := unscannable(t)
	require.NoError(t, sc.retry(t, settled))
	sc.row.Files[1].CRC64 = sum(8) // of what was there
	require.NoError(t, sc.advance(t.Context()))
	require.Equal(t, airlock.Failed, sc.row.Status)
	assert.Equal(t, "integrity_violation", sc.row.Failure.Code)
	assert.Contains(t, sc.stages(), airlock.ImportBlocked, "evidence is not thrown away")
	assert.True(t, sc.row.MayHold(sc.row.Place(airlock.ImportBlocked)))
	assert.Equal(t, sum(8), sc.row.Files[1].CRC64, "nor what it was compared with")
}

// Interrupted between any two commits, and with what was copied twice, the way back
// leads to the same end.
func TestTheWayBackIsTakenUpAnywhere(t *testing.T) {
	sc := unscannable(t)
	require.NoError(t, sc.retry(t, settled))
	for _, at := range []string{"before the copy", "after it"} {
		sc.onCopied = nil
		cut := func(airlock.CopyOrder) error { return fmt.Errorf("cut off %s", at) }
		sc.onCopy = cut
		if at == "after it" {
			sc.onCopy, sc.fits = nil, func(airlock.Request) bool { return false }
		}
		_ = sc.advance(t.Context())
		sc.onCopy, sc.fits = nil, nil
		require.Equal(t, airlock.Submitted, sc.row.Status, at)
		require.True(t, sc.row.LeavingQuarantine())
		assert.Contains(t, sc.stages(), airlock.ImportBlocked, "where all of it still is")
		sc.clock = sc.clock.Add(time.Hour)
	}
	require.NoError(t, sc.advance(t.Context()))
	sc.clock = sc.row.Work.Due
	require.NoError(t, sc.advance(t.Context()))
	assert.True(t, sc.row.Copied())
	assert.Equal(t, []airlock.Stage{airlock.ImportInProgress}, sc.stages())
}

// A failure on the way back leaves everything in quarantine, and a retry takes it up.
func TestAFailureOnTheWayBack(t *testing.T) {
	sc := unscannable(t)
	require.NoError(t, sc.retry(t, settled))
	sc.onCopy = func(o airlock.CopyOrder) error {
		if o.Name == "2.csv" {
			return &airlock.Fault{Kind: airlock.Permanent, Code: "NoWay", Operation: "copy blob", Account: o.To.Account}
		}
		return nil
	}
	require.NoError(t, sc.advance(t.Context()))
	require.Equal(t, airlock.Failed, sc.row.Status)
	assert.Equal(t, []airlock.Stage{airlock.ImportBlocked}, sc.stages())
	sc.onCopy = nil
	require.NoError(t, sc.retry(t, settled))
	require.Equal(t, airlock.Submitted, sc.row.Status)
	require.NoError(t, sc.advance(t.Context()))
	assert.Equal(t, "copy of copy of 1", sc.row.Files[0].InProgressETag)
	assert.Equal(t, []airlock.Stage{airlock.ImportInProgress}, sc.stages())
	require.NoError(t, audit.ReplayStatus(sc.trails[sc.row.ID], *sc.row))
}

// Malware that is reported of what lies in quarantine, or of its copies before, is told
// once, and nobody brings it back.
func TestMalwareInWhatCouldNotBeScanned(t *testing.T) {
	for account, etag := range map[string]string{"stalimip": "1", "stalimblocked": "copy of 1", "stalimex": "d1"} {
		sc := unscannable(t)
		require.NoError(t, sc.ScanResult(t.Context(), airlock.ScanHint{Account: account, Container: airlock.ContainerName(sc.row.ID), ETag: etag, Outcome: airlock.Malicious, ID: "v", Malware: []string{"EICAR"}}))
		assert.Equal(t, airlock.BlockedByScan, sc.row.Status)
		assert.Equal(t, "Malware was found: EICAR.", sc.row.StatusMessage)
		require.ErrorAs(t, sc.retry(t, time.Hour), new(*airlock.StatusError), account)
	}
}

// A scan result that nobody can read also holds files that may come back.
func TestAHoldOnWhatMayComeBack(t *testing.T) {
	sc := unscannable(t)
	message := sc.row.StatusMessage
	parked := airlock.Parked{ID: "p", Reason: "odd", Concerns: &airlock.Container{Account: "stalimip", Name: airlock.ContainerName(sc.row.ID)}}
	require.NoError(t, sc.hold(t.Context(), parked))
	require.Len(t, sc.row.Holds, 1)
	assert.Equal(t, message, sc.row.StatusMessage)
	require.NoError(t, sc.retry(t, time.Hour))
	assert.Equal(t, messageHeld, sc.row.StatusMessage)
}
