package workflow

import (
	"context"
	"fmt"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// prove makes sure that a request's trail bears out its row: the trail is
// whole, is the one that was anchored, and stands the replay. It comes before bytes
// go to the approved account, and before anything is signed. It returns the trail.
//
// Errors: *airlock.DamageError when the trail does not bear it out;
// airlock.ErrStale when the request has changed meanwhile; *airlock.Fault.
func (s *Service) prove(ctx context.Context, r airlock.Request, replay func([]audit.Row, airlock.Request) error) ([]audit.Row, error) {
	rows, err := s.config.Requests.Trail(ctx, r.Workspace, r.ID)
	if err != nil {
		return nil, err
	}
	t := Trail{Request: r, Rows: rows, Verification: audit.VerifyTrail(audit.TrailOf(r), r.Chain, rows)}
	if err := s.holdAgainstAnchors(ctx, &t); err != nil {
		return nil, err
	}
	what := ""
	if t.Verification.OK {
		if bad := replay(rows, r); bad != nil {
			what = bad.Error()
		}
	} else {
		what = fmt.Sprintf("record %d: %s", t.Verification.Problems[0].Seq, t.Verification.Problems[0].What)
	}
	if what == "" {
		return rows, nil
	}
	// A record written between the two reads looks like a damage.
	now, _, err := s.config.Requests.Load(ctx, r.Workspace, r.ID)
	if err != nil {
		return nil, err
	}
	if now.Chain != r.Chain {
		return nil, fmt.Errorf("workflow: prove: %w", airlock.ErrStale)
	}
	return nil, &airlock.DamageError{What: what}
}
