package workflow

import (
	"context"
	"fmt"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// GateFindings holds one gate's findings, with the state of the gate.
type GateFindings struct {
	Run   airlock.GateRun
	Found airlock.Findings
	// Groups are those that an approval has to acknowledge.
	Groups []string
	// Messages are an external engine's texts about its findings, in their order; none when
	// they are forgotten.
	Messages []string
}

// Findings returns the gates' findings in the present turn, with the request. Errors:
// airlock.ErrNotFound, *airlock.RefusedError, *airlock.IntegrityError, *airlock.Fault.
func (s *Service) Findings(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (airlock.Request, []GateFindings, error) {
	r, err := s.decide(ctx, ws, id, p, func(c *change) error {
		if _, err := c.allow(airlock.ActionFindings); err != nil {
			return err
		}
		return errUnchanged
	})
	if err != nil {
		return r, nil, err
	}
	var all []GateFindings
	for _, g := range r.Gates {
		one := GateFindings{Run: g, Groups: []string{}}
		if g.Report != nil {
			if one.Found, err = s.readFindings(ctx, g); err != nil {
				return r, nil, err
			}
			one.Groups = one.Found.Groups(g)
			if g.Policy.Kind == airlock.ExternalGate {
				if one.Messages, err = s.readMessages(ctx, one.Found, *g.Report); err != nil {
					return r, nil, err
				}
			}
		}
		all = append(all, one)
	}
	return r, all, nil
}

// ExcerptAt says which finding to show: the gate, the finding by its number in the gate's
// answer, and the place, both from 1.
type ExcerptAt struct {
	Gate    string
	Finding int
	Place   int
}

// Excerpt is the bytes around a finding, with the offset of the first.
type Excerpt struct {
	Offset int64
	Bytes  []byte
}

const (
	// excerptBytes is the most that an excerpt shows.
	excerptBytes = 512
	// excerptsPerHour is how many one person may read in one workspace in one hour.
	excerptsPerHour = 300
)

// Excerpt reads the bytes around a finding for somebody who may have a link to the files
// now, while they are in review. The look is on record before the bytes are read. Errors:
// airlock.ErrNotFound, airlock.ErrNoExcerpt, *airlock.RefusedError, *airlock.StatusError,
// *airlock.QuotaError, *airlock.IntegrityError, *airlock.Fault.
func (s *Service) Excerpt(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, at ExcerptAt) (Excerpt, error) {
	if wait := s.excerpts.take(ws.ID, p.ID, excerptsPerHour, s.config.Now()); wait > 0 {
		return Excerpt{}, &airlock.QuotaError{Rule: "excerpts_per_hour", Reason: fmt.Sprintf("You have read %d excerpts within this hour; try again later, or get a link to the files.", excerptsPerHour), After: wait}
	}
	var (
		file airlock.File
		from int64
		n    int64
		con  airlock.Container
	)
	_, err := s.decide(ctx, ws, id, p, func(c *change) error {
		if _, err := c.allow(airlock.ActionLink); err != nil {
			return err
		}
		if c.Status != airlock.InReview {
			return &airlock.StatusError{Rule: "not_in_review", Reason: "Excerpts are shown while the request is in review."}
		}
		index, rule, offset, length, err := s.placeOf(ctx, c.Request, at)
		if err != nil {
			return err
		}
		if con, err = c.Container(c.stage()); err != nil {
			return err
		}
		file = c.Files[index]
		length = min(length, excerptBytes)
		from = max(0, offset-(excerptBytes-length)/2)
		n = min(excerptBytes, file.Size-from)
		rec := c.recordInPlace(audit.ExcerptRead)
		rec.Detail = map[string]string{"gate": at.Gate, "file": fmt.Sprint(index + 1), "rule": rule, "place": fmt.Sprint(at.Place)}
		return nil
	})
	if err != nil {
		return Excerpt{}, err
	}
	e := Excerpt{Offset: from, Bytes: make([]byte, n)}
	return e, s.config.Blobs.ReadAt(ctx, con, file.Name, file.InProgressETag, file.Size, e.Bytes, from)
}

// placeOf finds a finding's place in the files as they lie: inside archives there is none.
func (s *Service) placeOf(ctx context.Context, r airlock.Request, at ExcerptAt) (file int, rule string, offset, length int64, err error) {
	g := r.Run(at.Gate)
	if g == nil || g.Report == nil || g.Digest != r.ContentDigest() {
		return 0, "", 0, 0, airlock.ErrNoExcerpt
	}
	found, err := s.readFindings(ctx, *g)
	if err != nil {
		return 0, "", 0, 0, err
	}
	n := 0
	for _, f := range found.Files {
		for _, one := range f.Findings {
			if n++; n != at.Finding || at.Place < 1 || at.Place > len(one.Places) || f.File > len(r.Files) {
				continue
			}
			place := one.Places[at.Place-1]
			if place.Length == 0 || len(place.Members) > 0 || place.Offset < 0 || place.Offset >= r.Files[f.File-1].Size {
				return 0, "", 0, 0, airlock.ErrNoExcerpt
			}
			return f.File - 1, one.Rule, place.Offset, place.Length, nil
		}
	}
	return 0, "", 0, 0, airlock.ErrNoExcerpt
}

// GateLink signs a link for an external gate, to read the files while it is at work. Errors
// as GateTask.
func (s *Service) GateLink(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string) (Link, error) {
	var link Link
	_, err := s.decide(ctx, ws, id, p, func(c *change) error {
		g, err := c.gateOf(gate)
		if err != nil {
			return err
		}
		if c.Status != airlock.Submitted || g.Status != airlock.RunRunning || g.Digest != c.ContentDigest() {
			return &airlock.StatusError{Rule: "gate_not_running", Reason: "The gate is not at work about these files."}
		}
		con, err := c.Container(c.stage())
		if err != nil {
			return err
		}
		from := c.at.Truncate(time.Second)
		link = Link{Expires: from.Add(gateLinkLife), Permission: airlock.LinkRead}
		if g.Deadline.Before(link.Expires) {
			link.Expires = g.Deadline
		}
		if link.URL, err = s.config.Blobs.Link(ctx, con, link.Permission, from, link.Expires); err != nil {
			return err
		}
		rec := c.gateRecord(audit.GateLinkIssued, g)
		rec.Detail["account"], rec.Detail["expires"] = con.Account, link.Expires.Format(time.RFC3339)
		return nil
	})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

// gateLinkLife is the longest life of a gate's link.
const gateLinkLife = time.Hour

// GateTask lists the files for an external gate. Errors: airlock.ErrNotFound,
// *airlock.RefusedError, *airlock.StatusError, *airlock.Fault.
func (s *Service) GateTask(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, gate string) (airlock.Request, airlock.GateRun, error) {
	var run airlock.GateRun
	r, err := s.decide(ctx, ws, id, p, func(c *change) error {
		g, err := c.gateOf(gate)
		if err != nil {
			return err
		}
		if _, err := c.allow(airlock.ActionGate); err != nil {
			return err
		}
		run = *g
		return errUnchanged
	})
	return r, run, err
}

// gateOf is the gate that the caller speaks for: an application with the role whose object
// id the policy named at submit, for this gate and no other.
func (c *change) gateOf(id string) (*airlock.GateRun, error) {
	g := c.Run(id)
	if g == nil || !g.SpokenFor(c.by) {
		c.recordRefusal(airlock.ActionGate, "not_this_gate")
		return nil, &airlock.RefusedError{Rule: "not_this_gate", Reason: "Only the service principals that the workspace's policy names speak for this gate of this request."}
	}
	return g, nil
}
