package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"example.org/airlock/handler/airlock"
)

// messages are an external engine's texts about its findings. Nobody can check that they
// hold no data of the files, so they are no evidence: they lie where the progress of
// inspections lies, and are forgotten like that.
type messages struct {
	Report string   `json:"report"` // SHA-256 of the report whose findings they are of
	Said   []string `json:"said"`
}

// maxMessage is how many characters of a message are kept.
const maxMessage = 200

func messagesName(f airlock.Findings) string {
	return fmt.Sprintf("%s/%d/%s.messages.json", f.Request, f.Turn, f.Gate)
}

// keepMessages stores the messages of a report, if there are any. Safe to repeat.
func (s *Service) keepMessages(ctx context.Context, f airlock.Findings, report airlock.GateReport, said []string) error {
	kept, any := messages{Report: report.SHA256}, false
	for _, text := range said {
		line := []rune(strings.Join(strings.Fields(airlock.CleanLine(text)), " "))
		kept.Said = append(kept.Said, string(line[:min(len(line), maxMessage)]))
		any = any || len(line) > 0
	}
	if !any {
		return nil
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("workflow: messages: %w", err)
	}
	name := messagesName(f)
	_, etag, err := s.config.Progress.Load(ctx, name)
	if err != nil && !errors.Is(err, airlock.ErrGone) && !unreadable(err) {
		return err
	}
	if _, err = s.config.Progress.Save(ctx, name, body, etag); errors.Is(err, airlock.ErrStale) {
		return nil // of two words at the same moment, one is decided on; the other's messages are passed over
	}
	return err
}

// readMessages returns the messages of a report, none when they are not there any more or
// are of another report.
func (s *Service) readMessages(ctx context.Context, f airlock.Findings, report airlock.GateReport) ([]string, error) {
	body, _, err := s.config.Progress.Load(ctx, messagesName(f))
	switch {
	case errors.Is(err, airlock.ErrGone):
		return nil, nil
	case unreadable(err):
		s.damaged(ctx, "the messages of an engine are not those that it said", "request", f.Request, "gate", f.Gate)
		return nil, nil
	case err != nil:
		return nil, err
	}
	var kept messages
	if json.Unmarshal(body, &kept) != nil || kept.Report != report.SHA256 {
		return nil, nil
	}
	return kept.Said, nil
}
