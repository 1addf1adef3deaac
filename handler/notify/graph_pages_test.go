package notify

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestMembersThroughPagesAndGroups(t *testing.T) {
	d, g, cred := newDirectory(t)
	got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
	assert.Equal(t, managers, got, "each person once, guests without mail have no address")
	assert.Equal(t, d.server.URL+"/.default", cred.scope)
	owners, err := g.Members(t.Context(), graphWorkspace, airlock.RoleOwner)
	require.NoError(t, err)
	assert.Equal(t, []airlock.Person{{ID: "u9", Name: "Olu", Email: "olu@example.org"}}, owners)
	none, err := g.Members(t.Context(), graphWorkspace, airlock.RoleResearcher)
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestANextPageElsewhereIsNotFollowed(t *testing.T) {
	var asked bool
	evil := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer evil.Close()
	d, g, _ := newDirectory(t)
	d.fails(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "appRoleAssignedTo") {
			return false
		}
		fmt.Fprintf(w, `{"value":[],"@odata.nextLink":%q}`, evil.URL+"/v1.0/x")
		return true
	})
	_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.ErrorIs(t, err, errForeignPage)
	assert.False(t, asked, "the token stays with Graph")
}

func TestOnlyGraphsOwnPagesAreFollowed(t *testing.T) {
	_, g, _ := newDirectory(t)
	plain := strings.TrimPrefix(g.endpoint, "https://")
	for address, want := range map[string]bool{
		g.endpoint + "/v1.0/x": true, strings.ToUpper(plain): false, "https://somebody@" + plain + "/v1.0/x": false, "http://" + plain + "/v1.0/x": false,
		"https://" + plain + ".example/v1.0/x": false, "/v1.0/x": false, "https://%zz": false,
	} {
		assert.Equal(t, want, g.own(address), address)
	}
}

func TestAListingHasAnEnd(t *testing.T) {
	d, g, _ := newDirectory(t)
	d.fails(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "appRoleAssignedTo") {
			return false
		}
		fmt.Fprintf(w, `{"value":[],"@odata.nextLink":%q}`, d.server.URL+r.URL.Path)
		return true
	})
	_, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.ErrorContains(t, err, "more than 50 pages")
	assert.Equal(t, 1+maxPages, d.count())
}

// Graph throttles by application: many people who hold a role without a group
// are not asked for all at once.
func TestALookUpMakesFewCallsAtOnce(t *testing.T) {
	d, g, _ := newDirectory(t)
	var assigned []string
	for i := range 4 * parallelCalls {
		assigned = append(assigned, fmt.Sprintf(`{"appRoleId":"role-manager","principalId":"p%d","principalType":"User"}`, i))
	}
	d.pages["/v1.0/servicePrincipals/"+principal+"/appRoleAssignedTo"] = []string{"[" + strings.Join(assigned, ",") + "]"}
	var now, most atomic.Int32
	d.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1.0/users/") {
			d.ServeHTTP(w, r)
			return
		}
		for n := now.Add(1); n > most.Load(); {
			most.Store(n)
		}
		time.Sleep(20 * time.Millisecond) // so that all that may come at once are here
		now.Add(-1)
		fmt.Fprintf(w, `{"id":%q}`, r.URL.Path)
	})
	got, err := g.Members(t.Context(), graphWorkspace, airlock.RoleManager)
	require.NoError(t, err)
	assert.Len(t, got, 4*parallelCalls)
	assert.LessOrEqual(t, most.Load(), int32(parallelCalls))
}
