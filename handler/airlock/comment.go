package airlock

import (
	"slices"
	"time"
)

// Visibility says who reads a comment.
type Visibility string

// The visibilities.
const (
	ForEveryone  Visibility = "everyone" // who has a part in the request
	ForReviewers Visibility = "reviewers"
)

// MaxComments bounds the comments of a request.
const MaxComments = 500

// Comment is a remark on a request. Its text is in a row of its own; the trail has its
// hash.
type Comment struct {
	Number     int        `json:"number"` // from 1
	ID         string     `json:"id"`     // random, so that nobody can try texts against the hash
	Turn       int        `json:"turn"`
	By         Principal  `json:"by"`
	When       time.Time  `json:"when"`
	Text       string     `json:"text"`
	File       string     `json:"file,omitempty"`
	Visibility Visibility `json:"visibility"`
	// Retracted is when the author took it back; its text is gone for readers.
	Retracted time.Time `json:"retracted,omitzero"`
}

// Hash is the lower-case hex SHA-256 of the comment as it was written.
func (c Comment) Hash() string {
	c.Retracted = time.Time{}
	return hexSum(c.RowText())
}

// RowText is the text of the comment's row.
func (c Comment) RowText() []byte { return rowText(c) }

// CommentsShown reports whether p may read comments of a request at all.
func CommentsShown(p Principal, r Request) bool {
	return r.MadeBy(p.ID) || slices.ContainsFunc(ActorsOf(p, r.CreatedBy.ID), func(a Actor) bool { return a == Owner || a == AirlockManager || a == TREAdmin })
}

// ShowComment returns a comment as p may see it, and false when p may not. Comments for
// reviewers are never shown to those who made the request, and, while reviewers decide
// independently, to nobody but their author.
func ShowComment(p Principal, r Request, c Comment, policy Policy) (Comment, bool) {
	own := c.By.ID == p.ID
	if c.Visibility == ForReviewers && !own {
		reviewer := !r.MadeBy(p.ID) && slices.ContainsFunc(ActorsOf(p, r.CreatedBy.ID), func(a Actor) bool { return a == Owner || a == AirlockManager })
		if !reviewer || r.Blind(policy) {
			return Comment{}, false
		}
	}
	if !c.Retracted.IsZero() {
		c.Text = ""
	}
	if !NamesShown(p, r, policy) {
		c.File = ""
	}
	if (r.Rule.Anonymous || policy.Review.Anonymous) && !own && !r.MadeBy(c.By.ID) && c.By.Has(RoleManager) && !ReviewersShown(p, r) {
		c.By = someReviewer
	}
	return c, true
}
