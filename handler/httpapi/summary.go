package httpapi

import (
	"cmp"
	"context"
	"slices"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/wording"
)

// SummaryAnswer is the answer of GetSummary.
type SummaryAnswer struct{ Body Summary }

// Summary counts the caller's requests, and those that wait for their review.
type Summary struct {
	Workspaces []WorkspaceSummary `json:"workspaces" nullable:"false" doc:"Those in which there is anything to count, by name."`
}

// WorkspaceSummary counts the requests of one workspace. Of each kind the newest 1,000 are
// looked at.
type WorkspaceSummary struct {
	WorkspaceID   string        `json:"workspaceId" format:"uuid"`
	WorkspaceName string        `json:"workspaceName"`
	Mine          MineSummary   `json:"mine"`
	Review        ReviewSummary `json:"review"`
}

// MineSummary counts the caller's own requests.
type MineSummary struct {
	ByHeldBy HeldCounts `json:"byHeldBy"`
}

// HeldCounts counts requests by who has to act on them.
type HeldCounts struct {
	Requestor      int `json:"requestor"`
	AirlockManager int `json:"airlock_manager"`
	System         int `json:"system"`
	Nobody         int `json:"nobody"`
}

// ReviewSummary counts the requests in review where the caller is an airlock manager.
type ReviewSummary struct {
	Waiting     int `json:"waiting" doc:"Requests that the caller may review and has not decided on yet."`
	Overdue     int `json:"overdue" doc:"Those of them that have waited longer than the policy allows."`
	MineDecided int `json:"mineDecided" doc:"Requests that the caller has decided on and that wait for others."`
}

func (a *API) summary(ctx context.Context, c *call, _ *struct{}) (*SummaryAnswer, error) {
	mine, err := a.config.Service.Mine(ctx, c.principal, airlock.Query{Limit: maxListed})
	if err != nil {
		return nil, err
	}
	review, err := a.config.Service.Managed(ctx, c.principal, airlock.Query{Statuses: []airlock.Status{airlock.InReview}, Limit: maxListed})
	if err != nil {
		return nil, err
	}
	s := summaries{of: map[airlock.WorkspaceID]*WorkspaceSummary{}, viewer: a.viewer(c)}
	for _, r := range mine {
		if err := s.count(ctx, a.config.Registry, r, s.mine); err != nil {
			return nil, err
		}
	}
	for _, r := range review {
		if err := s.count(ctx, a.config.Registry, r, s.review); err != nil {
			return nil, err
		}
	}
	out := &SummaryAnswer{Body: Summary{Workspaces: []WorkspaceSummary{}}}
	for _, w := range s.of {
		out.Body.Workspaces = append(out.Body.Workspaces, *w)
	}
	slices.SortFunc(out.Body.Workspaces, func(a, b WorkspaceSummary) int {
		return cmp.Or(cmp.Compare(a.WorkspaceName, b.WorkspaceName), cmp.Compare(a.WorkspaceID, b.WorkspaceID))
	})
	return out, nil
}

// summaries are the counts under way.
type summaries struct {
	viewer
	of map[airlock.WorkspaceID]*WorkspaceSummary
}

func (s summaries) count(ctx context.Context, registry Registry, r airlock.Request, in func(*WorkspaceSummary, airlock.Workspace, airlock.Request)) error {
	ws, err := registry.Workspace(ctx, r.Workspace)
	if err != nil {
		return err
	}
	w := s.of[ws.ID]
	if w == nil {
		w = &WorkspaceSummary{WorkspaceID: string(ws.ID), WorkspaceName: ws.DisplayName}
		s.of[ws.ID] = w
	}
	in(w, ws, r)
	return nil
}

func (s summaries) mine(w *WorkspaceSummary, _ airlock.Workspace, r airlock.Request) {
	held := &w.Mine.ByHeldBy
	switch wording.Now(r).HeldBy {
	case wording.Requestor:
		held.Requestor++
	case wording.Manager:
		held.AirlockManager++
	case wording.System:
		held.System++
	case wording.Nobody:
		held.Nobody++
	}
}

func (s summaries) review(w *WorkspaceSummary, ws airlock.Workspace, r airlock.Request) {
	_, decided := r.ReviewedBy(s.by.ID)
	switch {
	case decided:
		w.Review.MineDecided++
	case airlock.Decide(asManager(s.by), airlock.ActionReview, r, ws.Policy).Allowed:
		w.Review.Waiting++
		if standingOf(ws, r, s.at).Overdue {
			w.Review.Overdue++
		}
	}
}

// asManager is who the directory has said to be an airlock manager of the workspace that
// is looked at.
func asManager(p airlock.Principal) airlock.Principal {
	p.Roles, p.WorkspaceToken = []airlock.Role{airlock.RoleManager}, true
	return p
}
