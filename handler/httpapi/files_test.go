package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/workflow"
)

const checkPath = "/api/workspaces/" + string(genomics) + "/check"

func TestLinkToOneFile(t *testing.T) {
	f := newFixture(t)
	f.link.Permission = airlock.LinkRead
	got := f.send("POST", requestPath+"/link", researcher(), `{"file":"a/b.csv"}`).isOK().json()
	require.Equal(t, "a/b.csv", f.file)
	require.Contains(t, got["fileUrl"], "sig=")
	require.NotContains(t, got, "containerUrl")
	f.send("POST", requestPath+"/link", researcher(), `{"file":""}`).isOK()
	require.Empty(t, f.file, "an empty name is none")
	require.NotContains(t, f.logs.String(), "b.csv")
	f.send("POST", requestPath+"/link", researcher(), `{"file":7}`).isProblem(422, "invalid_request", "")
}

func TestFilesOfADraftAndOfARequest(t *testing.T) {
	f := newFixture(t)
	f.request.Type = airlock.Export
	f.request.Files = []airlock.File{{Name: "secret.csv", Size: 3, SHA256: "ab"}}
	got := f.get(requestPath+"/files", researcher()).isOK().json()
	require.Equal(t, map[string]any{"source": "draft", "files": []any{map[string]any{"name": "secret.csv", "size": 3.0, "sha256": "ab"}}}, got)
	require.NotContains(t, f.asked, "seen "+string(theRequest))
	f.request.Status = airlock.InReview
	f.seen = map[string][]workflow.Earlier{"ab": {{Request: theRequest, Status: airlock.Rejected, When: moment}}}
	got = f.get(requestPath+"/files?seen=true", grace()).isOK().json()
	require.Equal(t, []any{map[string]any{"request": string(theRequest), "status": "rejected", "when": float64(moment.UnixMicro()) / 1e6}},
		got["files"].([]any)[0].(map[string]any)["seen"])
	got = f.get(requestPath+"/files", researcher()).isOK().json()
	require.Equal(t, map[string]any{"source": "request", "files": []any{map[string]any{"name": "file 1", "size": 3.0}}}, got, "names of an export are for its reviewers")
}

func TestFilesAreCheckedBeforeAnythingIsUploaded(t *testing.T) {
	f := newFixture(t)
	check := func(token, body string) []any {
		return f.send("POST", checkPath, token, body).isOK().json()["violations"].([]any)
	}
	require.Empty(t, check(researcher(), `{"type":"import","files":[{"name":"a.csv","size":3}]}`))
	rules := func(violations []any) (rules []string) {
		for _, v := range violations {
			rules = append(rules, v.(map[string]any)["rule"].(string))
		}
		return rules
	}
	require.Equal(t, []string{"no_files"}, rules(check(owner(), `{"type":"import","files":[]}`)))
	two := check(researcher(), `{"type":"export","files":[{"name":"a.csv","size":3},{"name":"b/../c.csv","size":1}]}`)
	assert.Equal(t, []string{"too_many_files", "forbidden_name"}, rules(two))
	assert.Equal(t, "b/../c.csv", two[1].(map[string]any)["file"], "whoever sends a name may read it")

	f.send("POST", checkPath, manager(), `{"type":"import","files":[]}`).isProblem(http.StatusForbidden, "role_missing", "")
	f.send("POST", checkPath, researcher(), `{"type":"import"}`).isProblem(422, "invalid_request", "")
	f.send("POST", checkPath, researcher(), `{"type":"import","files":[{"name":"a","size":-1}]}`).isProblem(422, "invalid_request", "")
}

func TestManyLongNamesCanBeChecked(t *testing.T) {
	f := newFixture(t)
	f.workspaces[0].Policy.Files.MaxFiles = 500
	var files []string
	for i := range 500 {
		files = append(files, fmt.Sprintf(`{"name":"%03d%s","size":1}`, i, strings.Repeat("/"+strings.Repeat("n", 99), 9)))
	}
	got := f.send("POST", checkPath, researcher(), `{"type":"import","files":[`+strings.Join(files, ",")+`]}`).isOK().json()
	require.Equal(t, "manifest_too_large", got["violations"].([]any)[0].(map[string]any)["rule"])
	f.send("POST", checkPath, researcher(), `{"x":"`+strings.Repeat("x", 512<<10)+`"}`).isProblem(413, "body_too_large", "The body is larger than 512 KiB")
}
