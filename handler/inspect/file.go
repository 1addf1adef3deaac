package inspect

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// maxState bounds the bytes kept between two steps.
const maxState = 1 << 20

// ErrState means that a kept state is not one of this package's.
var ErrState = errors.New("inspect: the state cannot be read")

// File is the inspection of one file under way. It is not safe for concurrent use.
type File struct {
	name string
	s    state
}

// state is kept between two steps. It holds no value of the file that somebody
// could read who cannot read the file.
type state struct {
	Size   int64  `json:"size"`
	Limits Limits `json:"limits"`
	Type   string `json:"type,omitempty"`
	Done   bool   `json:"done,omitempty"`
	// Sealed is the scanner's state: see fileKey.
	Sealed []byte `json:"sealed,omitempty"`
	Ties   Ties   `json:"ties"`
	collector
	spent
}

// NewFile begins the inspection of a file. The name is used to compare the type
// with the extension and goes into no report.
func NewFile(name string, size int64, limits Limits) *File {
	return &File{name: name, s: state{Size: size, Limits: limits}}
}

// Resume goes on from a kept state. It returns ErrState for a text that State did
// not write.
func Resume(name string, kept []byte) (*File, error) {
	f := &File{name: name}
	if err := json.Unmarshal(kept, &f.s); err != nil || len(kept) > maxState {
		return nil, ErrState
	}
	if f.s.Type != "" && !f.s.Done && len(f.s.Sealed) == 0 {
		return nil, ErrState
	}
	return f, nil
}

// State returns the argument for Resume.
func (f *File) State() ([]byte, error) {
	kept, err := json.Marshal(f.s)
	if err == nil && len(kept) > maxState {
		err = fmt.Errorf("inspect: the state has %d bytes", len(kept))
	}
	return kept, err
}

// Step works until the file is done or late says that time is up, and reports
// whether it is done. It asks late at least once for every MiB read or inflated, and gets
// on by one piece, or one entry of an archive, if time is up at once. An error is one of
// the Source, or ErrState for a state that is not of these bytes; the step may be
// repeated. A fault of the file itself is a finding.
func (f *File) Step(src Source, late func() bool) (done bool, err error) {
	if f.s.Done {
		return true, nil
	}
	before, err := json.Marshal(f.s)
	if err != nil {
		return false, fmt.Errorf("inspect: keep the state: %w", err)
	}
	if done, err = f.step(src, late); err != nil { // what was found is found once more
		f.s = state{}
		return false, errors.Join(err, json.Unmarshal(before, &f.s))
	}
	return done, nil
}

func (f *File) step(src Source, late func() bool) (done bool, err error) {
	in := &input{src: src, name: f.name, chunk: chunk, late: late, found: &f.s.collector, ties: &f.s.Ties, spent: &f.s.spent, limits: f.s.Limits, windows: maxWindows}
	scan, err := f.scanner(in)
	if err != nil {
		return false, err
	}
	done, err = scan.step(in)
	if isShort(err) {
		in.note("uncheckable.corrupt")
		done, err = true, nil
	}
	if err != nil {
		return false, err
	}
	if f.s.Done = done; done {
		f.s.Sealed = nil
		return true, nil
	}
	text, err := kept(scan)
	if err != nil {
		return false, err
	}
	key, err := fileKey(src)
	if err != nil {
		return false, err
	}
	f.s.Sealed, err = seal(key, text)
	return false, err
}

// scanner returns the scanner as the last step left it, or a new one.
func (f *File) scanner(in *input) (scan scanner, err error) {
	if f.s.Type == "" {
		if f.s.Type, err = in.kind(); err != nil {
			return nil, err
		}
		in.byName(f.name, f.s.Type)
		return scannerOf(f.s.Type), nil
	}
	key, err := fileKey(in.src)
	if err != nil {
		return nil, err
	}
	text, err := unseal(key, f.s.Sealed)
	if err != nil {
		return nil, err
	}
	scan = scannerOf(f.s.Type)
	if json.Unmarshal(text, scan) != nil {
		return nil, ErrState
	}
	return scan, nil
}

// GiveUp ends the inspection of a file that no step gets through.
func (f *File) GiveUp() {
	f.s.note(Finding{Rule: "uncheckable.corrupt"}, Place{})
	f.s.Done, f.s.Sealed = true, nil
}

// Report returns the findings so far.
func (f *File) Report() Report {
	read := f.s.Size
	if f.s.has("uncheckable.size") {
		read = min(read, f.s.Limits.Bytes)
	}
	return Report{Type: f.s.Type, Size: f.s.Size, Read: read, Findings: f.s.sorted(), Ties: f.s.Ties.orNil()}
}

// chunk is a variable so that tests can cut files at any byte.
var chunk = chunkBytes

// input holds a scanner's tools.
type input struct {
	src    Source
	name   string
	within Place // of the member in its archives
	depth  int   // archives around it
	chunk  int   // bytes to read at first
	late   func() bool
	found  *collector
	ties   *Ties // nil inside an archive
	spent  *spent
	limits Limits
	// windows is how many bytes the windows of decoders may take, of those inside each other together.
	windows int64
}

// note adds a finding about the file as a whole.
func (in *input) note(rule string) { in.found.note(Finding{Rule: rule}, in.within) }

// at is a place inside the file.
func (in *input) at(p Place) Place {
	p.Members = in.within.Members
	if in.depth > 0 { // offsets inside a compressed member are of no use to a reader
		p.Offset, p.Length = 0, 0
	}
	return p
}

// kind says what the file is.
func (in *input) kind() (string, error) {
	head := make([]byte, min(headBytes, in.src.Size()))
	if err := readAt(in.src, head, 0); err != nil {
		return "", err
	}
	kind := identify(head, in.name)
	if kind == "zip" {
		return zipKind(in.src)
	}
	if kind == "ole" || kind == "empty" {
		return kind, nil // old documents hold new ones
	}
	double, err := hasZip(in.src)
	if double {
		in.note("hidden.trailing")
	}
	return kind, err
}

// scanner looks inside files of one type. Its exported fields are the state
// between two steps and hold no value of the file.
type scanner interface {
	// step works until the end or until in.late. It returns errShort for a file
	// that ends too early, or the Source's error.
	step(in *input) (done bool, err error)
}

// scanners makes a scanner for each type that has one. Types without one are
// known and not looked into: see opaque.
var scanners = map[string]func() scanner{}

// scannerOf returns a new scanner for a type.
func scannerOf(kind string) scanner {
	if make, ok := scanners[kind]; ok {
		return make()
	}
	return &opaque{Kind: kind}
}

// opaque stands for a type that is recognised and not looked into.
type opaque struct {
	Kind string `json:"kind"`
}

func (o *opaque) step(in *input) (bool, error) {
	if rule, ok := opaqueRules[o.Kind]; ok {
		in.note(rule)
	} else if sealed, err := o.encrypted(in); sealed || err != nil {
		in.note("archive.encrypted")
		return err == nil, err
	} else if slices.Contains([]string{".rds", ".rda", ".rdata"}, Extension(in.name)) {
		in.note("hidden.r_object") // compressed by a method that is not looked into
	} else if o.Kind != "empty" {
		in.note("uncheckable.type")
	}
	return true, nil
}

// encrypted reports whether an archive that is not looked into says that it is
// encrypted: RAR by the flags of its first headers, 7z by the cipher's id in its last.
func (o *opaque) encrypted(in *input) (bool, error) {
	b := make([]byte, min(64, in.src.Size()))
	if in.depth > 0 || o.Kind != "rar" && o.Kind != "7z" {
		return false, nil // of members the stream alone is at hand
	}
	if err := readAt(in.src, b, 0); err != nil || len(b) < 32 {
		return false, err
	}
	if o.Kind == "rar" {
		return b[6] == 0 && b[10]&0x80 != 0 || b[6] == 1 && b[13] == 4, nil
	}
	from := 32 + int64(binary.LittleEndian.Uint32(b[12:])) // the end header is at less than 4 GiB, or not found
	end := make([]byte, max(0, min(64<<10, in.src.Size()-from)))
	err := readAt(in.src, end, min(from, in.src.Size()))
	return bytes.Contains(end, []byte{0x06, 0xf1, 0x07, 0x01}), err
}

// opaqueRules are the findings that a type is by itself.
var opaqueRules = map[string]string{
	"pe": "active.executable", "elf": "active.executable", "macho": "active.executable", "java": "active.executable", "jar": "active.executable",
	"wasm": "active.executable", "lnk": "active.executable", "chm": "active.executable", "iso": "active.executable",
	"hdf5": "hidden.dataset", "avro": "hidden.dataset", "orc": "hidden.dataset", "access": "hidden.dataset", "dbase": "hidden.dataset", "dicom": "hidden.dataset", "netcdf": "hidden.dataset", "matlab": "hidden.dataset",
	"sqlite": "hidden.dataset", "stata": "hidden.dataset", "spss": "hidden.dataset", "sas": "hidden.dataset", "xpt": "hidden.dataset",
	"git-pack": "hidden.git", "gguf": "uncheckable.model", "safetensors": "uncheckable.model", "unknown": "uncheckable.unknown",
}
