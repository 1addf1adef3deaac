package tablestore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
)

// registryRow is a row of the registry. Terraform may write one with nothing
// but its Document.
type registryRow struct {
	id       string
	document string
	version  int
	mark     string
	// admitted says that the document was looked at together with those of all
	// other workspaces; one that somebody else changed since was not.
	admitted bool
	etag     azcore.ETag
	decoded  func() (airlock.Workspace, error) // workspace, worked out once
}

// registryDocument is the JSON of a registry row.
type registryDocument struct {
	DisplayName        string           `json:"displayName"`
	Description        string           `json:"description"`
	ClientID           string           `json:"clientId"`
	ScopeID            string           `json:"scopeId"`
	ServicePrincipalID string           `json:"servicePrincipalId,omitempty"`
	Accounts           airlock.Accounts `json:"accounts"`
	Contacts           airlock.Contacts `json:"contacts"`
	Policy             json.RawMessage  `json:"policy,omitempty"`
}

func readRegistryRow(r *stored) (registryRow, error) {
	out := registryRow{id: r.key, etag: r.etag, document: r.text("Document"), version: 1}
	if _, ok := r.columns["Version"]; ok {
		out.version = r.number("Version")
	}
	if _, ok := r.columns["Schema"]; ok {
		r.known()
	}
	out.mark = r.optional("Commit")
	out.admitted = r.optional("Admitted") == digest(out.document)
	return out, r.done()
}

func workspaceRow(w airlock.Workspace, mark string) (row, error) {
	if _, err := airlock.ParseWorkspaceID(string(w.ID)); err != nil {
		return row{}, fmt.Errorf("tablestore: workspace %q: %w", w.ID, err)
	}
	policy, err := encode(w.Policy)
	if err != nil {
		return row{}, fmt.Errorf("tablestore: workspace %s: %w", w.ID, err)
	}
	document, err := encode(registryDocument{
		DisplayName: w.DisplayName, Description: w.Description, ClientID: w.ClientID, ScopeID: w.ScopeID,
		ServicePrincipalID: w.ServicePrincipalID, Accounts: w.Accounts, Contacts: w.Contacts, Policy: json.RawMessage(policy),
	})
	if err != nil {
		return row{}, fmt.Errorf("tablestore: workspace %s: %w", w.ID, err)
	}
	return registryRow{id: string(w.ID), document: document, version: w.PolicyVersion}.marked(mark), nil
}

// marked is the row as it is written once it was admitted.
func (r registryRow) marked(mark string) row {
	out := newRow(registryPartition, r.id)
	out.text("Document", r.document)
	out.columns["Version"] = r.version
	out.columns["Commit"] = mark
	out.columns["Admitted"] = digest(r.document)
	return out
}

func digest(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// workspace decodes the row, strictly (a misspelt rule would otherwise count as
// not said, and the default would hold without anybody knowing), and holds it
// against the rules that PUT has. Of one that breaks a rule it returns what was
// decoded beside the error.
func (r registryRow) workspace(reserved airlock.Reserved) (airlock.Workspace, error) {
	id, err := airlock.ParseWorkspaceID(r.id)
	if err != nil || string(id) != r.id {
		return airlock.Workspace{}, fmt.Errorf("row %s: the key is no lower-case id of a workspace", r.id)
	}
	var d registryDocument
	if err := decode(r.document, &d); err != nil {
		return airlock.Workspace{}, fmt.Errorf("row %s: column Document: %w", r.id, err)
	}
	policy, err := decodePolicy(d.Policy)
	if err != nil {
		return airlock.Workspace{}, fmt.Errorf("row %s: column Document: policy: %w", r.id, err)
	}
	w := airlock.Workspace{
		ID: id, DisplayName: d.DisplayName, Description: d.Description, ClientID: strings.ToLower(d.ClientID), ScopeID: d.ScopeID,
		ServicePrincipalID: strings.ToLower(d.ServicePrincipalID), Accounts: d.Accounts, Contacts: d.Contacts,
		Policy: policy, PolicyVersion: r.version, ETag: version(r.etag),
	}
	if wrong := w.Check(reserved); len(wrong) > 0 {
		return w, fmt.Errorf("row %s: %w", r.id, &airlock.InvalidError{Violations: wrong})
	}
	return w, nil
}

// decodePolicy fills what a policy does not say with the defaults, as the
// policy's own decoder does, and refuses members nobody knows, which that one
// lets pass.
func decodePolicy(text json.RawMessage) (airlock.Policy, error) {
	type members airlock.Policy // without its decoder
	policy := members(airlock.DefaultPolicy())
	if len(text) == 0 {
		return airlock.Policy(policy), nil
	}
	err := decode(string(text), &policy)
	return airlock.Policy(policy), err
}
