package inspect

import (
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

func init() {
	scanners["zip"] = func() scanner { return &zipScanner{} }
	for _, kind := range []string{"xlsx", "docx", "pptx", "torch", "jar", "odf"} {
		scanners[kind] = func() scanner { return &zipScanner{Kind: kind} }
	}
}

// zipScanner walks a zip archive.
type zipScanner struct {
	Kind string `json:"kind,omitempty"` // of a document that is kept as a zip, "" for a plain one
	// Next is the offset of the next directory record, 0 at the beginning.
	Next    int64 `json:"next"`
	Ordinal int   `json:"ordinal"`
	// Covered are the bytes that belong to entries, Slack those that may follow their
	// data as descriptors, Unknown is set where that cannot be told.
	Covered int64 `json:"covered,omitempty"`
	Slack   int64 `json:"slack,omitempty"`
	Unknown bool  `json:"unknown,omitempty"`
	// Entry is the entry under way, Read how many of its bytes were read.
	Entry *packed `json:"entry,omitempty"`
	Read  int64   `json:"read,omitempty"`
	// Led are the parts of an Office document that something leads to.
	Led ledParts `json:"led,omitzero"`
	// Used has a bit for each shared text of a workbook that a cell has.
	Used usedTexts `json:"used,omitempty"`
	// book is read again in every step, and is no state.
	book bookParts
}

func (z *zipScanner) step(in *input) (bool, error) {
	d, err := findZipDirectory(in.src)
	if err != nil {
		return false, err
	}
	if z.Next == 0 {
		z.Next = d.start
		if rule := map[string]string{"torch": "uncheckable.model", "jar": "active.executable"}[z.Kind]; rule != "" {
			in.note(rule)
		}
		if done, err := z.survey(in, d); done || err != nil {
			return done, err
		}
	}
	if officeKinds[z.Kind] {
		if err := z.readBook(in, d); err != nil {
			return false, err
		}
	}
	w := &zipWalk{src: in.src, at: z.Next, end: d.end, shift: d.shift}
	for begun := z.Next; ; {
		if z.Next > begun && in.late() { // a step gets on by one entry at least, or by a piece of one
			return false, nil
		}
		e, err := w.next()
		if err == io.EOF { //nolint:errorlint // next returns it bare
			z.gaps(in, d)
			z.unled(in)
			z.Used.unused(in, z.book.shared)
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if done, err := z.entry(in, e); !done || err != nil {
			return false, err
		}
		z.Next, z.Ordinal, z.Entry = w.at, z.Ordinal+1, nil
	}
}

// survey looks at the directory as a whole, and reports whether nothing more
// should be read.
func (z *zipScanner) survey(in *input, d zipDirectory) (done bool, err error) {
	if d.shift > 0 {
		in.note("archive.leading")
	}
	if d.tail > 0 {
		in.note("hidden.trailing")
	}
	if d.tail < 0 || d.doubtful {
		in.note("uncheckable.corrupt")
	}
	if d.remark {
		in.note("hidden.comment")
	}
	if clip(d.entries) > int64(in.limits.Entries) {
		in.note("archive.entries")
		return true, nil
	}
	w := &zipWalk{src: in.src, at: d.start, end: d.end, shift: d.shift}
	names, headers := map[string]bool{}, map[int64]bool{}
	fold := cases.Fold()
	for ordinal := 0; ; ordinal++ {
		e, err := w.next()
		switch {
		case err == io.EOF: //nolint:errorlint // next returns it bare
			return false, nil
		case err != nil:
			return false, err
		}
		if in.spent.Entries++; in.spent.Entries > in.limits.Entries {
			in.note("archive.entries")
			return true, nil
		}
		found := func(rule string) {
			at := in.at(Place{})
			at.Members = append(append([]int{}, in.within.Members...), ordinal)
			in.found.note(Finding{Rule: rule}, at)
		}
		if e.encrypted() {
			found("archive.encrypted")
		}
		if e.symlink() {
			found("archive.symlink")
		}
		if escapes(e.name) {
			found("archive.traversal")
		}
		if name := folded(fold, e.name); names[name] {
			found("archive.duplicate")
		} else {
			names[name] = true
		}
		if headers[e.header] {
			found("archive.overlap")
			done = true
		}
		headers[e.header] = true
		if isGit(e.name) {
			found("hidden.git")
		}
		if e.remark {
			found("hidden.comment")
		}
		if e.padded {
			found("hidden.trailing")
		}
		if done {
			return true, nil
		}
	}
}

// folded is a name as file systems compare it that do not tell large letters from small ones.
func folded(fold cases.Caser, name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return fold.String(name)
		}
	}
	return strings.ToLower(name)
}

// escapes reports whether a member's name leads out of the folder it is unpacked to.
func escapes(name string) bool {
	slashed := strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(slashed, "/") || len(slashed) > 1 && slashed[1] == ':' || strings.ContainsRune(slashed, 0) {
		return true
	}
	return hasPart(slashed, "..")
}

func isGit(name string) bool { return hasPart(name, ".git") }

// hasPart reports whether a part of a path is a given one.
func hasPart(name, given string) bool {
	if !strings.Contains(name, given) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == given {
			return true
		}
	}
	return false
}

// gaps looks for bytes between the entries that belong to none, and for entries
// that share bytes.
func (z *zipScanner) gaps(in *input, d zipDirectory) {
	gap := d.start - max(d.shift, 0) - z.Covered
	switch {
	case z.Unknown:
	case gap < 0:
		in.note("archive.overlap")
	case gap > z.Slack:
		in.note("hidden.trailing")
	}
}

// entry looks inside one entry, and reports whether it is done with it.
func (z *zipScanner) entry(in *input, e zipEntry) (done bool, err error) {
	inner := *in
	inner.within.Members = append(append([]int{}, in.within.Members...), z.Ordinal)
	local, err := e.local(in.src)
	if isShort(err) {
		z.Unknown = true
		inner.note("uncheckable.corrupt")
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if z.Entry == nil {
		if !z.begin(&inner, e, local) {
			return true, nil
		}
		z.byPart(&inner, e)
		z.Entry, z.Read = &packed{}, 0
	}
	raw := &section{src: in.src, offset: local.offset + z.Read, end: local.offset + e.compressed}
	if to := z.part(e); to != nil {
		done, err = z.Entry.feed(&inner, zipMethods[e.method], raw, &e.claimed, to)
	} else {
		done, err = z.Entry.walk(&inner, in.inside(path.Base(e.name), z.Ordinal), zipMethods[e.method], raw, &e.claimed)
	}
	z.Read = raw.offset - local.offset
	return done, err
}

// begin says what there is to say of an entry before it is looked into, and reports
// whether it can be.
func (z *zipScanner) begin(in *input, e zipEntry, local zipLocal) bool {
	if local.name != e.name {
		in.note("archive.local_name")
	}
	if local.padded && !e.padded {
		in.note("hidden.trailing")
	}
	if local.other {
		in.note("uncheckable.corrupt")
	}
	if e.compressed > in.src.Size()-min(local.offset, in.src.Size()) {
		z.Unknown = true
		in.note("uncheckable.corrupt")
		return false
	}
	z.Covered += local.offset - e.header + e.compressed
	if e.flags&8 != 0 {
		z.Slack += 24 // the longest descriptor (APPNOTE 4.3.9)
	}
	if e.dir() || e.encrypted() || e.symlink() || e.compressed == 0 && e.size == 0 {
		return false
	}
	if zipMethods[e.method] == "" {
		in.note("uncheckable.type")
		return false
	}
	return true
}

// zipMethods are the methods of compression that are known here (APPNOTE 4.4.5).
var zipMethods = map[uint16]string{0: "stored", 8: "deflate", 9: "deflate64", 12: "bzip2", 20: "zstd", 93: "zstd", 95: "xz"}

// open returns the bytes of an entry as a stream, nil for a method that nobody
// here knows.
func (e zipEntry) open(in *input, offset int64) io.Reader {
	method := zipMethods[e.method]
	if method == "" {
		return nil
	}
	d, err := openDecoder(in, method, &section{src: in.src, offset: offset, end: offset + e.compressed}, nil)
	if err != nil {
		return failing{err}
	}
	return &budgeted{r: d, in: in, compressed: d.consumed}
}

// byPart says what a part of an Office document is by its name alone.
func (z *zipScanner) byPart(in *input, e zipEntry) {
	if p, ok := z.officePart(e); ok {
		in.note(p.rule)
	}
}

// part returns who looks at an entry that is a part of an Office document, nil for others.
func (z *zipScanner) part(e zipEntry) feeder {
	if !officeKinds[z.Kind] {
		return nil
	}
	name := strings.ToLower(e.name)
	if p, ok := z.officePart(e); ok && p.rule != "hidden.embedded" && !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
		return &skipped{} // its content is known
	}
	to := officeFeed(z.Kind, name, z.book)
	if p, ok := to.(*partFeed); ok {
		z.Led.follow(z.Kind, strings.TrimPrefix(partName(e.name), "/"), p)
	}
	return to
}

// bookParts are the parts of a workbook that its sheets refer to, and the one of a document
// that its text refers to.
type bookParts struct {
	shared []string     // the texts that cells share
	used   *usedTexts   // those that a cell has
	hidden map[int]bool // the formats that show nothing of a cell
	days   map[int]bool // those that show a number as a day

	unseen map[string]bool // the styles that show nothing of a text, by their ids
	// calculated is set where the values of formulas are results.
	calculated bool
}

// readBook reads the names of an Office document's members, and the parts that sheets and texts refer to.
func (z *zipScanner) readBook(in *input, d zipDirectory) error {
	w := &zipWalk{src: in.src, at: d.start, end: d.end, shift: d.shift}
	for {
		e, err := w.next()
		if err == io.EOF || isShort(err) { //nolint:errorlint // next returns it bare
			return nil
		}
		if err != nil {
			return err
		}
		z.Led.know(e)
		if z.Kind != "xlsx" && z.Kind != "docx" {
			continue
		}
		name := strings.ToLower(e.name)
		z.book.calculated = z.book.calculated || name == "xl/calcchain.xml"
		if !slices.Contains([]string{"xl/sharedstrings.xml", "xl/styles.xml", "xl/workbook.xml", "word/styles.xml"}, name) {
			continue
		}
		local, err := e.local(in.src)
		if isShort(err) || err == nil && e.compressed > in.src.Size()-min(local.offset, in.src.Size()) {
			continue // its entry is reported when it is its turn
		}
		if err != nil {
			return err
		}
		free := *in
		free.spent = &spent{} // read again when it is its turn, and in each step before
		stream := e.open(&free, local.offset)
		switch {
		case stream == nil:
		case name == "xl/styles.xml":
			z.book.hidden, z.book.days, err = cellStyles(&free, stream)
		case name == "word/styles.xml":
			z.book.unseen, err = unseenStyles(&free, stream)
		case name == "xl/workbook.xml":
			var done bool
			done, err = calculated(&free, stream)
			z.book.calculated = z.book.calculated || done
		default:
			z.book.used = &z.Used
			z.book.shared, err = sharedStrings(&free, stream)
		}
		if err != nil {
			return err
		}
	}
}
