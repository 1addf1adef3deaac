package httpapi

import (
	"context"
	"time"

	"example.org/airlock/handler/airlock"
)

// LinkAnswer is the answer of IssueLink.
type LinkAnswer struct{ Body SignedLink }

// SignedLink is a signed link to the request's container, or to one file in it. Every
// holder of it has the access, until it ends.
type SignedLink struct {
	ContainerURL string    `json:"containerUrl,omitempty" doc:"Container URL with its signature; absent in a link to one file."`
	FileURL      string    `json:"fileUrl,omitempty" doc:"URL of the one file that was asked for, with its signature."`
	Expires      time.Time `json:"expires"`
	Permission   string    `json:"permission" enum:"read,write" doc:"read: read and list. write: also create, write and delete. A link to one file reads it."`
}

// LinkByPost is the input of POST …/link.
type LinkByPost struct {
	RequestPath
	Body *LinkOptions
}

// LinkOptions say what the link is to be of.
type LinkOptions struct {
	File string `json:"file,omitempty" maxLength:"1024" doc:"Name of one file of the submitted request: a link to read that file alone. The audit trail names the file. Without it the link is to all files."`
}

func (a *API) linkByPost(ctx context.Context, c *call, in *LinkByPost) (*LinkAnswer, error) {
	file := ""
	if in.Body != nil {
		file = in.Body.File
	}
	return a.linkTo(ctx, c, in.RequestPath, file)
}

func (a *API) link(ctx context.Context, c *call, in *RequestPath) (*LinkAnswer, error) {
	return a.linkTo(ctx, c, *in, "")
}

func (a *API) linkTo(ctx context.Context, c *call, in RequestPath, file string) (*LinkAnswer, error) {
	link, err := a.config.Service.Link(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID), file)
	if err != nil {
		return nil, err
	}
	body := SignedLink{Expires: link.Expires.UTC(), Permission: link.Permission.String()}
	if file == "" {
		body.ContainerURL = link.URL
	} else {
		body.FileURL = link.URL
	}
	return &LinkAnswer{Body: body}, nil
}
