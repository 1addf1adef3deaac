package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/identity"
)

func call(t *testing.T, h http.Handler, method, target, body string) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body)))
	var value map[string]any
	if strings.HasPrefix(strings.TrimSpace(w.Body.String()), "{") {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &value))
	}
	return w, value
}

// all follows the pages of a collection.
func all(t *testing.T, g *Graph, target string) (values []map[string]any, pages int) {
	t.Helper()
	for target != "" {
		w, value := call(t, g, "GET", target, "")
		require.Equal(t, 200, w.Code, w.Body)
		for _, v := range value["value"].([]any) {
			values = append(values, v.(map[string]any))
		}
		target, _ = value["@odata.nextLink"].(string)
		pages++
	}
	return values, pages
}

const base = "https://graph.microsoft.com/v1.0"

func TestMembersOfARoleThroughNestedGroups(t *testing.T) {
	g := New(Config{})
	genomics := identity.Workspaces()[0]
	_, sp := call(t, g, "GET", base+"/servicePrincipals/"+genomics.ServicePrincipalID+"?$select=appRoles", "")
	require.Len(t, sp, 1)
	assert.Len(t, sp["appRoles"], 3)

	assigned, pages := all(t, g, base+"/servicePrincipals/"+genomics.ServicePrincipalID+"/appRoleAssignedTo?$top=2")
	assert.Greater(t, pages, 2)
	var mails []string
	for _, a := range assigned {
		if a["appRoleId"] != roleIDs["WorkspaceResearcher"] {
			continue
		}
		if a["principalType"] == "Group" {
			members, _ := all(t, g, base+"/groups/"+a["principalId"].(string)+"/transitiveMembers?$select=id,mail")
			for _, m := range members {
				if m[typeOf] != userType {
					continue
				}
				assert.NotContains(t, m, "displayName")
				mails = append(mails, m["mail"].(string))
			}
			continue
		}
		_, user := call(t, g, "GET", base+"/users/"+a["principalId"].(string)+"?$select=mail", "")
		mails = append(mails, user["mail"].(string))
	}
	assert.ElementsMatch(t, []string{"researcher@tre.example", "researcher2@tre.example", "researcher-manager@tre.example"}, mails)
}

func TestGroupsInACircle(t *testing.T) {
	d := Directory{Groups: []Group{{"a", "A", []string{"b", "u"}}, {"b", "B", []string{"a", "u", "gone"}}}, Users: []User{{ID: "u"}}}
	members, _ := all(t, New(Config{Directory: &d}), base+"/groups/a/transitiveMembers")
	require.Len(t, members, 2)
	assert.Equal(t, map[string]any{typeOf: userType, "id": "u", "displayName": "", "mail": nil, "userPrincipalName": "", "accountEnabled": true}, members[1])
}

func TestPages(t *testing.T) {
	d := Directory{Groups: []Group{{ID: "g"}}}
	for i := range 7 {
		id := fmt.Sprint("u", i)
		d.Users = append(d.Users, User{ID: id})
		d.Groups[0].Members = append(d.Groups[0].Members, id)
	}
	g := New(Config{Directory: &d, PageSize: 3})
	for query, want := range map[string]int{"": 3, "?$top=2": 4, "?$top=999": 3, "?$top=1": 7} {
		members, pages := all(t, g, base+"/groups/g/transitiveMembers"+query)
		assert.Len(t, members, 7)
		assert.Equal(t, want, pages, query)
	}
	for _, query := range []string{"?$top=0", "?$top=1000", "?$skiptoken=x", "?$skiptoken=local-8"} {
		w, _ := call(t, g, "GET", base+"/groups/g/transitiveMembers"+query, "")
		assert.Equal(t, 400, w.Code, query)
	}
}

func TestUnknownThings(t *testing.T) {
	g := New(Config{})
	for _, path := range []string{"/users/gone", "/groups/gone/transitiveMembers", "/servicePrincipals/gone", "/servicePrincipals/gone/appRoleAssignedTo", "/groups/" + identity.Personas()[0].ObjectID + "/transitiveMembers", "/users/" + Local().Groups[0].ID} {
		w, value := call(t, g, "GET", base+path, "")
		assert.Equal(t, 404, w.Code, path)
		assert.Equal(t, "Request_ResourceNotFound", value["error"].(map[string]any)["code"])
	}
	w, _ := call(t, g, "GET", base+"/me", "")
	assert.Equal(t, 400, w.Code)
}

func TestFaults(t *testing.T) {
	g := New(Config{})
	target := base + "/users/" + identity.Personas()[0].ObjectID
	status := func() int {
		w, _ := call(t, g, "GET", target, "")
		return w.Code
	}
	w, _ := call(t, g.Control(), "PUT", "/faults", `{"throttle":1,"retryAfter":7,"fail":1,"status":504}`)
	require.Equal(t, 200, w.Code)
	w, _ = call(t, g, "GET", target, "")
	assert.Equal(t, 429, w.Code)
	assert.Equal(t, "7", w.Header().Get("Retry-After"))
	assert.Equal(t, 504, status())
	assert.Equal(t, 200, status())
	g.SetFaults(Faults{Fail: -1})
	assert.Equal(t, 503, status())
	assert.Equal(t, 503, status())

	g.SetFaults(Faults{HangMilliseconds: 60000})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", target, nil))
	g.SetFaults(Faults{})
	assert.Equal(t, 200, status())

	_, directory := call(t, g.Control(), "GET", "/directory", "")
	assert.Len(t, directory["users"], len(identity.Personas()))
	w, _ = call(t, g.Control(), "PUT", "/directory", `{"users":[]}`)
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, 404, status())
	w, _ = call(t, g.Control(), "PUT", "/faults", `{"misspelt":1}`)
	assert.Equal(t, 400, w.Code)
	w, _ = call(t, g.Control(), "GET", "/calls", "")
	assert.Contains(t, w.Body.String(), "GET /v1.0/users/")
	w, _ = call(t, g.Control(), "GET", "/faults", "")
	assert.JSONEq(t, `{}`, w.Body.String())
}

func TestTokenIsNeeded(t *testing.T) {
	g := New(Config{Authorize: func(*http.Request) error { return errors.New("no token") }})
	w, _ := call(t, g, "GET", base+"/users/x", "")
	assert.Equal(t, 401, w.Code)
	assert.Empty(t, g.Calls())
}
