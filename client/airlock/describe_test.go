package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/client"
	"example.org/airlock/client/blobs"
)

// full is a request with everything that can be said of one.
const full = `{"airlockRequest":{"id":"15868326-f1fc-4c57-84c0-27ba2aad3193","workspaceId":"9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11","type":"export",
"title":"Blood counts","businessJustification":"For the paper\nTable 2","status":"in_review","statusMessage":"","createdBy":{"id":"a","name":"Ada Researcher"},
"createdWhen":1795884600,"heldBy":"airlock_manager","next":"An airlock manager decides.","dueWhen":1795888200,"overdue":true,"turn":2,
"answers":{"smallestCount":12,"context":"Table 2"},"claim":{"by":{"name":"Grace Manager"},"until":1795888200},
"files":[{"name":"a.csv","size":2048,"sha256":"73cb","verdict":{"outcome":"clean"},"change":"renamed","from":"b.csv"},
{"name":"code.R","size":10,"supporting":true},{"name":"c.csv","size":1,"withheld":true,"verdict":{"outcome":"malicious","malware":["EICAR"]}}],
"reviews":[{"reviewer":{"name":"Mary Manager"},"dateCreated":1795884900,"reviewDecision":"changes_requested","decisionExplanation":"Round\nthem","files":[{"name":"a.csv","decision":"change","comment":"row 2"},{"name":"c.csv","decision":"fine"}]}]},
"allowedUserActions":["review","cancel"]}`

func TestDescribe(t *testing.T) {
	here := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = here })
	var e client.Envelope
	require.NoError(t, json.Unmarshal([]byte(full), &e))
	a := newApp(nil, nil, nil, func(string) string { return "" })
	a.known = &known{Workspaces: []knownWorkspace{{ID: "9e1a7c52-6d0b-4f3e-8a41-5b7c2d9f0e11", Name: "Genomics"}}}
	assert.Equal(t, `Title       Blood counts
Request     15868326-f1fc-4c57-84c0-27ba2aad3193
What        export out of Genomics
From        Ada Researcher, 28 Nov 2026 16:50
Why         For the paper
            Table 2
Status      in review
Next        An airlock manager decides.
Due         28 Nov 2026 17:50 (overdue)
Turn        2
Answers     context: Table 2
            smallestCount: 12
Claimed     by Grace Manager until 28 Nov 2026 17:50
Files       a.csv  2.0 kB  clean  renamed b.csv  sha256 73cb
            code.R  10 B  supporting, never released
            c.csv  1 B  malicious EICAR  withheld
Decisions   changes requested by Mary Manager, 28 Nov 2026 16:55: Round them
              a.csv: change: row 2
              c.csv: fine
You can     review, cancel
`, a.describe(e))
	list := a.listed([]client.Listed{{Request: e.Request, Raw: json.RawMessage("{}")}})
	assert.Equal(t, `ID                                    TITLE         TYPE    STATUS     WORKSPACE  FROM            CREATED
15868326-f1fc-4c57-84c0-27ba2aad3193  Blood counts  export  in review  Genomics   Ada Researcher  28 Nov 2026 16:50
`, list.table.aligned(200, false))
}

// Every kind of error has its exit code and its words.
func TestReport(t *testing.T) {
	t.Parallel()
	problem := func(status int, code string) error {
		return &client.Problem{Status: status, Code: code, Detail: "The service says so."}
	}
	for _, c := range []struct {
		err  error
		code int
		says string
	}{
		{nil, exitDone, ""},
		{errors.New("x"), exitFailed, "airlock: x\n"},
		{wrongUsage("x"), exitUsage, "airlock: x\n"},
		{problem(http.StatusBadRequest, "invalid_request"), exitFailed, "airlock: The service says so. (invalid_request)\n"},
		{problem(http.StatusUnauthorized, "token_invalid"), exitSignIn, "airlock: The service says so. (token_invalid)\nSign in again with `airlock login`.\n"},
		{problem(http.StatusForbidden, "not_permitted"), exitForbidden, "airlock: The service says so. (not_permitted)\n"},
		{problem(http.StatusNotFound, "no_such_request"), exitNotFound, "airlock: The service says so. (no_such_request)\n`airlock list` shows your requests, `airlock list --review` those to review.\n"},
		{problem(http.StatusConflict, client.CodeWrongStatus), exitChanged, "airlock: The service says so. (wrong_status)\n`airlock show` tells who has the request now and what can be done with it.\n"},
		{problem(http.StatusPreconditionFailed, client.CodePrecondition), exitChanged, "airlock: The service says so. (precondition_failed)\nLook at it again with `airlock show`, then repeat the command.\n"},
		{problem(http.StatusUnprocessableEntity, client.CodePolicy), exitViolated, "airlock: The service says so. (policy_violation)\n"},
		{problem(http.StatusServiceUnavailable, "unavailable"), exitUnavailable, "airlock: The service says so. (unavailable)\n"},
		{&client.NetworkError{Host: "a.example", Err: errors.New("no route to host")}, exitUnavailable, "airlock: a.example cannot be reached: no route to host\nIs the address right, is this machine on the network, and does it need a proxy (HTTPS_PROXY)?\n"},
		{&client.NetworkError{Host: "a.example", Err: &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New("refused")}}, exitUnavailable,
			"airlock: a.example cannot be reached: proxyconnect tcp: refused\nThe proxy that HTTPS_PROXY names does not answer. Correct it, or name hosts that need no proxy in NO_PROXY.\n"},
		{&client.SignInError{Why: "nobody is signed in"}, exitSignIn, "airlock: nobody is signed in\n"},
		{&blobs.UnreachableError{Host: "b.example", Why: "storage does not admit it"}, exitUnreachable, "airlock: the files of this request cannot be reached from this network (b.example: storage does not admit it). " +
			"Exports are uploaded and reviewed from a machine of the workspace, imports are reviewed from the review network and read in the workspace\n"},
		{&blobs.MismatchError{Name: "a.csv", Want: "1 bytes", Got: "2 or more"}, exitUnverified, "airlock: \"a.csv\" is not the file that was released: expected 1 bytes, got 2 or more. Nothing of it was kept; tell your TRE's operators\n"},
		{&blobs.ExistsError{Name: "a.csv"}, exitChanged, "airlock: \"a.csv\" is in the request already; add --replace to replace it\n"},
		{&blobs.StorageError{Status: http.StatusServiceUnavailable, Say: "storage refused"}, exitUnavailable, "airlock: storage refused (HTTP 503)\n"},
		{errors.New("PUT https://a.example/c?sig=c2VjcmV0: no"), exitFailed, "airlock: PUT https://a.example/c?sig=[hidden] no\n"},
	} {
		var said bytes.Buffer
		a := newApp(nil, &bytes.Buffer{}, &said, func(string) string { return "" })
		a.report(c.err)
		assert.Equal(t, c.code, codeOf(c.err), "%v", c.err)
		assert.Equal(t, c.says, said.String())
	}
}
