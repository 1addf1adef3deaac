package workflow

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Submit freezes the manifest of a draft: it lists the container now, holds the
// files against the policy, and records name, size and ETag of each. A later upload
// changes nothing any more.
//
// Repeating a submit that took effect answers the present state. Errors:
// airlock.ErrNotFound, airlock.ErrPrecondition, *airlock.RefusedError,
// *airlock.TransitionError, *airlock.QuotaError, *airlock.PolicyError naming every violated rule,
// airlock.ErrTooLarge, *airlock.Fault.
func (s *Service) Submit(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error) {
	counted := false
	return s.decide(ctx, ws, id, p, func(c *change) error {
		if c.MadeBy(p.ID) && c.submitted() {
			return errUnchanged
		}
		if _, err := c.allow(airlock.ActionSubmit); err != nil {
			return err
		}
		if err := c.matches(ifMatch); err != nil {
			return err
		}
		if !counted { // once, however often the decision is made anew
			if err := s.maySubmit(p, ws); err != nil {
				return err
			}
			counted = true
		}
		con, err := draftContainer(c.Request)
		if err != nil {
			return err
		}
		files, violations, err := s.manifest(ctx, con, ws, c.Request)
		if err != nil {
			return err
		}
		violations = append(violations, ws.Policy.FormOf(c.Type).CheckAnswers(c.Answers, true)...)
		if len(violations) > 0 {
			c.recordRefusedSubmit(violations)
			return &airlock.PolicyError{Violations: violations}
		}
		c.startTurn()
		c.Files, c.ScanRequired, c.HashLimit = files, ws.Policy.MalwareScanning.Enabled, ws.Policy.Files.HashLimitBytes
		c.Gates = airlock.NewGateRuns(ws.Policy, c.Type, c.Turn())
		c.Contribute(p.ID)
		c.ScanUnconfirmed = ws.Policy.MalwareScanning.Confirm == airlock.ConfirmNone
		rec, err := c.move(airlock.TriggerSubmit, "")
		if err != nil {
			return err
		}
		rec.Files = frozen(con.Account, files)
		rec.Detail = c.submitDetail()
		c.recordTurnStarted()
		return nil
	})
}

// submitDetail is the detail that the record of a submit has beside the files: the answers,
// and the gates that the request has to pass, also when the policy changes later.
func (c *change) submitDetail() map[string]string {
	detail := map[string]string{}
	if len(c.Answers) > 0 {
		detail["answers"] = c.Answers.Hash()
	}
	if len(c.Gates) > 0 {
		detail["gates"] = c.GatePlan()
	}
	return detail
}

// submitted reports whether the request went through submit at some time.
func (c *change) submitted() bool {
	return len(c.Files) > 0 && !c.Status.Open() && c.Status != airlock.Cancelled
}

// manifest makes the manifest of a draft as it is now, and says what keeps it from
// being submitted.
func (s *Service) manifest(ctx context.Context, con airlock.Container, ws airlock.Workspace, r airlock.Request) ([]airlock.File, []airlock.Violation, error) {
	blobs, violations, err := s.draft(ctx, con, ws)
	if err != nil || len(violations) > 0 {
		return nil, violations, err
	}
	files, violations := airlock.NewManifest(r.Type, blobs, ws.Policy)
	return files, violations, nil
}

// recordRefusedSubmit records what a draft could not be submitted for, one record
// for all refused submits of a person within airlock.RefusalsKept, and counts the
// others. It names rules, no files.
func (c *change) recordRefusedSubmit(violations []airlock.Violation) {
	c.refused = true
	c.Work.RefusedSubmits++
	if !c.Work.NoteRefusal(c.by.ID, airlock.ActionSubmit, c.at) {
		return
	}
	var rules []string
	for _, v := range violations {
		if !slices.Contains(rules, v.Rule) {
			rules = append(rules, v.Rule)
		}
	}
	rec := c.record(audit.Refused)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"attempted": string(airlock.ActionSubmit), "rule": strings.Join(rules, " "), "submits": strconv.Itoa(c.Work.RefusedSubmits)}
}

func frozen(account string, files []airlock.File) []audit.FileEvidence {
	out := make([]audit.FileEvidence, len(files))
	for i, f := range files {
		out[i] = audit.FileEvidence{Name: f.Name, Size: f.Size, Account: account, ETag: f.DraftETag, Supporting: f.Supporting}
	}
	return out
}
