package tablestore

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// BenchmarkList reads the first page of 50 of listings of different lengths. The
// emulator scans its whole table for any query, so its time grows; what must
// not grow is the number of calls.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{10, 1000, 20000} {
		s, wire := newStore(b)
		fill(b, s, n)
		for name, q := range map[string]airlock.Query{
			"all":        {Workspace: genomics, Limit: 50},
			"by status":  {Workspace: genomics, Limit: 50, Statuses: []airlock.Status{airlock.Draft}},
			"by creator": {Workspace: genomics, Limit: 50, CreatedBy: ada},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				wire.count()
				for b.Loop() {
					page, err := s.List(b.Context(), q)
					require.NoError(b, err)
					require.Len(b, page.Requests, min(n, 50))
				}
				b.ReportMetric(float64(wire.count())/float64(b.N), "calls/op")
			})
		}
	}
}

// fill writes the rows of n requests, many requests to a transaction.
func fill(b *testing.B, s *Store, n int) {
	b.Helper()
	var batch []operation
	for i := range n {
		c := draft(genomics, ada, start.Add(time.Duration(i)*time.Second))
		r, err := requestRow(c.Request, "mark")
		require.NoError(b, err)
		index, err := indexRows(c.Request)
		require.NoError(b, err)
		for _, x := range append(index, r) {
			batch = append(batch, insert(x))
		}
		if len(batch) > maxOperations-10 || i == n-1 {
			_, _, err := s.submit(b.Context(), s.requests, "fill", batch)
			require.NoError(b, err)
			batch = nil
		}
	}
}

// BenchmarkCommit creates requests, each with all its rows.
func BenchmarkCommit(b *testing.B) {
	s, wire := newStore(b)
	wire.count()
	for b.Loop() {
		commit(b, s, draft(genomics, ada, start))
	}
	b.ReportMetric(float64(wire.count())/float64(b.N), "calls/op")
}
