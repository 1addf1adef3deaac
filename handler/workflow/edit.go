package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Edit is a requestor's change to a draft, or to a request that was returned; nil
// leaves a member as it is.
type Edit struct {
	Title         *string
	Justification *string
	Answers       airlock.Answers // taken whole
}

// EditRequest changes a request's texts. An edit that changes nothing makes no new
// version. Errors: airlock.ErrNotFound, airlock.ErrPrecondition, *airlock.RefusedError,
// *airlock.TransitionError, *airlock.InvalidError, airlock.ErrTooLarge, *airlock.Fault.
func (s *Service) EditRequest(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in Edit, ifMatch string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		if _, err := c.allow(airlock.ActionEdit); err != nil {
			return err
		}
		if err := c.matches(ifMatch); err != nil {
			return err
		}
		before := c.words()
		if in.Title != nil {
			c.Title = *in.Title
		}
		if in.Justification != nil {
			c.Justification = *in.Justification
		}
		if in.Answers != nil {
			c.Answers = in.Answers
		}
		after := c.words()
		if before == after {
			return errUnchanged
		}
		if err := checkTexts(said{"title", c.Title, airlock.CheckLine}, said{"businessJustification", c.Justification, airlock.CheckText}); err != nil {
			return err
		}
		if wrong := ws.Policy.FormOf(c.Type).CheckAnswers(c.Answers, false); len(wrong) > 0 {
			return &airlock.InvalidError{Violations: wrong}
		}
		c.Contribute(p.ID)
		c.Touch(p, c.at)
		rec := c.recordInPlace(audit.RequestEdited)
		rec.Detail = map[string]string{"before": before, "after": after}
		return nil
	})
}

// words is the SHA-256 of what the requestor says, lower-case hex.
func (c *change) words() string {
	text, err := json.Marshal([]any{c.Title, c.Justification, c.Answers})
	if err != nil { // JSON's types
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
