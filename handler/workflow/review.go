package workflow

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// ReviewInput is a reviewer's decision.
type ReviewInput struct {
	Decision    airlock.Decision
	Explanation string
}

// triggerOfDecision is how a decision ends a review.
var triggerOfDecision = map[airlock.Decision]airlock.Trigger{
	airlock.DecisionApproved: airlock.TriggerApprove, airlock.DecisionRejected: airlock.TriggerReject, airlock.DecisionChanges: airlock.TriggerChanges,
}

// Review records an airlock manager's decision. Approvals of distinct managers
// are counted until they reach the policy's number; one rejection, or one request for
// changes, ends the review. The requestor never reviews (unless the policy says so).
//
// Repeating a decision that was recorded answers the present state; a reviewer
// who approved may still reject while the request is in review. Errors:
// airlock.ErrNotFound, airlock.ErrPrecondition, *airlock.RefusedError,
// *airlock.TransitionError, *airlock.Fault.
func (s *Service) Review(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in ReviewInput, ifMatch string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		before, reviewed := c.ReviewedBy(p.ID)
		repeated := reviewed && before.Decision == in.Decision
		if repeated && !c.enough() && (!p.Application || ws.Policy.Review.Applications) {
			return errUnchanged
		}
		access, err := c.allow(airlock.ActionReview)
		if err != nil {
			return err
		}
		if err := checkTexts(said{"decisionExplanation", in.Explanation, airlock.CheckText}); err != nil {
			return err
		}
		if err := c.matches(ifMatch); err != nil {
			return err
		}
		if last := ws.Policy.Review.MaxTurns; in.Decision == airlock.DecisionChanges && c.Turn() >= last {
			return &airlock.StatusError{Rule: "last_turn", Reason: fmt.Sprintf("This is turn %d of at most %d: approve or reject it.", c.Turn(), last)}
		}
		if !repeated { // else the policy asks for fewer approvals by now
			c.addReview(in.Decision, in.Explanation, access.SelfReview)
		}
		if access.SelfReview {
			c.SelfReviewed = true
		}
		c.ApprovalsRequired, c.ApplicationsReview = ws.Policy.Approvals(c.Type), ws.Policy.Review.Applications
		if in.Decision == airlock.DecisionApproved && c.Approvals() < c.ApprovalsRequired {
			c.keepReviewing(in.Explanation)
			return nil
		}
		rec, err := c.endReview(in.Decision, in.Explanation)
		if err != nil {
			return err
		}
		rec.Detail = c.reviewDetail()
		rec.Files = c.sealed()
		return nil
	})
}

// endReview moves the request on by what the review came to.
func (c *change) endReview(d airlock.Decision, why string) (*audit.Record, error) {
	if d == airlock.DecisionChanges {
		return c.sendBack(airlock.TriggerChanges, why)
	}
	return c.move(triggerOfDecision[d], why)
}

// enough reports whether the request waits in review although its approvals
// suffice, since the policy was changed meanwhile.
func (c *change) enough() bool {
	return c.Status == airlock.InReview && c.ApprovalsUnder(c.ws.Policy.Review.Applications) >= c.ws.Policy.Approvals(c.Type)
}

// stage is the account that holds the bytes in the present status, "" if none.
func (c *change) stage() airlock.Stage {
	stage, _ := airlock.StageOf(c.Type, c.Status)
	return stage
}

// addReview appends a decision. A reviewer's earlier one stays on the record.
func (c *change) addReview(d airlock.Decision, explanation string, own bool) {
	c.Reviews = append(c.Reviews, airlock.Review{ID: uuid.NewString(), Reviewer: c.by, When: c.at, Decision: d,
		Explanation: explanation, PolicyVersion: c.ws.PolicyVersion, OwnRequest: own})
}

// keepReviewing notes an approval that is not the last one needed.
func (c *change) keepReviewing(explanation string) {
	c.Touch(c.by, c.at)
	c.StatusMessage = fmt.Sprintf("%d of %d approvals", c.Approvals(), c.ApprovalsRequired)
	c.underPolicy()
	rec := c.record(audit.Of(airlock.TriggerApprove))
	rec.From, rec.To, rec.Reason, rec.Detail, rec.Files = c.Status, c.Status, explanation, c.reviewDetail(), c.sealed()
}

func (c *change) reviewDetail() map[string]string {
	detail := map[string]string{"approvals": fmt.Sprintf("%d of %d", c.Approvals(), c.ApprovalsRequired)}
	if c.SelfReviewed {
		detail["ownRequest"] = audit.AllowedByPolicy
	}
	if c.by.Application {
		detail["application"] = audit.AllowedByPolicy
	}
	return detail
}
