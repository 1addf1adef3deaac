package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"example.org/airlock/handler/airlock"
)

// keepFindings stores a report once and returns its summary for the row.
func (s *Service) keepFindings(ctx context.Context, f airlock.Findings) (airlock.GateReport, error) {
	body, report, err := reportOf(f)
	if err != nil {
		return report, err
	}
	return report, s.config.Evidence.Append(ctx, findingsContainer, report.Name, body)
}

// reportOf is the item that a report is stored as, and what the row says of it.
func reportOf(f airlock.Findings) ([]byte, airlock.GateReport, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return nil, airlock.GateReport{}, fmt.Errorf("workflow: findings: %w", err)
	}
	sum := sha256.Sum256(body)
	report := airlock.GateReport{SHA256: hex.EncodeToString(sum[:]), Size: len(body)}
	report.Name = fmt.Sprintf("%s/%d/%s/%s.json", f.Request, f.Turn, f.Gate, report.SHA256)
	return body, report, nil
}

// readFindings returns a gate's report, which has to be the one on the row.
func (s *Service) readFindings(ctx context.Context, g airlock.GateRun) (airlock.Findings, error) {
	var f airlock.Findings
	body, err := s.config.Evidence.Read(ctx, findingsContainer, g.Report.Name)
	if err != nil {
		return f, err
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != g.Report.SHA256 {
		return f, &airlock.IntegrityError{Where: findingsContainer, What: "a report of findings is not the one on record"}
	}
	if err := json.Unmarshal(body, &f); err != nil {
		return f, fmt.Errorf("workflow: findings: %w", err)
	}
	return f, nil
}
