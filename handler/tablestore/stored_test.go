package tablestore

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

func TestARowNobodyKnowsIsAnErrorAndStaysAsItIs(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	c := draft(genomics, ada, start)
	good, err := requestRow(c.Request, "mark")
	require.NoError(t, err)
	document := good.columns["Document"].(string)
	tests := map[string]func(map[string]any){
		"unknown column Later":                func(r map[string]any) { r["Later"] = "x" },
		"unknown column Document2":            func(r map[string]any) { r["Document2"] = "x" },
		"the format is version 3":             func(r map[string]any) { r["Schema"] = 3 },
		"the format is version 0":             func(r map[string]any) { delete(r, "Schema") },
		"column Schema is no number":          func(r map[string]any) { r["Schema"] = "2" },
		"column Document is missing":          func(r map[string]any) { delete(r, "Document") },
		"column Commit is missing or no text": func(r map[string]any) { r["Commit"] = 1 },
		"more than one JSON value":            func(r map[string]any) { r["Document1"] = "{}" },
		"unknown field":                       func(r map[string]any) { r["Document"] = `{"later":1,` + document[1:] },
		"it holds request":                    func(r map[string]any) { r["Document"] = `{"id":"` + string(newID()) + `","workspaceId":"x"}` },
	}
	for want, change := range tests {
		t.Run(want, func(t *testing.T) {
			bad := row{partition: good.partition, key: good.key, columns: map[string]any{}}
			for name, value := range good.columns {
				bad.columns[name] = value
			}
			change(bad.columns)
			write(t, s.requests, resealed(t, s, requestsTable, bad))
			_, _, err = s.Load(t.Context(), genomics, c.Request.ID)
			var fault *airlock.Fault
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, airlock.UnreadableRow, fault.Code)
			assert.ErrorContains(t, err, want)
		})
	}
}

func TestKeysSortAsTheTimesDo(t *testing.T) {
	t.Parallel()
	times := []time.Time{{}, time.Unix(0, 0), time.Unix(0, 1), start, start.Add(1), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, math.MaxInt64),
		time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	var up, down []string
	for _, at := range times {
		up, down = append(up, ascending(at)), append(down, descending(at))
	}
	assert.True(t, slices.IsSorted(up), up)
	slices.Reverse(down)
	assert.True(t, slices.IsSorted(down), down)
	from, to := between("u", "x")
	for _, inside := range []string{"u|x|", "u|x|~ff", "u|x|zzz"} {
		assert.True(t, from <= inside && inside < to)
	}
	for _, outside := range []string{"u|x", "u|xa|1", "u|w|~", "t|x|1", "u|~7C|"} {
		assert.False(t, from <= outside && outside < to, outside)
	}
}

func FuzzEscape(f *testing.F) {
	for _, text := range []string{"", "plain-1.2_3", "a|b/c\\d#e?f'g~h%", "ß😀", "\x00\xff", "~7C"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		part := escape(text)
		require.Regexp(t, `^[A-Za-z0-9._~-]*$`, part)
		back, ok := unescape(part)
		require.True(t, ok)
		require.Equal(t, text, back)
		if back, ok := unescape(text); ok {
			require.Equal(t, text, escape(back))
		}
	})
}

func FuzzParts(f *testing.F) {
	f.Add("multipart/mixed; boundary=b", "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\nETag: W/\"x\"\r\n\r\n\r\n--b--")
	f.Add("multipart/mixed; boundary=b", "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHTTP/1.1 412 x\r\n\r\n{\"odata.error\":{\"code\":\"c\",\"message\":{\"value\":\"1:m\"}}}")
	f.Add("multipart/", "HTTP/1.1 \nHTTP/1.1 999")
	f.Fuzz(func(_ *testing.T, contentType, body string) {
		r := refusal{failed: -1}
		r.readParts(batchPartsOf(contentType, strings.NewReader(body)))
	})
}

// A line in an error's text that looks like the start of a response is none.
func TestPartsEndAtTheirBoundaries(t *testing.T) {
	t.Parallel()
	body := "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n" +
		"--c\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\netag: W/\"x\"\r\n\r\n\r\n" +
		"--c\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 409 Conflict\r\n\r\n<xml>\nHTTP/1.1 200 OK\r\n" +
		"--c--\r\n--b--\r\n"
	all := batchPartsOf("multipart/mixed; boundary=b", strings.NewReader(body))
	require.Len(t, all, 2)
	assert.Equal(t, `W/"x"`, string(all[0].etag))
	r := refusal{failed: -1}
	r.readParts(all)
	assert.Equal(t, 409, r.Status)
	assert.Equal(t, -1, r.failed, "an error without an index")
}
