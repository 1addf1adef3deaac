package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Texts of the existing contract.
const (
	textLinkRefused   = "User is unauthorized to access airlock request files in its current status."
	textLinkMoving    = "Airlock request is being processed, please try again later."
	textLinkCancelled = "Airlock request was cancelled."
	textLinkEnded     = "Airlock request is in invalid status: rejected, blocked or failed."
	textOwnRequest    = "You may not review your own airlock request; another airlock manager has to."
	textMalware       = "Malware was found in this airlock request. Its files stay in quarantine; create a new request without them."
	textSeparateRoles = "In this workspace nobody reviews who is also a researcher or an owner; another airlock manager has to."
	textGateBlocked   = "A security gate blocked this airlock request. Its files stay in quarantine; create a new request without what it found."
	textMachine       = "This takes a person: applications may not do it in this workspace. Sign in as yourself."
)

// refusals says why an action is not for somebody; every action has a text.
var refusals = map[airlock.Action]string{
	airlock.ActionCreate:           "Only a workspace researcher or owner may create airlock requests.",
	airlock.ActionRead:             "You have no part in this workspace.",
	airlock.ActionLink:             textLinkRefused,
	airlock.ActionSubmit:           "Only the requestor may submit this airlock request.",
	airlock.ActionReview:           "Only an airlock manager may review airlock requests.",
	airlock.ActionClaim:            "Only an airlock manager may claim airlock requests.",
	airlock.ActionEdit:             "Only the requestor may edit this airlock request.",
	airlock.ActionComment:          "Only the requestor, a workspace owner or an airlock manager may comment on this airlock request.",
	airlock.ActionCommentReviewers: "Only an airlock manager may comment for reviewers.",
	airlock.ActionCancel:           "Only the requestor, a workspace owner or a TRE administrator may cancel this airlock request.",
	airlock.ActionRevoke:           "Only an airlock manager may revoke an approved airlock request.",
	airlock.ActionGiveUp:           "Only a workspace owner or a TRE administrator may give up an airlock request that is under way.",
	airlock.ActionRetry:            "Only a workspace owner, an airlock manager or a TRE administrator may retry an airlock request that failed or could not be scanned.",
	airlock.ActionEvidence:         "Only the requestor, a workspace owner, an airlock manager or a TRE administrator may export the evidence of a release.",
	airlock.ActionFindings:         "Only the requestor, a workspace owner or an airlock manager may see what the gates found.",
	airlock.ActionGate:             "Only an external gate may do this.",
	airlock.ActionOperate:          "Only a TRE administrator may do this.",
}

// allow decides whether the caller may do action now. A refusal that is about
// the person and not about the status is recorded as a security event: somebody
// tried a forbidden action.
func (c *change) allow(action airlock.Action) (airlock.Access, error) {
	access := airlock.Decide(c.by, action, c.Request, c.ws.Policy)
	if access.Allowed {
		return access, nil
	}
	err := refusal(access, action, c.Request)
	if refused, ok := errors.AsType[*airlock.RefusedError](err); ok && (access.Own || !access.ByRole) {
		c.recordRefusal(action, refused.Rule)
	}
	return access, err
}

// Refused records an attempt that none of the person's roles allows, which the
// edge finds out without looking at the request. A request that does not exist is
// no error: the caller's answer must not depend on it. Errors: *airlock.Fault,
// airlock.ErrStale after many lost races.
func (s *Service) Refused(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, action airlock.Action, rule string) error {
	refused := &airlock.RefusedError{Rule: rule}
	_, err := s.decide(ctx, ws, id, p, func(c *change) error {
		c.recordRefusal(action, rule)
		return refused
	})
	if errors.Is(err, refused) || errors.Is(err, airlock.ErrNotFound) {
		return nil
	}
	return err
}

// recordRefusal writes a security record of an attempt, one for all attempts of a
// person at the same action within airlock.RefusalsKept: a chain must not grow as
// fast as somebody can knock.
func (c *change) recordRefusal(action airlock.Action, rule string) {
	if !c.Work.NoteRefusal(c.by.ID, action, c.at) {
		return
	}
	c.refused = true
	rec := c.record(audit.Refused)
	rec.From, rec.To, rec.Security = c.Status, c.Status, true
	rec.Detail = map[string]string{"attempted": string(action), "rule": rule}
}

// refusal is the error for an action that is not allowed. Whether the role
// suffices is judged before the status, as the contract has it.
func refusal(a airlock.Access, action airlock.Action, r airlock.Request) error {
	switch {
	case a.Own:
		return &airlock.RefusedError{Rule: "own_request", Reason: textOwnRequest}
	case a.Roles:
		return &airlock.RefusedError{Rule: "separate_roles", Reason: textSeparateRoles}
	case a.Machine && !a.ByRole:
		return &airlock.RefusedError{Rule: "application", Reason: textMachine}
	case !a.ByRole:
		return &airlock.RefusedError{Rule: string(action) + "_not_permitted", Reason: refusals[action]}
	case a.Archived:
		return archived(airlock.Principal{})
	case a.Malware && !r.MalwareFound():
		return &airlock.StatusError{Rule: "gate_blocked", Reason: textGateBlocked}
	case a.Malware:
		return &airlock.StatusError{Rule: "malware_found", Reason: textMalware}
	case action == airlock.ActionLink:
		return linkRefusal(r.Status)
	case action == airlock.ActionEdit:
		return &airlock.StatusError{Rule: "not_editable", Reason: "An airlock request can be edited while it is a draft or was returned."}
	case action == airlock.ActionClaim:
		return &airlock.StatusError{Rule: "not_in_review", Reason: "Only an airlock request in review can be claimed."}
	case action == airlock.ActionComment:
		return &airlock.StatusError{Rule: "request_ended", Reason: "The airlock request has ended."}
	}
	return &airlock.TransitionError{From: r.Status, On: triggerOf(action)}
}

func triggerOf(action airlock.Action) airlock.Trigger {
	switch action {
	case airlock.ActionReview:
		return airlock.TriggerApprove
	case airlock.ActionRevoke:
		return airlock.TriggerRevoke
	case airlock.ActionGiveUp:
		return airlock.TriggerGiveUp
	}
	return airlock.Trigger(action)
}

// linkRefusal says why there is no link in a status, to somebody who has one in
// another. In a status that is neither ended nor the system's, others have one.
func linkRefusal(s airlock.Status) error {
	switch {
	case s.Moving():
		return &airlock.StatusError{Rule: "being_processed", Reason: textLinkMoving}
	case s == airlock.Cancelled || s == airlock.Revoked:
		return &airlock.StatusError{Rule: "request_cancelled", Reason: textLinkCancelled}
	case s.Final() && s != airlock.Approved:
		return &airlock.StatusError{Rule: "request_ended", Reason: textLinkEnded}
	}
	return &airlock.RefusedError{Rule: "link_not_permitted", Reason: textLinkRefused}
}

// matches checks the version the caller named, if any.
func (c *change) matches(ifMatch string) error {
	if ifMatch == "" || ifMatch == "*" || ifMatch == c.ETag() {
		return nil
	}
	return airlock.ErrPrecondition
}

// operator refuses everybody but TRE administrators.
func operator(p airlock.Principal) error {
	if access := airlock.Decide(p, airlock.ActionOperate, airlock.Request{}, airlock.Policy{}); !access.Allowed {
		return refusal(access, airlock.ActionOperate, airlock.Request{})
	}
	return nil
}
