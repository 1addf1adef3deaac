package workflow

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// ReviewInput is a reviewer's decision.
type ReviewInput struct {
	Decision    airlock.Decision
	Explanation string
	Files       []airlock.NamedDecision
	// Acknowledgements are of findings; an approval needs all that the gates ask for.
	Acknowledgements []airlock.Acknowledgement
}

// triggerOfDecision is how a decision ends a review, and the name of its record.
var triggerOfDecision = map[airlock.Decision]airlock.Trigger{
	airlock.DecisionApproved: airlock.TriggerApprove, airlock.DecisionRejected: airlock.TriggerReject, airlock.DecisionChanges: airlock.TriggerChanges,
}

// Review records an airlock manager's decision. airlock.ReviewRule says how the decisions
// of a turn end its review. The requestor never reviews (unless the policy says so).
//
// Repeating a decision that was recorded answers the present state. A reviewer may
// decide anew while the request is in review, and the last decision counts. Errors:
// airlock.ErrNotFound, airlock.ErrPrecondition, *airlock.RefusedError, *airlock.StatusError,
// *airlock.InvalidError, *airlock.UnacknowledgedError, *airlock.TransitionError, *airlock.Fault.
func (s *Service) Review(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, in ReviewInput, ifMatch string) (airlock.Request, error) {
	return s.decide(ctx, ws, id, p, func(c *change) error {
		before, reviewed := c.ReviewedBy(p.ID)
		files, wrong := c.FileDecisions(in.Decision, in.Explanation, in.Files)
		repeated := reviewed && before.Decision == in.Decision && len(wrong) == 0 && slices.Equal(before.Files, files)
		if repeated && !c.approvalsSuffice() && (!p.Application || ws.Policy.Review.Applications) {
			return errUnchanged
		}
		access, err := c.allow(airlock.ActionReview)
		if err != nil {
			return err
		}
		if err := checkTexts(said{"decisionExplanation", in.Explanation, airlock.CheckText}); err != nil {
			return err
		}
		if len(wrong) > 0 {
			return &airlock.InvalidError{Violations: wrong}
		}
		if err := c.matches(ifMatch); err != nil {
			return err
		}
		if last := ws.Policy.Review.MaxTurns; in.Decision == airlock.DecisionChanges && c.Turn() >= last {
			return &airlock.StatusError{Rule: "last_turn", Reason: fmt.Sprintf("This is turn %d of at most %d: approve or reject it.", c.Turn(), last)}
		}
		if in.Decision == airlock.DecisionApproved && !repeated {
			if err := s.acknowledge(ctx, c, in.Acknowledgements); err != nil {
				return err
			}
		}
		blind := c.Blind(ws.Policy)
		if !repeated { // else the policy asks for fewer approvals by now
			c.addReview(in.Decision, in.Explanation, files, access.SelfReview)
		}
		if access.SelfReview {
			c.SelfReviewed = true
		}
		tally := c.TallyUnder(ws.Policy)
		c.ApprovalsRequired, c.ApplicationsReview = tally.Required, ws.Policy.Review.Applications
		if tally.End == "" {
			c.keepReviewing(in, files, tally, blind)
			return nil
		}
		return c.endReview(in, files, tally)
	})
}

// endReview moves the request on by the result of the review. In the last turn nothing
// is sent back: a rejection takes the place of a return.
func (c *change) endReview(in ReviewInput, files []airlock.FileDecision, tally airlock.Tally) error {
	end, rec := tally.End, (*audit.Record)(nil)
	if end == airlock.DecisionChanges && c.Turn() >= c.ws.Policy.Review.MaxTurns {
		end = airlock.DecisionRejected
	}
	var err error
	if end == airlock.DecisionChanges {
		rec, err = c.sendBack(airlock.TriggerChanges, in.Explanation, c.wanted())
	} else {
		rec, err = c.move(triggerOfDecision[end], in.Explanation)
	}
	if err != nil {
		return err
	}
	c.describeReview(rec, in, files)
	if c.Rule.Independent {
		c.recordInPlace(audit.Unblinded)
	}
	if end == airlock.DecisionApproved {
		c.withhold(tally.Withheld)
	}
	return nil
}

// wanted lists the changes that reviewers want, in their own words.
func (c *change) wanted() string {
	var texts []string
	for i, v := range c.Reviews {
		later, _ := c.ReviewedBy(v.Reviewer.ID)
		if v.Decision == airlock.DecisionChanges && later.ID == v.ID && c.Reviews[i].Explanation != "" {
			texts = append(texts, v.Explanation)
		}
	}
	if len(texts) == 0 {
		return "The reviewers did not agree; their explanations are with the request."
	}
	return strings.Join(texts, "\n")
}

// withhold notes the files that an approval does not release. They go with the
// in-progress container.
func (c *change) withhold(names []string) {
	if len(names) == 0 {
		return
	}
	for i := range c.Files {
		c.Files[i].Withheld = slices.Contains(names, c.Files[i].Name)
	}
	rec := c.recordInPlace(audit.Withheld)
	rec.Files = slices.DeleteFunc(c.sealed(), func(f audit.FileEvidence) bool { return !slices.Contains(names, f.Name) })
}

func (c *change) recordInPlace(action audit.Action) *audit.Record {
	rec := c.record(action)
	rec.From, rec.To = c.Status, c.Status
	return rec
}

// approvalsSuffice reports whether the request waits in review although its decisions end it,
// since the policy was changed meanwhile.
func (c *change) approvalsSuffice() bool {
	return c.Status == airlock.InReview && c.TallyUnder(c.ws.Policy).End != ""
}

// stage is the account that holds the bytes in the present status, "" if none.
func (c *change) stage() airlock.Stage {
	stage, _ := airlock.StageOf(c.Type, c.Status)
	return stage
}

// addReview appends a decision. A reviewer's earlier one stays on the record.
func (c *change) addReview(d airlock.Decision, explanation string, files []airlock.FileDecision, own bool) {
	c.Reviews = append(c.Reviews, airlock.Review{ID: uuid.NewString(), Reviewer: c.by, When: c.at, Decision: d,
		Explanation: explanation, PolicyVersion: c.ws.PolicyVersion, OwnRequest: own, Files: files})
}

// keepReviewing notes a decision that does not end the review. While decisions are hidden
// it makes no new version: nobody can see from a request that one was made, but for the
// number of those who decided.
func (c *change) keepReviewing(in ReviewInput, files []airlock.FileDecision, tally airlock.Tally, blind bool) {
	hidden := c.Rule.Independent && tally.Blind
	if !hidden {
		c.Touch(c.by, c.at)
		c.StatusMessage = fmt.Sprintf("%d of %d approvals", c.Approvals(), c.ApprovalsRequired)
		c.stampPolicy()
	}
	rec := c.recordInPlace(audit.Of(triggerOfDecision[in.Decision]))
	rec.Reason = in.Explanation
	c.describeReview(rec, in, files)
	switch {
	case !tally.Disagree:
	case blind && !hidden:
		c.recordInPlace(audit.Unblinded)
		c.emitNotice(airlock.NoticeDisagreement)
	case hidden && tally.Decided == tally.Required-1:
		c.emitNotice(airlock.NoticeThirdReviewer)
	}
}

// describeReview adds the decision, the number of reviewers and the files to a review's record.
func (c *change) describeReview(rec *audit.Record, in ReviewInput, files []airlock.FileDecision) {
	rec.Detail = map[string]string{"approvals": fmt.Sprintf("%d of %d", c.Approvals(), c.ApprovalsRequired), "decision": string(in.Decision)}
	if c.SelfReviewed {
		rec.Detail["ownRequest"] = audit.AllowedByPolicy
	}
	if c.by.Application {
		rec.Detail["application"] = audit.AllowedByPolicy
	}
	rec.Files = c.sealed()
	for _, f := range files {
		rec.FileDecisions = append(rec.FileDecisions, audit.FileDecision{Name: c.Files[f.File].Name, Decision: f.Decision, Comment: f.Comment})
	}
}

// openReview lets the request into review, under the rule that the policy has for it now.
func (c *change) openReview(message string) (*audit.Record, error) {
	c.Rule = c.NewReviewRule(c.ws.Policy)
	c.ApprovalsRequired = c.RuleUnder(c.ws.Policy).Required
	if _, err := c.move(airlock.TriggerGatesPassed, message); err != nil {
		return nil, err
	}
	at := len(c.records) - 1
	c.records[at].Detail = map[string]string{}
	if t := c.Changed; t != nil {
		c.records[at].Detail["changes"] = fmt.Sprintf("%d new, %d changed, %d renamed, %d removed, %d unchanged", t.New, t.Changed, t.Renamed, t.Removed, t.Unchanged)
	}
	if c.Rule.Required > 0 || c.Rule.Independent {
		rec := c.recordInPlace(audit.ApprovalsSet)
		rec.Reason = strings.Join(c.Rule.Why, "; ")
		rec.Detail = map[string]string{"approvals": strconv.Itoa(c.ApprovalsRequired)}
		if c.Rule.Independent {
			rec.Detail["independent"] = string(c.Rule.OnDisagreement)
		}
	}
	return &c.records[at], nil
}
