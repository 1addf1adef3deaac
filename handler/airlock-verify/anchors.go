package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	anchorType   = "application/vnd.airlock.anchor+json"
	anchorFormat = "airlock-anchor/1"
)

// anchor is one entry of the log.
type anchor struct {
	Format string    `json:"format"`
	Seq    int       `json:"seq"`
	At     time.Time `json:"at"`
	Prev   string    `json:"prev"`
	Heads  []head    `json:"heads"`
}

// head is the head of one request's chain when it was anchored.
type head struct {
	Workspace string `json:"workspace"`
	Request   string `json:"request"`
	Length    int    `json:"length"`
	Hash      string `json:"hash"`
	entry     int    // which entry of the log says so
}

func anchorsCommand(args []string, r *report) error {
	set := flag.NewFlagSet("anchors", flag.ContinueOnError)
	var keyFiles repeated
	set.Var(&keyFiles, "key", "")
	trails := set.String("trails", "", "")
	dirs, err := options(set, args)
	if err != nil {
		return err
	}
	if len(dirs) != 1 {
		return fmt.Errorf("anchors needs one directory: %w", errUsage)
	}
	keys, err := readKeys(keyFiles)
	if err != nil {
		return err
	}
	heads, err := checkLog(dirs[0], keys, r)
	if err != nil {
		return err
	}
	checkHeads(heads, r)
	if *trails == "" {
		return nil
	}
	return checkTrails(*trails, heads, r)
}

var anchorName = regexp.MustCompile(`^(\d{12})\.json$`)

// checkLog walks the log from its first entry and returns all anchored heads in
// the order of the log.
func checkLog(dir string, keys []macKey, r *report) ([]head, error) {
	numbers, err := entriesOf(dir)
	if err != nil {
		return nil, err
	}
	var heads []head
	before, prev, next := r.bad, "", 1
	var last time.Time
	for _, n := range numbers {
		if n != next {
			r.wrong("the log has a hole: %s before anchor %d", missing(n-next, "anchor"), n)
		}
		body, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%012d.json", n)))
		if err != nil {
			return nil, err
		}
		a, ok := checkEntry(n, body, keys, r)
		if ok && n == next && a.Prev != prev {
			r.wrong("anchor %d was edited or replaced: anchor %d was chained to another one", n-1, n)
		}
		if ok && a.At.Before(last) {
			r.note("anchor %d is dated before the one before it; clocks of two instances may differ a little", n)
		}
		for _, h := range a.Heads {
			h.entry = n
			heads = append(heads, h)
		}
		sum := sha256.Sum256(body)
		prev, next, last = hex.EncodeToString(sum[:]), n+1, a.At
	}
	switch {
	case len(keys) == 0:
		r.note("the keyed digests were not checked: there was no --key")
	case r.bad == before && len(numbers) > 0:
		r.ok("the keyed digest of every anchor")
	}
	if r.bad == before && len(numbers) > 0 {
		r.ok("%s in one chain, the last of %s with the hash %s", count(len(numbers), "anchor"), last.UTC().Format(time.RFC3339), short(prev))
		r.note("compare the last number (%d) with the container: only there can anchors missing at the end be seen", numbers[len(numbers)-1])
	}
	return heads, nil
}

// entriesOf lists the numbers of the entries in dir.
func entriesOf(dir string) ([]int, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range list {
		if m := anchorName.FindStringSubmatch(e.Name()); m != nil {
			n, _ := strconv.Atoi(m[1]) // twelve digits
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// checkEntry checks one entry by itself.
func checkEntry(n int, body []byte, keys []macKey, r *report) (anchor, bool) {
	o, err := openEnvelope(body, anchorType)
	if err != nil {
		r.wrong("anchor %d cannot be read: %v", n, err)
		return anchor{}, false
	}
	var a anchor
	if err := json.Unmarshal(o.payload, &a); err != nil {
		r.wrong("anchor %d cannot be read: its payload is no JSON", n)
		return anchor{}, false
	}
	if a.Format != anchorFormat {
		r.wrong("anchor %d has the format %q; this program knows %q", n, a.Format, anchorFormat)
		return anchor{}, false
	}
	if a.Seq != n {
		r.wrong("anchor %d says that it is number %d: entries were exchanged", n, a.Seq)
	}
	if len(keys) > 0 && !sealedBy(keys, o) {
		r.wrong("anchor %d was not sealed with the key: it was forged or edited, or another --key is needed", n)
	}
	return a, true
}

// checkHeads follows each request through the log: its chain can only grow, and
// a head that was anchored twice must be the same.
func checkHeads(heads []head, r *report) {
	before := r.bad
	type place struct {
		workspace, request string
		length             int
	}
	known := map[place]head{}
	requests := map[string]bool{}
	for _, h := range heads {
		p := place{h.Workspace, h.Request, h.Length}
		if was, again := known[p]; again && was.Hash != h.Hash {
			r.wrong("request %s: anchors %d and %d hold different heads for %s: the trail was rewritten", h.Request, was.entry, h.entry, count(h.Length, "record"))
		}
		known[p] = h
		requests[h.Request] = true
	}
	if r.bad == before && len(heads) > 0 {
		r.ok("%s of %s do not contradict each other", count(len(heads), "anchored head"), count(len(requests), "request"))
	}
}

// checkTrails holds every trail in dir against what was anchored of it.
func checkTrails(dir string, heads []head, r *report) error {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".json" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("there are no trails (*.json) in " + dir)
	}
	seen := map[string]bool{}
	for _, file := range files {
		t, err := readTrail(file)
		if err != nil {
			return err
		}
		seen[t.Request] = true
		t.check(r)
		t.checkAnchored(heads, r)
	}
	absent := map[string]bool{}
	for _, h := range heads {
		if !seen[h.Request] {
			absent[h.Request] = true
		}
	}
	if len(absent) > 0 {
		r.note("there is no trail here of %s that the log has anchored", count(len(absent), "request"))
	}
	return nil
}

// checkAnchored reports where a trail is not what was anchored of it: this is
// what shows a trail that was cut or rewritten together with its head.
func (t *trail) checkAnchored(heads []head, r *report) {
	before, anchored := r.bad, 0
	for _, h := range heads {
		if h.Request != t.Request {
			continue
		}
		anchored = max(anchored, h.Length)
		hash, ok := t.at(h.Length)
		switch {
		case h.Workspace != t.Workspace:
			r.wrong("%s: anchor %d knows this request in workspace %s", t.file, h.entry, h.Workspace)
		case t.newest() < h.Length:
			r.wrong("%s: the trail was cut off: anchor %d knows %s, the trail ends at record %d", t.file, h.entry, count(h.Length, "record"), t.newest())
		case !ok || hash != h.Hash:
			r.wrong("%s: record %d, or one before it, was rewritten: anchor %d has another hash", t.file, h.Length, h.entry)
		}
	}
	switch newer := t.newest() - anchored; {
	case anchored == 0:
		r.note("%s: the log knows nothing of this request yet", t.file)
	case r.bad == before:
		r.ok("%s: as anchored, up to record %d", t.file, anchored)
		if newer > 0 {
			r.note("%s: %s not anchored yet", t.file, count(newer, "record"))
		}
	}
}
