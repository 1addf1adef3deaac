package airlock

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTableIsSound(t *testing.T) {
	type pair struct {
		from Status
		on   Trigger
	}
	seen := map[pair]bool{}
	outgoing := map[Status]int{}
	for _, row := range transitions {
		p := pair{row.From, row.On}
		assert.False(t, seen[p], "two rows for %s on %s", row.From, row.On)
		seen[p] = true
		outgoing[row.From]++
		assert.NotEmpty(t, row.By, "row %v has no actor", row)
		assert.NotEmpty(t, row.Why, "row %v has no reason", row)
		assert.True(t, row.To.Valid() || row.To == StatusBeforeFailure, "row %v leads nowhere", row)
		if slices.Contains(row.By, System) {
			assert.Len(t, row.By, 1, "row %v: what the system does no person may do", row)
		}
	}
	for _, s := range Statuses() {
		switch s {
		case Rejected, Cancelled, Revoked:
			assert.Zero(t, outgoing[s], "%s is an end", s)
		default:
			assert.NotZero(t, outgoing[s], "%s has no way out", s)
		}
		if !s.Final() {
			_, err := TransitionFor(s, TriggerFail)
			assert.NoError(t, err, "a request in %s could never fail", s)
			assert.True(t, peopleEnd(s), "nobody can end a request in %s", s)
		}
	}
}

// peopleEnd reports whether people alone can end a request and have its data deleted.
func peopleEnd(s Status) bool {
	for range 2 {
		if _, err := TransitionFor(s, TriggerCancel); err == nil {
			return true
		}
		s = Failed
	}
	return false
}

// TestEveryPairHasAnAnswer lists the allowed pairs; all other pairs of the
// statuses and the triggers must be refused.
func TestEveryPairHasAnAnswer(t *testing.T) {
	allowed := map[Status]map[Trigger]Status{
		Draft:               {TriggerSubmit: Submitted, TriggerCancel: Cancelled, TriggerExpire: Cancelled, TriggerFail: Failed},
		Submitted:           {TriggerGatesPassed: InReview, TriggerMalicious: BlockingInProgress, TriggerInconclusive: BlockingInProgress, TriggerGateReturned: ReturnInProgress, TriggerGateBlocked: BlockingInProgress, TriggerFail: Failed, TriggerGiveUp: Failed},
		InReview:            {TriggerApprove: ApprovalInProgress, TriggerReject: RejectionInProgress, TriggerChanges: ReturnInProgress, TriggerCancel: Cancelled, TriggerMalicious: BlockingInProgress, TriggerGateBlocked: BlockingInProgress, TriggerFail: Failed},
		ReturnInProgress:    {TriggerCopyVerified: Returned, TriggerMalicious: BlockingInProgress, TriggerFail: Failed, TriggerGiveUp: Failed},
		Returned:            {TriggerSubmit: Submitted, TriggerCancel: Cancelled, TriggerExpire: Cancelled, TriggerFail: Failed},
		ApprovalInProgress:  {TriggerCopyVerified: Approved, TriggerMalicious: BlockingInProgress, TriggerGateBlocked: BlockingInProgress, TriggerFail: Failed, TriggerGiveUp: Failed},
		RejectionInProgress: {TriggerCopyVerified: Rejected, TriggerFail: Failed, TriggerGiveUp: Failed},
		BlockingInProgress:  {TriggerCopyVerified: BlockedByScan, TriggerFail: Failed, TriggerGiveUp: Failed},
		Approved:            {TriggerRevoke: Revoked, TriggerLateMalware: Revoked},
		Failed:              {TriggerRetry: StatusBeforeFailure, TriggerCancel: Cancelled},
		BlockedByScan:       {TriggerRetry: Submitted},
	}
	for _, from := range Statuses() {
		for _, on := range Triggers() {
			row, err := TransitionFor(from, on)
			want, ok := allowed[from][on]
			if !ok {
				var refused *TransitionError
				assert.ErrorAs(t, err, &refused, "%s on %s is a row of transitions.go and not of the table above: say there too where it leads", from, on)
				continue
			}
			require.NoError(t, err, "%s on %s is in the table above and no row of transitions.go", from, on)
			assert.Equal(t, want, row.To, "%s on %s", from, on)
		}
	}
}

// The promise of the product: no bytes are released unless the gates passed,
// enough people approved, and the copy was verified. Cut any of them and
// approved must be out of reach.
func TestReleaseNeedsGatesApprovalAndVerifiedCopy(t *testing.T) {
	for _, cut := range []Trigger{TriggerSubmit, TriggerGatesPassed, TriggerApprove, TriggerCopyVerified} {
		assert.False(t, reachable(Draft, Approved, cut), "approved is reachable without %s", cut)
	}
	require.True(t, reachable(Draft, Approved, ""), "approved is not reachable at all: the test proves nothing")
}

// Every status can be reached, and from every status that is not an end the
// request can still end.
func TestNoStatusIsOutOfReachOrATrap(t *testing.T) {
	for _, s := range Statuses() {
		assert.True(t, s == Draft || reachable(Draft, s, ""), "%s cannot be reached", s)
		ends := slices.ContainsFunc(Statuses(), func(end Status) bool { return end.Final() && (s == end || reachable(s, end, "")) })
		assert.True(t, ends, "%s is a trap", s)
	}
}

func reachable(from, to Status, without Trigger) bool {
	seen := map[Status]bool{from: true}
	for queue := []Status{from}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == to {
			return true
		}
		for _, row := range transitions {
			if row.From != queue[0] || row.On == without {
				continue
			}
			// A retry leads to where the request failed, which was reached before.
			if row.To != StatusBeforeFailure && !seen[row.To] {
				seen[row.To] = true
				queue = append(queue, row.To)
			}
		}
	}
	return false
}

// TestRandomLives drives requests with random triggers: in every life, the
// history grows by one with every change, statuses change only by the table,
// and approved is never seen without what it needs.
func TestRandomLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
		r := Request{ID: "00000000-0000-4000-8000-000000000000", Status: Draft, StatusSince: at, UpdatedWhen: at}
		seen := map[Trigger]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			on := rapid.SampledFrom(Triggers()).Draw(t, "trigger")
			before := r.Clone()
			at = at.Add(time.Minute)
			if err := r.Apply(on, SystemPrincipal("test"), at); err != nil {
				require.Equal(t, before, r, "a refused trigger changed the request")
				continue
			}
			seen[on] = true
			if r.Status == Failed {
				r.Failure = &Failure{In: before.Status}
			}
			require.Len(t, r.History, r.Number)
			require.Equal(t, before.Status, r.History[r.Number-1].Status)
			require.NotEqual(t, before.ETag(), r.ETag())
			require.True(t, r.Status.Valid())
			if r.Status == Approved {
				require.True(t, seen[TriggerSubmit] && seen[TriggerGatesPassed] && seen[TriggerApprove] && seen[TriggerCopyVerified])
			}
		}
	})
}

func TestRetryResumesWhereItFailed(t *testing.T) {
	for _, s := range Statuses() {
		if s.Final() {
			continue
		}
		r := Request{ID: "00000000-0000-4000-8000-000000000000", Status: s}
		require.NoError(t, r.Apply(TriggerFail, SystemPrincipal("copy"), time.Now()))
		r.Failure = &Failure{In: s}
		require.NoError(t, r.Apply(TriggerRetry, Principal{ID: "o"}, time.Now()))
		assert.Equal(t, s, r.Status)
		assert.Nil(t, r.Failure)
	}
}
