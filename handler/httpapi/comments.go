package httpapi

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

// CommentInput is the input of CommentRequest.
type CommentInput struct {
	RequestPath
	Body NewComment
}

// NewComment is the body of a comment call.
type NewComment struct {
	Text       string `json:"text" maxLength:"4000" doc:"Not blank."`
	File       string `json:"file,omitempty" maxLength:"1024" doc:"The file it is about, as the request names it; without it the request as a whole."`
	Visibility string `json:"visibility,omitempty" enum:"everyone,reviewers" default:"everyone" doc:"everyone: who made the request, owners and airlock managers. reviewers: airlock managers, and owners to read."`
}

// TransformSchema implements huma.SchemaTransformer.
func (NewComment) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	demand(s, "text", patternText, "text, not blank, without control characters")
	return s
}

// Comment is one comment.
type Comment struct {
	ID         string  `json:"id" format:"uuid"`
	Turn       int     `json:"turn"`
	Author     User    `json:"author"`
	When       float64 `json:"when" doc:"Seconds since 1970."`
	Text       string  `json:"text" doc:"Empty once it was retracted."`
	File       string  `json:"file,omitempty"`
	Visibility string  `json:"visibility" enum:"everyone,reviewers"`
	Retracted  bool    `json:"retracted,omitempty"`
}

func commentView(c airlock.Comment) Comment {
	return Comment{ID: c.ID, Turn: c.Turn, Author: userView(c.By), When: seconds(c.When), Text: c.Text, File: c.File,
		Visibility: string(c.Visibility), Retracted: !c.Retracted.IsZero()}
}

// CommentAnswer is the answer of the routes on one comment.
type CommentAnswer struct{ Body Comment }

// CommentsInput is the input of ListComments.
type CommentsInput struct {
	RequestPath
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"500" doc:"Comments per page, the oldest first."`
	Page  string `query:"page" maxLength:"100" pattern:"^[!-~]*$" doc:"nextPage of the page before."`
}

// CommentsAnswer is the answer of ListComments.
type CommentsAnswer struct {
	Link string `header:"Link" doc:"The next page, rel=next."`
	Body CommentPage
}

// CommentPage is a page of comments.
type CommentPage struct {
	Comments []Comment `json:"comments" nullable:"false" doc:"Those that the caller may read, the oldest first."`
	NextPage *string   `json:"nextPage" doc:"page of the next page; null at the end."`
}

// CommentPath names one comment of a request.
type CommentPath struct {
	RequestPath
	CommentID string `path:"comment_id" format:"uuid" doc:"Comment."`
}

func (a *API) comment(ctx context.Context, c *call, in *CommentInput) (*CommentAnswer, error) {
	_, written, err := a.config.Service.Comment(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID),
		workflow.NewComment{Text: in.Body.Text, File: in.Body.File, Visibility: airlock.Visibility(in.Body.Visibility)})
	if err != nil {
		return nil, err
	}
	return &CommentAnswer{Body: commentView(written)}, nil
}

func (a *API) comments(ctx context.Context, c *call, in *CommentsInput) (*CommentsAnswer, error) {
	from, err := recordsBefore(in.Page)
	if err != nil {
		return nil, err
	}
	_, all, err := a.config.Service.ReadComments(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	out := &CommentsAnswer{Body: CommentPage{Comments: []Comment{}}}
	from = min(from, len(all))
	end := min(from+in.Limit, len(all))
	for _, one := range all[from:end] {
		out.Body.Comments = append(out.Body.Comments, commentView(one))
	}
	if end < len(all) {
		next := trailPage + strconv.Itoa(end)
		out.Body.NextPage = &next
		query := url.Values{"page": {next}, "limit": {strconv.Itoa(in.Limit)}}
		out.Link = "<" + prefix + "/workspaces/" + in.WorkspaceID + "/requests/" + in.RequestID + "/comments?" + query.Encode() + `>; rel="next"`
	}
	return out, nil
}

func (a *API) retract(ctx context.Context, c *call, in *CommentPath) (*CommentAnswer, error) {
	_, retracted, err := a.config.Service.Retract(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), in.CommentID)
	if errors.Is(err, airlock.ErrGone) {
		return nil, &edgeError{code: codeNoComment}
	}
	if err != nil {
		return nil, err
	}
	return &CommentAnswer{Body: commentView(retracted)}, nil
}

// EditInput is the input of EditRequest.
type EditInput struct {
	RequestPath
	IfMatch string `header:"If-Match" doc:"The _etag of the request as the caller knows it, quoted or not; the change is refused if it is at another version. * or nothing: whatever the version."`
	Body    RequestEdit
}

// RequestEdit is a requestor's change; members that are not there stay as they are.
type RequestEdit struct {
	Title                 *string        `json:"title,omitempty" maxLength:"200" doc:"One line. Not blank."`
	BusinessJustification *string        `json:"businessJustification,omitempty" maxLength:"4000" doc:"Not blank."`
	Answers               map[string]any `json:"answers,omitempty" doc:"All answers to the workspace's form; they take the place of earlier ones."`
}

// TransformSchema implements huma.SchemaTransformer.
func (RequestEdit) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	demand(s, "title", patternLine, "one line of text, not blank, without control characters")
	demand(s, "businessJustification", patternText, "text, not blank, without control characters")
	return s
}

func (a *API) edit(ctx context.Context, c *call, in *EditInput) (*RequestAnswer, error) {
	return a.take(ctx, c, &Change{RequestPath: in.RequestPath, IfMatch: in.IfMatch},
		func(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, tag string) (airlock.Request, error) {
			return a.config.Service.EditRequest(ctx, p, ws, id, workflow.Edit{Title: in.Body.Title, Justification: in.Body.BusinessJustification, Answers: in.Body.Answers}, tag)
		})
}

func (a *API) claim(ctx context.Context, c *call, in *Change) (*RequestAnswer, error) {
	r, err := a.config.Service.Claim(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	return a.answer(c, r, err)
}

func (a *API) unclaim(ctx context.Context, c *call, in *RequestPath) (*RequestAnswer, error) {
	r, err := a.config.Service.Unclaim(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	return a.answer(c, r, err)
}
