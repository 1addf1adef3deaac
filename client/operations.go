package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Health asks for the service's health. It needs no token; a service in trouble answers
// as well.
func (c *Client) Health(ctx context.Context) (json.RawMessage, error) {
	a, err := c.Do(ctx, Call{Method: http.MethodGet, Path: "/health", Open: true})
	if a.Status == http.StatusServiceUnavailable && json.Valid(a.Raw) {
		return a.Raw, nil
	}
	return a.Raw, err
}

// Operate makes a call that operators make. Some take minutes.
func (c *Client) Operate(ctx context.Context, method, name string, body any) (json.RawMessage, error) {
	a, err := c.Do(ctx, Call{Method: method, Path: "/operations/" + name, Body: body, Timeout: 4 * time.Minute})
	return a.Raw, err
}
