package workflow

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/parallel"
)

// Earlier is another request of the workspace that has a file with the same bytes.
type Earlier struct {
	Request airlock.RequestID
	Status  airlock.Status
	When    time.Time // when it reached the status
}

// Bounds of one look: how many files are looked up, and how many requests are told of each.
const (
	maxLookedUp = 100
	maxEarlier  = 3
)

// Seen returns, by hash, which other requests of the workspace have files with the same
// bytes as the first files of r: as far as the caller may know what those requests hold.
// A request that is not found says nothing: hashes above the policy's limit are not known.
// Errors: *airlock.Fault.
func (s *Service) Seen(ctx context.Context, p airlock.Principal, ws airlock.Workspace, r airlock.Request) (map[string][]Earlier, error) {
	hashes := []string{}
	for _, f := range r.Files {
		if f.SHA256 != "" && len(hashes) < maxLookedUp && !slices.Contains(hashes, f.SHA256) {
			hashes = append(hashes, f.SHA256)
		}
	}
	var (
		mu    sync.Mutex
		found = map[string][]Earlier{}
		fault error
	)
	parallel.Each(hashes, 8, func(hash string) {
		earlier, err := s.seenIn(ctx, p, ws, r.ID, hash)
		mu.Lock()
		defer mu.Unlock()
		if err != nil && fault == nil {
			fault = err
		}
		if len(earlier) > 0 {
			found[hash] = earlier
		}
	})
	return found, fault
}

func (s *Service) seenIn(ctx context.Context, p airlock.Principal, ws airlock.Workspace, but airlock.RequestID, hash string) ([]Earlier, error) {
	ids, err := s.config.Requests.SeenIn(ctx, ws.ID, hash, maxEarlier+1)
	if err != nil {
		return nil, err
	}
	var earlier []Earlier
	for _, id := range slices.DeleteFunc(ids, func(id airlock.RequestID) bool { return id == but }) {
		other, _, err := s.config.Requests.Load(ctx, ws.ID, id)
		if errors.Is(err, airlock.ErrNotFound) || unreadable(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		has := slices.ContainsFunc(other.Files, func(f airlock.File) bool { return f.SHA256 == hash })
		if has && airlock.NamesShown(p, other, ws.Policy) && len(earlier) < maxEarlier {
			earlier = append(earlier, Earlier{Request: id, Status: other.Status, When: other.StatusSince})
		}
	}
	return earlier, nil
}
