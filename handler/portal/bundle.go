package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
)

// The folder is empty but for a .gitignore until `make portal` has filled it, so that Go builds and tests need no
// Node.js.
//
//go:embed all:dist
var embedded embed.FS

// ErrNotBuilt is why there is no portal in a binary that was built without it.
var ErrNotBuilt = errors.New("the portal was not built into this binary: run `make portal`, then build again")

// assets are the names under the build's own folder, with their media types.
var assets = map[string]string{
	"app.js":       "text/javascript; charset=utf-8",
	"preview.html": "text/html; charset=utf-8",
	"pdf.html":     "text/html; charset=utf-8",
}

// closed are the documents in which files under review are shown, with the one name under which each may make markup
// of text: the preview reads HTML into a document without a window, to draw it anew of plain elements.
var closed = []struct{ name, trusted string }{{"preview.html", "inert"}, {"pdf.html", "'none'"}}

const page = "index.html"

// file is one part of the bundle, compressed as it is embedded.
type file struct {
	zipped []byte
}

// plain inflates the part, for a client that takes nothing compressed.
func (f file) plain() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(f.zipped))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// bundle is the built portal.
type bundle struct {
	id    string // of the build, in the form of a UUID
	files map[string]file
	// page makes the page and the source of its style when it is first asked for.
	page func() (styledPage, error)
	// policies make those of the closed documents, by name, when they are first asked for.
	policies map[string]func() (string, error)
}

// styledPage is the page as it is served: it names the build, and carries its style inside.
type styledPage struct {
	file
	style string // the CSP source of its style
}

// placeholder stands in the page where the id of the build belongs.
const placeholder = "{{build}}"

// parts are the names of the bundle's files, in the order in which the build's id covers them.
func parts() []string {
	names := []string{page, "app.js"}
	for _, c := range closed {
		names = append(names, c.name)
	}
	return names
}

// look finds out whether the bundle is there, without reading it: ErrNotBuilt if it is not there; half of one is an
// error of its own.
func look(dist fs.FS) error {
	for i, name := range parts() {
		_, err := fs.Stat(dist, stored(name))
		if errors.Is(err, fs.ErrNotExist) && i == 0 {
			return ErrNotBuilt
		}
		if err != nil {
			return fmt.Errorf("portal: %s: %w", name, err)
		}
	}
	return nil
}

// stored is the name of a part in the folder.
func stored(name string) string { return "dist/" + name + ".gz" }

// load reads the bundle.
func load(dist fs.FS) (bundle, error) {
	b := bundle{files: map[string]file{}, policies: map[string]func() (string, error){}}
	sum := sha256.New()
	for _, name := range parts() {
		f, err := read(dist, stored(name))
		if err != nil {
			return bundle{}, fmt.Errorf("portal: %s: %w", name, err)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(f.zipped))
		sum.Write(f.zipped)
		b.files[name] = f
	}
	b.id = buildID(sum.Sum(nil))
	for _, c := range closed {
		document := b.files[c.name]
		b.policies[c.name] = sync.OnceValues(func() (string, error) {
			plain, err := document.plain()
			return closedPolicy(plain, c.trusted), err
		})
	}
	html := b.files[page]
	b.page = sync.OnceValues(func() (styledPage, error) { return pageOf(html, b.id) })
	return b, nil
}

// pageOf names the build in the page.
func pageOf(html file, id string) (styledPage, error) {
	plain, err := html.plain()
	if err != nil {
		return styledPage{}, err
	}
	plain = bytes.ReplaceAll(plain, []byte(placeholder), []byte(id))
	zipped, err := zip(plain)
	return styledPage{file: zipped, style: inline(plain, "style")}, err
}

func read(dist fs.FS, name string) (file, error) {
	zipped, err := fs.ReadFile(dist, name)
	return file{zipped: zipped}, err
}

func zip(plain []byte) (file, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(plain); err != nil {
		return file{}, err
	}
	if err := w.Close(); err != nil {
		return file{}, err
	}
	return file{zipped: out.Bytes()}, nil
}

// buildID writes the first half of a digest as a UUID: the host forwards no other kind of parameter.
func buildID(sum []byte) string {
	h := hex.EncodeToString(sum[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// inline is the CSP source of the one element of that name in a document
// (w3.org/TR/CSP3/#grammardef-hash-source).
func inline(document []byte, element string) string {
	_, after, _ := bytes.Cut(document, []byte("<"+element+">"))
	content, _, _ := bytes.Cut(after, []byte("</"+element+">"))
	sum := sha256.Sum256(content)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
