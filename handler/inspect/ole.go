package inspect

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

func init() { scanners["ole"] = func() scanner { return &oleScanner{} } }

// oleScanner looks at the directory of a compound file (MS-CFB): old Office
// documents, encrypted new ones, messages and installers.
type oleScanner struct{}

// Bounds of what is read of a compound file.
const (
	maxDirectory = 4 << 20 // bytes of the directory
	endOfChain   = 0xfffffffe
)

func (*oleScanner) step(in *input) (bool, error) {
	names, err := oleNames(in.src)
	if err != nil {
		return false, err
	}
	rule := "uncheckable.legacy"
	for _, name := range names {
		switch lower := strings.ToLower(name); {
		case lower == "encryptedpackage", lower == "encryptedsummary":
			rule = "uncheckable.encrypted"
		case lower == "vba", lower == "_vba_project_cur", lower == "macros", lower == "_vba_project":
			in.found.note(Finding{Rule: "active.macro"}, in.within)
		case lower == "objectpool", lower == "\x01ole10native", strings.HasPrefix(lower, "mbd"):
			in.found.note(Finding{Rule: "hidden.embedded"}, in.within)
		case strings.HasPrefix(lower, "__attach_version1.0"):
			in.found.note(Finding{Rule: "hidden.embedded"}, in.within)
		case msiName(name):
			rule = "active.executable"
		}
	}
	in.note(rule)
	if strings.HasSuffix(Extension(in.name), "x") && rule != "uncheckable.encrypted" {
		in.note("type.mismatch") // a new format is a compound file only when it is encrypted
	}
	return true, oldSheets(in)
}

// oldSheets looks for the records that name the sheets of an old workbook
// (BOUNDSHEET, MS-XLS 2.4.28). They come early and are found by their shape.
func oldSheets(in *input) error {
	b := make([]byte, min(in.src.Size(), 1<<20))
	if err := readAt(in.src, b, 0); err != nil {
		return err
	}
	for i := 0; i+14 < len(b); i++ {
		if b[i] != 0x85 || b[i+1] != 0 || b[i+3] != 0 {
			continue
		}
		length, hidden, kind, name, wide := int(b[i+2]), b[i+8], b[i+9], int(b[i+10]), int(b[i+11])
		if name == 0 || name > 31 || wide > 1 || length != 8+name*(1+wide) || hidden > 2 || kind != 0 && kind != 1 && kind != 2 && kind != 6 {
			continue
		}
		if kind == 1 || kind == 6 {
			in.note("active.macro")
		}
		if hidden > 0 {
			in.note("hidden.sheet")
		}
	}
	return nil
}

// msiName reports whether a stream is named as the tables of installers are: in
// characters that stand for two others each.
func msiName(name string) bool {
	for _, r := range name {
		if r >= 0x3800 && r < 0x4840 {
			return true
		}
	}
	return false
}

// oleNames are the names in the directory. A chain of sectors that comes back to
// itself ends at the bound.
func oleNames(src Source) ([]string, error) {
	head := make([]byte, 512)
	if err := readAt(src, head, 0); err != nil {
		return nil, err
	}
	shift := binary.LittleEndian.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return nil, errShort
	}
	sector := int64(1) << shift
	b, entry := make([]byte, sector), make([]byte, 4)
	var names []string
	at := binary.LittleEndian.Uint32(head[48:])
	for read := int64(0); at < 0xfffffffa && read < maxDirectory; read += sector {
		if err := readAt(src, b, (int64(at)+1)*sector); err != nil {
			return nil, err
		}
		for e := int64(0); e+128 <= sector; e += 128 {
			if name := oleName(b[e : e+128]); name != "" {
				names = append(names, name)
			}
		}
		// The sector's entry in the allocation table; the first 109 parts of the
		// table are listed in the header, which is 7 MiB of file at least.
		index := int64(at) * 4 / sector
		if index >= 109 {
			break
		}
		table := binary.LittleEndian.Uint32(head[76+4*index:])
		if table >= 0xfffffffa {
			break
		}
		if err := readAt(src, entry, (int64(table)+1)*sector+int64(at)*4%sector); err != nil {
			return nil, err
		}
		if at = binary.LittleEndian.Uint32(entry); at == endOfChain {
			break
		}
	}
	return names, nil
}

func oleName(entry []byte) string {
	n := int(binary.LittleEndian.Uint16(entry[64:]))
	if n < 2 || n > 64 || entry[66] == 0 {
		return ""
	}
	units := make([]uint16, 0, 32)
	for i := 0; i+1 < n-1; i += 2 {
		units = append(units, binary.LittleEndian.Uint16(entry[i:]))
	}
	return string(utf16.Decode(units))
}
