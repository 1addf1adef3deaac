package tablestore

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// One row stands for a file, an ETag and an outcome, for all values of these.
func TestVerdictsThatAreNotInForceHaveRowsOfTheirOwn(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	c := draft(genomics, ada, start)
	commit(t, s, c)
	kept := func(file, etag string, o airlock.Outcome, id string) airlock.KeptVerdict {
		return airlock.KeptVerdict{File: file, Verdict: airlock.Verdict{Outcome: o, ETag: etag, ID: id, Noted: start}}
	}
	write := func(verdicts ...airlock.KeptVerdict) {
		one := next(t, s, genomics, c.Request.ID, func(r *airlock.Request) { r.Work.Verdicts += len(verdicts) })
		one.Verdicts = verdicts
		commit(t, s, one)
	}
	odd := `"/|#?'<` + strings.Repeat("ü", 50)
	write(kept("a.csv", "0x1", airlock.Clean, "v1"), kept("a.csv", "0x1", airlock.Malicious, "v2"), kept("b.csv", "0x1", airlock.Clean, "v3"))
	write(kept("a.csv", "0x1", airlock.Clean, "v4"), kept(strings.Repeat("ß", 1024), odd, airlock.ScanError, "v5"))

	wire.count()
	of, err := s.Verdicts(t.Context(), genomics, c.Request.ID, "0x1")
	require.NoError(t, err)
	costs(t, wire, 1, "the verdicts for one ETag")
	assert.ElementsMatch(t, []airlock.KeptVerdict{kept("a.csv", "0x1", airlock.Clean, "v4"), kept("a.csv", "0x1", airlock.Malicious, "v2"), kept("b.csv", "0x1", airlock.Clean, "v3")}, of)
	of, err = s.Verdicts(t.Context(), genomics, c.Request.ID, odd)
	require.NoError(t, err)
	require.Len(t, of, 1)
	all, err := s.Verdicts(t.Context(), genomics, c.Request.ID, "")
	require.NoError(t, err)
	assert.Len(t, all, 4)
	none, err := s.Verdicts(t.Context(), genomics, c.Request.ID, "0x")
	require.NoError(t, err)
	assert.Empty(t, none, "an ETag is no prefix")
}
