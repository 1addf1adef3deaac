package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/identity"
)

// audience says whose tokens a route takes.
type audience int

const (
	// noToken: anybody, monitors and clients that are about to log in.
	noToken audience = iota + 1
	// coreToken: a token for the TRE as a whole, with one of the route's roles.
	coreToken
	// workspaceToken: a token of the workspace in the path; or a core token of a
	// TRE administrator. The access table decides the rights of both.
	workspaceToken
	// gateToken: a core token of an application that is an external gate. The request
	// names the gate that it speaks for.
	gateToken
	// memberToken: either a core token of any TRE user, or a token of the
	// workspace in the path.
	memberToken
)

// admit is the middleware that every route runs first. "Who are you" comes
// before "does it exist": nothing is looked up for a caller without a genuine
// token, so strangers cannot find out which ids exist.
func (a *API) admit(rt route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		limited, cancel := context.WithTimeout(ctx.Context(), a.answerWithin(rt))
		defer cancel()
		c := callOf(limited)
		c.function, c.tagged = rt.function, rt.tagged
		c.request, _ = airlock.ParseRequestID(r.PathValue("airlock_request_id"))
		err := a.authenticate(limited, r, rt, c)
		limited = c.logged(limited)
		if err == nil {
			err = a.takeBody(w, r, rt)
		}
		if err != nil {
			a.report(limited, err)
			writeProblem(w, problemFor(err))
			return
		}
		next(huma.WithContext(ctx, limited))
	}
}

// answerWithin bounds a call. Existing clients wait 30 s (AzureTRE's airlock
// client), and the host does not tell when they hang up. The front end waits 230 s
// at most (learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#limits).
func (a *API) answerWithin(rt route) time.Duration {
	if rt.within != 0 {
		return rt.within
	}
	return a.within
}

func (a *API) authenticate(ctx context.Context, r *http.Request, rt route, c *call) error {
	if rt.audience == noToken {
		return nil
	}
	token, err := a.config.Verifier.Verify(ctx, r.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	switch rt.audience {
	case coreToken:
		c.principal, err = token.Core()
	case gateToken:
		if c.principal, err = token.Core(); err == nil {
			c.workspace, err = a.config.Registry.Workspace(ctx, airlock.WorkspaceID(r.PathValue("workspace_id")))
		}
	default:
		c.workspace, err = a.config.Registry.Workspace(ctx, airlock.WorkspaceID(r.PathValue("workspace_id")))
		if err == nil {
			c.principal, err = ofWorkspace(token, c.workspace, rt)
		}
	}
	if err != nil {
		c.principal = airlock.Principal{ID: token.ID()} // for the log
		return err
	}
	err = missingRole(c.principal, rt)
	if err != nil {
		a.recordRefusal(ctx, r.PathValue("airlock_request_id"), rt, c)
	}
	return err
}

// recordRefusal leaves a security record with the request that somebody without
// the role tried to act on. It does not change the answer, which is the same
// whether the request exists or not.
func (a *API) recordRefusal(ctx context.Context, id string, rt route, c *call) {
	if rt.audience != workspaceToken && rt.audience != gateToken || id == "" {
		return
	}
	if err := a.config.Service.Refused(ctx, c.principal, c.workspace, airlock.RequestID(id), rt.action, codeRoleMissing); err != nil {
		a.config.Log.ErrorContext(ctx, "a refused attempt could not be recorded", "request", id,
			"action", rt.action, "by", c.principal.ID, "error", err)
	}
}

// ofWorkspace holds a token against the workspace in the path. A core token
// works there for TRE administrators alone: nobody climbs from the core into a
// workspace by holding a core role.
func ofWorkspace(token identity.Token, ws airlock.Workspace, rt route) (airlock.Principal, error) {
	p, err := token.Workspace(ws.ClientID)
	if err == nil {
		return p, nil
	}
	core, errCore := token.Core()
	if errCore == nil && (rt.audience == memberToken || core.Has(airlock.RoleTREAdmin)) {
		return core, nil
	}
	return airlock.Principal{}, err
}

// missingRole refuses a caller who has no role that could ever do what the route
// does, with the texts of the existing contract: first the roles that have any
// part in a workspace, then the route's own. Which roles those are follows from
// the access table; whether the caller may do it to this request now is decided
// there too, in the service.
func missingRole(p airlock.Principal, rt route) error {
	if rt.audience == workspaceToken {
		switch {
		case p.WorkspaceToken && !p.Has(airlock.WorkspaceRoles...):
			return lacks(airlock.WorkspaceRoles)
		case !mayEver(p, rt.action):
			return lacks(rolesFor(rt.action))
		}
		return nil
	}
	need := rt.roles
	if p.WorkspaceToken { // only memberToken routes let one in
		need = airlock.WorkspaceRoles
	}
	if !p.Has(need...) {
		return lacks(need)
	}
	return nil
}

func lacks(need []airlock.Role) error {
	names := make([]string, len(need))
	for i, role := range need {
		names[i] = "'" + string(role) + "'"
	}
	return &edgeError{code: codeRoleMissing, detail: "The user is missing a required role: [" + strings.Join(names, ", ") + "]"}
}

// mayEver reports whether p could do an action to some request in some status.
func mayEver(p airlock.Principal, action airlock.Action) bool {
	// The parts p can play: towards a request of their own, and towards another's.
	actors := append(airlock.ActorsOf(p, p.ID), airlock.ActorsOf(p, "somebody else")...)
	return slices.ContainsFunc(airlock.Grants(), func(g airlock.Grant) bool {
		return g.Do == action && slices.ContainsFunc(g.By, func(by airlock.Actor) bool { return slices.Contains(actors, by) })
	})
}

// rolesFor lists the workspace roles that could ever do an action.
func rolesFor(action airlock.Action) []airlock.Role {
	var roles []airlock.Role
	for _, role := range airlock.WorkspaceRoles {
		holder := airlock.Principal{ID: "anybody", Roles: []airlock.Role{role}, WorkspaceToken: true}
		if mayEver(holder, action) {
			roles = append(roles, role)
		}
	}
	return roles
}

// report tells operators of an error that callers only see as a fixed text.
func (a *API) report(ctx context.Context, err error) {
	if errors.Is(err, context.Canceled) {
		return // the caller has gone; nothing is wrong
	}
	k := kindOf(err)
	if k.status >= http.StatusInternalServerError {
		a.config.Log.ErrorContext(ctx, "request failed", "function", callOf(ctx).function, "code", k.code, "error", err)
	}
}
