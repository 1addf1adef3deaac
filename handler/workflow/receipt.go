package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
	"example.org/airlock/handler/logging"
)

// issueReceipt signs the release receipt of an approved request, stores it where it
// cannot be changed, and records that it is there. A receipt that is stored
// already, from a call that was interrupted, is the one that counts. Once it is stored,
// the containers that the release gave up are deleted, and go into the same record; an
// account that refuses the deletion holds up no receipt.
func (s *Service) issueReceipt(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	r := at.Request
	rows, err := s.prove(ctx, r, audit.Replay)
	if err != nil {
		return false, err
	}
	stage, _ := airlock.StageOf(r.Type, r.Status)
	con, err := r.Container(stage)
	if err != nil {
		return false, err
	}
	receipt := audit.NewReceipt(r, ws, r.PolicyHash, con)
	body, err := receipt.Seal(ctx, s.config.Signer.Sign)
	if err != nil {
		return false, err
	}
	name, err := s.storeSigned(ctx, audit.ReceiptName(r.ID), body, func(found []byte) (bool, error) {
		stored, err := audit.OpenReceipt(ctx, found, s.config.Signer.PublicKey)
		return err == nil && receipt.Same(stored, rows), err
	})
	if err != nil {
		return false, err
	}
	gone, fault := s.removeGivenUp(ctx, r)
	if fault != nil {
		s.config.Log.WarnContext(ctx, "a deletion has to wait", "error", fault.Error())
	}
	return s.decided(s.decideHeld(ctx, ws, at, airlock.SystemPrincipal("receipt"), func(c *change) error {
		if c.Receipt != "" {
			return errUnchanged
		}
		c.noteGone(gone)
		c.Receipt, c.Work.Attempts = name, 0
		c.recordStored(audit.ReceiptStored, name)
		return nil
	}))
}

// attestRevocation signs that a release was withdrawn and stores it beside the
// receipt: who has the receipt outside can be shown that it counts no more.
func (s *Service) attestRevocation(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	r := at.Request
	if _, err := s.prove(ctx, r, audit.ReplayStatus); err != nil {
		return false, err
	}
	var receipt []byte
	if r.Receipt != "" {
		stored, err := s.config.Evidence.Read(ctx, receiptsContainer, r.Receipt)
		if err != nil && !errors.Is(err, airlock.ErrGone) {
			return false, err
		}
		receipt = stored
	}
	revocation := audit.NewRevocation(r, ws, receipt)
	body, err := revocation.Seal(ctx, s.config.Signer.Sign)
	if err != nil {
		return false, err
	}
	name, err := s.storeSigned(ctx, audit.RevocationName(r.ID), body, func(found []byte) (bool, error) {
		stored, err := audit.OpenRevocation(ctx, found, s.config.Signer.PublicKey)
		return err == nil && revocation.Same(stored), err
	})
	if err != nil {
		return false, err
	}
	return s.decided(s.decideHeld(ctx, ws, at, airlock.SystemPrincipal("receipt"), func(c *change) error {
		if c.Revocation != "" || c.Status != airlock.Revoked {
			return errUnchanged
		}
		c.Revocation, c.Work.Attempts = name, 0
		c.recordStored(audit.RevocationStored, name)
		return nil
	}))
}

func (c *change) recordStored(action audit.Action, name string) {
	rec := c.record(action)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"name": name}
}

// storeSigned stores a signed document and returns the name it has. An item under the
// name already counts if it is ours, from a call that was interrupted. Anything else
// was planted: it raises an alert, and the document goes beside it, under a name that
// nobody could foresee.
func (s *Service) storeSigned(ctx context.Context, name string, body []byte, ours func(found []byte) (bool, error)) (string, error) {
	err := s.config.Evidence.Append(ctx, receiptsContainer, name, body)
	if !errors.Is(err, airlock.ErrImmutable) {
		return name, err
	}
	found, err := s.config.Evidence.Read(ctx, receiptsContainer, name)
	if err == nil {
		var is bool
		if is, err = ours(found); is {
			return name, nil
		}
	}
	if err != nil && !errors.Is(err, airlock.ErrNotEvidence) && !errors.Is(err, audit.ErrBadEnvelope) {
		return "", err
	}
	s.config.Log.ErrorContext(ctx, "what lies under the name of a signed document was not written by the service", "alert", logging.EvidencePlanted, "name", name)
	beside := audit.Beside(name, body)
	return beside, s.config.Evidence.Append(ctx, receiptsContainer, beside, body)
}
