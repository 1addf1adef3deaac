package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// acknowledge makes sure that an approval acknowledges every group of findings that asks
// for it, and keeps what the reviewer said: first as evidence, then on record. Each
// approver acknowledges for themselves. Errors: *airlock.InvalidError,
// *airlock.UnacknowledgedError.
func (s *Service) acknowledge(ctx context.Context, c *change, said []airlock.Acknowledgement) error {
	groups, kept := map[string][]string{}, map[string]string{}
	for _, g := range c.Gates {
		if g.Review == 0 || g.Report == nil {
			continue
		}
		found, err := s.readFindings(ctx, g)
		if err != nil {
			return err
		}
		groups[g.Policy.ID], kept[g.Policy.ID] = found.Groups(g), g.Report.SHA256
	}
	wrong, missing := airlock.CheckAcknowledgements(groups, said)
	switch {
	case len(wrong) > 0:
		return &airlock.InvalidError{Violations: wrong}
	case len(missing) > 0:
		return &airlock.UnacknowledgedError{Missing: missing}
	case len(said) == 0:
		return nil
	}
	body, err := json.Marshal(airlock.Acknowledgements{Format: airlock.AcknowledgementsFormat, Request: c.ID, Turn: c.Turn(), Reviewer: c.by.ID, Findings: kept, Said: said})
	if err != nil {
		return fmt.Errorf("workflow: acknowledgements: %w", err)
	}
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	if err := s.config.Evidence.Append(ctx, findingsContainer, fmt.Sprintf("acks/%s/%s/%s.json", c.ID, c.by.ID, digest), body); err != nil {
		return err
	}
	rec := c.record(audit.FindingsAcknowledged)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"groups": fmt.Sprint(len(said)), "sha256": digest}
	return nil
}
