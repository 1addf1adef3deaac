package httpapi

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// MineInput is the input of ListMyRequests.
type MineInput struct {
	AirlockManager laxBool `query:"airlock_manager" doc:"true: the requests that wait for the caller's review, instead of their own."`
	Type           string  `query:"type" enum:"import,export" doc:"Only this direction."`
	Status         string  `query:"status" enum:"draft,submitted,in_review,approval_in_progress,approved,rejection_in_progress,rejected,cancelled,blocking_in_progress,blocked_by_scan,failed,revoked" doc:"Only this status. With airlock_manager the default is in_review."`
	OrderBy        string  `query:"order_by" enum:"createdWhen,updatedWhen,title,type,status" doc:"Sort by this member. Without it: newest first."`
	OrderAscending laxBool `query:"order_ascending" doc:"With order_by: ascending (the default) or descending."`
	Limit          int     `query:"limit" minimum:"1" maximum:"1000" default:"1000" doc:"At most so many, the newest."`
}

// MineAnswer is the answer of ListMyRequests: a bare list, as existing clients
// expect.
type MineAnswer struct {
	Body []AirlockRequest `nullable:"false"`
}

func (a *API) mine(ctx context.Context, c *call, in *MineInput) (*MineAnswer, error) {
	q := airlock.Query{Status: airlock.Status(in.Status), Type: airlock.RequestType(in.Type), Limit: in.Limit}
	find := a.Service.Mine
	if in.AirlockManager.or(false) {
		find = a.Service.Reviewable
	}
	found, err := find(ctx, c.principal, q)
	if err != nil {
		return nil, err
	}
	if in.OrderBy != "" {
		order(found, in.OrderBy, in.OrderAscending.or(true))
	}
	out := &MineAnswer{Body: []AirlockRequest{}}
	for _, r := range found {
		out.Body = append(out.Body, requestView(r, 0))
	}
	return out, nil
}
