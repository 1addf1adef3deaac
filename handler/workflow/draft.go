package workflow

import (
	"context"
	"errors"

	"example.org/airlock/handler/airlock"
)

func draftContainer(r airlock.Request) (airlock.Container, error) {
	stage, _ := airlock.StageOf(r.Type, airlock.Draft)
	return r.Container(stage)
}

// draft lists a draft, or says why nobody can. A container that is not there holds no
// files.
func (s *Service) draft(ctx context.Context, con airlock.Container, ws airlock.Workspace) ([]airlock.Blob, []airlock.Violation, error) {
	blobs, err := s.config.Blobs.List(ctx, con, ws.Policy.Listed())
	switch {
	case errors.Is(err, airlock.ErrUnlistable):
		return nil, []airlock.Violation{{Rule: "unlistable_name", Message: "The draft holds a file whose name has characters that no list can show, such as control characters. Delete it by its name, or cancel this request and create a new one."}}, nil
	case errors.Is(err, airlock.ErrGone):
		return nil, nil, nil
	}
	return blobs, nil, err
}

// Files returns a request with the files that it has now: those of a draft are listed, of
// whose bytes nothing is known but their size, and only as many as submit would look at.
// fromDraft says which they are. Errors: as Get; *airlock.PolicyError for a draft that
// cannot be listed.
func (s *Service) Files(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (r airlock.Request, fromDraft bool, err error) {
	if r, err = s.Get(ctx, p, ws, id); err != nil || !r.Status.Open() {
		return r, false, err
	}
	con, err := draftContainer(r)
	if err != nil {
		return airlock.Request{}, true, err
	}
	blobs, violations, err := s.draft(ctx, con, ws)
	if err == nil && len(violations) > 0 {
		err = &airlock.PolicyError{Violations: violations}
	}
	if err != nil {
		return airlock.Request{}, true, err
	}
	r.Files = nil
	for _, b := range blobs {
		r.Files = append(r.Files, airlock.File{Name: b.Name, Size: b.Size})
	}
	return r, true, nil
}
