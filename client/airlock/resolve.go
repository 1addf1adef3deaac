package main

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"example.org/airlock/client"
)

const uuid = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

var (
	wholeID   = regexp.MustCompile(`^` + uuid + `$`)
	beginning = regexp.MustCompile(`^[0-9a-f][0-9a-f-]{5,35}$`)
	address   = regexp.MustCompile(`workspaces/(` + uuid + `)/requests/(` + uuid + `)`)
)

// workspaceOf resolves a workspace that somebody named: by id, by display name or by
// the beginning of it. "" is the one in use.
func (a *app) workspaceOf(ctx context.Context, name string) (string, error) {
	if name == "" {
		name = first(a.flags.workspace, a.getenv("AIRLOCK_WORKSPACE"), a.getenv("TRECLI_WORKSPACE_ID"))
	}
	if name == "" && a.place != nil {
		name = a.place.Workspace
	}
	if name == "" {
		return "", wrongUsage("which workspace? Add -w NAME, or choose one for good with `airlock workspace use NAME`; `airlock workspace list` shows them")
	}
	if id := strings.ToLower(name); wholeID.MatchString(id) {
		return id, nil
	}
	if matches := a.known.named(name); len(matches) == 1 {
		return matches[0].ID, nil
	}
	all, err := a.api.Workspaces(ctx)
	if err != nil {
		return "", err
	}
	a.known.setWorkspaces(all)
	switch matches := a.known.named(name); len(matches) {
	case 1:
		return matches[0].ID, nil
	case 0:
		return "", fail(exitNotFound, "there is no workspace %q; `airlock workspace list` shows them", name)
	default:
		return "", wrongUsage("%q can be %d workspaces; say more of the name, or the id", name, len(matches))
	}
}

// named returns the workspaces that a name can mean: the one that is called so, or those
// whose names begin so.
func (k *known) named(name string) []knownWorkspace {
	var begin []knownWorkspace
	for _, w := range k.Workspaces {
		if strings.EqualFold(w.Name, name) {
			return []knownWorkspace{w}
		}
		if len(w.Name) >= len(name) && strings.EqualFold(w.Name[:len(name)], name) {
			begin = append(begin, w)
		}
	}
	return begin
}

// name returns a workspace's name, or its id.
func (k *known) name(id string) string {
	for _, w := range k.Workspaces {
		if w.ID == id && w.Name != "" {
			return w.Name
		}
	}
	return id
}

// requestOf resolves a request that somebody named: by id, by the beginning of an id
// seen before, by an address of it, or by @last. It becomes @last.
func (a *app) requestOf(ctx context.Context, text string) (client.Ref, error) {
	if _, err := a.connect(); err != nil {
		return client.Ref{}, err
	}
	r, err := a.find(ctx, strings.TrimSpace(text))
	if err == nil {
		a.known.used(r)
	}
	return r, err
}

func (a *app) find(ctx context.Context, text string) (client.Ref, error) {
	if text == "@last" {
		if a.known.Last.Request == "" {
			return client.Ref{}, wrongUsage("there is no last request yet; `airlock list` shows your requests")
		}
		return a.known.Last, nil
	}
	if m := address.FindStringSubmatch(strings.ToLower(text)); m != nil {
		if u, err := url.Parse(text); err == nil && u.Host != "" && !strings.Contains(a.api.URL(), "://"+u.Host) {
			return client.Ref{}, wrongUsage("this is a request of %s; choose a context for it with --context, or sign in there with `airlock login`", u.Host)
		}
		return client.Ref{Workspace: m[1], Request: m[2]}, nil
	}
	id := strings.ToLower(text)
	switch {
	case wholeID.MatchString(id):
		return a.whereIs(ctx, id)
	case beginning.MatchString(id):
		return a.short(ctx, id)
	}
	return client.Ref{}, wrongUsage("%q is no request: give its id, the first six or more characters of it, its address, or @last", text)
}

// whereIs finds the workspace of a request.
func (a *app) whereIs(ctx context.Context, id string) (client.Ref, error) {
	if a.flags.workspace != "" {
		w, err := a.workspaceOf(ctx, "")
		return client.Ref{Workspace: w, Request: id}, err
	}
	if seen := a.known.begins(id); len(seen) == 1 {
		return seen[0], nil
	}
	found, err := a.api.Find(ctx, id)
	if err == nil && wholeID.MatchString(found.Workspace) {
		return found, nil
	}
	// Owners and colleagues see more than is found so. The workspace in use is the best
	// guess there is, if it is no trouble of another kind.
	if _, isProblem := errors.AsType[*client.Problem](err); err == nil || isProblem {
		w, err := a.workspaceOf(ctx, "")
		return client.Ref{Workspace: w, Request: id}, err
	}
	return client.Ref{}, err
}

// short finds the request whose id begins so, among those seen and then among those
// that the caller can list.
func (a *app) short(ctx context.Context, beginning string) (client.Ref, error) {
	seen := a.known.begins(beginning)
	if len(seen) == 0 {
		for _, review := range []bool{false, true} {
			found, err := a.api.List(ctx, client.Query{Review: review})
			if err != nil {
				return client.Ref{}, err
			}
			a.remember(found)
		}
		seen = a.known.begins(beginning)
	}
	switch len(seen) {
	case 1:
		return seen[0], nil
	case 0:
		return client.Ref{}, fail(exitNotFound, "no request that was listed before begins with %q; `airlock list` lists yours, and the whole id always works", beginning)
	}
	return client.Ref{}, wrongUsage("%d requests begin with %q; give more of the id", len(seen), beginning)
}

// remember notes where listed requests lie.
func (a *app) remember(found []client.Listed) {
	for _, l := range found {
		a.known.saw(client.Ref{Workspace: l.Request.WorkspaceID, Request: l.Request.ID})
	}
}
