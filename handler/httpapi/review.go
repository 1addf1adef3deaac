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
	Approval            laxBool           `json:"approval,omitempty" doc:"true approves, false rejects. Give this or decision."`
	Decision            string            `json:"decision,omitempty" enum:"approve,reject,request_changes" doc:"What the reviewer decides. request_changes sends the request back to the requestor, who mends it and submits again."`
	Files               []NewFileDecision `json:"files,omitempty" nullable:"false" maxItems:"500" doc:"What is decided of single files."`
	Acknowledgements    []Acknowledgement `json:"acknowledgements,omitempty" nullable:"false" maxItems:"5000" doc:"Of findings: an approval needs one of each group that the gates ask for."`
	DecisionExplanation string            `json:"decisionExplanation,omitempty" default:"Decision Explanation" nullable:"true" maxLength:"4000" doc:"Why. Not blank."`
}

// Acknowledgement says that the reviewer saw a group of findings, and why the files may leave.
type Acknowledgement struct {
	Gate   string `json:"gate" maxLength:"31"`
	Group  string `json:"group" maxLength:"100" doc:"As the findings name it."`
	Reason string `json:"reason" minLength:"10" maxLength:"1000"`
}

func acknowledged(said []Acknowledgement) []airlock.Acknowledgement {
	var out []airlock.Acknowledgement
	for _, a := range said {
		out = append(out, airlock.Acknowledgement(a))
	}
	return out
}

// NewFileDecision is a reviewer's decision on one file.
type NewFileDecision struct {
	Name     string `json:"name" maxLength:"1024" doc:"The file, as the request names it."`
	Decision string `json:"decision,omitempty" enum:"fine,change,withhold" doc:"fine; change: it has to change; withhold: an approval releases the other files and not this one. A file is released if every approval that counts includes it."`
	Comment  string `json:"comment,omitempty" maxLength:"2000"`
}

func namedDecisions(said []NewFileDecision) []airlock.NamedDecision {
	var out []airlock.NamedDecision
	for _, f := range said {
		out = append(out, airlock.NamedDecision{Name: f.Name, Decision: airlock.FileChoice(f.Decision), Comment: f.Comment})
	}
	return out
}

// decisions are the API's words for reviewers' decisions.
var decisions = map[string]airlock.Decision{
	"approve": airlock.DecisionApproved, "reject": airlock.DecisionRejected, "request_changes": airlock.DecisionChanges,
}

// decision reads the body's decision, in either of its two ways. Error: *airlock.InvalidError.
func (n NewReview) decision() (airlock.Decision, error) {
	said, approval := decisions[n.Decision], airlock.DecisionRejected
	if n.Approval.value {
		approval = airlock.DecisionApproved
	}
	switch {
	case n.Decision == "" && !n.Approval.given:
		return "", invalid("decision", "decision_missing", "Say what you decide: decision is approve, reject or request_changes. (approval, true or false, is the older way.)")
	case n.Decision == "":
		return approval, nil
	case n.Approval.given && said != approval:
		return "", invalid("approval", "contradiction", "approval and decision contradict each other; decision is enough.")
	}
	return said, nil
}

func invalid(member, rule, message string) error {
	return &airlock.InvalidError{Violations: []airlock.Violation{{Rule: rule, Member: member, Message: message}}}
}

// TransformSchema implements huma.SchemaTransformer.
func (NewReview) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	demand(s, "decisionExplanation", patternText, "text, not blank, without control characters")
	return s
}

func (a *API) review(ctx context.Context, c *call, in *ReviewInput) (*RequestAnswer, error) {
	decision, err := in.Body.decision()
	if err != nil {
		return nil, err
	}
	return a.take(ctx, c, &Change{RequestPath: in.RequestPath, IfMatch: in.IfMatch},
		func(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
			return a.config.Service.Review(ctx, p, ws, id, workflow.ReviewInput{Decision: decision, Explanation: in.Body.DecisionExplanation, Files: namedDecisions(in.Body.Files), Acknowledgements: acknowledged(in.Body.Acknowledgements)}, tag)
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
	return a.take(ctx, c, &Change{RequestPath: in.RequestPath, IfMatch: in.IfMatch},
		func(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
			return a.config.Service.GiveUp(ctx, p, ws, id, in.Body.Reason, tag)
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
	return a.take(ctx, c, &Change{RequestPath: in.RequestPath, IfMatch: in.IfMatch},
		func(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
			return a.config.Service.Revoke(ctx, p, ws, id, in.Body.Reason, tag)
		})
}
