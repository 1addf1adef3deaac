package workflow

import (
	"context"
	"errors"
	"fmt"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Containers of the evidence account.
const (
	receiptsContainer = "receipts"
	anchorsContainer  = "anchors"
)

// release signs the release receipt of an approved request, stores it where it
// cannot be changed, and records that it is there. A receipt that is stored
// already, from a call that was interrupted, is the one that counts.
func (s *Service) release(ctx context.Context, ws airlock.Workspace, at *held) (bool, error) {
	r := at.Request
	if err := s.prove(ctx, r); err != nil {
		return false, err
	}
	stage, _ := airlock.StageOf(r.Type, r.Status)
	con, err := s.container(ws, stage, r.ID)
	if err != nil {
		return false, err
	}
	body, err := audit.NewReceipt(r, ws, r.PolicyHash, con.Account).Seal(ctx, s.Signer.Sign)
	if err != nil {
		return false, err
	}
	name := audit.ReceiptName(r.ID)
	err = s.Evidence.Append(ctx, receiptsContainer, name, body)
	if errors.Is(err, airlock.ErrImmutable) {
		err = s.isReceiptOf(ctx, r, name)
	}
	if err != nil {
		return false, err
	}
	return s.decided(s.decideHeld(ctx, ws, at, airlock.SystemPrincipal("receipt"), func(c *change) error {
		if c.Receipt != "" {
			return errUnchanged
		}
		c.Receipt, c.Work.Attempts = name, 0
		rec := c.record(audit.ReceiptStored)
		rec.From, rec.To = c.Status, c.Status
		rec.Detail = map[string]string{"name": name}
		return nil
	}))
}

// isReceiptOf makes sure that what lies under the receipt's name is one.
func (s *Service) isReceiptOf(ctx context.Context, r airlock.Request, name string) error {
	body, err := s.Evidence.Read(ctx, receiptsContainer, name)
	if err != nil {
		return err
	}
	stored, err := audit.ParseReceipt(body)
	if err == nil && stored.Request == r.ID && stored.Workspace.ID == r.Workspace && len(stored.Files) == len(r.Files) {
		return nil
	}
	return fmt.Errorf("receipt of %s: %w", r.ID, airlock.ErrImmutable)
}
