package tablestore

import (
	"encoding/json"
	"fmt"
	"slices"
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

// BenchmarkSeals reports which part of a call is the check of its rows' seals, in the same run.
func BenchmarkSeals(b *testing.B) {
	s, _ := newStore(b)
	fill(b, s, 1000)
	from, to := between(kindByTime)
	listing, _, err := s.fetch(b.Context(), s.requests, query{filter: rangeFilter(string(genomics), from, to), top: 50}, cursor{})
	require.NoError(b, err)
	page, err := s.List(b.Context(), airlock.Query{Workspace: genomics, Limit: 50})
	require.NoError(b, err)
	id := page.Requests[0].ID
	found, err := s.requests.GetEntity(b.Context(), string(genomics), requestKey(id), nil)
	require.NoError(b, err)
	one := parse(found.Value)
	seal, _ := one.columns[sealColumn].(string)
	delete(one.columns, sealColumn)
	listed := make([]listedRow, len(listing))
	for i, entity := range listing {
		require.NoError(b, json.Unmarshal(entity, &listed[i]))
	}
	b.Run("get", func(b *testing.B) {
		share(b, func() error { _, _, err := s.Load(b.Context(), genomics, id); return err },
			func() (bool, error) {
				return s.genuine(b.Context(), seal, sealMessage(requestsTable, one.partition, one.key, one.columns))
			})
	})
	b.Run("list of 50", func(b *testing.B) {
		share(b, func() error {
			_, err := s.List(b.Context(), airlock.Query{Workspace: genomics, Limit: 50})
			return err
		}, func() (bool, error) {
			for _, r := range listed {
				if genuine, err := s.genuine(b.Context(), r.Seal, r.message()); err != nil || !genuine {
					return false, err
				}
			}
			return true, nil
		})
	})
}

// share reports how much of the median call the median check is.
func share(b *testing.B, call func() error, check func() (genuine bool, err error)) {
	var calls, checks []time.Duration
	for b.Loop() {
		calls = append(calls, timed(b, call))
		checks = append(checks, timed(b, func() error {
			genuine, err := check()
			require.True(b, genuine)
			return err
		}))
	}
	b.ReportMetric(float64(median(checks))/float64(median(calls))*100, "%-of-p50")
	b.ReportMetric(float64(median(calls).Microseconds()), "p50-us")
}

func timed(b *testing.B, f func() error) time.Duration {
	began := time.Now()
	err := f()
	took := time.Since(began)
	require.NoError(b, err)
	return took
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
