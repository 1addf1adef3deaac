package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/audit"
)

func TestChain(t *testing.T) {
	whole := func() exported {
		return written(t, request1, "create", "submit", "gates_passed", "approve", "copy_verified")
	}
	forged := func(seq int, head airlock.ChainHead) storedRecord {
		s, _, err := audit.Seal(head, audit.Record{Workspace: workspace1, Request: request1, Action: "forged"})
		require.NoError(t, err)
		return storedRecord{seq, s.Hash, string(s.Body)}
	}
	headBefore := func(e exported, seq int) airlock.ChainHead {
		return airlock.ChainHead{Hash: e.Records[seq-2].Hash, Length: seq - 1}
	}
	tests := []struct {
		name   string
		change func(e *exported)
		want   []string // what the output must say; none: verified
	}{
		{"untouched", func(*exported) {}, nil},
		{"all removed, and the head put back", func(e *exported) { *e = written(t, request1) }, []string{"no record at all"}},
		{"edited text", func(e *exported) { e.Records[2].Body = strings.Replace(e.Records[2].Body, "gates", "GATES", 1) },
			[]string{"record 3 was edited"}},
		{"edited text and hash", func(e *exported) { e.Records[2] = forged(3, headBefore(*e, 3)) },
			[]string{"record 3 is not the one that record 4 was chained to"}},
		{"last record replaced", func(e *exported) { e.Records[4] = forged(5, headBefore(*e, 5)) },
			[]string{"record 5 is not the one the request's head names"}},
		{"one removed", func(e *exported) { e.Records = slices.Delete(e.Records, 2, 3) }, []string{"record 3 is missing"}},
		{"two removed", func(e *exported) { e.Records = slices.Delete(e.Records, 1, 3) }, []string{"records 2 to 3 are missing"}},
		{"end cut off", func(e *exported) { e.Records = e.Records[:3] }, []string{"ends at record 3, the request counts 5"}},
		{"all removed", func(e *exported) { e.Records = e.Records[:0] }, []string{"ends at record 0"}},
		{"beginning cut off", func(e *exported) { e.Records = e.Records[2:] }, []string{"records 1 to 2 are missing"}},
		{"beginning cut off and numbered anew", func(e *exported) {
			e.Records = e.Records[4:]
			e.Records[0].Seq, e.Head.Length = 1, 1
		}, []string{"says that it is number 5", "beginning was cut off"}},
		{"order changed", func(e *exported) { e.Records[1], e.Records[2] = e.Records[2], e.Records[1] }, []string{"record 2 stands after record 3"}},
		{"repeated", func(e *exported) { e.Records = slices.Insert(e.Records, 2, e.Records[1]) }, []string{"record 2 is there more than once"}},
		{"forked", func(e *exported) { e.Records = slices.Insert(e.Records, 3, forged(3, headBefore(*e, 3))) },
			[]string{"different records have the number 3"}},
		{"record of another request", func(e *exported) { e.Records[1] = written(t, request2, "create", "submit").Records[1] },
			[]string{"record 2 belongs to another request: " + string(request2)}},
		{"request put back", func(e *exported) { e.Head = headBefore(*e, 5) }, []string{"goes on to record 5, the request counts 4"}},
		{"no JSON", func(e *exported) { e.Records[1].Body = "{" }, []string{"record 2 is no JSON"}},
		{"unknown format", func(e *exported) {
			e.Records[1].Body = strings.Replace(e.Records[1].Body, "airlock-audit/1", "airlock-audit/9", 1)
		}, []string{`format "airlock-audit/9"`}},
		{"control characters", func(e *exported) {
			e.Records[1] = storedRecord{2, "x", `{"format":"\u001b[31m\nOK"}`}
		}, []string{"record 2 has the format"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := whole()
			tt.change(&e)
			code, out := verify("chain", e.save(t, t.TempDir(), "trail.json"))
			if tt.want == nil {
				assert.Equal(t, 0, code, out)
				assert.Contains(t, out, "\nVERIFIED.\n")
				return
			}
			assert.Equal(t, 1, code, out)
			assert.Contains(t, out, "NOT VERIFIED")
			for _, want := range tt.want {
				assert.Contains(t, out, want)
			}
			assert.NotContains(t, out, "\x1b")
		})
	}
}

func TestOneWrongTrailAmongMany(t *testing.T) {
	dir := t.TempDir()
	good := written(t, request1, "create").save(t, dir, "good.json")
	bad := written(t, request2, "create", "submit")
	bad.Records = bad.Records[:1]
	code, out := verify("chain", good, bad.save(t, dir, "bad.json"))
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "OK    "+good)
	assert.Contains(t, out, "bad.json: the trail was cut off")
}

func TestWrongCalls(t *testing.T) {
	dir := t.TempDir()
	noTrail := save(t, dir, "x.json", []byte(`{"a":1}`))
	for _, args := range [][]string{{}, {"nothing"}, {"chain"}, {"chain", dir + "/none.json"}, {"chain", noTrail}, {"chain", "--x", noTrail},
		{"anchors"}, {"anchors", dir + "/none"}, {"anchors", dir, "--key", noTrail}, {"receipt", noTrail}, {"receipt", noTrail, "--public-key", noTrail}} {
		code, out := verify(args...)
		assert.Equal(t, 2, code, "%v: %s", args, out)
		assert.NotEmpty(t, out)
	}
	code, out := verify("help")
	assert.Equal(t, 0, code)
	assert.Contains(t, out, "airlock-verify anchors DIR")
}

// The trail that the API exports holds more members; they do no harm.
func TestUnknownMembersAreIgnored(t *testing.T) {
	e := written(t, request1, "create")
	body, _ := json.Marshal(e)
	more := strings.Replace(string(body), `"records":[{`, `"verification":{"ok":false},"records":[{"record":{},`, 1)
	code, out := verify("chain", save(t, t.TempDir(), "t.json", []byte(more)))
	assert.Equal(t, 0, code, out)
}
