package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
)

func chainCommand(args []string, r *report) error {
	files, err := options(flag.NewFlagSet("chain", flag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("chain needs a file: %w", errUsage)
	}
	for _, file := range files {
		t, err := readTrail(file)
		if err != nil {
			return err
		}
		t.check(r)
	}
	return nil
}

// check walks the chain from the first record to the head and reports every
// record that is wrong.
func (t *trail) check(r *report) {
	before := r.bad
	// The next record may follow from two hashes: that of the record before, computed
	// anew, and the one stored with it. A difference has been reported, and the next
	// record is innocent.
	prev, stored := "", ""
	next := 1 // the number that must come
	for _, rec := range t.Records {
		sum := rec.sum()
		if sum != rec.Hash {
			r.wrong("%s: record %d was edited: its text has the hash %s, but %s is stored with it", t.file, rec.Seq, short(sum), short(rec.Hash))
		}
		t.checkPlace(r, rec, next)
		t.checkFields(r, rec, []string{prev, stored}, rec.Seq == next)
		prev, stored, next = sum, rec.Hash, max(next, rec.Seq+1)
	}
	switch last := next - 1; {
	case last < t.Head.Length:
		r.wrong("%s: the trail was cut off: it ends at record %d, the request counts %d", t.file, last, t.Head.Length)
	case last > t.Head.Length:
		r.wrong("%s: the trail goes on to record %d, the request counts %d: records were added or the request was put back", t.file, last, t.Head.Length)
	case last == 0:
		r.wrong("%s: there is no record at all: every request has that of its creation", t.file)
	case prev != t.Head.Hash && stored != t.Head.Hash:
		r.wrong("%s: record %d is not the one the request's head names: it was replaced, or the head was", t.file, last)
	}
	if r.bad == before {
		r.ok("%s: request %s: %s, head %s", t.file, t.Request, count(len(t.Records), "record"), short(t.Head.Hash))
	}
}

// checkPlace reports gaps, repetitions, forks and changed order.
func (t *trail) checkPlace(r *report, rec storedRecord, next int) {
	switch {
	case rec.Seq > next+1:
		r.wrong("%s: records %d to %d are missing", t.file, next, rec.Seq-1)
	case rec.Seq == next+1:
		r.wrong("%s: record %d is missing", t.file, next)
	case rec.Seq < next && t.count(rec.Seq) > 1:
		if _, same := t.sums(rec.Seq); same {
			r.wrong("%s: record %d is there more than once", t.file, rec.Seq)
		} else {
			r.wrong("%s: the chain was forked: different records have the number %d", t.file, rec.Seq)
		}
	case rec.Seq < next:
		r.wrong("%s: record %d stands after record %d: the order was changed", t.file, rec.Seq, next-1)
	}
}

// checkFields reports every field of the record that contradicts its place.
func (t *trail) checkFields(r *report, rec storedRecord, before []string, inOrder bool) {
	var f recordFields
	if err := json.Unmarshal([]byte(rec.Body), &f); err != nil {
		r.wrong("%s: record %d is no JSON", t.file, rec.Seq)
		return
	}
	if f.Format != recordFormat {
		r.wrong("%s: record %d has the format %q; this program knows %q", t.file, rec.Seq, f.Format, recordFormat)
	}
	if f.Seq != rec.Seq {
		r.wrong("%s: record %d says that it is number %d", t.file, rec.Seq, f.Seq)
	}
	if f.Request != t.Request || f.Workspace != t.Workspace {
		r.wrong("%s: record %d belongs to another request: %s in workspace %s", t.file, rec.Seq, f.Request, f.Workspace)
	}
	if inOrder && !slices.Contains(before, f.Prev) {
		if rec.Seq == 1 {
			r.wrong("%s: record 1 says that a record came before it: the beginning was cut off", t.file)
		} else {
			r.wrong("%s: record %d is not the one that record %d was chained to: one of the two was edited or replaced", t.file, rec.Seq-1, rec.Seq)
		}
	}
}

func (t *trail) count(seq int) int {
	n := 0
	for _, rec := range t.Records {
		if rec.Seq == seq {
			n++
		}
	}
	return n
}

// sums returns the hash of the records with that number and whether all have it.
func (t *trail) sums(seq int) (string, bool) {
	hash, same := "", true
	for _, rec := range t.Records {
		if rec.Seq != seq {
			continue
		}
		if hash != "" && rec.sum() != hash {
			same = false
		}
		hash = rec.sum()
	}
	return hash, same
}

// short is a hash as people compare it.
func short(hash string) string {
	if len(hash) > 16 {
		return hash[:16] + "…"
	}
	if hash == "" {
		return "(none)"
	}
	return hash
}
