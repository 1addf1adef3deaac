package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func nested(depth int) string {
	return strings.Repeat(`{"x":`, depth) + "1" + strings.Repeat("}", depth)
}

// TestStrictEdge: the bodies that pass, and the answer to each kind that does not.
func TestStrictEdge(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		name   string
		body   string
		status int
		code   string
	}{
		{"good", `{"type":"import"}`, 201, ""},
		{"blanks around", " \n{\"type\" : \"import\"}\t", 201, ""},
		{"unknown members", `{"type":"import","x":{"y":[1,2,{"z":null}]}}`, 201, ""},
		{"null for a default", `{"type":"import","title":null}`, 201, ""},
		{"escapes", `{"type":"\u0069mport","title":"caf\u00e9 \ud83d\ude00"}`, 201, ""},
		{"longest title", `{"type":"import","title":"` + strings.Repeat("é", 200) + `"}`, 201, ""},
		{"longest justification in four bytes each", `{"type":"import","businessJustification":"` + strings.Repeat("😀", 4000) + `"}`, 201, ""},
		{"paragraphs", `{"type":"import","businessJustification":"one\n\ttwo\r\n"}`, 201, ""},
		{"as deep as allowed", `{"type":"import","x":` + nested(31) + `}`, 201, ""},

		{"none", ``, 400, "malformed_body"},
		{"cut off", `{"type":"import"`, 400, "malformed_body"},
		{"two values", `{"type":"import"}{}`, 400, "malformed_body"},
		{"trailing text", `{"type":"import"}x`, 400, "malformed_body"},
		{"single quotes", `{'type':'import'}`, 400, "malformed_body"},
		{"comment", `{"type":"import"/**/}`, 400, "malformed_body"},
		{"byte order mark", "\xef\xbb\xbf" + `{"type":"import"}`, 400, "malformed_body"},
		{"not UTF-8", "{\"type\":\"import\",\"title\":\"\xff\"}", 400, "malformed_body"},
		{"UTF-16", "\xff\xfe{\x00}\x00", 400, "malformed_body"},
		{"a member twice", `{"type":"import","type":"export"}`, 400, "malformed_body"},
		{"a member twice, escaped", `{"type":"import","t\u0079pe":"export"}`, 400, "malformed_body"},
		{"a member twice in other letter case", `{"type":"import","TYPE":"export"}`, 400, "malformed_body"},
		{"a member twice by folding", `{"businessJustification":"a","busineſsJustification":"b","type":"import"}`, 400, "malformed_body"},
		{"a member twice, deeper", `{"type":"import","x":[{"y":1,"y":2}]}`, 400, "malformed_body"},
		{"too deep", `{"type":"import","x":` + nested(32) + `}`, 400, "malformed_body"},
		{"too deep in arrays", `{"type":"import","x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, 400, "malformed_body"},

		{"not an object", `[]`, 422, "invalid_request"},
		{"null", `null`, 422, "invalid_request"},
		{"type missing", `{"title":"T"}`, 422, "invalid_request"},
		{"type unknown", `{"type":"sideways"}`, 422, "invalid_request"},
		{"type in other letter case", `{"type":"Import"}`, 422, "invalid_request"},
		{"type null", `{"type":null}`, 422, "invalid_request"},
		{"title a number", `{"type":"import","title":1}`, 422, "invalid_request"},
		{"title too long", `{"type":"import","title":"` + strings.Repeat("é", 201) + `"}`, 422, "invalid_request"},
		{"title blank", `{"type":"import","title":"  "}`, 422, "invalid_request"},
		{"title empty", `{"type":"import","title":""}`, 422, "invalid_request"},
		{"title of two lines", `{"type":"import","title":"a\nb"}`, 422, "invalid_request"},
		{"NUL in the title", `{"type":"import","title":"a\u0000b"}`, 422, "invalid_request"},
		{"escape in the justification", `{"type":"import","businessJustification":"a\u001b[2Jb"}`, 422, "invalid_request"},
		{"C1 control", `{"type":"import","title":"a\u0085b"}`, 422, "invalid_request"},
		{"justification too long", `{"type":"import","businessJustification":"` + strings.Repeat("a", 4001) + `"}`, 422, "invalid_request"},

		{"too large", `{"type":"import","x":"` + strings.Repeat("a", 64<<10) + `"}`, 413, "body_too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{t: t, fakeService: f.fakeService, server: f.server}
			before := len(f.asked)
			a := f.send("POST", requestsPath, researcher(), tt.body)
			if tt.status < 300 {
				require.Equal(t, tt.status, a.StatusCode, string(a.body))
				return
			}
			a.isProblem(tt.status, tt.code, "")
			require.Len(t, f.asked, before+1, "only the workspace was looked up")
			require.NotContains(t, string(a.body), "go:")
			require.NotContains(t, string(a.body), "json:", "no library's text")
		})
	}
}

func TestLimitOfTheBodyIsExact(t *testing.T) {
	f := newFixture(t)
	const frame = `{"type":"import","x":""}`
	fits := strings.Replace(frame, `""`, `"`+strings.Repeat("a", 64<<10-len(frame))+`"`, 1)
	require.Len(t, fits, 64<<10)
	for _, chunked := range []bool{false, true} {
		require.Equal(t, 201, f.sendRaw(fits, chunked))
		require.Equal(t, 413, f.sendRaw(fits+" ", chunked))
	}
}

// sendRaw creates a request, with or without a Content-Length.
func (f *fixture) sendRaw(body string, chunked bool) int {
	req, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.server.URL+requestsPath, bytes.NewBufferString(body))
	require.NoError(f.t, err)
	if chunked {
		req.ContentLength, req.Body = -1, io.NopCloser(bytes.NewBufferString(body))
	}
	req.Header.Set("Authorization", "Bearer "+researcher())
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(f.t, err)
	resp.Body.Close()
	return resp.StatusCode
}

func TestByteOrderMarkIsNamed(t *testing.T) {
	f := newFixture(t)
	a := f.send("POST", requestsPath, researcher(), "\xef\xbb\xbf{}")
	a.isProblem(400, "malformed_body", "body: begins with a byte order mark")
}

func TestMediaTypes(t *testing.T) {
	f := newFixture(t)
	for media, status := range map[string]int{
		"": 201, "application/json": 201, "application/json; charset=utf-8": 201, "application/json; charset=UTF-8": 201, "Application/JSON": 201,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "application/xml": 415,
		"application/problem+json": 415, "json": 415, "application/json; charset=utf-16": 415, "application/json, text/plain": 415, ";": 415, "*/*": 415,
	} {
		a := f.send("POST", requestsPath, researcher(), `{"type":"import"}`, "Content-Type", media)
		require.Equal(t, status, a.StatusCode, "%q: %s", media, a.body)
		if status == 415 {
			a.isProblem(415, "unsupported_media_type", "")
			f.send("POST", requestPath+"/submit", researcher(), "", "Content-Type", media).isOK()
		}
	}
	f.send("POST", requestsPath, researcher(), "\x1f\x8b\x08", "Content-Encoding", "gzip").isProblem(415, "unsupported_media_type", "")
	f.send("POST", requestsPath, researcher(), `{"type":"import"}`, "Content-Encoding", "identity").isOK()
}

func TestBodiesWhereNoneIsNeeded(t *testing.T) {
	f := newFixture(t)
	for path, token := range map[string]string{requestPath + "/submit": researcher(), requestPath + "/cancel": researcher(), requestPath + "/link": researcher(),
		requestPath + "/retry": owner(), "/api/operations/reconcile": admin(), "/api/operations/parked-events/" + string(theRequest) + "/redrive": admin()} {
		for body, status := range map[string]int{"": 200, "{}": 200, `{"x":1}`: 200, "null": 200, " null\n": 200, "  \n": 200,
			"[]": 422, `""`: 422, `"null"`: 422, "0": 422, "false": 422, "[null]": 422, "{": 400, "nul": 400, "NULL": 400, "null null": 400, `{"x":1,"x":2}`: 400} {
			a := f.send("POST", path, token, body)
			require.Equal(t, status, a.StatusCode, "%s %q", path, body)
			if status != 200 {
				require.NotEmpty(t, a.json()["detail"])
			}
		}
	}
	require.Equal(t, 200, f.send("GET", requestPath, researcher(), "not even JSON", "Content-Type", "text/plain").StatusCode, "a GET's body is nobody's business")
}

func TestLaxBooleans(t *testing.T) {
	f := newFixture(t)
	yes := []string{`true`, `1`, `1.0`, `"true"`, `"True"`, `"TRUE"`, `"1"`, `"yes"`, `"Y"`, `"on"`, `"t"`}
	no := []string{`false`, `0`, `"false"`, `"False"`, `"0"`, `"no"`, `"N"`, `"OFF"`, `"f"`}
	for _, list := range []struct {
		texts []string
		want  bool
	}{{yes, true}, {no, false}} {
		for _, text := range list.texts {
			f.review.Decision = ""
			f.send("POST", requestPath+"/review", manager(), `{"approval":`+text+`}`).isOK()
			require.Equal(t, list.want, f.review.Decision == airlock.DecisionApproved, text)
		}
	}
	for _, text := range []string{`""`, `" true"`, `"true "`, `2`, `-1`, `0.5`, `null`, `"maybe"`, `[]`, `{}`, `[true]`, `"truee"`, `"ja"`} {
		f.send("POST", requestPath+"/review", manager(), `{"approval":`+text+`}`).isProblem(422, "invalid_request", "")
	}
	f.send("POST", requestPath+"/review", manager(), `{"decisionExplanation":"x"}`).isProblem(422, "invalid_request", "")
	f.send("POST", requestPath+"/review", manager(), `{"approval":true,"decision":"reject"}`).isProblem(422, "invalid_request", "")
	f.send("POST", requestPath+"/review", manager(), `{"approval":"false","decision":"reject"}`).isOK()
	f.send("POST", requestPath+"/review", manager(), `{"decision":"request_changes"}`).isOK()
	require.Equal(t, airlock.DecisionChanges, f.review.Decision)
	for _, decision := range []string{`""`, `"approved"`, `"APPROVE"`, `null`, `true`} {
		f.send("POST", requestPath+"/review", manager(), `{"decision":`+decision+`}`).isProblem(422, "invalid_request", "")
	}
	f.send("POST", requestPath+"/review", manager(), `{"approval":true,"decisionExplanation":" "}`).isProblem(422, "invalid_request", "")
	f.send("POST", requestPath+"/review", manager(), `{"approval":true,"approval":false}`).isProblem(400, "malformed_body", "")
}

// Where an object is needed, nothing and null are no object, at any depth; a null
// where a member may be left out is as good as none.
func TestBodiesWhereAnObjectIsNeeded(t *testing.T) {
	f := newFixture(t)
	calls := []struct{ method, path, token string }{
		{"POST", requestsPath, researcher()}, {"POST", requestPath + "/review", manager()}, {"POST", requestPath + "/revoke", manager()},
		{"PUT", "/api/workspaces/" + string(genomics), admin()},
	}
	for _, c := range calls {
		for body, status := range map[string]int{"": 400, " ": 400, "\n": 400, "null": 422, " null ": 422, "[]": 422, `""`: 422, "7": 422, "true": 422, "{}": 422, "[{}]": 422} {
			a := f.send(c.method, c.path, c.token, body)
			require.Equal(t, status, a.StatusCode, "%s %q: %s", c.path, body, a.body)
			require.NotEmpty(t, a.json()["detail"])
		}
	}
	document := string(f.get("/api/workspaces/"+string(genomics), admin()).isOK().body)
	for _, member := range []string{"displayName", "description", "clientId", "scopeId", "accounts", "contacts", "policy"} {
		var w struct {
			Workspace struct{ Document map[string]any }
		}
		require.NoError(t, json.Unmarshal([]byte(document), &w))
		require.Contains(t, w.Workspace.Document, member)
		w.Workspace.Document[member] = nil
		body, err := json.Marshal(w.Workspace.Document)
		require.NoError(t, err)
		a := f.send("PUT", "/api/workspaces/"+string(genomics), admin(), string(body), "If-Match", "*")
		require.Less(t, a.StatusCode, 500, "%s: %s", member, a.body)
	}
}
