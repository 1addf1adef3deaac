package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.org/airlock/client"
)

// maxKnown is how many requests are remembered.
const maxKnown = 2000

// known remembers where an airlock's requests lie, so that short
// ids resolve, and what workspaces are called. Losing it costs a question more.
type known struct {
	Last       client.Ref       `json:"last"`
	Requests   []client.Ref     `json:"requests"`   // the last seen first
	Workspaces []knownWorkspace `json:"workspaces"` // as last listed

	file    string
	changed bool
}

type knownWorkspace struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Scope string `json:"scope"`
}

// readKnown never fails: an unreadable file counts as empty.
func readKnown(dir, host string) *known {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(host))
	k := &known{file: filepath.Join(dir, "known-"+safe+".json")}
	if text, err := os.ReadFile(k.file); err == nil && json.Unmarshal(text, k) != nil {
		*k = known{file: k.file}
	}
	return k
}

// write saves new entries. Where nothing can be written, the next call asks again.
func (k *known) write() {
	if k == nil || !k.changed {
		return
	}
	if text, err := json.Marshal(k); err == nil {
		_ = replaceFile(k.file, text)
	}
}

// saw remembers a request.
func (k *known) saw(r client.Ref) {
	if i := slices.Index(k.Requests, r); i == 0 {
		return
	} else if i > 0 {
		k.Requests = slices.Delete(k.Requests, i, i+1)
	}
	k.Requests = append([]client.Ref{r}, k.Requests[:min(len(k.Requests), maxKnown-1)]...)
	k.changed = true
}

// used makes a request @last.
func (k *known) used(r client.Ref) {
	k.saw(r)
	if k.Last != r {
		k.Last, k.changed = r, true
	}
}

// begins returns the requests whose id begins so.
func (k *known) begins(prefix string) []client.Ref {
	var found []client.Ref
	for _, r := range k.Requests {
		if strings.HasPrefix(r.Request, prefix) {
			found = append(found, r)
		}
	}
	return found
}

// setWorkspaces remembers the workspaces.
func (k *known) setWorkspaces(all []client.Workspace) {
	var list []knownWorkspace
	for _, w := range all {
		list = append(list, knownWorkspace{w.ID, w.Properties.DisplayName, w.Properties.ScopeID})
	}
	if !slices.Equal(list, k.Workspaces) {
		k.Workspaces, k.changed = list, true
	}
}
