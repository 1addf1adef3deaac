package workflow

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func testService() *Service {
	return &Service{config: Config{Grace: 30 * time.Second, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }}}
}

func TestDue(t *testing.T) {
	s := testService()
	grace := noon.Add(s.config.Grace)
	tests := map[string]struct {
		change func(c *change)
		want   time.Time
	}{
		"a step is owed":                       {func(c *change) { c.Files[0].InProgressETag = "" }, grace},
		"a hash is owed":                       {func(c *change) { c.Files[0].SHA256 = "" }, grace},
		"above the hash limit none is":         {func(c *change) { c.Files[0].SHA256, c.Files[0].Size = "", 1<<40 }, noon.Add(time.Hour)},
		"waiting for a verdict":                {func(c *change) { c.Files[0].InProgressETag = "1" }, noon.Add(time.Hour)},
		"all verdicts are in":                  {func(c *change) { c.verdict(0, "1", airlock.Clean) }, grace},
		"a scan that failed is owed again":     {func(c *change) { c.verdict(0, "1", airlock.ScanError) }, noon.Add(5 * time.Second)},
		"a deletion is owed":                   {func(c *change) { c.Status = airlock.Cancelled; c.giveUpStage(airlock.ImportExternal) }, grace},
		"a receipt is owed":                    {func(c *change) { c.Status = airlock.Approved }, grace},
		"nothing is owed":                      {func(c *change) { c.Status = airlock.Cancelled }, time.Time{}},
		"approved data is kept":                {func(c *change) { c.Status, c.Receipt = airlock.Approved, "r" }, time.Time{}},
		"rejected data goes after its days":    {func(c *change) { c.Status = airlock.Rejected }, noon.Add(30 * 24 * time.Hour)},
		"and then never again":                 {func(c *change) { c.Status, c.Work.DataDeleted = airlock.Rejected, noon }, time.Time{}},
		"a draft has a deadline":               {func(c *change) { c.Status = airlock.Draft }, noon.Add(336 * time.Hour)},
		"a review has a deadline":              {func(c *change) { c.Status = airlock.InReview }, noon.Add(120 * time.Hour)},
		"which is reported once":               {func(c *change) { c.Status, c.Work.Overdue = airlock.InReview, true }, time.Time{}},
		"a fault sets its own time":            {func(c *change) { c.retryAt = noon.Add(time.Second) }, noon.Add(time.Second)},
		"moving requests are looked at always": {func(c *change) { c.Status, c.Work.Overdue = airlock.ApprovalInProgress, true }, grace},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := submitted("1")
			tt.change(c)
			assert.Equal(t, tt.want, s.due(c))
		})
	}
}

func TestEveryUnfinishedStateIsLookedAtAgain(t *testing.T) {
	s := testService()
	for _, status := range airlock.Statuses() {
		c := submitted("1")
		c.Status = status
		if !status.Final() {
			assert.False(t, s.due(c).IsZero(), "%s would be forgotten", status)
		}
		c.giveUpStage(airlock.ImportExternal)
		assert.False(t, s.due(c).IsZero(), "%s would keep its superfluous data", status)
	}
}

func TestBackoff(t *testing.T) {
	assert.Equal(t, 30*time.Second, backoff(1, 30*time.Second))
	assert.Equal(t, 2*time.Minute, backoff(3, 30*time.Second))
	assert.Equal(t, 15*time.Minute, backoff(1000, 30*time.Second))
}

func TestFailKeepsWhatARetryResumesFrom(t *testing.T) {
	t.Run("while copying, the draft has everything", func(t *testing.T) {
		c := submitted("1", "2")
		c.Files[1].InProgressETag = ""
		require.NoError(t, c.fail(unrecoverable{code: "integrity_violation", cause: "x", security: true}))
		assert.Equal(t, airlock.Failed, c.Status)
		assert.Equal(t, airlock.Submitted, c.Failure.In)
		assert.Equal(t, places(airlock.ImportInProgress), c.Work.Delete)
		assert.Empty(t, c.Files[0].InProgressETag, "the copy will be made again")
		assert.True(t, c.records[0].Security)
		assert.Equal(t, "Request failed: x.", c.StatusMessage)
	})
	t.Run("while copying, malware in a copy is not forgotten with it", func(t *testing.T) {
		c := submitted("1", "2").verdict(0, "1", airlock.Malicious)
		c.Files[1].InProgressETag = ""
		require.NoError(t, c.fail(unrecoverable{}))
		assert.Empty(t, c.Files[0].InProgressETag)
		assert.NotNil(t, c.Files[0].Malware(), "a retry copies the same bytes")
	})
	t.Run("while waiting for the scan, only the in-progress account has it", func(t *testing.T) {
		c := submitted("1")
		require.NoError(t, c.fail(unrecoverable{}))
		assert.Empty(t, c.Work.Delete)
		assert.Equal(t, "1", c.Files[0].InProgressETag)
	})
	t.Run("while releasing, the half-made destination goes", func(t *testing.T) {
		c := submitted("1")
		c.Status, c.Files[0].FinalETag = airlock.ApprovalInProgress, "f"
		require.NoError(t, c.fail(unrecoverable{}))
		assert.Equal(t, places(airlock.ImportApproved), c.Work.Delete)
		assert.Empty(t, c.Files[0].FinalETag)
		assert.Equal(t, "1", c.Files[0].InProgressETag)
	})
}

func TestLinkRefusals(t *testing.T) {
	for s, rule := range map[airlock.Status]string{
		airlock.Submitted: "being_processed", airlock.ApprovalInProgress: "being_processed", airlock.RejectionInProgress: "being_processed",
		airlock.BlockingInProgress: "being_processed", airlock.Cancelled: "request_cancelled", airlock.Revoked: "request_cancelled",
		airlock.Rejected: "request_ended", airlock.BlockedByScan: "request_ended", airlock.Failed: "request_ended",
	} {
		var status *airlock.StatusError
		require.ErrorAs(t, linkRefusal(s), &status, s)
		assert.Equal(t, rule, status.Rule, s)
	}
	// Where somebody has a link, the refusal is about the caller.
	for _, g := range airlock.Grants() {
		if g.Do != airlock.ActionLink {
			continue
		}
		for _, s := range g.In {
			assert.ErrorAs(t, linkRefusal(s), new(*airlock.RefusedError), s)
		}
	}
}

func TestEveryActionHasARefusal(t *testing.T) {
	for _, action := range airlock.Actions() {
		assert.NotEmpty(t, refusals[action], "say in refusals (access.go) who may %s", action)
	}
}

// A refusal is about the person first, then about the status, and only the first
// is evidence.
func TestRefusalsOfStrangersAreRecorded(t *testing.T) {
	bob := airlock.Principal{ID: "bob", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	c := submitted("1")
	c.by, c.Status = bob, airlock.Draft
	_, err := c.allow(airlock.ActionSubmit)
	var refused *airlock.RefusedError
	require.ErrorAs(t, err, &refused)
	assert.True(t, c.refused)
	assert.True(t, c.records[0].Security)

	ada := airlock.Principal{ID: "ada", Roles: []airlock.Role{airlock.RoleResearcher}, WorkspaceToken: true}
	c = submitted("1")
	c.by, c.Status = ada, airlock.Approved
	_, err = c.allow(airlock.ActionCancel)
	var illegal *airlock.TransitionError
	require.ErrorAs(t, err, &illegal)
	assert.False(t, c.refused)
	assert.Empty(t, c.records)
}

func TestApprovalsSufficeOnceThePolicyAsksForFewer(t *testing.T) {
	c := submitted("1")
	c.Status = airlock.InReview
	c.ws.Policy.Review.ImportApprovals = 2
	c.addReview(airlock.DecisionApproved, "", nil, false)
	assert.False(t, c.approvalsSuffice())
	c.ws.Policy.Review.ImportApprovals = 1
	assert.True(t, c.approvalsSuffice())
	c.Status = airlock.Approved
	assert.False(t, c.approvalsSuffice())
}

// A deletion on its way must not meet a retry's container of the same name.
func TestRetryWaitsForTheLeftovers(t *testing.T) {
	c := submitted("1")
	c.Status, c.Files[0].FinalETag = airlock.ApprovalInProgress, "f"
	require.NoError(t, c.fail(unrecoverable{}))
	assert.Equal(t, settled, c.clearing())
	c.at = noon.Add(settled)
	assert.Positive(t, c.clearing(), "the deletion is not done yet")
	c.Work.Delete = nil
	assert.Zero(t, c.clearing())
	c.at = noon.Add(settled - time.Second)
	assert.Equal(t, time.Second, c.clearing(), "done, but a second call may be on its way")

	c = submitted("1") // nothing was given up: the in-progress bytes are all there is
	require.NoError(t, c.fail(unrecoverable{}))
	assert.Zero(t, c.clearing())
}
