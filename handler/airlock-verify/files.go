package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// maxDocument bounds the bytes read of one document of the evidence.
const maxDocument = 64 << 20

// readFile reads a document of the evidence.
func readFile(dir fs.FS, name string) ([]byte, error) {
	file, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, maxDocument+1))
	if err == nil && len(body) > maxDocument {
		err = errors.New(name + " is larger than any document of the evidence")
	}
	return body, err
}

// checkFiles compares the files below dir with those the receipt lists. Names
// come from a receipt, so they are opened below dir and nowhere else. A copy of the
// receipt and a list of checksums may lie beside them, as `airlock download` leaves
// them, if they say nothing that the receipt does not.
func (rec receipt) checkFiles(dir string, r *report) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	listed := map[string]bool{}
	for _, f := range rec.Files {
		listed[path.Clean(f.Name)] = true
		f.check(root, r)
	}
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || listed[filepath.ToSlash(name)] {
			return err
		}
		if rec.accompanies(root.FS(), name) {
			r.ok("%s says what the receipt says", name)
			return nil
		}
		r.wrong("%s is not in the receipt", name)
		return nil
	})
}

// accompanies reports whether a file is such a copy or list, to the last byte.
func (rec receipt) accompanies(dir fs.FS, name string) bool {
	switch strings.TrimPrefix(name, "airlock-") { // where a released file has the name itself
	case "release.json":
		body, err := readFile(dir, name)
		return err == nil && bytes.Equal(body, rec.stored)
	case "SHA256SUMS":
		body, err := readFile(dir, name)
		return err == nil && rec.lists(string(body))
	}
	return false
}

// lists reports whether a text is lines of checksums of released files, each at most
// once, as sha256sum reads them.
func (rec receipt) lists(text string) bool {
	sums := map[string]string{}
	for _, f := range rec.Files {
		sums[f.Name] = f.SHA256
	}
	for line := range strings.Lines(text) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		want, left := sums[name]
		if !ok || !left || !checksum.MatchString(sum) || want != "" && sum != want {
			return false
		}
		delete(sums, name)
	}
	return true
}

var checksum = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (f receiptFile) check(root *os.Root, r *report) {
	file, err := root.Open(filepath.FromSlash(f.Name))
	if errors.Is(err, fs.ErrNotExist) {
		r.wrong("%s is missing", f.Name)
		return
	}
	if err != nil {
		r.wrong("%s cannot be read: %v", f.Name, err)
		return
	}
	defer file.Close()
	h := sha256.New()
	size, err := io.Copy(h, file)
	sum := hex.EncodeToString(h.Sum(nil))
	switch {
	case err != nil:
		r.wrong("%s cannot be read: %v", f.Name, err)
	case size != f.Size:
		r.wrong("%s has %d bytes; %d were released", f.Name, size, f.Size)
	case f.SHA256 == "":
		r.note("%s: only its size (%d bytes) can be compared", f.Name, size)
	case sum != f.SHA256:
		r.wrong("%s has other bytes than were released: SHA-256 %s", f.Name, sum)
	default:
		r.ok("%s: %d bytes, SHA-256 %s", f.Name, size, sum)
	}
}
