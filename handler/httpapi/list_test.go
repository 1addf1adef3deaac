package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// many are n requests, newest first, as the store lists them.
func many(n int) []airlock.Request {
	out := make([]airlock.Request, n)
	for i := range out {
		r := sampleRequest()
		r.ID = airlock.RequestID(fmt.Sprintf("%08d-cdf8-4e47-8cfe-995faeac0f09", i))
		r.CreatedWhen = moment.Add(-time.Duration(i) * time.Minute)
		r.UpdatedWhen = moment.Add(time.Duration(i%7) * time.Minute)
		r.Title = fmt.Sprint("title ", i%5)
		out[i] = r
	}
	return out
}

// paged answers like the store: limit by limit, the token being an offset.
func paged(all []airlock.Request) func(airlock.Query) airlock.Page {
	return func(q airlock.Query) airlock.Page {
		from := 0
		_, _ = fmt.Sscanf(q.Token, "t%d", &from)
		end := min(from+q.Limit, len(all))
		p := airlock.Page{Requests: all[from:end]}
		if end < len(all) {
			p.Next = fmt.Sprintf("t%d", end)
		}
		return p
	}
}

// follow reads a whole list page by page and returns the ids' numbers.
func (f *fixture) follow(path string) (ids []int, pages int) {
	for path != "" {
		a := f.get(path, researcher()).isOK()
		for _, e := range a.json()["airlockRequests"].([]any) {
			n := 0
			_, _ = fmt.Sscanf(e.(map[string]any)["airlockRequest"].(map[string]any)["id"].(string), "%08d", &n)
			ids = append(ids, n)
		}
		pages++
		next, link := a.json()["nextPage"], a.Header.Get("Link")
		if next == nil {
			require.Empty(f.t, link)
			return ids, pages
		}
		require.True(f.t, strings.HasSuffix(link, `>; rel="next"`), link)
		path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		u, err := url.Parse(path)
		require.NoError(f.t, err)
		require.Equal(f.t, next, u.Query().Get("page"))
	}
	return nil, 0
}

func TestListPassesFiltersOn(t *testing.T) {
	f := newFixture(t)
	f.get(requestsPath, researcher()).isOK()
	require.Equal(t, airlock.Query{Limit: 1000}, f.query, "newest first, all that a page can hold; one call of the store's")
	f.get(requestsPath+"?creator_user_id="+string(adaID)+"&type=export&status=in_review&limit=200&page=abc.-_~!", researcher()).isOK()
	require.Equal(t, airlock.Query{CreatedBy: adaID, Type: airlock.Export, Statuses: []airlock.Status{airlock.InReview}, Limit: 200, Token: "abc.-_~!"}, f.query)
	f.get(requestsPath+"?order_by=createdWhen&order_ascending=false", researcher()).isOK()
	require.Equal(t, 1000, f.query.Limit, "the store's own order")
	f.get(requestsPath+"?order_ascending=true", researcher()).isOK()
	f.get(requestsPath+"?creator_user_id=&type=&status=&order_by=&order_ascending=&limit=&page=", researcher()).isOK()
	require.Equal(t, 1000, f.query.Limit, "no order_by, no order")

	for _, bad := range []string{"type=sideways", "status=lost", "status=draft,lost", "status=draft,", "order_by=createdBy", "order_by=createdBy.name", "order_by=1;DROP", "order_ascending=maybe",
		"limit=0", "limit=201", "limit=-1", "limit=x", "limit=1.5", "limit=99999999999999999999", "creator_user_id=a%20or%20b", "creator_user_id=%27", "creator_user_id=%ff",
		"creator_user_id=" + strings.Repeat("a", 65), "page=%00", "page=a%20b", "page=" + strings.Repeat("a", 4097)} {
		f.get(requestsPath+"?"+bad, researcher()).isProblem(422, "invalid_request", "")
	}
	require.Len(t, f.queries, 5)
}

func TestListPages(t *testing.T) {
	f := newFixture(t)
	f.page = paged(many(120))
	ids, pages := f.follow(requestsPath + "?limit=50&status=draft&creator_user_id=" + string(adaID))
	require.Len(t, ids, 120)
	require.Equal(t, 3, pages)
	for _, q := range f.queries {
		require.Equal(t, []airlock.Status{airlock.Draft}, q.Statuses, "the filter goes with the link")
		require.Equal(t, adaID, q.CreatedBy)
	}
}

// AzureTRE's UI and command line send no limit and do not follow nextPage.
func TestAListWithoutALimitIsWhole(t *testing.T) {
	f := newFixture(t)
	f.page = paged(many(1000))
	ids, pages := f.follow(requestsPath)
	require.Len(t, ids, 1000)
	require.Equal(t, 1, pages)
	require.Len(t, f.queries, 1, "one call of the store's")
	f.page = paged(many(1003))
	ids, pages = f.follow(requestsPath)
	require.Len(t, ids, 1003)
	require.Equal(t, 2, pages, "beyond a thousand it says nextPage")
	// The store may return less than asked for and still have more.
	short := paged(many(130))
	f.page = func(q airlock.Query) airlock.Page { q.Limit = min(q.Limit, 50); return short(q) }
	ids, pages = f.follow(requestsPath)
	require.Len(t, ids, 130)
	require.Equal(t, 1, pages)
}

func TestListSortsByTheNameThatAzureTREsUISends(t *testing.T) {
	f := newFixture(t)
	f.page = paged(many(5))
	for query, want := range map[string][]int{"order_by=createdTime": {4, 3, 2, 1, 0}, "order_by=createdTime&order_ascending=false": {0, 1, 2, 3, 4}} {
		ids, _ := f.follow(requestsPath + "?" + query)
		require.Equal(t, want, ids, query)
	}
	require.Contains(t, string(f.get(requestsPath+"?order_by=created", researcher()).body), "createdWhen, createdTime", "an unknown one is told which there are")
	f.requests = many(5)
	var mine []map[string]any
	require.NoError(t, json.Unmarshal(f.get("/api/requests?order_by=createdTime", treUser()).isOK().body, &mine))
	require.Equal(t, "00000004", mine[0]["id"].(string)[:8])
}

func TestListSorts(t *testing.T) {
	f := newFixture(t)
	all := many(230)
	f.page = paged(all)
	ids, pages := f.follow(requestsPath + "?order_by=title&order_ascending=no&limit=100")
	require.Equal(t, 3, pages)
	require.Len(t, ids, 230)
	for i := 1; i < len(ids); i++ {
		before, now := all[ids[i-1]], all[ids[i]]
		require.True(t, before.Title > now.Title || before.Title == now.Title && before.CreatedWhen.After(now.CreatedWhen), "descending, then newest first")
	}
	ids, _ = f.follow(requestsPath + "?order_by=createdWhen&limit=200")
	require.Equal(t, 229, ids[0], "ascending is the default of order_by, as in the contract")
	ids, _ = f.follow(requestsPath + "?order_by=updatedWhen&order_ascending=1")
	require.Zero(t, ids[0]%7)
	for _, by := range []string{"type", "status"} {
		ids, _ = f.follow(requestsPath + "?order_by=" + by)
		require.Len(t, ids, 230)
	}
	for _, page := range []string{"t50", "sorted.", "sorted.-1", "sorted.x", "sorted.1001", "sorted.99999999999999999999", "sorted. 1"} {
		a := f.get(requestsPath+"?order_by=title&page="+url.QueryEscape(page), researcher())
		require.Equal(t, 422, a.StatusCode, page)
	}
	require.Empty(t, f.get(requestsPath+"?order_by=title&page=sorted.1000", researcher()).isOK().json()["airlockRequests"])
}

func TestListSortsNoMoreThanAThousand(t *testing.T) {
	f := newFixture(t)
	f.page = paged(many(1000))
	f.get(requestsPath+"?order_by=title", researcher()).isOK()
	f.page = paged(many(1001))
	f.get(requestsPath+"?order_by=title", researcher()).isProblem(422, "too_many_to_sort", "")
	f.get(requestsPath, researcher()).isOK()
	// The store may return less than asked for and still have more.
	short := paged(many(30))
	f.page = func(q airlock.Query) airlock.Page { q.Limit = min(q.Limit, 10); return short(q) }
	require.Len(t, f.get(requestsPath+"?order_by=title", researcher()).isOK().json()["airlockRequests"], 30)
}
