package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"
)

const (
	exportType       = "application/vnd.airlock.export+json"
	exportFormat     = "airlock-export/1"
	revocationType   = "application/vnd.airlock.revocation+json"
	revocationFormat = "airlock-revocation/1"
)

// evidence is an exported folder or archive.
type evidence struct {
	*report
	dir  fs.FS
	keys trusted
	// exported is when it was handed out; now, if nobody vouches for another time.
	exported time.Time
	receipt  receipt
	trail    *trail
}

func evidenceCommand(args []string, r *report) error {
	set := flag.NewFlagSet("evidence", flag.ContinueOnError)
	var keyFiles repeated
	set.Var(&keyFiles, "keys", "")
	files := set.String("files", "", "")
	names, err := options(set, args)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return fmt.Errorf("one folder or archive is needed: %w", errUsage)
	}
	dir, done, err := openEvidence(names[0])
	if err != nil {
		return err
	}
	defer done()
	e := &evidence{report: r, dir: dir, exported: time.Now()}
	if e.keys, err = readKeys(keyFiles); err != nil {
		return err
	}
	if err := e.compareKeys(len(keyFiles) > 0); err != nil {
		return err
	}
	if err := e.check(); err != nil {
		return err
	}
	if *files == "" {
		r.note("the released files were not compared: there was no --files")
		return nil
	}
	return e.receipt.checkFiles(*files, r)
}

// openEvidence opens a folder or a zip archive.
func openEvidence(name string) (fs.FS, func(), error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		return os.DirFS(name), func() {}, nil
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is neither a folder nor a zip archive: %w", name, err)
	}
	return archive, func() { _ = archive.Close() }, nil
}

// compareKeys looks at the keys that came along. They prove nothing: the maker of the
// evidence made them. Without others everything is checked with them, and the end is
// NOT VERIFIED all the same.
func (e *evidence) compareKeys(given bool) error {
	body, err := readFile(e.dir, "receipt-keys.json")
	if errors.Is(err, fs.ErrNotExist) && given {
		return nil
	}
	if err != nil {
		return err
	}
	own, err := parseKeys(body)
	if err != nil {
		e.wrong("receipt-keys.json %v", err)
		return nil
	}
	if !given {
		e.keys, e.untrusted = own, true
		e.note("checked with the keys that came along, for there was no --keys")
	} else if !e.keys.has(own) {
		e.note("receipt-keys.json has keys that are not among those given with --keys; they count for nothing")
	}
	return nil
}

// check checks everything but the released files.
func (e *evidence) check() error {
	if err := e.checkExport(); err != nil {
		return err
	}
	body, err := readFile(e.dir, "release.json")
	if errors.Is(err, fs.ErrNotExist) {
		e.wrong("release.json is missing: without the receipt nothing says what was released")
		return nil
	}
	if err != nil {
		return err
	}
	rec, ok := openReceipt("release.json", body, e.keys, e.report)
	if !ok {
		return nil
	}
	e.receipt = rec
	rec.checkContent(e.report)
	if err := e.checkTrail(); err != nil {
		return err
	}
	return e.checkRevocation(body)
}

// checkExport reads the signed statement of what was handed out and when.
func (e *evidence) checkExport() error {
	body, err := readFile(e.dir, "export.json")
	if errors.Is(err, fs.ErrNotExist) {
		e.note("export.json is missing: nothing says when this was exported, or that nothing was left out")
		return nil
	}
	if err != nil {
		return err
	}
	var said struct {
		Format     string    `json:"format"`
		ExportedAt time.Time `json:"exportedAt"`
		Files      []struct {
			Name   string `json:"name"`
			SHA256 string `json:"sha256"`
		} `json:"files"`
	}
	if err := e.open("export.json", body, exportType, &said); err != nil {
		e.wrong("%v", err)
		return nil
	}
	if said.Format != exportFormat {
		e.wrong("export.json has the format %q; this program knows %q", said.Format, exportFormat)
		return nil
	}
	before := e.bad
	for _, f := range said.Files {
		if !fs.ValidPath(f.Name) {
			e.wrong("export.json names %q, which is no file of a folder", f.Name)
			continue
		}
		content, err := readFile(e.dir, f.Name)
		sum := sha256.Sum256(content)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			e.wrong("%s is missing: it was exported with the rest", f.Name)
		case err != nil:
			return err
		case hex.EncodeToString(sum[:]) != f.SHA256:
			e.wrong("%s is not the file that was exported", f.Name)
		}
	}
	e.exported = said.ExportedAt
	if e.bad == before {
		e.ok("exported %s, and complete: %s", said.ExportedAt.UTC().Format(time.RFC3339), count(len(said.Files), "file"))
	}
	return nil
}

// open reads the payload of a signed document.
func (e *evidence) open(name string, body []byte, payloadType string, into any) error {
	o, err := openEnvelope(body, payloadType)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", name, err)
	}
	if _, ok := e.keys.signed(o); !ok {
		return fmt.Errorf("%s is not signed with the keys given, or was edited", name)
	}
	if err := json.Unmarshal(o.payload, into); err != nil {
		return fmt.Errorf("%s cannot be read: its payload is no JSON", name)
	}
	return nil
}

// checkTrail checks the trail by itself, against the receipt, and against the
// entries of the log of anchors.
func (e *evidence) checkTrail() error {
	body, err := readFile(e.dir, "history.json")
	if errors.Is(err, fs.ErrNotExist) {
		e.wrong("history.json is missing: without the trail nothing says that the receipt's decisions were made")
		return nil
	}
	if err != nil {
		return err
	}
	if e.trail, err = parseTrail("history.json", body); err != nil {
		e.wrong("%v", err)
		return nil
	}
	e.receipt.checkTrail(e.trail, e.report)
	l := &log{keys: e.keys, report: e.report}
	anchors, err := fs.Sub(e.dir, "anchors")
	if err != nil {
		return err
	}
	if err := l.read(anchors); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, s := range l.slots {
		if s.fault != "" {
			e.wrong("%s", s.fault)
		}
	}
	e.trail.checkAnchored(l, e.exported)
	return nil
}

// checkRevocation says whether the release was withdrawn, by the signed statement
// or by the trail alone.
func (e *evidence) checkRevocation(release []byte) error {
	var rev struct {
		Format  string `json:"format"`
		Request string `json:"request"`
		Receipt struct {
			SHA256 string `json:"sha256"`
		} `json:"receipt"`
		RevokedAt time.Time `json:"revokedAt"`
		RevokedBy party     `json:"revokedBy"`
		Reason    string    `json:"reason"`
	}
	body, err := readFile(e.dir, "revoked.json")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.revokedByTrail()
		return nil
	case err != nil:
		return err
	}
	sum := sha256.Sum256(release)
	if err := e.open("revoked.json", body, revocationType, &rev); err != nil {
		e.wrong("%v", err)
	} else if rev.Format != revocationFormat || rev.Request != e.receipt.Request || rev.Receipt.SHA256 != "" && rev.Receipt.SHA256 != hex.EncodeToString(sum[:]) {
		e.wrong("revoked.json is about another release")
	} else {
		e.revoke(rev.RevokedAt, rev.RevokedBy.who(), rev.Reason)
	}
	return nil
}

// who is a party's name.
func (p party) who() string {
	if p.Kind == "system" {
		return "the airlock"
	}
	return p.Name
}

func (e *evidence) revokedByTrail() {
	if e.trail == nil {
		return
	}
	p, err := e.trail.replayUpTo(e.trail.newest())
	if err != nil {
		e.wrong("%s: after the release: %v", path.Base(e.trail.file), err)
		return
	}
	if p.revoked != nil {
		e.revoke(p.revoked.At, party{p.revoked.Actor.Kind, p.revoked.Actor.ID, p.revoked.Actor.Name}.who(), p.revoked.Reason)
	}
}
