package workflow

import (
	"context"
	"time"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

// Link is a signed link to a request's container.
type Link struct {
	URL        string // with its signature: never log it
	Expires    time.Time
	Permission airlock.Permission
}

// Link hands out a link to the container that holds the request's bytes now:
// for the requestor to upload in draft, for reviewers to read in review, for
// the requestor and the owner to fetch what was approved.
//
// The issue is recorded before the link is handed out; if it cannot be
// recorded there is no link. Within airlock.LinkStands the same person gets the
// same link again, without another record: a chain must not grow, and links must
// not multiply, as fast as somebody can ask. Errors: airlock.ErrNotFound,
// *airlock.RefusedError, *airlock.StatusError, *airlock.Fault.
func (s *Service) Link(ctx context.Context, p airlock.Principal, ws airlock.Workspace, id airlock.RequestID) (Link, error) {
	var link Link
	_, err := s.decide(ctx, ws, id, p, func(c *change) error {
		access, err := c.allow(airlock.ActionLink)
		if err != nil {
			return err
		}
		if !c.Work.DataDeleted.IsZero() {
			return &airlock.StatusError{Rule: "data_deleted", Reason: "The data of this airlock request was deleted when its retention ended."}
		}
		stage, _ := airlock.StageOf(c.Type, c.Status)
		con, err := c.Container(stage)
		if err != nil {
			return err
		}
		lifetime := ws.Policy.LinkLifetime()
		issued, repeated := c.Work.LinkFor(p.ID, stage, access.Write, c.at, lifetime)
		if !repeated {
			from := c.at.Truncate(time.Second)
			issued = airlock.IssuedLink{By: p.ID, Stage: stage, Write: access.Write, From: from, Expires: from.Add(lifetime)}
		}
		link = Link{Expires: issued.Expires, Permission: airlock.LinkRead}
		if access.Write {
			link.Permission = airlock.LinkWrite
		}
		// Signing needs no storage call while the account's delegation key is cached.
		if link.URL, err = s.Blobs.Link(ctx, con, link.Permission, issued.From, issued.Expires); err != nil {
			return err
		}
		if repeated {
			return errUnchanged
		}
		c.issued(issued, con, link.Permission)
		return nil
	})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

// issued notes and records a link.
func (c *change) issued(l airlock.IssuedLink, con airlock.Container, p airlock.Permission) {
	c.Work.NoteLink(l)
	if l.Write {
		c.Contribute(l.By)
	}
	rec := c.record(audit.LinkIssued)
	rec.From, rec.To = c.Status, c.Status
	rec.Detail = map[string]string{"account": con.Account, "permission": p.String(), "expires": l.Expires.Format(time.RFC3339)}
}
