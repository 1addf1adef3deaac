package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.org/airlock/handler/airlock"
)

// progress is how far an inspection has come, kept between two deliveries: a cache, whose
// loss means to start again. It holds no values of the files.
type progress struct {
	Digest string `json:"digest"` // of the content it is about
	File   int    `json:"file"`   // in hand, by index
	// Tries counts the steps at the file that did not end.
	Tries   int                  `json:"tries,omitempty"`
	Kept    json.RawMessage      `json:"kept,omitempty"` // the state inside the file
	Reports []airlock.FileReport `json:"reports"`        // of the files before

	name, etag string // of what is stored
}

// loadProgress returns how far the inspection of the present bytes has come.
func (s *Service) loadProgress(ctx context.Context, r airlock.Request, g airlock.GateRun) (*progress, error) {
	p := &progress{Digest: g.Digest, name: fmt.Sprintf("%s/%d/%s.json", r.ID, r.Turn(), g.Policy.ID)}
	body, etag, err := s.config.Progress.Load(ctx, p.name)
	if errors.Is(err, airlock.ErrGone) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	kept := progress{}
	if json.Unmarshal(body, &kept) == nil && kept.Digest == g.Digest && kept.File == len(kept.Reports) && kept.File <= len(r.Files) {
		kept.name = p.name
		p = &kept
	}
	p.etag = etag
	return p, nil
}

// saveProgress returns airlock.ErrStale when another process is at the same inspection.
func (s *Service) saveProgress(ctx context.Context, p *progress) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("workflow: progress: %w", err)
	}
	p.etag, err = s.config.Progress.Save(ctx, p.name, body, p.etag)
	return err
}
