package workflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

var noon = time.Date(2031, 2, 3, 12, 0, 0, 0, time.UTC)

// submitted is a request whose files lie verified in the in-progress account.
func submitted(etags ...string) *change {
	c := &change{by: airlock.SystemPrincipal("test"), at: noon, ws: airlock.Workspace{PolicyVersion: 3, Policy: airlock.DefaultPolicy()}}
	c.Request = airlock.Request{ID: "af89dccd-cdf8-4e47-8cfe-995faeac0f09", Workspace: "abc000d3-82da-4bfc-b6e9-9a7853ef753e",
		Type: airlock.Import, Status: airlock.Submitted, StatusSince: noon, ScanRequired: true, HashLimit: 1 << 30, CreatedBy: airlock.Principal{ID: "ada"}, Accounts: airlock.Accounts{}}
	for _, stage := range append(airlock.StagesOf(airlock.Import), airlock.StagesOf(airlock.Export)...) {
		c.Accounts[stage] = string(stage)
	}
	for _, etag := range etags {
		c.Files = append(c.Files, airlock.File{Name: etag + ".csv", Size: 1, DraftETag: "d" + etag, InProgressETag: etag, SHA256: "ab", CRC64: sum(7), CopiedWhen: noon})
	}
	return c
}

// again notes a fresh copy of the first file.
func (c *change) again(etag string) *change {
	c.Files[0].Rescanned(airlock.Copied{ETag: etag, Made: true}, c.at)
	return c
}

// verdict notes a verdict that the tag on the blob confirms.
func (c *change) verdict(file int, etag string, o airlock.Outcome) *change {
	c.Files[file].Note(airlock.Verdict{Outcome: o, ETag: etag, ID: etag + string(o), Noted: c.at, Tagged: true})
	return c
}

func TestTheGate(t *testing.T) {
	tests := map[string]struct {
		given *change
		want  airlock.Status
	}{
		"no verdict":                       {submitted("1"), airlock.Submitted},
		"clean":                            {submitted("1").verdict(0, "1", airlock.Clean), airlock.InReview},
		"clean for other bytes":            {submitted("1").verdict(0, "0", airlock.Clean), airlock.Submitted},
		"malicious for other bytes":        {submitted("1").verdict(0, "0", airlock.Malicious), airlock.Submitted},
		"one of two clean":                 {submitted("1", "2").verdict(0, "1", airlock.Clean), airlock.Submitted},
		"malicious for the copy before":    {submitted("1").again("1b").verdict(0, "1", airlock.Malicious), airlock.BlockingInProgress},
		"clean for the copy before":        {submitted("1").again("1b").verdict(0, "1", airlock.Clean), airlock.InReview},
		"both clean":                       {submitted("1", "2").verdict(0, "1", airlock.Clean).verdict(1, "2", airlock.Clean), airlock.InReview},
		"one of two malicious":             {submitted("1", "2").verdict(1, "2", airlock.Malicious), airlock.BlockingInProgress},
		"clean, then malicious":            {submitted("1").verdict(0, "1", airlock.Clean).verdict(0, "1", airlock.Malicious), airlock.BlockingInProgress},
		"malicious, then clean":            {submitted("1").verdict(0, "1", airlock.Malicious).verdict(0, "1", airlock.Clean), airlock.BlockingInProgress},
		"an error is not malware":          {submitted("1").verdict(0, "1", airlock.ScanError), airlock.Submitted},
		"not scanned is not clean":         {submitted("1").verdict(0, "1", airlock.NotScanned), airlock.Submitted},
		"an error, then clean":             {submitted("1").verdict(0, "1", airlock.ScanError).verdict(0, "1", airlock.Clean), airlock.InReview},
		"a verdict without an ETag":        {submitted("1").verdict(0, "", airlock.Clean), airlock.Submitted},
		"scanning off at submit":           {unscanned(submitted("1")), airlock.InReview},
		"scanning off decides nothing":     {unscanned(submitted("1").verdict(0, "1", airlock.Malicious)), airlock.InReview},
		"scanning switched off afterwards": {switchedOff(submitted("1")), airlock.Submitted},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, tt.given.passGates())
			assert.Equal(t, tt.want, tt.given.Status)
		})
	}
}

func unscanned(c *change) *change { c.ScanRequired = false; return c }

func switchedOff(c *change) *change { c.ws.Policy.MalwareScanning.Enabled = false; return c }

func TestMessagesKeepTheOutcomesApart(t *testing.T) {
	c := submitted("1")
	c.Files[0].Note(airlock.Verdict{Outcome: airlock.Malicious, ETag: "1", Malware: []string{"EICAR"}})
	require.NoError(t, c.passGates())
	assert.Equal(t, "Malware was found: EICAR.", c.StatusMessage)
	c.at = c.at.Add(time.Hour)
	assert.Contains(t, messageInconclusive, "does not mean that malware was found")
}

// A late malicious verdict stops a release that is not done, and its destination
// is given up.
func TestLateMaliciousVerdictWins(t *testing.T) {
	for _, status := range []airlock.Status{airlock.InReview, airlock.ApprovalInProgress, airlock.ReturnInProgress} {
		c := submitted("1").verdict(0, "1", airlock.Clean)
		c.Status = status
		c.Files[0].FinalETag = "f"
		c.verdict(0, "1", airlock.Malicious)
		require.NoError(t, testService().takeInForce(t.Context(), c))
		assert.Equal(t, airlock.BlockingInProgress, c.Status)
		if status == airlock.ApprovalInProgress {
			assert.Contains(t, c.Work.Delete, airlock.Place{Stage: airlock.ImportApproved, Turn: 1})
			assert.Empty(t, c.Files[0].FinalETag)
		}
	}
	for _, status := range airlock.Statuses() {
		if status == airlock.InReview || status == airlock.ApprovalInProgress || status == airlock.ReturnInProgress || status == airlock.Submitted {
			continue
		}
		c := submitted("1")
		c.Status = status
		c.verdict(0, "1", airlock.Malicious)
		require.NoError(t, testService().takeInForce(t.Context(), c))
		assert.Equal(t, status, c.Status)
	}
}

func TestEveryTransitionLeavesRecordAndEvents(t *testing.T) {
	c := submitted("1").verdict(0, "1", airlock.Clean)
	require.NoError(t, c.passGates())
	require.Len(t, c.records, 1)
	rec := c.records[0]
	assert.Equal(t, airlock.Submitted, rec.From)
	assert.Equal(t, airlock.InReview, rec.To)
	assert.Equal(t, audit.System, rec.Actor.Kind, "the system's step is the system's, not the last person's")
	assert.Equal(t, airlock.UserID("ada"), rec.OnBehalfOf)
	assert.Equal(t, 3, rec.PolicyVersion)
	assert.NotEmpty(t, rec.PolicyHash)
	var types []string
	ids := map[string]bool{}
	for _, e := range c.events {
		types = append(types, e.Type)
		ids[e.ID] = true
	}
	assert.Equal(t, []string{airlock.EventStatusChanged, airlock.EventNotification, airlock.EventStepResult}, types)
	assert.Len(t, ids, 3)
	assert.Equal(t, airlock.SystemID, c.UpdatedBy.ID)
}
