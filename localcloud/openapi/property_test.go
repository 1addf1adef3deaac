package openapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/airlock/localcloud/openapi"
	"example.org/airlock/localcloud/story"
	"example.org/airlock/localcloud/story/storytest"
)

var shared *story.Cloud

func TestMain(m *testing.M) {
	os.Exit(storytest.Run(m, nil, func(c *story.Cloud) error { shared = c; return nil }))
}

// stranger makes calls from the API's own description and nothing else.
type stranger struct {
	*openapi.Description
	requests []string // ids seen in answers
	statuses map[int]int
}

// TestAnswersAreAsDescribed makes random calls, right and wrong, with tokens of
// everybody and nobody: nothing is answered with a 5xx or with anything the
// description does not promise.
func TestAnswersAreAsDescribed(t *testing.T) {
	resp, err := http.Get(shared.API + "/openapi.json")
	require.NoError(t, err)
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Body.Close()
	d, err := openapi.Read(raw)
	require.NoError(t, err)
	require.NotEmpty(t, d.Operations())
	s := &stranger{Description: d, statuses: map[int]int{}}
	rapid.Check(t, s.call)
	t.Logf("answers by status: %v", s.statuses)
	for _, status := range []int{200, 201, 401, 403, 404, 422} {
		require.NotZero(t, s.statuses[status], "no call was answered %d: the run proves little", status)
	}
}

func (s *stranger) call(t *rapid.T) {
	// Many calls a run: each costs a millisecond or two.
	for range 30 {
		o := rapid.SampledFrom(s.Operations()).Draw(t, "operation")
		req := s.request(t, o)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, errors.Join(err, resp.Body.Close()))
		require.Less(t, resp.StatusCode, 500, "%s %s: %s", req.Method, req.URL, body)
		s.statuses[resp.StatusCode]++
		// The host itself answers a call that fits no route: 404 without a body.
		if resp.StatusCode == http.StatusNotFound && len(body) == 0 {
			continue
		}
		require.NoError(t, s.Check(o, resp, body), "%s %s answered %s", req.Method, req.URL, body)
		s.learn(body)
	}
}

// learn keeps the ids of requests that answers tell of.
func (s *stranger) learn(body []byte) {
	var answer struct {
		AirlockRequest struct{ ID string }
	}
	if json.Unmarshal(body, &answer) == nil && answer.AirlockRequest.ID != "" {
		s.requests = append(s.requests, answer.AirlockRequest.ID)
	}
}

func (s *stranger) request(t *rapid.T, o openapi.Operation) *http.Request {
	path := o.Path
	for _, p := range o.Parameters["path"] {
		path = strings.ReplaceAll(path, "{"+p.Name+"}", s.pathValue(t, p.Name))
	}
	query := url.Values{}
	for _, p := range o.Parameters["query"] {
		if rapid.IntRange(0, 3).Draw(t, "give "+p.Name) == 0 {
			query.Set(p.Name, parameter(t, p))
		}
	}
	var body io.Reader
	if o.Body != nil {
		body = strings.NewReader(s.body(t, o))
	}
	req, err := http.NewRequest(o.Method, shared.API+path+"?"+query.Encode(), body)
	require.NoError(t, err)
	if body != nil {
		req.Header.Set("Content-Type", rapid.SampledFrom([]string{"application/json", "application/json", "application/json; charset=utf-8", "text/plain"}).Draw(t, "content type"))
	}
	for _, p := range o.Parameters["header"] {
		if rapid.IntRange(0, 4).Draw(t, "give "+p.Name) == 0 {
			req.Header.Set(p.Name, rapid.SampledFrom([]string{`"x-1"`, "*", "k1", "k2", `W/"y"`}).Draw(t, p.Name))
		}
	}
	if token := s.token(t); token != "" {
		req.Header.Set("Authorization", token)
	}
	return req
}

func (s *stranger) pathValue(t *rapid.T, name string) string {
	const nobody = "00000000-0000-4000-8000-000000000000"
	switch name {
	case "workspace_id":
		return rapid.SampledFrom([]string{shared.Workspaces["genomics"], shared.Workspaces["genomics"], shared.Workspaces["imaging"], nobody}).Draw(t, name)
	case "airlock_request_id":
		if n := len(s.requests); n > 0 && rapid.IntRange(0, 9).Draw(t, "known request") > 0 {
			return s.requests[n-1-rapid.IntRange(0, min(n-1, 5)).Draw(t, "which")]
		}
	}
	return nobody
}

// parameter is a value of the schema, or something else.
func parameter(t *rapid.T, p openapi.Parameter) string {
	wrong := rapid.SampledFrom([]string{"", "0", "-1", "x", "true", "99999999999999999999", "ä", "%", "a,b", "' or 1 eq 1"})
	if values, ok := p.Schema["enum"].([]any); ok && rapid.Bool().Draw(t, "one of the enumeration") {
		return fmt.Sprint(rapid.SampledFrom(values).Draw(t, p.Name))
	}
	return wrong.Draw(t, p.Name)
}

func (s *stranger) token(t *rapid.T) string {
	who := rapid.SampledFrom([]string{"researcher", "researcher", "researcher2", "owner", "manager", "manager", "researcher-manager", "admin", "nobody", "garbage"}).Draw(t, "caller")
	workspace := rapid.SampledFrom([]string{"genomics", "genomics", "genomics", "imaging", ""}).Draw(t, "audience")
	switch who {
	case "nobody":
		return ""
	case "garbage":
		return rapid.SampledFrom([]string{"Bearer x", "Bearer a.b.c", "Basic eDp5", "Bearer"}).Draw(t, "garbage")
	}
	token, err := shared.Token(who, workspace)
	if err != nil { // not a member there
		return ""
	}
	return "Bearer " + token
}

// body is a right body, a right one with a wrong value, or no JSON at all.
func (s *stranger) body(t *rapid.T, o openapi.Operation) string {
	right := map[string]map[string]any{
		"requests": {"type": "import", "title": "T", "businessJustification": "B"},
		"review":   {"approval": true, "decisionExplanation": "E"},
		"revoke":   {"reason": "R"},
	}[o.Path[strings.LastIndex(o.Path, "/")+1:]]
	b := map[string]any{}
	for k, v := range right {
		b[k] = v
	}
	odd := rapid.SampledFrom([]any{nil, "", " ", "yes", "True", 1, 2.5, -1, []any{}, map[string]any{}, "export", strings.Repeat("x", 5000), "a\x00b", "\u202e"})
	switch rapid.IntRange(0, 3).Draw(t, "kind of body") {
	case 0:
		return rapid.SampledFrom([]string{"", "{", "[]", "null", "1", `"x"`, "{\"a\":1,\"a\":2}", "\xff", strings.Repeat("[", 100)}).Draw(t, "raw body")
	case 1:
		member := rapid.SampledFrom([]string{"type", "title", "businessJustification", "approval", "decisionExplanation", "reason", "accounts", "policy", "displayName", "unknown"}).Draw(t, "member")
		b[member] = odd.Draw(t, "odd value")
	}
	out, err := json.Marshal(b)
	require.NoError(t, err)
	return string(out)
}
