package workflow

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Taken says what became of a request that was to be imported.
type Taken int

// The outcomes.
const (
	TakenEnded  Taken = iota // it is here now, to be read
	TakenDraft               // it begins its life anew, as a draft
	TakenBefore              // it was here already
	LeftOpen                 // it has not ended, and drafts are not asked for
)

// ErrOtherImport is for a request that is here already and differs from the imported one.
var ErrOtherImport = errors.New("a request with this id is here already, and does not come from this document; what is here stays")

// Import takes over a request of another airlock, as that airlock left it. One that ended
// is here to be read from then on (airlock.Request.Archived). One that did not is left, or
// with drafts begins anew: a draft of the same id, requestor and texts, with an empty
// container. Nobody is told. The first record of its trail is audit.Imported.
//
// It may be repeated, and interrupted anywhere. Errors: ErrOtherImport, *airlock.InvalidError
// for a draft whose texts are not admitted here, airlock.ErrDisabled for a draft in a
// workspace that takes none, airlock.ErrNoWorkspace, airlock.ErrTooLarge, *airlock.Fault.
func (s *Service) Import(ctx context.Context, in airlock.Request, drafts bool) (Taken, error) {
	ws, err := s.config.Registry.Workspace(ctx, in.Workspace)
	if err != nil {
		return 0, err
	}
	if here, err := s.importedBefore(ctx, in); here || err != nil {
		return TakenBefore, err
	}
	c := &change{Request: in, ws: ws, by: airlock.SystemPrincipal("import"), at: s.config.Now().UTC()}
	from := *in.Imported
	from.When, c.Imported = c.at, &from
	taken := TakenEnded
	if !in.Status.Final() {
		if !drafts {
			return LeftOpen, nil
		}
		if taken, err = TakenDraft, c.startAnew(s.accounts(ws)); err != nil {
			return 0, err
		}
	}
	// As in Create: the intent, the container, and then the row that claims both.
	if _, err := s.config.Requests.Register(ctx, in.ID, ws.ID); err != nil {
		if errors.Is(err, airlock.ErrExists) {
			err = ErrOtherImport
		}
		return 0, err
	}
	if taken == TakenDraft {
		con, err := draftContainer(c.Request)
		if err != nil {
			return 0, err
		}
		if err := s.config.Blobs.CreateContainer(ctx, con); err != nil {
			return 0, err
		}
	}
	c.recordImport(in)
	c.Work.Due = s.due(c)
	_, err = s.commit(ctx, c, nil, "")
	if errors.Is(err, airlock.ErrExists) { // two imports at once
		_, err = s.importedBefore(ctx, in)
		return TakenBefore, err
	}
	return taken, err
}

// importedBefore reports whether the same document was imported before. It is
// ErrOtherImport when the id is taken by something else.
func (s *Service) importedBefore(ctx context.Context, in airlock.Request) (bool, error) {
	was, _, err := s.config.Requests.Load(ctx, in.Workspace, in.ID)
	switch {
	case errors.Is(err, airlock.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case was.Imported == nil || was.Imported.Digest != in.Imported.Digest:
		return false, ErrOtherImport
	}
	return true, nil
}

// startAnew makes a draft of a request that was open in the other airlock.
func (c *change) startAnew(accounts airlock.Accounts) error {
	if !c.ws.Policy.Enabled {
		return airlock.ErrDisabled
	}
	atMost := func(most int, check func(string) string) func(string) string {
		return func(text string) string {
			if n := utf8.RuneCountInString(text); n > most {
				return fmt.Sprintf("has %d characters, and %d are admitted", n, most)
			}
			return check(text)
		}
	}
	if err := checkTexts(said{"title", c.Title, atMost(airlock.MaxTitle, airlock.CheckLine)},
		said{"businessJustification", c.Justification, atMost(airlock.MaxJustification, airlock.CheckText)}); err != nil {
		return err
	}
	c.Request = airlock.Request{ID: c.ID, Workspace: c.Workspace, Type: c.Type, Title: c.Title, Justification: c.Justification, Imported: c.Imported,
		CreatedBy: c.CreatedBy, CreatedWhen: c.at, UpdatedBy: c.CreatedBy, UpdatedWhen: c.at, Status: airlock.Draft, StatusSince: c.at,
		History: []airlock.Change{}, Files: []airlock.File{}, Reviews: []airlock.Review{}, Accounts: accounts.For(c.Type)}
	c.stampPolicy()
	return nil
}

// recordImport begins the trail. The digest covers all that the record does not say.
func (c *change) recordImport(in airlock.Request) {
	rec := c.record(audit.Imported)
	rec.OnBehalfOf, rec.To, rec.Reason = in.CreatedBy.ID, c.Status, in.Justification
	for _, f := range in.Files {
		rec.Files = append(rec.Files, audit.FileEvidence{Name: f.Name, Size: f.Size})
	}
	rec.Detail = map[string]string{"airlock": in.Imported.From, "sha256": in.Imported.Digest, "status": string(in.Status), "version": strconv.Itoa(in.Number),
		"type": string(in.Type), "title": in.Title, "created": in.CreatedWhen.Format(time.RFC3339), "updated": in.UpdatedWhen.Format(time.RFC3339)}
}

// String is the word for a report.
func (t Taken) String() string {
	switch t {
	case TakenEnded:
		return "imported"
	case TakenDraft:
		return "begun anew as a draft"
	case TakenBefore:
		return "here already"
	case LeftOpen:
		return "open, and left"
	}
	return fmt.Sprintf("Taken(%d)", int(t))
}
