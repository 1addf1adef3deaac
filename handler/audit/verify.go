package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"example.org/airlock/handler/airlock"
)

// Problem is one thing that is wrong with a trail. Seq is the record's place as
// the store has it, 0 for the trail as a whole.
type Problem struct {
	Seq  int    `json:"seq"`
	What string `json:"what"`
}

// Verification is the result of checking a trail.
type Verification struct {
	OK       bool      `json:"ok"`
	Records  int       `json:"records"` // rows seen
	Problems []Problem `json:"problems"`
}

// VerifyTrail checks the rows of one trail against the head that its owner's row
// holds. It finds edited records and hashes, gaps, duplicates, reordering, a
// cut beginning or end, forks, records of another request, and a trail without any
// record. It names every record that is wrong. rows are in the store's order.
//
// It cannot find a trail that was cut or rewritten together with its head:
// anchors do (anchor.go).
func VerifyTrail(trail TrailID, head airlock.ChainHead, rows []Row) Verification {
	v := verifier{trail: trail, result: Verification{Records: len(rows), Problems: []Problem{}}, hashes: map[int][]string{}, bodies: map[int]string{}}
	for _, row := range rows {
		v.place(row)
	}
	for _, row := range rows {
		v.content(row)
	}
	v.whole(head)
	slices.SortStableFunc(v.result.Problems, func(a, b Problem) int { return a.Seq - b.Seq })
	v.result.OK = len(v.result.Problems) == 0
	return v.result
}

type verifier struct {
	trail  TrailID
	result Verification
	// hashes holds, by place, the hashes a successor may follow from: of the
	// bytes and as stored. A difference between the two is a problem of its own, and
	// should not show a second time at the innocent successor.
	hashes  map[int][]string
	bodies  map[int]string
	highest int // the last place with a row
	last    int // the place of the row before
}

func (v *verifier) problem(seq int, format string, args ...any) {
	v.result.Problems = append(v.result.Problems, Problem{Seq: seq, What: fmt.Sprintf(format, args...)})
}

// place judges where a row stands and whether its hash is that of its bytes.
func (v *verifier) place(row Row) {
	sum := sha256.Sum256(row.Body)
	hash := hex.EncodeToString(sum[:])
	if row.Hash != hash {
		v.problem(row.Seq, "the stored hash is not the hash of the record's bytes: one of them was edited")
	}
	switch other, again := v.bodies[row.Seq]; {
	case row.Seq < 1:
		v.problem(row.Seq, "no record can have this place")
	case again && other == hash:
		v.problem(row.Seq, "the record is there twice")
	case again:
		v.problem(row.Seq, "two different records claim this place: the chain was forked")
	case row.Seq < v.last:
		v.problem(row.Seq, "stands after record %d: the order was changed", v.last)
	}
	v.bodies[row.Seq] = hash
	v.hashes[row.Seq] = append(v.hashes[row.Seq], hash, row.Hash)
	v.last, v.highest = row.Seq, max(v.highest, row.Seq)
}

// content judges what a record says about itself and about the one before it.
func (v *verifier) content(row Row) {
	var r Record
	if err := json.Unmarshal(row.Body, &r); err != nil {
		v.problem(row.Seq, "the record cannot be read as JSON")
		return
	}
	if r.Format != Format {
		v.problem(row.Seq, "the record has the format %q instead of %q", r.Format, Format)
	}
	if r.Seq != row.Seq {
		v.problem(row.Seq, "the record says it is number %d", r.Seq)
	}
	if r.Request != v.trail.Request {
		v.problem(row.Seq, "the record belongs to request %s", r.Request)
	}
	if r.Workspace != v.trail.Workspace {
		v.problem(row.Seq, "the record belongs to workspace %s", r.Workspace)
	}
	before, known := v.hashes[row.Seq-1]
	switch {
	case row.Seq == 1 && r.Prev != "":
		v.problem(row.Seq, "the first record says that another came before it: the beginning was cut off")
	case row.Seq > 1 && known && !slices.Contains(before, r.Prev):
		v.problem(row.Seq-1, "is not the record that record %d was chained to: it was edited or replaced, or record %d was", row.Seq, row.Seq)
	}
}

// whole judges the trail as a whole: missing places and the head.
func (v *verifier) whole(head airlock.ChainHead) {
	// Places far beyond the head are reported below; naming each place up to them
	// would let one forged row make a report of any length.
	for seq := 1; seq <= min(v.highest, head.Length+len(v.bodies)); seq++ {
		if _, ok := v.bodies[seq]; !ok {
			v.problem(seq, "the record is missing")
		}
	}
	switch {
	case v.highest < head.Length:
		v.problem(0, "the trail ends at record %d but the request counts %d: the end was cut off", v.highest, head.Length)
	case v.highest > head.Length:
		v.problem(0, "the trail goes on to record %d but the request counts %d: records were added, or the request's row was put back", v.highest, head.Length)
	case v.highest > 0 && !slices.Contains(v.hashes[v.highest], head.Hash):
		v.problem(v.highest, "its hash is not the one the request holds: it was edited or replaced, or the request's row was")
	case v.highest == 0:
		v.problem(0, "there is no record at all: the request's creation left one, so the trail was removed and its head put back")
	}
}
