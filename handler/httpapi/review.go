package httpapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// ReviewInput is the input of ReviewRequest.
type ReviewInput struct {
	RequestPath
	IfMatch string `header:"If-Match" doc:"The _etag of the request as the caller knows it, quoted or not; the review is refused if it is at another version. * or nothing: whatever the version."`
	Body    NewReview
}

// NewReview is a reviewer's decision.
type NewReview struct {
	Approval            laxBool `json:"approval"`
	DecisionExplanation string  `json:"decisionExplanation,omitempty" default:"Decision Explanation" nullable:"true" maxLength:"4000" doc:"Why. Not blank."`
}

// TransformSchema implements huma.SchemaTransformer.
func (NewReview) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	demand(s, "decisionExplanation", patternText, "text, not blank, without control characters")
	return s
}

func (a *API) review(ctx context.Context, c *call, in *ReviewInput) (*RequestAnswer, error) {
	return take(ctx, c, &Change{RequestPath: in.RequestPath, IfMatch: in.IfMatch},
		func(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
			return a.Service.Review(ctx, p, ws, id, workflow.ReviewInput{Approve: in.Body.Approval.value, Explanation: in.Body.DecisionExplanation}, tag)
		})
}

// RevokeInput is the input of RevokeRequest.
type RevokeInput struct {
	RequestPath
	IfMatch string `header:"If-Match" doc:"The _etag of the request as the caller knows it, quoted or not; the change is refused if it is at another version. * or nothing: whatever the version."`
	Body    NewRevocation
}

// GiveUpInput is the input of GiveUpRequest.
type GiveUpInput struct {
	RequestPath
	IfMatch string `header:"If-Match" doc:"The _etag of the request as the caller knows it, quoted or not; the change is refused if it is at another version. * or nothing: whatever the version."`
	Body    GivingUp
}

// GivingUp says why nobody waits for a request any longer.
type GivingUp struct {
	Reason string `json:"reason" maxLength:"4000" doc:"Why. Not blank."`
}

// TransformSchema implements huma.SchemaTransformer.
func (GivingUp) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	demand(s, "reason", patternText, "text, not blank, without control characters")
	return s
}

func (a *API) giveUp(ctx context.Context, c *call, in *GiveUpInput) (*RequestAnswer, error) {
	return take(ctx, c, &Change{RequestPath: in.RequestPath, IfMatch: in.IfMatch},
		func(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
			return a.Service.GiveUp(ctx, p, ws, id, in.Body.Reason, tag)
		})
}

// NewRevocation says why an approval is withdrawn.
type NewRevocation struct {
	Reason string `json:"reason" maxLength:"4000" doc:"Why. Not blank."`
}

// TransformSchema implements huma.SchemaTransformer.
func (NewRevocation) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	demand(s, "reason", patternText, "text, not blank, without control characters")
	return s
}

func (a *API) revoke(ctx context.Context, c *call, in *RevokeInput) (*RequestAnswer, error) {
	return take(ctx, c, &Change{RequestPath: in.RequestPath, IfMatch: in.IfMatch},
		func(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
			return a.Service.Revoke(ctx, p, ws, id, in.Body.Reason, tag)
		})
}
