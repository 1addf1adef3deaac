package azuretre

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

// stored is a document as AzureTRE v0.29 writes it, with what Cosmos DB adds.
const stored = `{"id":"AF89DCCD-cdf8-4e47-8cfe-995faeac0f09","resourceVersion":4,
"createdBy":{"id":"11111111-1111-4111-8111-111111111111","name":"Ada Researcher","email":"ada@example.org","roles":["WorkspaceResearcher"],"audience":"22222222-2222-4222-8222-222222222222","is_workspace_token":true},
"createdWhen":1770000000.123,
"updatedBy":{"id":"33333333-3333-4333-8333-333333333333","name":"Bob Manager","email":"bob@example.org","roleAssignments":[["a","b"]]},
"updatedWhen":1770000400.0,
"history":[{"resourceVersion":0,"updatedWhen":1770000000.123,"updatedBy":{"id":"11111111-1111-4111-8111-111111111111"},"properties":{"previousStatus":"draft"}},
 {"resourceVersion":3,"updatedWhen":1770000210.0,"updatedBy":{"id":"11111111-1111-4111-8111-111111111111"},"properties":{"previousStatus":"in_review"}}],
"workspaceId":"abc000d3-82da-4bfc-b6e9-9a7853ef753e","type":"import","files":[{"name":"data.csv","size":1024.0}],
"title":"A title","businessJustification":"first\r\nsecond","status":"approved","statusMessage":null,
"reviews":[{"id":"5b5b5b5b-0000-4000-8000-000000000000","reviewer":{"id":"33333333-3333-4333-8333-333333333333","name":"Bob Manager"},"dateCreated":1770000400.0,"reviewDecision":"Approved","decisionExplanation":"looks fine"}],
"_etag":"\"0000c8e7\"","reviewUserResources":{"x":{}},"_rid":"a==","_self":"dbs/","_ts":1770000400,"_attachments":"attachments/"}`

func TestRequest(t *testing.T) {
	r, err := Request([]byte(stored))
	require.NoError(t, err)
	assert.Equal(t, airlock.RequestID("af89dccd-cdf8-4e47-8cfe-995faeac0f09"), r.ID)
	assert.Equal(t, airlock.WorkspaceID("abc000d3-82da-4bfc-b6e9-9a7853ef753e"), r.Workspace)
	assert.Equal(t, airlock.Approved, r.Status)
	assert.Equal(t, 4, r.Number)
	assert.Equal(t, "first\nsecond", r.Justification)
	assert.Equal(t, []airlock.File{{Name: "data.csv", Size: 1024}}, r.Files)
	assert.Equal(t, time.Date(2026, 2, 2, 2, 40, 0, 123e6, time.UTC), r.CreatedWhen)
	assert.Equal(t, r.UpdatedWhen, r.StatusSince)
	assert.Equal(t, airlock.InReview, r.History[1].Status)
	assert.Equal(t, airlock.DecisionApproved, r.Reviews[0].Decision)
	assert.Equal(t, airlock.UserID("33333333-3333-4333-8333-333333333333"), r.Reviews[0].Reviewer.ID)
	assert.Empty(t, r.Accounts, "the bytes are not here")
	assert.True(t, r.Archived())
	assert.Len(t, r.Imported.Digest, 64)
}

func TestRequestRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ old, with, says string }{
		"no JSON":            {stored, "nonsense", "no request of AzureTRE"},
		"an array":           {stored, "[" + stored + "]", "no request of AzureTRE"},
		"a bad id":           {"AF89DCCD-cdf8", "../AF89DCCD-cdf8", "id "},
		"no type":            {`"type":"import"`, `"type":null`, "not import or export"},
		"a status of ours":   {`"status":"approved"`, `"status":"returned"`, "none of AzureTRE's"},
		"an unknown status":  {`"previousStatus":"in_review"`, `"previousStatus":"lost"`, "history[1]"},
		"nobody made it":     {`"createdBy":{"id":"11111111-1111-4111-8111-111111111111"`, `"createdBy":{"id":""`, "createdBy has no id"},
		"the system made it": {`"createdBy":{"id":"11111111-1111-4111-8111-111111111111"`, `"createdBy":{"id":"system"`, "createdBy has the id"},
		"half a byte":        {`1024.0`, `1024.5`, "data.csv"},
		"a negative size":    {`1024.0`, `-1`, "data.csv"},
		"before time":        {`"updatedWhen":1770000400.0,` + "\n", `"updatedWhen":-1,` + "\n", "updatedWhen"},
		"after time":         {`"dateCreated":1770000400.0`, `"dateCreated":1e300`, "reviews[0].dateCreated"},
		"an odd decision":    {`"Approved"`, `"maybe"`, "reviews[0]"},
		"a negative version": {`"resourceVersion":4`, `"resourceVersion":-4`, "resourceVersion"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(stored, tt.old, tt.with, 1)
			require.NotEqual(t, stored, text)
			_, err := Request([]byte(text))
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// Old documents lack moments and lists, and nothing in a text may hide anything.
func TestOldAndOddDocuments(t *testing.T) {
	text := strings.NewReplacer(`"createdWhen":1770000000.123`, `"createdWhen":null`, `"A title"`, `"A \u001b[31mtitle\u202e"`).Replace(stored)
	r, err := Request([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, r.UpdatedWhen, r.CreatedWhen)
	assert.Equal(t, "A [31mtitle", r.Title)
	r, err = Request([]byte(`{"id":"af89dccd-cdf8-4e47-8cfe-995faeac0f09","workspaceId":"abc000d3-82da-4bfc-b6e9-9a7853ef753e","type":"export","status":"draft","updatedWhen":1,"reviews":null,"files":null,"createdBy":{"id":"11111111-1111-4111-8111-111111111111"}}`))
	require.NoError(t, err)
	assert.False(t, r.Archived())
	assert.NotNil(t, r.Reviews)
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", maxLine+1)
	var got []Line
	for line := range Lines(strings.NewReader("\ufeff{\"a\":1}\r\n\n" + long + "\nlast" + "\n" + long)) {
		got = append(got, line)
	}
	require.Equal(t, []Line{{Number: 1, Text: []byte(`{"a":1}`)}, {Number: 3, Err: ErrTooLong}, {Number: 4, Text: []byte("last")}, {Number: 5, Err: ErrTooLong}}, got)
	for range Lines(strings.NewReader("\n\n")) {
		t.Error("a blank line is no line")
	}
}

// A request made of any line is fit to be shown and stored.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(stored))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := Request(line)
		if err != nil {
			return
		}
		_, err = airlock.ParseRequestID(string(r.ID))
		require.NoError(t, err)
		require.Equal(t, airlock.CleanLine(r.Title), r.Title)
		require.True(t, r.Status.Valid() && r.Type.Valid())
		require.NotEmpty(t, r.CreatedBy.ID)
		require.NotEqual(t, airlock.SystemID, r.CreatedBy.ID)
		require.Empty(t, r.Accounts)
	})
}
