package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
)

// progress is how far an inspection has come, kept between two deliveries: a cache, whose
// loss means to start again. It holds no values of the files.
type progress struct {
	Digest string `json:"digest"` // of the content it is about
	File   int    `json:"file"`   // in hand, by index
	// Tries counts the steps at the file that did not end.
	Tries int `json:"tries,omitempty"`
	// Began is when the last of them began, zero when it is known to have died.
	Began   time.Time            `json:"began,omitzero"`
	Kept    json.RawMessage      `json:"kept,omitempty"` // the state inside the file
	Reports []airlock.FileReport `json:"reports"`        // of the files before

	name, etag string // of what is stored
}

// stepLimit is longer than a step can take: until then another process may be at it.
const stepLimit = time.Minute

// maybeElsewhere reports whether another process may be at the file. Its step is no death.
func (p *progress) maybeElsewhere(now time.Time) bool {
	return p.Tries > 0 && now.Before(p.Began.Add(stepLimit))
}

// loadProgress returns how far the inspection of the present bytes has come. What somebody
// else has written counts for nothing.
func (s *Service) loadProgress(ctx context.Context, r airlock.Request, g airlock.GateRun) (*progress, error) {
	p := &progress{Digest: g.Digest, name: fmt.Sprintf("%s/%d/%s.json", r.ID, r.Turn(), g.Policy.ID)}
	body, etag, err := s.config.Progress.Load(ctx, p.name)
	switch {
	case errors.Is(err, airlock.ErrGone):
		return p, nil
	case unreadable(err):
		s.damaged(ctx, "the progress of an inspection is not the service's, so it begins anew", "request", r.ID, "gate", g.Policy.ID)
		p.etag = etag
		return p, nil
	case err != nil:
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
