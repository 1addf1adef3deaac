package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

const (
	anyRole      = "The user is missing a required role: ['WorkspaceOwner', 'WorkspaceResearcher', 'AirlockManager']"
	writerRole   = "The user is missing a required role: ['WorkspaceOwner', 'WorkspaceResearcher']"
	managerRole  = "The user is missing a required role: ['AirlockManager']"
	ownerRole    = "The user is missing a required role: ['WorkspaceOwner']"
	retrierRole  = "The user is missing a required role: ['WorkspaceOwner', 'AirlockManager']"
	coreRole     = "The user is missing a required role: ['TREUser', 'TREAdmin']"
	adminRole    = "The user is missing a required role: ['TREAdmin']"
	parkedPath   = "/api/operations/parked-events"
	redrivePath  = parkedPath + "/01a207d9-2100-8177-9023-daf36fa526b9/redrive"
	documentJSON = `{"displayName":"D","clientId":"dddddddd-0000-4000-8000-000000000001","scopeId":"api://d",
		"accounts":{"stalimapp":"stalimappnew","stalexint":"stalexintnew","stalexip":"stalexipnew","stalexrej":"stalexrejnew","stalexblocked":"stalexblockednew"}}`
)

// call is one route with a body that it takes.
type call struct{ method, path, body string }

// workspaceCalls are all routes of a workspace's requests.
var workspaceCalls = []call{
	{"POST", requestsPath, `{"type":"import"}`},
	{"GET", requestsPath, ""},
	{"GET", requestPath, ""},
	{"GET", requestPath + "/link", ""},
	{"POST", requestPath + "/link", ""},
	{"POST", requestPath + "/submit", ""},
	{"POST", requestPath + "/review", `{"approval":true}`},
	{"POST", requestPath + "/cancel", ""},
	{"POST", requestPath + "/revoke", `{"reason":"r"}`},
	{"POST", requestPath + "/retry", ""},
	{"POST", requestPath + "/give-up", `{"reason":"r"}`},
	{"GET", requestPath + "/history", ""},
	{"GET", requestPath + "/receipt", ""},
}

var coreCalls = []call{
	{"GET", "/api/requests", ""},
	{"GET", "/api/requests?airlock_manager=true", ""},
	{"GET", "/api/workspaces", ""},
}

var adminCalls = []call{
	{"PUT", "/api/workspaces/" + string(nowhere), documentJSON},
	{"POST", "/api/operations/reconcile", ""},
	{"GET", parkedPath, ""},
	{"POST", redrivePath, ""},
}

var memberCalls = []call{
	{"GET", "/api/workspaces/" + string(genomics), ""},
	{"GET", "/api/workspaces/" + string(genomics) + "/scopeid", ""},
}

func all(lists ...[]call) []call {
	var out []call
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// TestStrangersLearnNothing: without a genuine token nothing is looked up, and
// every id gets the same answer.
func TestStrangersLearnNothing(t *testing.T) {
	f := newFixture(t)
	expired := issuer().sign(map[string]any{"aud": genomicsAudience, "exp": time.Now().Add(-time.Hour).Unix()})
	forged := researcher()[:len(researcher())-6] + "AAAAAA"
	for _, c := range all(workspaceCalls, coreCalls, adminCalls, memberCalls) {
		for _, path := range []string{c.path, strings.Replace(c.path, string(genomics), string(nowhere), 1)} {
			a := f.send(c.method, path, "", c.body)
			a.isProblem(401, "token_missing", "Could not validate credentials")
			require.Equal(t, `Bearer realm="airlock"`, a.Header.Get("WWW-Authenticate"))
			f.send(c.method, path, "", c.body, "Authorization", "Basic eDp5").isProblem(401, "token_missing", "Could not validate credentials")
			f.send(c.method, path, expired, c.body).isProblem(401, "token_expired", "Expired token signature")
			a = f.send(c.method, path, forged, c.body)
			a.isProblem(401, "token_signature", "Invalid token signature")
			require.Contains(t, a.Header.Get("WWW-Authenticate"), `error="invalid_token"`)
			f.send(c.method, path, "nonsense", c.body).isProblem(401, "token_invalid", "Invalid token")
		}
	}
	require.Empty(t, f.asked)
}

// TestWhoseTokenWorksWhere: audience and role, for every route.
func TestWhoseTokenWorksWhere(t *testing.T) {
	f := newFixture(t)
	f.trail.Request, f.raw = f.request, []byte(`{}`)
	const ok, invalid = "", "Invalid token"
	type who struct{ researcher, owner, manager, nobody, foreigner, admin, treUser string }
	everyone := who{ok, ok, ok, anyRole, invalid, ok, invalid}
	want := map[string]who{
		"POST " + requestsPath:             {ok, ok, writerRole, anyRole, invalid, writerRole, invalid},
		"GET " + requestsPath:              everyone,
		"GET " + requestPath:               everyone,
		"GET " + requestPath + "/history":  everyone,
		"GET " + requestPath + "/receipt":  everyone,
		"GET " + requestPath + "/link":     {ok, ok, ok, anyRole, invalid, anyRole, invalid},
		"POST " + requestPath + "/link":    {ok, ok, ok, anyRole, invalid, anyRole, invalid},
		"POST " + requestPath + "/submit":  {ok, ok, writerRole, anyRole, invalid, writerRole, invalid},
		"POST " + requestPath + "/review":  {managerRole, managerRole, ok, anyRole, invalid, managerRole, invalid},
		"POST " + requestPath + "/cancel":  {ok, ok, writerRole, anyRole, invalid, ok, invalid},
		"POST " + requestPath + "/revoke":  {managerRole, managerRole, ok, anyRole, invalid, managerRole, invalid},
		"POST " + requestPath + "/give-up": {ownerRole, ok, ownerRole, anyRole, invalid, ok, invalid},
		"POST " + requestPath + "/retry":   {retrierRole, ok, ok, anyRole, invalid, ok, invalid},
		"GET /api/requests":                {invalid, invalid, invalid, invalid, invalid, ok, ok},
		"GET /api/workspaces":              {invalid, invalid, invalid, invalid, invalid, ok, ok},
		"PUT /api/workspaces/":             {invalid, invalid, invalid, invalid, invalid, ok, adminRole},
		"POST /api/operations/reconcile":   {invalid, invalid, invalid, invalid, invalid, ok, adminRole},
		"GET " + parkedPath:                {invalid, invalid, invalid, invalid, invalid, ok, adminRole},
		"POST " + redrivePath:              {invalid, invalid, invalid, invalid, invalid, ok, adminRole},
		"GET " + memberCalls[0].path:       {ok, ok, ok, anyRole, invalid, ok, ok},
		"GET " + memberCalls[1].path:       {ok, ok, ok, anyRole, invalid, ok, ok},
	}
	for _, c := range all(workspaceCalls, coreCalls, adminCalls, memberCalls) {
		path, _, _ := strings.Cut(strings.TrimSuffix(c.path, string(nowhere)), "?")
		w, listed := want[c.method+" "+path]
		require.True(t, listed, "%s %s", c.method, path)
		for _, one := range []struct {
			name, token, want string
		}{{"researcher", researcher(), w.researcher}, {"owner", owner(), w.owner}, {"manager", manager(), w.manager}, {"nobody", nobody(), w.nobody},
			{"foreigner", foreigner(), w.foreigner}, {"admin", admin(), w.admin}, {"TRE user", treUser(), w.treUser}} {
			t.Run(one.name+" "+c.method+" "+c.path, func(t *testing.T) {
				f := &fixture{t: t, fakeService: f.fakeService, server: f.server, logs: f.logs}
				before := len(f.asked)
				a := f.send(c.method, c.path, one.token, c.body)
				switch one.want {
				case ok:
					a.isOK()
					return
				case invalid:
					a.isProblem(http.StatusUnauthorized, "token_invalid", invalid)
				default:
					a.isProblem(http.StatusForbidden, "role_missing", one.want)
				}
				records := 0
				for _, asked := range f.asked[before:] {
					require.Regexp(t, "^(look up|refused) ", asked, "a refused call reached the service")
					if strings.HasPrefix(asked, "refused ") {
						records++
						require.Contains(t, asked, string(genomics)+" "+string(theRequest)+" role_missing")
						require.NotEmpty(t, f.who.ID)
					}
				}
				member := one.want != invalid && strings.Contains(c.path, string(theRequest))
				require.Equal(t, member, records == 1, "an attempt at a request is a security record of its trail")
			})
		}
	}
}

func TestUnknownWorkspaceIs404ForGenuineTokens(t *testing.T) {
	f := newFixture(t)
	for _, c := range all(workspaceCalls, memberCalls) {
		path := strings.Replace(c.path, string(genomics), string(nowhere), 1)
		for _, token := range []string{researcher(), foreigner(), admin(), nobody()} {
			f.send(c.method, path, token, c.body).isProblem(404, "no_such_workspace", "Workspace does not exist")
		}
	}
}

// TestRolesOfTheOtherAudienceCountForNothing: a workspace's application cannot
// mint administrators, nor the core's workspace roles.
func TestRolesOfTheOtherAudienceCountForNothing(t *testing.T) {
	f := newFixture(t)
	mixed := []airlock.Role{airlock.RoleTREAdmin, airlock.RoleTREUser}
	f.send("GET", requestPath, issuer().token(genomicsAudience, mixed...), "").isProblem(403, "role_missing", anyRole)
	f.send("GET", "/api/requests", issuer().token(coreAudience, airlock.WorkspaceRoles...), "").isProblem(403, "role_missing", coreRole)
	f.send("GET", requestPath, issuer().token(coreAudience, airlock.WorkspaceRoles...), "").isProblem(401, "token_invalid", "Invalid token")
	f.send("GET", memberCalls[0].path, issuer().token(coreAudience, airlock.WorkspaceRoles...), "").isProblem(403, "role_missing", coreRole)
}

func TestPrincipalReachesTheService(t *testing.T) {
	f := newFixture(t)
	f.get(requestPath, researcher()).isOK()
	require.Equal(t, airlock.Principal{ID: adaID, Name: "Ada", Email: "ada@example.org", Roles: []airlock.Role{airlock.RoleResearcher},
		Audience: genomicsAudience, WorkspaceToken: true}, f.who)

	f.get(requestPath, admin()).isOK()
	require.False(t, f.who.WorkspaceToken)
	require.Equal(t, coreAudience, f.who.Audience)

	f.get(requestPath, issuer().sign(map[string]any{"aud": genomicsAudience, "roles": []string{"WorkspaceResearcher"}, "idtyp": "app", "scp": ""})).isOK()
	require.True(t, f.who.Application)
}

// TestOrderOfChecks: token, workspace, audience, role, then the body.
func TestOrderOfChecks(t *testing.T) {
	f := newFixture(t)
	const broken = `{"type":`
	f.send("POST", requestsPath, "", broken).isProblem(401, "token_missing", "")
	f.send("POST", strings.Replace(requestsPath, string(genomics), string(nowhere), 1), foreigner(), broken).isProblem(404, "no_such_workspace", "")
	f.send("POST", requestsPath, foreigner(), broken).isProblem(401, "token_invalid", "")
	f.send("POST", requestsPath, manager(), broken).isProblem(403, "role_missing", "")
	f.send("POST", requestsPath, researcher(), broken).isProblem(400, "malformed_body", "")
	assert.NotContains(t, f.asked, "create "+string(genomics)+" ")
}

func TestIssuerDownIs503NotARefusal(t *testing.T) {
	s := newFakeService()
	f := &fixture{t: t, fakeService: s, logs: &syncBuffer{}}
	f.serve(newAPIWithIssuer(s, f.logs, "http://127.0.0.1:1/nobody-listens"))
	a := f.get(requestPath, researcher())
	a.isProblem(503, "keys_unavailable", "")
	require.Equal(t, "1", a.Header.Get("Retry-After"))
}
