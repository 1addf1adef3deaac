package workflow

import (
	"context"
	"slices"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Link is a signed link to a request's container, or to one file in it.
type Link struct {
	URL        string // with its signature: never log it
	Expires    time.Time
	Permission airlock.Permission
}

// Link hands out a link to the container that holds the request's bytes now:
// for the requestor to upload in draft, for reviewers to read in review, for
// the requestor and the owner to fetch the approved files. With the name of a file of
// the manifest it is a link to read that file alone, for who has a link to read.
//
// The issue is recorded before the link is handed out; if it cannot be
// recorded there is no link. Within airlock.LinkStands the same person gets the
// same link again, without another record: a chain must not grow, and links must
// not multiply, as fast as somebody can ask. Errors: airlock.ErrNotFound,
// airlock.ErrNoFile, *airlock.RefusedError, *airlock.StatusError, *airlock.Fault.
func (s *Service) Link(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID, file string) (Link, error) {
	var link Link
	_, err := s.decide(ctx, ws, id, p, func(c *change) error {
		access, err := c.allow(airlock.ActionLink)
		if err != nil {
			return err
		}
		if !c.Work.DataDeleted.IsZero() {
			return &airlock.StatusError{Rule: "data_deleted", Reason: "The data of this airlock request was deleted when its retention ended."}
		}
		issued, repeated, err := c.linkTo(access, file)
		if err != nil {
			return err
		}
		con, err := c.Container(issued.Stage)
		if err != nil {
			return err
		}
		link = Link{Expires: issued.Expires, Permission: airlock.LinkRead}
		if access.Write {
			link.Permission = airlock.LinkWrite
		}
		// Signing needs no storage call while the account's delegation key is cached.
		if file == "" {
			link.URL, err = s.config.Blobs.Link(ctx, con, link.Permission, issued.From, issued.Expires)
		} else {
			link.URL, err = s.config.Blobs.FileLink(ctx, con, file, issued.From, issued.Expires)
		}
		if err != nil {
			return err
		}
		if repeated {
			return errUnchanged
		}
		c.issued(issued, con, link.Permission, file)
		return nil
	})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

// linkTo is the link to issue: one that stands, where the caller has it already
// (repeated), or a new one. Links to single files begin and end with the first of them.
func (c *change) linkTo(access airlock.Access, file string) (issued airlock.IssuedLink, repeated bool, err error) {
	stage, _ := airlock.StageOf(c.Type, c.Status)
	kind := airlock.IssuedLink{By: c.by.ID, Stage: stage, Turn: c.Place(stage).Turn, Write: access.Write}
	at := -1
	if file != "" {
		if access.Write {
			return issued, false, &airlock.StatusError{Rule: "not_submitted", Reason: "There are links to single files once the request is submitted; now ask for the link to all of them."}
		}
		if at = slices.IndexFunc(c.Files, func(f airlock.File) bool { return f.Name == file }); at < 0 {
			return issued, false, airlock.ErrNoFile
		}
		kind = kind.With(at)
	}
	lifetime := c.ws.Policy.LinkLifetime()
	issued, stands := c.Work.LinkFor(kind, c.at, lifetime)
	if !stands {
		issued, issued.From = kind, c.at.Truncate(time.Second)
		issued.Expires = issued.From.Add(lifetime)
		return issued, false, nil
	}
	if at >= 0 && !issued.For(at) {
		return issued.With(at), false, nil
	}
	return issued, true, nil
}

// issued notes and records a link to a container, or to a file in it.
func (c *change) issued(l airlock.IssuedLink, con airlock.Container, p airlock.Permission, file string) {
	c.Work.NoteLink(l)
	if l.Write {
		c.Contribute(l.By)
	}
	rec := c.record(audit.LinkIssued)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"account": con.Account, "permission": p.String(), "expires": l.Expires.Format(time.RFC3339)}
	if file != "" {
		rec.Detail["file"] = file
	}
}
