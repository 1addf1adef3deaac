package tablestore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.org/airlock/handler/airlock"
)

// A workspace has up to two rows in the registry. The row {id} is anybody's who may
// write there, such as Terraform: it says what they want. The row {id}|in-force is
// this service's, with a seal: it says what holds.
const inForceSuffix = separator + "in-force"

func inForceKey(id string) string { return id + inForceSuffix }

// registryEntry is a workspace of the registry with both its rows.
type registryEntry struct {
	id      string
	outside *outsideRow // nil: there is none
	inForce *inForceRow // nil: there is none
	decoded func() (airlock.Workspace, error)
}

// outsideRow is a proposal for a workspace by somebody else: a Document, and any
// columns they like.
type outsideRow struct {
	document string
	etag     azcore.ETag
	err      error // it cannot be read
}

// inForceRow is the workspace in force.
type inForceRow struct {
	document string
	version  int
	mark     string // names the write that made it
	// seen is the digest of the outside row that was taken, or looked at, last; "" for
	// none. An outside row with another one is a change that is not in force.
	seen string
	head airlock.ChainHead // of the workspace's trail
	etag azcore.ETag
	err  error // it cannot be read, or is not to be believed
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

func readOutside(r *stored) *outsideRow {
	out := &outsideRow{etag: r.etag}
	out.document = r.text("Document")
	out.err = r.err
	return out
}

func readInForce(r *stored) *inForceRow {
	r.known()
	out := &inForceRow{etag: r.etag, document: r.text("Document"), version: r.number("Version"), mark: r.text("Commit"), seen: r.optional("Seen"),
		head: airlock.ChainHead{Hash: r.text("Hash"), Length: r.number("Length")}}
	out.err = r.done()
	return out
}

func (f inForceRow) row(id string) row {
	out := newRow(registryPartition, inForceKey(id))
	out.text("Document", f.document)
	out.columns["Version"] = f.version
	out.columns["Commit"] = f.mark
	out.columns["Hash"], out.columns["Length"] = f.head.Hash, f.head.Length
	if f.seen != "" {
		out.columns["Seen"] = f.seen
	}
	return out
}

// documentOf is the document of a workspace as it is kept.
func documentOf(w airlock.Workspace) (string, error) {
	if _, err := airlock.ParseWorkspaceID(string(w.ID)); err != nil {
		return "", fmt.Errorf("tablestore: workspace %q: %w", w.ID, err)
	}
	policy, err := encode(w.Policy)
	if err != nil {
		return "", fmt.Errorf("tablestore: workspace %s: %w", w.ID, err)
	}
	document, err := encode(registryDocument{
		DisplayName: w.DisplayName, Description: w.Description, ClientID: w.ClientID, ScopeID: w.ScopeID,
		ServicePrincipalID: w.ServicePrincipalID, Accounts: w.Accounts, Contacts: w.Contacts, Policy: json.RawMessage(policy),
	})
	if err != nil {
		return "", fmt.Errorf("tablestore: workspace %s: %w", w.ID, err)
	}
	return document, nil
}

func digest(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// digest is "" for no row.
func (o *outsideRow) digest() string {
	if o == nil {
		return ""
	}
	return digest(o.document)
}

// admitted reports whether something holds for the workspace.
func (e registryEntry) admitted() bool { return e.inForce != nil && e.inForce.err == nil }

// differs reports whether the outside row is not the one that was taken.
func (e registryEntry) differs() bool { return e.admitted() && e.outside.digest() != e.inForce.seen }

// etag is that of the row that a PUT replaces.
func (e registryEntry) etag() azcore.ETag {
	switch {
	case e.inForce != nil:
		return e.inForce.etag
	case e.outside != nil:
		return e.outside.etag
	}
	return ""
}

// once makes decoded work its answer out once.
func (e registryEntry) once(reserved airlock.Reserved) registryEntry {
	e.decoded = sync.OnceValues(func() (airlock.Workspace, error) { return e.workspace(reserved) })
	return e
}

// workspace is the workspace in force; of an entry not admitted yet, the proposal.
// Of one that breaks a rule it returns the decoded part beside the error.
func (e registryEntry) workspace(reserved airlock.Reserved) (airlock.Workspace, error) {
	switch {
	case e.inForce != nil && e.inForce.err != nil:
		return airlock.Workspace{}, e.inForce.err
	case e.inForce != nil:
		w, err := decodeWorkspace(e.id, e.inForce.document, reserved)
		w.PolicyVersion, w.ETag, w.Chain = e.inForce.version, version(e.inForce.etag), e.inForce.head
		w.Changed = e.differs()
		return w, err
	case e.outside.err != nil:
		return airlock.Workspace{}, fmt.Errorf("row %s: %w", e.id, e.outside.err)
	}
	w, err := decodeWorkspace(e.id, e.outside.document, reserved)
	w.PolicyVersion, w.ETag = 1, version(e.outside.etag)
	return w, err
}

// decodeWorkspace reads a document, strictly (a misspelt rule would otherwise count as
// not said, and the default would hold without anybody knowing), and holds it
// against the rules that PUT has. Of one that breaks a rule it returns what was
// decoded beside the error.
func decodeWorkspace(key, document string, reserved airlock.Reserved) (airlock.Workspace, error) {
	id, err := airlock.ParseWorkspaceID(key)
	if err != nil || string(id) != key {
		return airlock.Workspace{}, fmt.Errorf("row %s: the key is no lower-case id of a workspace", key)
	}
	var d registryDocument
	if err := decode(document, &d); err != nil {
		return airlock.Workspace{}, fmt.Errorf("row %s: column Document: %w", key, err)
	}
	policy, err := decodePolicy(d.Policy)
	if err != nil {
		return airlock.Workspace{}, fmt.Errorf("row %s: column Document: policy: %w", key, err)
	}
	w := airlock.Workspace{
		ID: id, DisplayName: d.DisplayName, Description: d.Description, ClientID: strings.ToLower(d.ClientID), ScopeID: d.ScopeID,
		ServicePrincipalID: strings.ToLower(d.ServicePrincipalID), Accounts: d.Accounts, Contacts: d.Contacts, Policy: policy,
	}
	if wrong := w.Check(reserved); len(wrong) > 0 {
		return w, fmt.Errorf("row %s: %w", key, &airlock.InvalidError{Violations: wrong})
	}
	return w, nil
}

// decodePolicy fills a policy's absent members with the defaults, as the
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
