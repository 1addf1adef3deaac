package tablestore

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// seed creates n requests of several people, directions and statuses, in no
// order of time, and returns them newest first.
func seed(t *testing.T, s *Store, n int) []airlock.Request {
	t.Helper()
	people := []airlock.UserID{ada, grace, "o'brien|/\\#?~%00 ß😀"}
	work := make(chan int)
	var wait sync.WaitGroup
	var mu sync.Mutex
	var all []airlock.Request
	for range 4 {
		wait.Go(func() {
			for i := range work {
				// 7919 is prime: a permutation of the times, one nanosecond apart.
				c := draft(genomics, people[i%len(people)], start.Add(time.Duration(i*7919%n)))
				if i%2 == 0 {
					c.Request.Type = airlock.Export
				}
				c.Request.Status = airlock.Statuses()[i%5]
				_, _, err := s.Commit(t.Context(), c)
				mu.Lock()
				assert.NoError(t, err)
				all = append(all, listed(c.Request))
				mu.Unlock()
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wait.Wait()
	slices.SortFunc(all, func(a, b airlock.Request) int { return -a.CreatedWhen.Compare(b.CreatedWhen) })
	return all
}

// pages reads a whole listing and returns it with the number of pages.
func pages(t *testing.T, s *Store, q airlock.Query) ([]airlock.Request, int) {
	t.Helper()
	all := []airlock.Request{}
	for n := 1; ; n++ {
		page, err := s.List(t.Context(), q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Requests), q.Limit)
		all = append(all, page.Requests...)
		if page.Next == "" {
			return all, n
		}
		q.Token = page.Next
	}
}

// only is a filter on one status, none for "".
func only(status airlock.Status) []airlock.Status {
	if status == "" {
		return nil
	}
	return []airlock.Status{status}
}

func TestListingsAreOrderedPagedAndFiltered(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	const n = 420
	all := seed(t, s, n)
	other := draft(imaging, ada, start)
	commit(t, s, other)
	wire.count()

	for _, by := range []airlock.UserID{"", ada, grace, "o'brien|/\\#?~%00 ß😀", "nobody", "x' or PartitionKey ne '"} {
		for _, status := range []airlock.Status{"", airlock.Draft, airlock.InReview, airlock.Revoked} {
			for _, direction := range []airlock.RequestType{"", airlock.Import, airlock.Export} {
				q := airlock.Query{Workspace: genomics, CreatedBy: by, Statuses: only(status), Type: direction, Limit: 50}
				t.Run(fmt.Sprintf("%s %s %s", by, status, direction), func(t *testing.T) {
					want := []airlock.Request{}
					for _, r := range all {
						if (by == "" || r.CreatedBy.ID == by) && (status == "" || r.Status == status) && (direction == "" || r.Type == direction) {
							want = append(want, r)
						}
					}
					got, count := pages(t, s, q)
					require.Equal(t, want, got)
					require.Equal(t, max(1, (len(want)+q.Limit-1)/q.Limit), count)
					costs(t, wire, count, "a listing: one per page")
				})
			}
		}
	}
	two := airlock.Query{Workspace: genomics, Statuses: []airlock.Status{airlock.Draft, airlock.InReview}, Limit: 1000}
	either, count := pages(t, s, two)
	require.Equal(t, 1, count)
	want := []airlock.Request{}
	for _, r := range all {
		if r.Status == airlock.Draft || r.Status == airlock.InReview {
			want = append(want, r)
		}
	}
	require.Equal(t, want, either)
	require.NotEqual(t, all, either)

	got, count := pages(t, s, airlock.Query{Workspace: genomics, Limit: 1000})
	assert.Equal(t, all, got)
	assert.Equal(t, 1, count)
	got, _ = pages(t, s, airlock.Query{Workspace: imaging, Limit: 1000})
	assert.Equal(t, []airlock.Request{listed(other.Request)}, got)
}

func TestNewRequestsDoNotShiftPages(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	all := seed(t, s, 30)
	q := airlock.Query{Workspace: genomics, Limit: 10}
	page, err := s.List(t.Context(), q)
	require.NoError(t, err)
	assert.Equal(t, all[:10], page.Requests)
	commit(t, s, draft(genomics, ada, start.Add(time.Hour)))
	q.Token = page.Next
	page, err = s.List(t.Context(), q)
	require.NoError(t, err)
	assert.Equal(t, all[10:20], page.Requests)
}

func TestListingsCutWhatTheyDoNotShow(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	for i := range 300 {
		c.Request.Files = append(c.Request.Files, airlock.File{
			Name: fmt.Sprintf("%03d %s", i, strings.Repeat("ü", 200)), Size: int64(i), InProgressETag: "0x8D",
			Hash: &airlock.HashProgress{ETag: "0x8D", State: []byte("state")}, Verdict: &airlock.Verdict{Outcome: airlock.Clean},
		})
	}
	commit(t, s, c)
	page, err := s.List(t.Context(), airlock.Query{Workspace: genomics, Limit: 1})
	require.NoError(t, err)
	require.Len(t, page.Requests, 1)
	files := page.Requests[0].Files
	require.Len(t, files, 20)
	assert.Equal(t, airlock.File{Name: c.Request.Files[19].Name, Size: 19, InProgressETag: "0x8D"}, files[19])
	got, _, err := s.Load(t.Context(), genomics, c.Request.ID)
	require.NoError(t, err)
	assert.Equal(t, c.Request, got, "the truth is whole")
}

func TestPageTokensBelongToTheirListing(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	seed(t, s, 12)
	q := airlock.Query{Workspace: genomics, CreatedBy: ada, Limit: 2}
	page, err := s.List(t.Context(), q)
	require.NoError(t, err)
	require.NotEmpty(t, page.Next)
	assert.Regexp(t, `^[A-Za-z0-9_-]+$`, page.Next, "fits into an address")
	wire.count()

	foreign := map[string]airlock.Query{
		"workspace": {Workspace: imaging, CreatedBy: ada},
		"person":    {Workspace: genomics, CreatedBy: grace},
		"status":    {Workspace: genomics, CreatedBy: ada, Statuses: []airlock.Status{airlock.Draft}},
		"direction": {Workspace: genomics, CreatedBy: ada, Type: airlock.Import},
	}
	for name, other := range foreign {
		other.Limit, other.Token = 2, page.Next
		_, err := s.List(t.Context(), other)
		assert.ErrorIs(t, err, airlock.ErrBadToken, name)
	}
	damaged := []string{"x", "AAAA", page.Next + "A", page.Next[1:], "====", strings.Repeat("A", 5000), page.Next[:len(page.Next)-2] + "zz",
		base64.RawURLEncoding.EncodeToString([]byte(`{"p":"a","r":"b"}`)), writeToken(q, cursor{Row: "x"})[:20]}
	for i := range page.Next {
		b := []byte(page.Next)
		b[i] ^= 1
		damaged = append(damaged, string(b))
	}
	for _, token := range damaged {
		q.Token = token
		_, err := s.List(t.Context(), q)
		assert.ErrorIs(t, err, airlock.ErrBadToken, token)
	}
	costs(t, wire, 0, "refused tokens")

	// A token made by hand only moves the start: no other rows come to light.
	for _, at := range []cursor{{Partition: string(imaging)}, {Partition: "AAAA", Row: "AAAA"}, {Row: "c3w="}} {
		q.Token = writeToken(q, at)
		page, err := s.List(t.Context(), q)
		if err != nil {
			continue
		}
		for _, r := range page.Requests {
			assert.Equal(t, ada, r.CreatedBy.ID)
		}
	}
	q.Token, q.Limit = page.Next, 7
	more, err := s.List(t.Context(), q)
	require.NoError(t, err)
	assert.NotEmpty(t, more.Requests, "another page size goes on with the same token")

	wire.answerWith(1, http.StatusBadRequest, nil, `{"odata.error":{"code":"InvalidInput"}}`)
	_, err = s.List(t.Context(), q)
	assert.ErrorIs(t, err, airlock.ErrBadToken)
}

func TestEmptyPagesAreFollowedAFewTimesOnly(t *testing.T) {
	t.Parallel()
	s, wire := newStore(t)
	empty := http.Header{"X-Ms-Continuation-Nextpartitionkey": {"cA=="}, "X-Ms-Continuation-Nextrowkey": {"cg=="}, "Content-Type": {"application/json"}}
	wire.answerWith(100, http.StatusOK, empty, `{"value":[]}`)
	page, err := s.List(t.Context(), airlock.Query{Workspace: genomics, Limit: 5})
	require.NoError(t, err)
	assert.Empty(t, page.Requests)
	assert.NotEmpty(t, page.Next, "there may be more, and the caller may ask")
	costs(t, wire, followEmpty, "a listing that finds nothing yet")

	wire.before = nil
	seed(t, s, 3)
	wire.answerWith(2, http.StatusOK, empty, `{"value":[]}`)
	page, err = s.List(t.Context(), airlock.Query{Workspace: genomics, Limit: 5})
	require.NoError(t, err)
	assert.Empty(t, page.Next)
}
