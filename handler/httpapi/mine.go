package httpapi

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// MineInput is the input of ListMyRequests.
type MineInput struct {
	AirlockManager laxBool `query:"airlock_manager" doc:"true: the requests of the workspaces whose airlock manager the caller is, instead of their own."`
	Type           string  `query:"type" enum:"import,export" doc:"Only this direction."`
	Filters
	OrderBy        string  `query:"order_by" enum:"createdWhen,createdTime,updatedWhen,title,type,status" doc:"Sort by this member. Without it: newest first."`
	OrderAscending laxBool `query:"order_ascending" doc:"With order_by: ascending (the default) or descending."`
	Limit          int     `query:"limit" minimum:"1" maximum:"1000" default:"1000" doc:"At most so many, the newest."`
}

// MineAnswer is the answer of ListMyRequests: a bare list, as existing clients
// expect.
type MineAnswer struct {
	Body []ListedRequest `nullable:"false"`
}

// ListedRequest is a request in a list across workspaces.
type ListedRequest struct {
	AirlockRequest
	Reviewable *bool `json:"reviewable,omitempty" doc:"With airlock_manager: whether the caller may review the request now. Nobody may review their own, unless the workspace's policy says so."`
}

func (a *API) mine(ctx context.Context, c *call, in *MineInput) (*MineAnswer, error) {
	statuses, none := in.statuses()
	if none {
		return &MineAnswer{Body: []ListedRequest{}}, nil
	}
	q := airlock.Query{Statuses: statuses, Type: airlock.RequestType(in.Type), Limit: in.Limit}
	if in.narrow() {
		q.Limit = maxListed
	}
	find := a.config.Service.Mine
	if in.AirlockManager.or(false) {
		find = a.config.Service.Managed
	}
	found, err := find(ctx, c.principal, q)
	if err != nil {
		return nil, err
	}
	found = in.keep(found)
	found = found[:min(len(found), in.Limit)]
	if in.OrderBy != "" {
		order(found, in.OrderBy, in.OrderAscending.or(true))
	}
	out := &MineAnswer{Body: []ListedRequest{}}
	for _, r := range found {
		ws, err := a.config.Registry.Workspace(ctx, r.Workspace)
		if err != nil {
			return nil, err
		}
		p := c.principal
		var reviewable *bool
		if in.AirlockManager.or(false) {
			p = asManager(p)
			allowed := airlock.Decide(p, airlock.ActionReview, r, ws.Policy).Allowed
			reviewable = &allowed
		}
		viewer := a.viewer(c)
		viewer.by = p
		out.Body = append(out.Body, ListedRequest{AirlockRequest: viewer.request(ws, r), Reviewable: reviewable})
	}
	return out, nil
}
