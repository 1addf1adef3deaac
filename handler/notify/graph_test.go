package notify

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

const principal = "99999999-0000-4000-8000-000000000001"

var graphWorkspace = airlock.Workspace{ID: "aaaaaaaa-0000-4000-8000-000000000001", DisplayName: "Genomics", ServicePrincipalID: principal,
	Contacts: airlock.Contacts{Owners: []airlock.Person{{ID: "contact", Email: "contact@example.org"}}}}

// tokens hands out a token without asking anybody: the emulators have no Entra ID.
type tokens struct {
	mu    sync.Mutex
	scope string
}

func (t *tokens) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.scope = strings.Join(o.Scopes, " ")
	return azcore.AccessToken{Token: "token-1", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// directory answers as Microsoft Graph does for one application.
type directory struct {
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	calls  []string
	// pages maps a path to its pages; the first page's answer points to the next.
	pages map[string][]string
	// trouble answers instead when it returns true.
	trouble func(w http.ResponseWriter, r *http.Request) bool
}

func newDirectory(t *testing.T) (*directory, *Graph, *tokens) {
	d := &directory{t: t, pages: map[string][]string{
		"/v1.0/servicePrincipals/" + principal: {`{"id":"x","appRoles":[{"id":"role-owner","value":"WorkspaceOwner"},{"id":"role-manager","value":"AirlockManager"},{"id":"role-researcher","value":"WorkspaceResearcher"}]}`},
		"/v1.0/servicePrincipals/" + principal + "/appRoleAssignedTo": {
			`[{"appRoleId":"role-manager","principalId":"u1","principalType":"User"},{"appRoleId":"role-owner","principalId":"u9","principalType":"User"}]`,
			`[{"appRoleId":"role-manager","principalId":"g1","principalType":"Group"},{"appRoleId":"role-manager","principalId":"s1","principalType":"ServicePrincipal"},{"appRoleId":"role-manager","principalId":"u4","principalType":"User"}]`,
		},
		"/v1.0/users/u1": {`{"id":"u1","displayName":"Ann","mail":"ann@example.org","userPrincipalName":"ann@tenant.example"}`},
		"/v1.0/users/u4": {`{"id":"u4","displayName":"Dot","mail":null,"userPrincipalName":"dot@example.org"}`},
		"/v1.0/users/u9": {`{"id":"u9","displayName":"Olu","mail":"olu@example.org"}`},
		"/v1.0/groups/g1/transitiveMembers": {
			`[{"@odata.type":"#microsoft.graph.user","id":"u2","displayName":"Ben","mail":"ben@example.org"},{"@odata.type":"#microsoft.graph.group","id":"g2","displayName":"inner"}]`,
			`[{"@odata.type":"#microsoft.graph.user","id":"u1","displayName":"Ann","mail":"ann@example.org"},{"@odata.type":"#microsoft.graph.user","id":"u3","displayName":"Cy","mail":null,"userPrincipalName":"cy_gmail.com#EXT#@tenant.example"}]`,
		},
	}}
	d.server = httptest.NewTLSServer(d)
	t.Cleanup(d.server.Close)
	cred := &tokens{}
	return d, NewGraph(GraphConfig{Credential: cred, Endpoint: d.server.URL, ClientOptions: azcore.ClientOptions{Transport: d.server.Client()}}), cred
}

func (d *directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	assert.Equal(d.t, "Bearer token-1", r.Header.Get("Authorization"))
	d.calls = append(d.calls, r.URL.Path)
	if d.trouble != nil && d.trouble(w, r) {
		return
	}
	pages, ok := d.pages[r.URL.Path]
	if !ok {
		http.Error(w, `{"error":{"code":"Request_ResourceNotFound"}}`, http.StatusNotFound)
		return
	}
	if pages[0][0] == '{' {
		fmt.Fprint(w, pages[0])
		return
	}
	page, next := 0, ""
	fmt.Sscan(r.URL.Query().Get("$skiptoken"), &page)
	if page+1 < len(pages) {
		next = fmt.Sprintf(`,"@odata.nextLink":"%s%s?$skiptoken=%d"`, d.server.URL, r.URL.Path, page+1)
	}
	fmt.Fprintf(w, `{"value":%s%s}`, pages[page], next)
}

func (d *directory) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.calls)
}

func (d *directory) fails(f func(w http.ResponseWriter, r *http.Request) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble = f
}

func status(code int, retryAfter string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(code)
		return true
	}
}

var managers = []airlock.Person{
	{ID: "u1", Name: "Ann", Email: "ann@example.org"}, {ID: "u2", Name: "Ben", Email: "ben@example.org"},
	{ID: "u3", Name: "Cy"}, {ID: "u4", Name: "Dot", Email: "dot@example.org"},
}

func TestAPersonByTheirObjectID(t *testing.T) {
	d, g, _ := newDirectory(t)
	d.pages["/v1.0/users/u3"] = []string{`{"id":"u3","displayName":"Cy","mail":"cy@gmail.example","userPrincipalName":"cy_gmail.example#EXT#@tenant.example"}`}
	for range 2 {
		got, err := g.Person(t.Context(), graphWorkspace, "u3")
		require.NoError(t, err)
		assert.Equal(t, airlock.Person{ID: "u3", Name: "Cy", Email: "cy@gmail.example"}, got)
	}
	assert.Equal(t, 1, d.count(), "remembered")
	got, err := g.Person(t.Context(), graphWorkspace, "gone")
	require.NoError(t, err)
	assert.Equal(t, airlock.Person{ID: "gone"}, got)
	d.fails(status(http.StatusForbidden, ""))
	_, err = g.Person(t.Context(), graphWorkspace, "u1")
	var fault *airlock.Fault
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, airlock.Operator, fault.Kind)
}

func TestMembersAreRemembered(t *testing.T) {
	d, g, _ := newDirectory(t)
	now := time.Now()
	g.now = func() time.Time { return now }
	for range 3 {
		_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
		require.NoError(t, err)
	}
	before := d.count()
	for id, want := range map[airlock.UserID]bool{managers[0].ID: true, "somebody": false} {
		holds, err := g.Holds(t.Context(), graphWorkspace, id, airlock.RoleManager)
		require.NoError(t, err)
		assert.Equal(t, want, holds)
	}
	_, _ = g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	assert.Equal(t, before, d.count(), "a second question is not asked within ten minutes")

	now = now.Add(freshFor)
	d.fails(status(503, "60"))
	got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
	assert.Equal(t, managers, got, "old members are better than none")
	_, err = g.Holds(t.Context(), graphWorkspace, managers[0].ID, airlock.RoleManager)
	require.ErrorAs(t, err, new(*airlock.Fault), "but they do not open anything")
	asked := d.count()
	assert.Greater(t, asked, before)
	_, _ = g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	assert.Equal(t, asked, d.count(), "a directory in trouble is left alone as long as it asks")

	now = now.Add(staleFor)
	_, err = g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.Error(t, err, "but not for ever")
	d.fails(nil)
	now = now.Add(azure.LongestWait)
	_, err = g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
}

func TestThrottlingIsWaitedForWithinTheTimeThereIs(t *testing.T) {
	d, g, _ := newDirectory(t)
	first := true
	d.fails(func(w http.ResponseWriter, r *http.Request) bool {
		if !first {
			return false
		}
		first = false
		return status(429, "1")(w, r)
	})
	began := time.Now()
	_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(began), time.Second, "Retry-After is honoured")
}

func TestALongRetryAfterEndsTheLookUpAtOnce(t *testing.T) {
	d, g, _ := newDirectory(t)
	d.fails(status(429, "120"))
	began := time.Now()
	_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	assert.Less(t, time.Since(began), 2*time.Second)
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	assert.Equal(t, airlock.Transient, f.Kind)
	assert.Equal(t, 2*time.Minute, f.After)
	asked := d.count()
	_, err = g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.Error(t, err)
	assert.Equal(t, asked, d.count())
}

// Trouble of Graph is found out once, not for every role of every workspace.
func TestGraphInTroubleIsLeftAloneByAll(t *testing.T) {
	d, g, _ := newDirectory(t)
	now := time.Now()
	g.now = func() time.Time { return now }
	d.fails(status(503, "60"))
	_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.Error(t, err)
	asked := d.count()
	other := graphWorkspace
	other.ServicePrincipalID = "99999999-0000-4000-8000-000000000002"
	for _, ws := range []airlock.Workspace{graphWorkspace, other} {
		var f *airlock.Fault
		_, err = g.Members(t.Context(), ws, airlock.RoleOwner)
		require.ErrorAs(t, err, &f)
		assert.Equal(t, airlock.Transient, f.Kind)
	}
	assert.Equal(t, asked, d.count())

	d.fails(nil)
	now = now.Add(time.Minute)
	_, err = g.Members(t.Context(), other, airlock.RoleOwner)
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	assert.Equal(t, airlock.Operator, f.Kind, "no such application")
	got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleOwner)
	require.NoError(t, err, "which is that workspace's trouble alone")
	assert.Len(t, got, 1)
}

func TestAnHourWithoutGraph(t *testing.T) {
	d, g, _ := newDirectory(t)
	now := time.Now()
	g.now = func() time.Time { return now }
	d.fails(status(503, "10"))
	for range 60 * 60 / 2 { // a mail is tried every two seconds
		_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
		require.Error(t, err)
		now = now.Add(2 * time.Second)
	}
	assert.LessOrEqual(t, d.count(), 60*60/15, "Graph is not stormed")
	d.fails(nil)
	now = now.Add(restAfter)
	got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
	assert.Equal(t, managers, got)
}

func TestACallerWhoLeavesSaysNothingAboutGraph(t *testing.T) {
	_, g, _ := newDirectory(t)
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err := g.Members(gone, graphWorkspace, airlock.RoleManager)
	require.Error(t, err)
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	_, err = g.Members(late, graphWorkspace, airlock.RoleManager)
	require.Error(t, err)
	got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
	assert.Equal(t, managers, got)
}

func TestWhatTheDirectorysErrorsMean(t *testing.T) {
	for code, want := range map[int]airlock.FaultKind{403: airlock.Operator, 404: airlock.Operator, 401: airlock.Operator, 500: airlock.Transient} {
		d, g, _ := newDirectory(t)
		d.fails(status(code, "60"))
		_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
		var f *airlock.Fault
		require.ErrorAs(t, err, &f)
		assert.Equal(t, want, f.Kind, code)
		assert.NotContains(t, f.Cause(), "http")
	}
}

func TestASlowDirectoryIsCutOff(t *testing.T) {
	d, g, _ := newDirectory(t)
	d.server.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	t.Cleanup(d.server.CloseClientConnections) // the question goes on without this caller
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := g.Members(ctx, graphWorkspace, airlock.RoleManager)
	var f *airlock.Fault
	require.ErrorAs(t, err, &f)
	assert.Equal(t, "TimedOut", f.Code)
}

func TestPeopleWhoLeftAreNobody(t *testing.T) {
	d, g, _ := newDirectory(t)
	delete(d.pages, "/v1.0/users/u4")
	delete(d.pages, "/v1.0/groups/g1/transitiveMembers")
	got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
	assert.Equal(t, managers[:1], got)
}

func TestWithoutAServicePrincipalTheContactsCount(t *testing.T) {
	d, g, _ := newDirectory(t)
	ws := graphWorkspace
	ws.ServicePrincipalID = ""
	got, err := g.Members(t.Context(), ws, airlock.RoleOwner)
	require.NoError(t, err)
	assert.Equal(t, ws.Contacts.Owners, got)
	assert.Zero(t, d.count())
}

func TestParallelQuestionsAreAskedOnce(t *testing.T) {
	d, g, _ := newDirectory(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleOwner)
			assert.NoError(t, err)
			assert.Len(t, got, 1)
		})
	}
	wg.Wait()
	assert.Equal(t, 4, d.count(), "the application, two pages of assignments, one user")
}

func TestApplicationsAreLookedUp(t *testing.T) {
	d, g, _ := newDirectory(t)
	d.pages["/v1.0/servicePrincipals/on"] = []string{`{"id":"on","accountEnabled":true}`}
	d.pages["/v1.0/servicePrincipals/off"] = []string{`{"id":"off","accountEnabled":false}`}
	for id, want := range map[string]bool{"on": true, "off": false, "gone": false} {
		got, err := g.Application(t.Context(), id)
		require.NoError(t, err, id)
		require.Equal(t, want, got, id)
	}
	d.trouble = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	_, err := g.Application(t.Context(), "on")
	var fault *airlock.Fault
	require.ErrorAs(t, err, &fault)
}
