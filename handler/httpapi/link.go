package httpapi

import (
	"context"
	"time"

	"example.org/airlock/handler/airlock"
)

// LinkAnswer is the answer of IssueLink.
type LinkAnswer struct{ Body ContainerLink }

// ContainerLink is a signed link to the request's container. Whoever has it has
// the access, until it ends.
type ContainerLink struct {
	ContainerURL string    `json:"containerUrl" doc:"Container URL with its signature."`
	Expires      time.Time `json:"expires"`
	Permission   string    `json:"permission" enum:"read,write" doc:"read: read and list. write: also create, write and delete."`
}

// LinkByPost is the input of POST …/link.
type LinkByPost struct {
	RequestPath
	Body *EmptyBody
}

func (a *API) linkByPost(ctx context.Context, c *call, in *LinkByPost) (*LinkAnswer, error) {
	return a.link(ctx, c, &in.RequestPath)
}

func (a *API) link(ctx context.Context, c *call, in *RequestPath) (*LinkAnswer, error) {
	link, err := a.Service.Link(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	permission := "read"
	if link.Permission == airlock.LinkWrite {
		permission = "write"
	}
	return &LinkAnswer{Body: ContainerLink{ContainerURL: link.URL, Expires: link.Expires.UTC(), Permission: permission}}, nil
}
