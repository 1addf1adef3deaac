package httpapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// RequestAnswer is the answer of the routes on one request.
type RequestAnswer struct {
	ETag string `header:"ETag" doc:"The request's _etag, and in answers to GET a dot and what covers the whole answer; quoted. If-Match takes both."`
	Body Envelope
}

func (a *API) answer(c *call, r airlock.Request, err error) (*RequestAnswer, error) {
	if err != nil {
		return nil, err
	}
	return &RequestAnswer{ETag: quotedTag(r.ETag()), Body: a.viewer(c).envelope(c.workspace, r)}, nil
}

// CreateInput is the input of CreateRequest.
type CreateInput struct {
	WorkspacePath
	IdempotencyKey string `header:"Idempotency-Key" doc:"1 to 200 printable ASCII characters. The same person repeating the same body with it gets the same request."`
	Body           NewAirlockRequest
}

// NewAirlockRequest is the body of a create call. Members that are
// not listed are ignored.
type NewAirlockRequest struct {
	Type                  string         `json:"type" enum:"import,export" doc:"Into the workspace, or out of it."`
	Title                 string         `json:"title,omitempty" default:"Airlock Request" nullable:"true" maxLength:"200" doc:"One line. Not blank."`
	Answers               map[string]any `json:"answers,omitempty" doc:"Answers to the workspace's form, by the names of its fields. Submit asks for those that the form requires."`
	Replaces              string         `json:"replaces,omitempty" format:"uuid" doc:"An ended request of one's own in the same workspace, which this one takes the place of."`
	BusinessJustification string         `json:"businessJustification,omitempty" default:"Business Justifications" nullable:"true" maxLength:"4000" doc:"Why the data has to move. Not blank."`
}

// TransformSchema implements huma.SchemaTransformer.
func (NewAirlockRequest) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	demand(s, "title", patternLine, "one line of text, not blank, without control characters")
	demand(s, "businessJustification", patternText, "text, not blank, without control characters")
	return s
}

// demand sets a pattern that is too long to be read in a tag.
func demand(s *huma.Schema, member, pattern, inWords string) {
	s.Properties[member].Pattern, s.Properties[member].PatternDescription = pattern, inWords
	s.Properties[member].PrecomputeMessages()
}

func (a *API) create(ctx context.Context, c *call, in *CreateInput) (*RequestAnswer, error) {
	key, err := idempotencyKey(in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	r, err := a.config.Service.Create(ctx, c.principal, c.workspace, workflow.NewRequest{Type: airlock.RequestType(in.Body.Type),
		Title: in.Body.Title, Justification: in.Body.BusinessJustification, Answers: in.Body.Answers, Replaces: airlock.RequestID(in.Body.Replaces), IdempotencyKey: key})
	return a.answer(c, r, err)
}

func (a *API) get(ctx context.Context, c *call, in *RequestPath) (*RequestAnswer, error) {
	r, err := a.config.Service.Get(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	return a.answer(c, r, err)
}

// step is one of the service's changes that need nothing but the request.
type step func(context.Context, airlock.Principal, airlock.Workspace, airlock.RequestID, string) (airlock.Request, error)

func (a *API) take(ctx context.Context, c *call, in *Change, do step) (*RequestAnswer, error) {
	tag, err := requestVersion(in.IfMatch)
	if err != nil {
		return nil, err
	}
	r, err := do(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), tag)
	return a.answer(c, r, err)
}

func (a *API) submit(ctx context.Context, c *call, in *Change) (*RequestAnswer, error) {
	return a.take(ctx, c, in, a.config.Service.Submit)
}

func (a *API) cancel(ctx context.Context, c *call, in *Change) (*RequestAnswer, error) {
	return a.take(ctx, c, in, a.config.Service.Cancel)
}

func (a *API) retry(ctx context.Context, c *call, in *Change) (*RequestAnswer, error) {
	return a.take(ctx, c, in, a.config.Service.Retry)
}
