package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Submit freezes the manifest of a draft: it lists the container now, holds the
// files against the policy, and records name, size and ETag of each. What is
// uploaded later changes nothing any more.
//
// Repeating a submit that took effect answers the present state. Errors:
// airlock.ErrNotFound, airlock.ErrPrecondition, *airlock.RefusedError,
// *airlock.TransitionError, *airlock.PolicyError naming every violated rule,
// airlock.ErrTooLarge, *airlock.Fault.
func (s *Service) Submit(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, ifMatch string) (airlock.Request, error) {
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
		con, err := draftContainer(c.Request)
		if err != nil {
			return err
		}
		files, err := s.manifest(ctx, con)
		if err != nil {
			return err
		}
		if violations := airlock.CheckManifest(c.Type, files, ws.Policy); len(violations) > 0 {
			return &airlock.PolicyError{Violations: violations}
		}
		c.Files, c.ScanRequired, c.HashLimit = files, ws.Policy.MalwareScanning.Enabled, ws.Policy.Files.HashLimitBytes
		c.Contribute(p.ID)
		c.ScanUnconfirmed = ws.Policy.MalwareScanning.Confirm == airlock.ConfirmNone
		rec, err := c.move(airlock.TriggerSubmit, "")
		if err != nil {
			return err
		}
		rec.Files = frozen(con.Account, files)
		return nil
	})
}

// submitted reports whether the request went through submit at some time.
func (c *change) submitted() bool {
	return len(c.Files) > 0 && c.Status != airlock.Draft && c.Status != airlock.Cancelled
}

// manifest lists the files of a draft as they are now. A container that is not
// there holds no files.
func (s *Service) manifest(ctx context.Context, con airlock.Container) ([]airlock.File, error) {
	blobs, err := s.Blobs.List(ctx, con)
	if err != nil && !errors.Is(err, airlock.ErrGone) {
		return nil, err
	}
	files := make([]airlock.File, len(blobs))
	for i, b := range blobs {
		files[i] = airlock.File{Name: b.Name, Size: b.Size, DraftETag: b.ETag}
	}
	return files, nil
}

func frozen(account string, files []airlock.File) []audit.FileEvidence {
	out := make([]audit.FileEvidence, len(files))
	for i, f := range files {
		out[i] = audit.FileEvidence{Name: f.Name, Size: f.Size, Account: account, ETag: f.DraftETag}
	}
	return out
}
