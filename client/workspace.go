package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// Workspace is a workspace as far as programs look at it.
type Workspace struct {
	ID         string          `json:"id"`
	ETag       string          `json:"_etag"`
	Version    int             `json:"resourceVersion"`
	Properties Properties      `json:"properties"`
	Policy     json.RawMessage `json:"policy"`
	Document   json.RawMessage `json:"document"` // for TRE administrators: the body for Put
	Raw        json.RawMessage `json:"-"`
}

// Properties say how a workspace is called and what its tokens are for.
type Properties struct {
	DisplayName string `json:"display_name"`
	Description string `json:"description"`
	ClientID    string `json:"client_id"`
	ScopeID     string `json:"scope_id"`
	Enabled     bool   `json:"enable_airlock"`
}

// Workspaces lists all workspaces.
func (c *Client) Workspaces(ctx context.Context) ([]Workspace, error) {
	list, err := decode[struct {
		Workspaces []json.RawMessage `json:"workspaces"`
	}](c.Do(ctx, Call{Method: http.MethodGet, Path: "/workspaces"}))
	if err != nil {
		return nil, err
	}
	all := []Workspace{}
	for _, raw := range list.Workspaces {
		w := Workspace{Raw: raw}
		if err := json.Unmarshal(raw, &w); err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// Workspace returns a workspace, asked for with a token for a: the core's, or the
// workspace's own.
func (c *Client) Workspace(ctx context.Context, id string, a Audience) (Workspace, error) {
	return workspaceOf(c.Do(ctx, Call{Method: http.MethodGet, Path: "/workspaces/" + id, For: a}))
}

// PutWorkspace replaces a workspace's registration at version etag.
func (c *Client) PutWorkspace(ctx context.Context, id string, document json.RawMessage, etag string) (Workspace, error) {
	return workspaceOf(c.Do(ctx, Call{Method: http.MethodPut, Path: "/workspaces/" + id, Body: document, Header: http.Header{"If-Match": {etag}}}))
}

func workspaceOf(a Answer, err error) (Workspace, error) {
	envelope, err := decode[struct {
		Workspace json.RawMessage `json:"workspace"`
	}](a, err)
	if err != nil {
		return Workspace{}, err
	}
	w := Workspace{Raw: envelope.Workspace}
	return w, json.Unmarshal(envelope.Workspace, &w)
}

// Metadata holds the settings that clients need to sign in.
type Metadata struct {
	Tenant    string `json:"aad_tenant_id"`
	ClientID  string `json:"api_client_id"`
	RootScope string `json:"api_root_scope"`
	Version   string `json:"api_version"`
	Portal    Portal `json:"portal"`
}

// Portal is the registration that people's programs sign in with; empty where the service does not say.
type Portal struct {
	ClientID  string `json:"client_id"`
	Authority string `json:"authority"`
}

// Metadata asks a service how to sign in. It needs no token.
func (c *Client) Metadata(ctx context.Context) (Metadata, error) {
	return decode[Metadata](c.Do(ctx, Call{Method: http.MethodGet, Path: "/.metadata", Open: true}))
}

// ReceiptKeys gets the key set that receipts are signed with, as it was sent.
func (c *Client) ReceiptKeys(ctx context.Context) (json.RawMessage, error) {
	a, err := c.Do(ctx, Call{Method: http.MethodGet, Path: "/receipt-keys", Open: true})
	return a.Raw, err
}

// Simulation holds the outcomes that a draft of a policy would have had for a workspace's last requests.
type Simulation struct {
	Turns    []SimulatedTurn `json:"turns"`
	UnderWay int             `json:"underWay"` // requests that are left out
	Raw      json.RawMessage `json:"-"`
}

// SimulatedTurn is one turn of a request: its outcome, and the one it would have had.
type SimulatedTurn struct {
	RequestID string   `json:"requestId"`
	Turn      int      `json:"turn"`
	Type      string   `json:"type"`
	Was       string   `json:"was"`
	Would     string   `json:"would"`
	Changed   bool     `json:"changed"`
	Complete  bool     `json:"complete"`
	Rules     []string `json:"rules"`
	Gates     []struct {
		ID          string   `json:"id"`
		Would       string   `json:"would"`
		Rules       []string `json:"rules"`
		Acknowledge int      `json:"acknowledge"`
		Unknown     string   `json:"unknown"`
	} `json:"gates"`
}

// SimulatePolicy tries a policy on what is on record of the last requests. It changes
// nothing.
func (c *Client) SimulatePolicy(ctx context.Context, id string, policy json.RawMessage) (Simulation, error) {
	body := map[string]json.RawMessage{"policy": policy}
	a, err := c.Do(ctx, Call{Method: http.MethodPost, Path: "/workspaces/" + id + "/policy/simulate", Body: body})
	s, err := decode[Simulation](a, err)
	s.Raw = a.Raw
	return s, err
}
