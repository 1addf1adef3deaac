package workflow

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// Only what was scanned in the in-progress account of the request's own
// direction counts; a draft's clean verdict says nothing about the copy.
func TestAVerdictCountsOnlyInTheInProgressAccount(t *testing.T) {
	for account, want := range map[string]airlock.Status{
		"stalimip": airlock.InReview, "stalimex": airlock.Submitted, "stalimapp": airlock.Submitted, "stalexip": airlock.Submitted, "nobodys": airlock.Submitted,
	} {
		t.Run(account, func(t *testing.T) {
			c := submitted("1")
			b := newBench(t, c)
			err := b.ScanResult(t.Context(), airlock.ScanHint{Account: account, Container: c.ID, Blob: "1.csv", ETag: "1", Outcome: airlock.Clean, ID: "v"})
			assert.Equal(t, want, b.table.get(c.ID).Status)
			if want == airlock.Submitted {
				require.ErrorIs(t, err, airlock.ErrNotFound)
				assert.Empty(t, b.table.get(c.ID).Files[0].Verdicts)
				assert.Empty(t, b.table.records)
			}
		})
	}
}
