package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// NewRequest is a researcher's description of a request to be made.
type NewRequest struct {
	Type          airlock.RequestType
	Title         string
	Justification string
	Answers       airlock.Answers
	// Replaces is an ended request of the caller's, "" for none.
	Replaces airlock.RequestID
	// IdempotencyKey makes repeating the call find the request it made. Optional.
	IdempotencyKey string
}

func (n NewRequest) digest() string {
	text := fmt.Appendf(nil, "%q %q %q", n.Type, n.Title, n.Justification)
	if len(n.Answers) > 0 || n.Replaces != "" {
		text = fmt.Appendf(text, " %q %q", n.Answers.Hash(), n.Replaces)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Create makes a request in draft with a container of its own, so that the link
// works at once.
//
// With an IdempotencyKey it may be repeated: the same person, key and content
// give the same request; other content gives airlock.ErrIdempotencyConflict.
// Other errors: *airlock.RefusedError, *airlock.InvalidError, *airlock.QuotaError, airlock.ErrDisabled,
// *airlock.Fault.
func (s *Service) Create(ctx context.Context, p airlock.Principal, ws airlock.Workspace, in NewRequest) (airlock.Request, error) {
	c := &change{ws: ws, by: p, at: s.config.Now().UTC()}
	if _, err := c.allow(airlock.ActionCreate); err != nil {
		return airlock.Request{}, err
	}
	if err := checkTexts(said{"title", in.Title, airlock.CheckLine}, said{"businessJustification", in.Justification, airlock.CheckText}); err != nil {
		return airlock.Request{}, err
	}
	if wrong := ws.Policy.FormOf(in.Type).CheckAnswers(in.Answers, false); len(wrong) > 0 {
		return airlock.Request{}, &airlock.InvalidError{Violations: wrong}
	}
	if !ws.Policy.Enabled {
		return airlock.Request{}, airlock.ErrDisabled
	}
	id := airlock.RequestID(uuid.NewString())
	if in.IdempotencyKey != "" {
		id = airlock.IdempotentRequestID(ws.ID, p.ID, in.IdempotencyKey)
	}
	c.Request = airlock.Request{ID: id, Workspace: ws.ID, Type: in.Type, Title: in.Title, Justification: in.Justification,
		CreatedBy: p, CreatedWhen: c.at, UpdatedBy: p, UpdatedWhen: c.at, Status: airlock.Draft, StatusSince: c.at,
		History: []airlock.Change{}, Files: []airlock.File{}, Reviews: []airlock.Review{}, Answers: in.Answers, Replaces: in.Replaces, CreateDigest: in.digest()}
	c.Accounts = s.accounts(ws).For(in.Type)
	c.stampPolicy()
	// The id's entry comes first, as the intent, then the container: without the
	// request row they are harmless, and the sweep removes an empty container whose
	// intent is on record. The row without them is not harmless.
	known, err := s.register(ctx, p, ws, id)
	if in.IdempotencyKey != "" && (known || err != nil) {
		if r, err := s.repeated(ctx, ws, id, in); !errors.Is(err, airlock.ErrNotFound) {
			return r, err
		}
	}
	if err != nil {
		return airlock.Request{}, err
	}
	if in.Replaces != "" {
		if err := s.replace(ctx, p, ws, in.Replaces, id); err != nil {
			return airlock.Request{}, err
		}
	}
	con, err := draftContainer(c.Request)
	if err != nil {
		return airlock.Request{}, err
	}
	if err := s.config.Blobs.CreateContainer(ctx, con); err != nil {
		return airlock.Request{}, err
	}
	rec := c.record(audit.Of(airlock.TriggerCreate))
	rec.To, rec.Reason = airlock.Draft, in.Justification
	rec.Detail = map[string]string{"type": string(in.Type), "title": in.Title}
	c.emitStatusChanged(airlock.NoStatus)
	c.emitNotice(string(airlock.Draft))
	c.Work.Due = s.due(c)
	_, err = s.commit(ctx, c, nil, "")
	if errors.Is(err, airlock.ErrExists) && in.IdempotencyKey != "" { // two calls at once
		return s.repeated(ctx, ws, id, in)
	}
	return c.Request, err
}

// repeated answers a create whose key was used before.
func (s *Service) repeated(ctx context.Context, ws airlock.Workspace, id airlock.RequestID, in NewRequest) (airlock.Request, error) {
	r, _, err := s.config.Requests.Load(ctx, ws.ID, id)
	if err != nil {
		return airlock.Request{}, err
	}
	if r.CreateDigest != in.digest() {
		return airlock.Request{}, airlock.ErrIdempotencyConflict
	}
	return r, nil
}
