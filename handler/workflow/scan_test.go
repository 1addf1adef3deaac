package workflow

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// hint is a verdict about the first file of submitted("1") in the account where it waits.
func hint(o airlock.Outcome, etag string) airlock.ScanHint {
	return airlock.ScanHint{Account: "stalimip", Container: airlock.ContainerName(submitted().ID), Names: []string{"1.csv"}, ETag: etag, Outcome: o, ID: "v", EventID: "e"}
}

// tagged lets the scanner's tags on the first file say something.
func (b *testBed) tagged(etag, result string) *testBed {
	b.storage.tags = map[string]airlock.ScanTag{"1.csv": {ETag: etag, Result: result}}
	return b
}

func (b *testBed) request() airlock.Request { return b.table.get(submitted().ID) }

// Only a scan of the bytes that wait at the gate opens it; a draft's clean
// verdict says nothing about the copy, and is no reason to trouble anybody.
func TestACleanVerdictCountsOnlyInTheInProgressAccount(t *testing.T) {
	for account, want := range map[string]struct {
		status airlock.Status
		err    error
	}{
		"stalimip": {airlock.InReview, nil}, "stalimex": {airlock.Submitted, nil}, "stalimapp": {airlock.Submitted, nil},
		"stalexip": {airlock.Submitted, airlock.ErrNotFound}, "nobodys": {airlock.Submitted, airlock.ErrNotFound},
	} {
		t.Run(account, func(t *testing.T) {
			b := newTestBed(t, submitted("1")).tagged("1", "No threats found")
			h := hint(airlock.Clean, "1")
			h.Account = account
			require.ErrorIs(t, b.ScanResult(t.Context(), h), want.err)
			assert.Equal(t, want.status, b.request().Status)
			if want.status == airlock.Submitted {
				assert.Empty(t, b.table.records)
			}
		})
	}
}

// The event and the scanner's tag on the blob have to say the same.
func TestOpeningNeedsTwoSources(t *testing.T) {
	for name, tt := range map[string]struct {
		etag, result string
		want         airlock.Status
		message      string
	}{
		"no tag":                {"", "", airlock.Submitted, messageWaitingTag},
		"a tag of other bytes":  {"0", "No threats found", airlock.Submitted, messageWaitingTag},
		"a tag of another word": {"1", "Clean", airlock.Submitted, messageWaitingTag},
		"the same":              {"1", "No threats found", airlock.InReview, ""},
		"malware":               {"1", "Malicious", airlock.BlockingInProgress, "Malware was found."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newTestBed(t, submitted("1")).tagged(tt.etag, tt.result)
				require.NoError(t, b.ScanResult(t.Context(), hint(airlock.Clean, "1")))
				assert.Equal(t, tt.want, b.request().Status)
				assert.Equal(t, tt.message, b.request().StatusMessage)
			})
		})
	}
}

func TestPolicyMayDoWithoutTheTag(t *testing.T) {
	c := submitted("1")
	c.ScanUnconfirmed = true
	b := newTestBed(t, c)
	require.NoError(t, b.ScanResult(t.Context(), hint(airlock.Clean, "1")))
	assert.Equal(t, airlock.InReview, b.request().Status)
	assert.Zero(t, b.storage.tagLooks)
}

// A tag that comes some seconds after its event is waited for in the same delivery,
// one that comes later is found by the reconciler.
func TestATagMayComeLater(t *testing.T) {
	for name, late := range map[string]time.Duration{"seconds": 2 * time.Second, "minutes": 3 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newTestBed(t, submitted("1"))
				began := time.Now()
				time.AfterFunc(late, func() { b.storage.mu.Lock(); b.tagged("1", "No threats found"); b.storage.mu.Unlock() })
				require.NoError(t, b.ScanResult(t.Context(), hint(airlock.Clean, "1")))
				for b.request().Status == airlock.Submitted && time.Since(began) < time.Hour {
					due := b.request().Work.Due
					require.False(t, due.IsZero())
					time.Sleep(max(due.Sub(b.clock), time.Second))
					b.clock = noon.Add(time.Since(began))
					require.NoError(t, b.Advance(t.Context(), b.ws.ID, submitted().ID, "reconciler"))
				}
				assert.Equal(t, airlock.InReview, b.request().Status)
				assert.Less(t, time.Since(began), 2*late+10*time.Second)
				assert.LessOrEqual(t, b.storage.tagLooks, 12)
			})
		})
	}
}

// Tags that cannot be read now do not cost the verdict.
func TestTagsThatCannotBeReadAreReadLater(t *testing.T) {
	b := newTestBed(t, submitted("1"))
	b.storage.tagFault = &airlock.Fault{Kind: airlock.Operator, Code: "AuthorizationPermissionMismatch", Operation: "read scan tags", Account: "stalimip"}
	require.NoError(t, b.ScanResult(t.Context(), hint(airlock.Clean, "1")))
	assert.Equal(t, airlock.Clean, b.request().Files[0].Verdict.Outcome)
	assert.False(t, b.request().Work.Due.IsZero())
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, submitted().ID, "reconciler"))
	assert.Contains(t, b.request().StatusMessage, "AuthorizationPermissionMismatch")
	assert.Equal(t, airlock.Submitted, b.request().Status, "waiting is no end")
	b.storage.tagFault = nil
	b.tagged("1", "No threats found")
	require.NoError(t, b.Advance(t.Context(), b.ws.ID, submitted().ID, "reconciler"))
	assert.Equal(t, airlock.InReview, b.request().Status)
}

// The tag makes up for an event that never came.
func TestALostEventIsMadeUpForByTheTag(t *testing.T) {
	for result, want := range map[string]airlock.Status{"No threats found": airlock.InReview, "Malicious": airlock.BlockingInProgress,
		"SAM259210: protected by a password": airlock.BlockingInProgress} {
		b := newTestBed(t, submitted("1")).tagged("1", result)
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, submitted().ID, "early"))
		require.Equal(t, airlock.Submitted, b.request().Status, "before the deadline one source is not enough")
		b.clock = noon.Add(airlock.DefaultPolicy().VerdictDeadline())
		require.NoError(t, b.Advance(t.Context(), b.ws.ID, submitted().ID, "reconciler"))
		steps := b.table.actions()
		assert.Contains(t, steps, "scan_verdict", result)
		assert.NotContains(t, steps, "rescan", result)
		reached := false
		for _, h := range append(b.request().History, airlock.Change{Status: b.request().Status}) {
			reached = reached || h.Status == want
		}
		assert.True(t, reached, "%s led to %s", result, b.request().Status)
	}
}

// A flood of forged verdicts changes nothing for the real one, and fills nothing.
func TestAFloodOfForeignVerdicts(t *testing.T) {
	for name, copied := range map[string]bool{"after the copies": true, "before": false} {
		t.Run(name, func(t *testing.T) {
			c := submitted("1")
			if !copied {
				c.Files[0].InProgressETag = ""
			}
			b := newTestBed(t, c).tagged("1", "No threats found")
			again := 0
			for i := range 2000 {
				h := hint([]airlock.Outcome{airlock.Clean, airlock.Malicious, airlock.ScanError}[i%3], fmt.Sprintf("0x%d", i))
				h.Malware, h.Reason = []string{strings.Repeat("x", 60)}, strings.Repeat("y", 160)
				if err := b.ScanResult(t.Context(), h); err != nil {
					again++
				}
			}
			assert.LessOrEqual(t, len(b.table.kept), keptVerdicts(c.Request))
			assert.LessOrEqual(t, len(b.table.records), keptVerdicts(c.Request))
			assert.Equal(t, airlock.Submitted, b.request().Status)
			assert.Nil(t, b.request().Files[0].Verdict)
			if !copied {
				assert.Positive(t, again, "one of them could be the real one")
				r := b.request()
				r.Files[0].InProgressETag = "1"
				b.table.put(r)
			} else {
				assert.Zero(t, again)
			}
			require.NoError(t, b.ScanResult(t.Context(), hint(airlock.Clean, "1")))
			assert.Equal(t, airlock.InReview, b.request().Status)
		})
	}
}

func TestARepeatedVerdictWritesNothing(t *testing.T) {
	b := newTestBed(t, submitted("1", "2"))
	for _, h := range []airlock.ScanHint{hint(airlock.ScanError, "1"), hint(airlock.Clean, "other"), hint(airlock.Clean, "1")} {
		require.NoError(t, b.ScanResult(t.Context(), h))
		records := len(b.table.records)
		for range 5 {
			h.ID += "x" // another scan of the same version says the same
			require.NoError(t, b.ScanResult(t.Context(), h))
		}
		assert.Len(t, b.table.records, records)
	}
	assert.Len(t, b.table.kept, 2, "the other bytes' and the replaced one")
}

// A verdict that is quicker than the record of its copy counts when that is written.
func TestAnEarlyVerdictIsAdopted(t *testing.T) {
	for outcome, want := range map[airlock.Outcome]airlock.Status{airlock.Clean: airlock.InReview, airlock.Malicious: airlock.BlockedByScan} {
		c := submitted("1")
		c.Files[0].InProgressETag, c.Files[0].SHA256, c.Files[0].CopiedWhen = "", "", time.Time{}
		sc := sceneOf(c)
		sc.memoryBlobs.at[airlock.Container{Account: "stalimex", Name: airlock.ContainerName(c.ID)}].blobs["1.csv"] = airlock.Blob{Name: "1.csv", Size: 1, ETag: "d1"}
		sc.tags = map[string]airlock.ScanTag{"1.csv": {ETag: "copy of d1", Result: "No threats found"}}
		require.NoError(t, sc.ScanResult(t.Context(), hint(outcome, "copy of d1")))
		require.Equal(t, airlock.Submitted, sc.row.Status)
		require.NoError(t, sc.advance(t.Context()))
		assert.Equal(t, want, sc.row.Status)
	}
}

// Malware without an ETag is found by its name, and stops the release where even
// that is not known.
func TestMalwareWithoutAnETag(t *testing.T) {
	for _, status := range []airlock.Status{airlock.Submitted, airlock.InReview, airlock.ApprovalInProgress} {
		c := submitted("1").verdict(0, "1", airlock.Clean)
		c.Status = status
		b := newTestBed(t, c)
		h := hint(airlock.Malicious, "")
		h.Names = []string{"no such name"}
		var unclear *airlock.UnclearVerdictError
		require.ErrorAs(t, b.ScanResult(t.Context(), h), &unclear)
		assert.Equal(t, airlock.Container{Account: "stalimip", Name: airlock.ContainerName(c.ID)}, unclear.Where)
		h.Names = []string{"raw", "1.csv"}
		require.NoError(t, b.ScanResult(t.Context(), h))
		assert.Equal(t, airlock.BlockingInProgress, b.request().Status)
	}
}

// Malware in a draft or at a destination is the same bytes as the sealed ones.
func TestMalwareInOtherAccounts(t *testing.T) {
	for name, tt := range map[string]struct {
		status        airlock.Status
		account, etag string
		policy        airlock.LateChoice
		want          airlock.Status
		told          bool
	}{
		"the draft, unsubmitted":    {airlock.Draft, "stalimex", "d9", airlock.LateAlert, airlock.Draft, true},
		"the draft, sealed":         {airlock.InReview, "stalimex", "d1", airlock.LateAlert, airlock.BlockingInProgress, false},
		"the destination, half-way": {airlock.ApprovalInProgress, "stalimapp", "f1", airlock.LateAlert, airlock.BlockingInProgress, false},
		"released":                  {airlock.Approved, "stalimapp", "f1", airlock.LateAlert, airlock.Approved, true},
		"released, in progress":     {airlock.Approved, "stalimip", "1", airlock.LateAlert, airlock.Approved, true},
		"released, to be revoked":   {airlock.Approved, "stalimapp", "f1", airlock.LateRevoke, airlock.Revoked, false},
		"released, other bytes":     {airlock.Approved, "stalimapp", "f9", airlock.LateAlert, airlock.Approved, true},
		"rejected":                  {airlock.Rejected, "stalimrej", "f1", airlock.LateAlert, airlock.Rejected, true},
		"quarantined":               {airlock.BlockedByScan, "stalimblocked", "f1", airlock.LateAlert, airlock.BlockedByScan, true},
		"what was there is gone":    {airlock.Approved, "stalimex", "d9", airlock.LateAlert, airlock.Approved, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := submitted("1").verdict(0, "1", airlock.Clean)
			c.Status, c.Files[0].FinalETag = tt.status, "f1"
			c.ws.Policy.MalwareScanning.LateMalware = tt.policy
			b := newTestBed(t, c)
			b.ws.Policy.MalwareScanning.LateMalware = tt.policy
			b.registry.rows[0] = b.ws
			h := hint(airlock.Malicious, tt.etag)
			h.Account, h.Malware = tt.account, []string{"EICAR"}
			for range 3 { // delivered again
				require.NoError(t, b.ScanResult(t.Context(), h))
			}
			assert.Equal(t, tt.want, b.request().Status)
			require.NotEmpty(t, b.table.records)
			assert.Equal(t, audit.ScanVerdict, b.table.records[0].Action)
			told := 0
			for _, e := range b.table.events {
				if e.Type == airlock.EventNotification && strings.Contains(string(e.Data), airlock.NoticeMalwareFound) {
					told++
				}
			}
			if tt.told {
				assert.Equal(t, 1, told, "people are told once")
				assert.Contains(t, b.request().StatusMessage, "EICAR")
			} else {
				assert.Zero(t, told)
			}
			if tt.want == airlock.Revoked {
				assert.Equal(t, places(airlock.ImportApproved), b.request().Work.Delete)
			}
		})
	}
}
