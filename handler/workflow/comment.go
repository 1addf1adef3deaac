package workflow

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// NewComment is a comment to be made about a request.
type NewComment struct {
	Text       string
	File       string // "" for the request as a whole
	Visibility airlock.Visibility
}

// commentsTold is how long people are told of no further comments.
const commentsTold = 15 * time.Minute

// Comment writes a comment. A comment for reviewers takes one. It makes no new version of
// the request: a comment that must not be seen would show in it. Errors:
// airlock.ErrNotFound, *airlock.RefusedError, *airlock.TransitionError,
// *airlock.InvalidError, *airlock.StatusError, *airlock.Fault.
func (s *Service) Comment(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in NewComment) (airlock.Request, airlock.Comment, error) {
	var written airlock.Comment
	r, err := s.decide(ctx, ws, id, p, func(c *change) error {
		action := airlock.ActionComment
		if in.Visibility == airlock.ForReviewers {
			action = airlock.ActionCommentReviewers
		}
		if _, err := c.allow(action); err != nil {
			return err
		}
		if err := checkTexts(said{"text", in.Text, airlock.CheckText}); err != nil {
			return err
		}
		if in.File != "" && c.File(in.File) == nil {
			return &airlock.InvalidError{Violations: []airlock.Violation{{Rule: "unknown_file", Member: "file", Message: "The request has no such file."}}}
		}
		if c.Comments >= airlock.MaxComments {
			return &airlock.StatusError{Rule: "too_many_comments", Reason: "The request has as many comments as it can have."}
		}
		c.Comments++
		written = airlock.Comment{Number: c.Comments, ID: uuid.NewString(), Turn: c.Turn(), By: p, When: c.at, Text: in.Text, File: in.File, Visibility: in.Visibility}
		c.write(written, audit.Commented)
		c.tellOfComment(in.Visibility)
		return nil
	})
	return r, written, err
}

func (c *change) write(comment airlock.Comment, action audit.Action) {
	c.comment = &comment
	rec := c.recordInPlace(action)
	rec.Detail = map[string]string{"id": comment.ID, "visibility": string(comment.Visibility), "sha256": comment.Hash()}
}

// tellOfComment tells people that there are comments, once in a while.
func (c *change) tellOfComment(v airlock.Visibility) {
	if c.at.Sub(c.Work.CommentTold) < commentsTold || v == airlock.ForReviewers && c.Blind(c.ws.Policy) {
		return
	}
	c.Work.CommentTold = c.at
	if v == airlock.ForReviewers {
		c.emitNotice(airlock.NoticeReviewerComment)
		return
	}
	c.emitNotice(airlock.NoticeComment)
}

// Retract takes a comment of the caller's back: its text is gone for readers, and its hash
// stays in the trail. Repeating it changes nothing. Errors: airlock.ErrNotFound,
// airlock.ErrGone without the comment, *airlock.RefusedError, *airlock.Fault.
func (s *Service) Retract(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, comment string) (airlock.Request, airlock.Comment, error) {
	var retracted airlock.Comment
	r, err := s.decide(ctx, ws, id, p, func(c *change) error {
		all, err := s.config.Requests.Comments(ctx, ws.ID, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(o airlock.Comment) bool { return o.ID == comment })
		if at < 0 {
			return airlock.ErrGone
		}
		if _, shown := airlock.ShowComment(p, c.Request, all[at], ws.Policy); !shown || !airlock.CommentsShown(p, c.Request) {
			return airlock.ErrGone
		}
		retracted = all[at]
		switch {
		case retracted.By.ID != p.ID:
			return &airlock.RefusedError{Rule: "comment_not_own", Reason: "Only its author may retract a comment."}
		case !retracted.Retracted.IsZero():
			return errUnchanged
		}
		c.write(all[at], audit.CommentRetracted)
		retracted.Retracted, retracted.Text = c.at, ""
		c.comment = &retracted
		return nil
	})
	return r, retracted, err
}

// ReadComments returns a request and the comments that the caller may read, the first one
// first. Errors: as Get.
func (s *Service) ReadComments(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []airlock.Comment, error) {
	r, err := s.Get(ctx, p, ws, id)
	if err != nil {
		return airlock.Request{}, nil, err
	}
	if !airlock.CommentsShown(p, r) {
		return airlock.Request{}, nil, &airlock.RefusedError{Rule: "comments_not_permitted", Reason: "Only those who made the request, workspace owners, airlock managers and TRE administrators may read its comments."}
	}
	all, err := s.config.Requests.Comments(ctx, ws.ID, id)
	if err != nil {
		return airlock.Request{}, nil, err
	}
	shown := []airlock.Comment{}
	for _, comment := range all {
		if c, may := airlock.ShowComment(p, r, comment, ws.Policy); may {
			shown = append(shown, c)
		}
	}
	return r, shown, nil
}
