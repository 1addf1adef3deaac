package httpapi

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
)

// ListInput is the input of ListRequests.
type ListInput struct {
	WorkspacePath
	CreatorUserID string `query:"creator_user_id" maxLength:"64" pattern:"^[0-9A-Za-z._-]+$" doc:"Only requests of this person (object id)."`
	Type          string `query:"type" enum:"import,export" doc:"Only this direction."`
	Filters
	OrderBy        string  `query:"order_by" enum:"createdWhen,createdTime,updatedWhen,title,type,status" doc:"Sort by this member; at most 1,000 requests may match, as with held_by, q and updated_since. Without it: newest first, any number. createdTime is createdWhen under the name that AzureTRE's UI sends."`
	OrderAscending laxBool `query:"order_ascending" doc:"With order_by: ascending (the default) or descending."`
	Limit          int     `query:"limit" minimum:"1" maximum:"200" doc:"Requests per page. Without it: all, up to 1,000; nextPage leads to the others."`
	Page           string  `query:"page" maxLength:"4096" pattern:"^[!-~]*$" doc:"nextPage of the page before; the other parameters as there."`
}

// ListAnswer is the answer of ListRequests.
type ListAnswer struct {
	Link string `header:"Link" doc:"The next page, rel=next."`
	Body RequestList
}

// RequestList is one page.
type RequestList struct {
	AirlockRequests []Envelope `json:"airlockRequests" nullable:"false"`
	NextPage        *string    `json:"nextPage" doc:"page of the next page; null at the end."`
	DamagedRows     int        `json:"damagedRows,omitempty" doc:"Requests that are left out of this page because their rows are not as the service wrote them; an operator has to look."`
}

func (a *API) list(ctx context.Context, c *call, in *ListInput) (*ListAnswer, error) {
	statuses, none := in.statuses()
	q := airlock.Query{CreatedBy: airlock.UserID(in.CreatorUserID), Statuses: statuses, Type: airlock.RequestType(in.Type),
		Limit: in.limit(), Token: in.Page}
	page := airlock.Page{}
	if !none {
		var err error
		if page, err = a.pageOf(ctx, c, in, q); err != nil {
			return nil, err
		}
	}
	out := &ListAnswer{Body: RequestList{AirlockRequests: make([]Envelope, 0, len(page.Requests)), DamagedRows: page.Damaged}}
	viewer := a.viewer(c)
	for _, r := range page.Requests {
		out.Body.AirlockRequests = append(out.Body.AirlockRequests, viewer.envelope(c.workspace, r))
	}
	if page.Next != "" {
		out.Body.NextPage = &page.Next
		out.Link = "<" + prefix + "/workspaces/" + in.WorkspaceID + "/requests?" + in.query(page.Next) + `>; rel="next"`
	}
	return out, nil
}

// maxListed is how many requests a page holds for clients that do not ask for
// pages: AzureTRE's UI and command line send no limit and ignore nextPage.
const maxListed = 1000

func (in *ListInput) limit() int {
	if in.Limit == 0 {
		return maxListed
	}
	return in.Limit
}

// query is the query of another page of the same list.
func (in *ListInput) query(page string) string {
	v := url.Values{"page": {page}}
	if in.Limit > 0 {
		v.Set("limit", strconv.Itoa(in.Limit))
	}
	for name, value := range map[string]string{"creator_user_id": in.CreatorUserID, "type": in.Type, "held_by": string(in.HeldBy), "q": in.Words, "order_by": in.OrderBy} {
		if value != "" {
			v.Set(name, value)
		}
	}
	for _, status := range in.Status {
		v.Add("status", string(status))
	}
	if in.UpdatedSince > 0 {
		v.Set("updated_since", strconv.FormatFloat(in.UpdatedSince, 'f', -1, 64))
	}
	if in.OrderBy != "" {
		v.Set("order_ascending", strconv.FormatBool(in.OrderAscending.or(true)))
	}
	return v.Encode()
}

// pageOf reads a page: as the store has it, newest first, which costs one call
// for any number of requests; or sorted here. Clients that do not page get
// a full page, where the store's may be short.
func (a *API) pageOf(ctx context.Context, c *call, in *ListInput, q airlock.Query) (airlock.Page, error) {
	ascending := in.OrderAscending.or(true)
	newestFirst := in.OrderBy == "" || !ascending && (in.OrderBy == "createdWhen" || in.OrderBy == "createdTime")
	switch {
	case newestFirst && in.narrow(): // sorted already
	case newestFirst && in.Limit == 0:
		return a.fullPage(ctx, c, q)
	case newestFirst:
		return a.config.Service.List(ctx, c.principal, c.workspace, q)
	}
	from, err := offset(in.Page)
	if err != nil {
		return airlock.Page{}, err
	}
	whole, err := a.all(ctx, c, q)
	if err != nil {
		return airlock.Page{}, err
	}
	all := in.keep(whole.Requests)
	order(all, in.OrderBy, ascending)
	from = min(from, len(all))
	end := from + q.Limit
	page := airlock.Page{Requests: all[from:min(end, len(all))], Damaged: whole.Damaged}
	if end < len(all) {
		page.Next = sortedPage + strconv.Itoa(end)
	}
	return page, nil
}

// fullPage reads pages of the store until q.Limit requests are together or none
// is left.
func (a *API) fullPage(ctx context.Context, c *call, q airlock.Query) (airlock.Page, error) {
	full := airlock.Page{}
	wanted := q.Limit
	for {
		q.Limit = wanted - len(full.Requests)
		page, err := a.config.Service.List(ctx, c.principal, c.workspace, q)
		if err != nil {
			return airlock.Page{}, err
		}
		full.Requests, full.Next, full.Damaged = append(full.Requests, page.Requests...), page.Next, full.Damaged+page.Damaged
		if full.Next == "" || len(full.Requests) >= wanted {
			return full, nil
		}
		q.Token = page.Next
	}
}

// maxSorted bounds the requests sorted in memory, and so the storage calls.
const maxSorted = 1000

// sortedPage begins the tokens of sorted lists: the offset follows.
const sortedPage = "sorted."

func offset(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	digits, ok := strings.CutPrefix(token, sortedPage)
	n, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil || n > maxSorted {
		return 0, airlock.ErrBadToken
	}
	return int(n), nil
}

// all reads everything that matches, up to maxSorted.
func (a *API) all(ctx context.Context, c *call, q airlock.Query) (airlock.Page, error) {
	q.Limit, q.Token = maxSorted, ""
	page, err := a.fullPage(ctx, c, q)
	if err == nil && page.Next != "" {
		err = &edgeError{code: codeTooManyToSort}
	}
	return page, err
}

// orders are the members a list can be sorted by.
var orders = map[string]func(x, y airlock.Request) int{
	"createdWhen": byCreation,
	"createdTime": byCreation,
	"updatedWhen": func(x, y airlock.Request) int { return x.UpdatedWhen.Compare(y.UpdatedWhen) },
	"title":       func(x, y airlock.Request) int { return strings.Compare(x.Title, y.Title) },
	"type":        func(x, y airlock.Request) int { return strings.Compare(string(x.Type), string(y.Type)) },
	"status":      func(x, y airlock.Request) int { return strings.Compare(string(x.Status), string(y.Status)) },
}

func byCreation(x, y airlock.Request) int { return x.CreatedWhen.Compare(y.CreatedWhen) }

// order sorts; equal requests stay newest first. An unknown name leaves the list
// as it is (the input's enum has no other).
func order(all []airlock.Request, by string, ascending bool) {
	compare, ok := orders[by]
	if !ok {
		return
	}
	slices.SortStableFunc(all, func(x, y airlock.Request) int {
		if !ascending {
			x, y = y, x
		}
		return compare(x, y)
	})
}
