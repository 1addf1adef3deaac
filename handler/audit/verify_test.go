package audit

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/airlock"
)

const (
	testWorkspace = airlock.WorkspaceID("aaaaaaaa-0000-4000-8000-000000000001")
	testRequest   = airlock.RequestID("bbbbbbbb-0000-4000-8000-000000000001")
	otherRequest  = airlock.RequestID("bbbbbbbb-0000-4000-8000-000000000002")
)

// chain returns n sealed records of one request as stored rows.
func chain(t *testing.T, id airlock.RequestID, n int) ([]Row, airlock.ChainHead) {
	t.Helper()
	var head airlock.ChainHead
	var rows []Row
	for i := range n {
		var err error
		var s Sealed
		s, head, err = Seal(head, Record{
			Workspace: testWorkspace, Request: id, At: time.Date(2026, 1, 2, 3, 4, i, 0, time.UTC),
			Actor: Actor{Kind: System, Component: "test"}, Action: Action(fmt.Sprintf("step <%d>", i)),
		})
		require.NoError(t, err)
		rows = append(rows, Row{Seq: s.Record.Seq, Body: s.Body, Hash: s.Hash})
	}
	return rows, head
}

func TestVerifyFindsEveryTampering(t *testing.T) {
	rows, head := chain(t, testRequest, 5)
	foreign, _ := chain(t, otherRequest, 5)
	fork, _ := chain(t, testRequest, 2)
	forked, _, err := Seal(airlock.ChainHead{Hash: fork[1].Hash, Length: 2}, Record{Workspace: testWorkspace, Request: testRequest, Action: "another third step"})
	require.NoError(t, err)
	edit := func(r Row) Row {
		r.Body = bytes.Replace(bytes.Clone(r.Body), []byte("step"), []byte("STEP"), 1)
		return r
	}
	resealed := func(r Row) Row {
		s, _, err := Seal(airlock.ChainHead{Hash: rows[r.Seq-2].Hash, Length: r.Seq - 1},
			Record{Workspace: testWorkspace, Request: testRequest, Action: "another story"})
		require.NoError(t, err)
		return Row{Seq: r.Seq, Body: s.Body, Hash: s.Hash}
	}
	with := func(i int, r Row) []Row { c := slices.Clone(rows); c[i] = r; return c }

	tests := []struct {
		name string
		rows []Row
		head airlock.ChainHead
		seqs []int // the places that are named
		says string
	}{
		{"untouched", rows, head, nil, ""},
		{"all removed, and the head put back", nil, airlock.ChainHead{}, []int{0}, "no record at all"},
		{"all removed, but the hash", nil, airlock.ChainHead{Hash: head.Hash}, []int{0}, "no record at all"},
		{"edited body", with(2, edit(rows[2])), head, []int{3}, "edited"},
		{"edited hash", with(2, Row{Seq: 3, Body: rows[2].Body, Hash: rows[1].Hash}), head, []int{3}, "edited"},
		{"edited and hashed again", with(2, resealed(rows[2])), head, []int{3}, "edited or replaced"},
		{"last one rewritten", with(4, resealed(rows[4])), head, []int{5}, "not the one the request holds"},
		{"gap", slices.Delete(slices.Clone(rows), 2, 3), head, []int{3}, "missing"},
		{"reordered", []Row{rows[0], rows[2], rows[1], rows[3], rows[4]}, head, []int{2}, "order"},
		{"contents swapped", []Row{rows[0], {2, rows[2].Body, rows[2].Hash}, {3, rows[1].Body, rows[1].Hash}, rows[3], rows[4]}, head, []int{1, 2, 2, 3, 3}, "says it is number"},
		{"duplicate", slices.Insert(slices.Clone(rows), 2, rows[1]), head, []int{2}, "twice"},
		{"cut end", rows[:3], head, []int{0}, "cut off"},
		{"all gone", nil, head, []int{0}, "cut off"},
		{"cut beginning", rows[2:], head, []int{1, 2}, "missing"},
		{"cut beginning, numbered anew", []Row{{1, rows[1].Body, rows[1].Hash}}, airlock.ChainHead{Hash: rows[1].Hash, Length: 1}, []int{1, 1}, "beginning was cut off"},
		{"fork", slices.Insert(slices.Clone(rows), 3, Row{3, forked.Body, forked.Hash}), head, []int{3}, "forked"},
		{"foreign record", with(3, foreign[3]), head, []int{3, 4, 4}, "belongs to request"},
		{"head put back", rows, airlock.ChainHead{Hash: rows[3].Hash, Length: 4}, []int{0}, "put back"},
		{"not JSON", with(1, Row{2, []byte("{"), rows[1].Hash}), head, []int{2, 2}, "read as JSON"},
		{"place zero", slices.Insert(slices.Clone(rows), 0, Row{0, rows[0].Body, rows[0].Hash}), head, []int{0, 0}, "no record can have"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := VerifyTrail(TrailID{testWorkspace, testRequest}, tt.head, tt.rows)
			assert.Equal(t, tt.seqs == nil, v.OK)
			assert.Equal(t, len(tt.rows), v.Records)
			var seqs []int
			for _, p := range v.Problems {
				seqs = append(seqs, p.Seq)
			}
			assert.Equal(t, tt.seqs, seqs, "%v", v.Problems)
			assert.Contains(t, fmt.Sprint(v.Problems), tt.says)
		})
	}
}

func TestOneForgedRowCannotMakeALongReport(t *testing.T) {
	rows, head := chain(t, testRequest, 5)
	v := VerifyTrail(TrailID{testWorkspace, testRequest}, head, append(rows, Row{Seq: 1 << 40, Body: rows[4].Body, Hash: rows[4].Hash}))
	assert.False(t, v.OK)
	assert.Less(t, len(v.Problems), 12)
}

func TestATrailOfAnotherRequestIsFound(t *testing.T) {
	rows, head := chain(t, otherRequest, 2)
	assert.True(t, VerifyTrail(TrailID{testWorkspace, otherRequest}, head, rows).OK)
	v := VerifyTrail(TrailID{testWorkspace, testRequest}, head, rows)
	assert.False(t, v.OK)
	assert.Len(t, v.Problems, 2)
	v = VerifyTrail(TrailID{"aaaaaaaa-0000-4000-8000-000000000002", otherRequest}, head, rows)
	assert.Len(t, v.Problems, 2, "of another workspace")
}

// FuzzVerify flips one byte of one stored record: that must always show.
func FuzzVerify(f *testing.F) {
	f.Add(uint(1), uint(40), byte(1))
	f.Fuzz(func(t *testing.T, record, at uint, flip byte) {
		rows, head := chain(t, testRequest, 4)
		row := &rows[record%4]
		row.Body = bytes.Clone(row.Body)
		row.Body[at%uint(len(row.Body))] ^= flip
		if v := VerifyTrail(TrailID{testWorkspace, testRequest}, head, rows); v.OK != (flip == 0) {
			t.Errorf("Verify after flipping %08b = %v", flip, v.OK)
		}
	})
}
