package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"example.org/airlock/localcloud/identity"
)

// member is one person in a workspace's contacts.
type member struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// registration is the document the API takes for a workspace.
type registration struct {
	DisplayName        string              `json:"displayName"`
	Description        string              `json:"description"`
	ClientID           string              `json:"clientId"`
	ScopeID            string              `json:"scopeId"`
	ServicePrincipalID string              `json:"servicePrincipalId"`
	Accounts           map[string]string   `json:"accounts"`
	Contacts           map[string][]member `json:"contacts"`
	Policy             map[string]any      `json:"policy"`
}

func register(w identity.Workspace, accounts map[string]string, scan bool) registration {
	contacts := map[string][]member{"owners": {}, "airlockManagers": {}, "researchers": {}}
	group := map[string]string{"WorkspaceOwner": "owners", "AirlockManager": "airlockManagers", "WorkspaceResearcher": "researchers"}
	for _, p := range identity.Personas() {
		for _, role := range w.Roles[p.Name] {
			contacts[group[role]] = append(contacts[group[role]], member{ID: p.ObjectID, Name: p.DisplayName, Email: p.Mail})
		}
	}
	return registration{DisplayName: w.DisplayName, Description: w.Description, ClientID: w.ClientID, ScopeID: w.ScopeID(),
		ServicePrincipalID: w.ServicePrincipalID, Accounts: accounts, Contacts: contacts,
		// A verdict that does not come is acted on after a minute, so that it can be watched.
		Policy: map[string]any{"malwareScanning": map[string]any{"enabled": scan, "verdictDeadlineMinutes": 1}}}
}

// seed registers the workspaces through the public API, as a TRE admin would. Workspaces that are there stay as they
// are, but for scanning if the options ask for it.
func (c *Cloud) seed(ctx context.Context) error {
	admin, err := identity.FindPersona("admin")
	if err != nil {
		return err
	}
	token, err := c.issuer.PersonToken(admin, identity.CoreAudience())
	if err != nil {
		return err
	}
	for _, w := range identity.Workspaces() {
		c.say("registering workspace %s", w.Name)
		if err := c.registerWorkspace(ctx, token, w); err != nil {
			return fmt.Errorf("register workspace %s: %w", w.Name, err)
		}
	}
	return nil
}

func (c *Cloud) registerWorkspace(ctx context.Context, token string, w identity.Workspace) error {
	url := c.ports.url(portAPI) + "/api/workspaces/" + w.ID
	body, err := json.Marshal(register(w, c.layout.of(w), c.options.Scan != "off"))
	if err != nil {
		return err
	}
	got, err := callAPI(ctx, http.MethodPut, url, token, http.Header{"If-None-Match": {"*"}}, body)
	if err != nil {
		return err
	}
	switch got.status {
	case http.StatusOK, http.StatusCreated, http.StatusNoContent:
		return nil
	case http.StatusPreconditionFailed:
		return c.setScanning(ctx, token, url)
	}
	return got.unwanted()
}

// setScanning switches scanning of a registered workspace, with everything else as it is.
func (c *Cloud) setScanning(ctx context.Context, token, url string) error {
	if c.options.Scan == "" {
		return nil
	}
	_, err := changePolicy(ctx, token, url, func(policy map[string]any) error {
		return SetMember(policy, "malwareScanning.enabled", c.options.Scan == "on")
	})
	return err
}

// answer is an answer of the API.
type answer struct {
	method, etag string
	status       int
	text         []byte
}

func (a answer) unwanted() error {
	return fmt.Errorf("%s answered %d: %s", a.method, a.status, a.text)
}

// callAPI calls the API on loopback.
func callAPI(ctx context.Context, method, url, token string, header http.Header, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return answer{method: method, etag: resp.Header.Get("ETag"), status: resp.StatusCode, text: text}, err
}
