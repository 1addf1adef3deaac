package inspect

import (
	"bytes"
	"encoding/binary"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// headBytes is how much of a file's beginning says what it is.
const headBytes = 64 << 10

// magic is one signature at a fixed offset.
type magic struct {
	kind   string
	offset int
	bytes  string
}

// magics are tried in order; the first that fits says the type, unless a closer
// look (see refine) says more. Sources: the formats' specifications.
var magics = []magic{
	{"zip", 0, "PK\x03\x04"}, {"zip", 0, "PK\x05\x06"}, {"zip", 0, "PK\x07\x08"},
	{"gzip", 0, "\x1f\x8b"}, {"bzip2", 0, "BZh"}, {"xz", 0, "\xfd7zXZ\x00"}, {"zstd", 0, "\x28\xb5\x2f\xfd"}, {"lz4", 0, "\x04\x22\x4d\x18"},
	{"7z", 0, "7z\xbc\xaf\x27\x1c"}, {"rar", 0, "Rar!\x1a\x07"}, {"cab", 0, "MSCF"}, {"tar", 257, "ustar"}, {"iso", 0x8001, "CD001"},
	{"ole", 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, {"pdf", 0, "%PDF-"}, {"rtf", 0, "{\\rtf"},
	{"png", 0, "\x89PNG\r\n\x1a\n"}, {"jpeg", 0, "\xff\xd8\xff"}, {"gif", 0, "GIF87a"}, {"gif", 0, "GIF89a"},
	{"tiff", 0, "II*\x00"}, {"tiff", 0, "MM\x00*"}, {"webp", 8, "WEBP"}, {"bmp", 0, "BM"}, {"emf", 40, " EMF"}, {"wmf", 0, "\xd7\xcd\xc6\x9a"}, {"wmf", 0, "\x01\x00\x09\x00\x00\x03"},
	{"parquet", 0, "PAR1"}, {"parquet", 0, "PARE"}, {"arrow", 0, "ARROW1"}, {"arrow", 0, "FEA1"}, {"hdf5", 0, "\x89HDF\r\n\x1a\n"}, {"netcdf", 0, "CDF\x01"}, {"netcdf", 0, "CDF\x02"}, {"netcdf", 0, "CDF\x05"},
	{"matlab", 0, "MATLAB 5.0 MAT-file"}, {"npy", 0, "\x93NUMPY"}, {"sqlite", 0, "SQLite format 3\x00"},
	{"stata", 0, "<stata_dta><header>"}, {"spss", 0, "$FL2"}, {"spss", 0, "$FL3"},
	{"sas", 0, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11"},
	{"avro", 0, "Obj\x01"}, {"orc", 0, "ORC\n"}, {"orc", 0, "ORC\b"}, {"orc", 0, "ORC\x12"}, {"access", 4, "Standard Jet DB\x00"}, {"access", 4, "Standard ACE DB\x00"}, {"dicom", 128, "DICM"}, {"spss", 456, "SPSSPORT"}, {"spss", 461, "SPSSPORT"}, {"spss", 466, "SPSSPORT"}, // portable, without and with line ends
	{"xpt", 0, "HEADER RECORD*******"}, {"gguf", 0, "GGUF"}, {"git-pack", 0, "PACK\x00\x00\x00"}, {"git-pack", 0, "# v2 git bundle\n"}, {"git-pack", 0, "# v3 git bundle\n"},
	{"elf", 0, "\x7fELF"}, {"macho", 0, "\xfe\xed\xfa\xce"}, {"macho", 0, "\xfe\xed\xfa\xcf"}, {"macho", 0, "\xce\xfa\xed\xfe"}, {"macho", 0, "\xcf\xfa\xed\xfe"},
	{"java", 0, "\xca\xfe\xba\xbe"}, {"wasm", 0, "\x00asm"}, {"lnk", 0, "L\x00\x00\x00\x01\x14\x02\x00"}, {"chm", 0, "ITSF"}, {"pe", 0, "MZ"},
	{"r", 0, "RDX2\nX\n"}, {"r", 0, "RDX3\nX\n"}, {"r", 0, "RDA2\nA\n"}, {"r", 0, "RDA3\nA\n"}, {"r", 0, "RDB2\nB\n"}, {"r", 0, "RDB3\nB\n"},
}

// identify says what a file is by its first and last bytes; name only tells text
// formats apart, which have no signature. An empty file is "empty", and what
// nothing fits is "unknown".
func identify(head []byte, name string) string {
	if len(head) == 0 {
		return "empty"
	}
	for _, m := range magics {
		if end := m.offset + len(m.bytes); len(head) >= end && string(head[m.offset:end]) == m.bytes && plausible(m.kind, head) {
			return m.kind
		}
	}
	switch {
	case skippedFrames(head) != "":
		return skippedFrames(head)
	case isPickle(head), oldPickle(head, name), textPickle.Match(head):
		return "pickle"
	case isZlib(head):
		return "zlib" // as joblib compresses
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")) && Extension(name) == ".pdf":
		return "pdf" // readers look for the mark in the first kilobyte
	case len(head) > 10 && head[8] == '{' && head[9] == '"' && head[4]|head[5]|head[6]|head[7] == 0:
		return "safetensors" // the length of a header in JSON
	case isRSerialized(head):
		return "r"
	case isDBase(head):
		return "dbase"
	case len(head) > 0 && (head[0] >= 113 && head[0] <= 115) && len(head) > 109 && (head[1] == 1 || head[1] == 2) && head[2] == 1 && head[3] == 0:
		return "stata" // versions 113 to 115: byte order, file type, unused
	}
	text, ok := asText(head)
	if !ok {
		return "unknown"
	}
	return textKind(text, name)
}

// plausible looks closer at signatures so short that they occur by chance.
func plausible(kind string, head []byte) bool {
	switch kind {
	case "pe": // the header's place is at 0x3c
		if len(head) < 0x40 {
			return true
		}
		at := int64(binary.LittleEndian.Uint32(head[0x3c:]))
		return at >= int64(len(head))-4 || bytes.HasPrefix(head[at:], []byte("PE\x00\x00")) || bytes.HasPrefix(head[at:], []byte("NE")) || !utf8.Valid(head[:min(len(head), 256)])
	case "bmp":
		return len(head) >= 10 && binary.LittleEndian.Uint32(head[6:]) == 0
	case "gzip":
		return len(head) >= 3 && head[2] == 8
	case "bzip2":
		return len(head) >= 10 && head[3] >= '1' && head[3] <= '9' && (string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17rE8P\x90")
	case "orc":
		_, text := asText(head)
		return !text
	case "webp":
		return bytes.HasPrefix(head, []byte("RIFF"))
	}
	return true
}

// skippedFrames says what a file is that begins with skippable frames, which zstd and lz4 share,
// by what is behind them; "" for one that does not.
func skippedFrames(head []byte) string {
	at := 0
	for at+8 <= len(head) && binary.LittleEndian.Uint32(head[at:])&^0xf == zstdSkippable {
		at = int(min(int64(at)+8+int64(binary.LittleEndian.Uint32(head[at+4:])), int64(len(head))))
	}
	switch {
	case at == 0:
		return ""
	case bytes.HasPrefix(head[at:], []byte("\x04\x22\x4d\x18")):
		return "lz4"
	}
	return "zstd"
}

// isZlib reports whether a file begins as RFC 1950 says, with the window of 32 KiB that all writers
// have: its second byte is a letter's for some levels.
func isZlib(head []byte) bool {
	if len(head) < 3 || head[0] != 0x78 || (int(head[0])<<8|int(head[1]))%31 != 0 || head[1]&0x20 != 0 {
		return false
	}
	_, text := asText(head)
	return head[1] >= 0x80 || head[1] == 1 || !text
}

// isDBase reports whether a file begins as tables of dBase and FoxPro do: a version, a day, and a
// header that ends with the mark behind its fields.
func isDBase(head []byte) bool {
	if len(head) < 66 || strings.IndexByte("\x03\x30\x31\x83\x8b\xf5", head[0]) < 0 || head[2] < 1 || head[2] > 12 || head[3] < 1 || head[3] > 31 {
		return false
	}
	end := int(binary.LittleEndian.Uint16(head[8:]))
	for at := 32; at < end && at < len(head); at += 32 {
		if head[at] == '\r' {
			return true
		}
	}
	return false
}

// isPickle reports whether a file begins as a pickle of protocol 2 to 5.
func isPickle(head []byte) bool {
	return len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 && head[2] != 0x80
}

// oldPickle reports whether a file with a pickle's name begins as protocol 0 or 1 do.
func oldPickle(head []byte, name string) bool {
	switch Extension(name) {
	case ".pkl", ".pickle", ".joblib":
		return strings.IndexByte("(]}cVS)KJIFN", head[0]) >= 0
	}
	return false
}

// textPickle is how pickles of protocols 0 and 1 begin that call something, or hold a list or
// dictionary: their opcodes are letters, so that they pass for text under any name.
var textPickle = regexp.MustCompile(`^(c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n(p\d+\n|q[\x00-\x08]|\((S['"]|V\w|I\d|[ldt]p\d|c[a-z_]+[\w.]*\n|tR))|\([ldt]p\d+\n)`)

// isRSerialized reports whether a file begins as R's saveRDS writes it, not compressed.
func isRSerialized(head []byte) bool {
	switch {
	case bytes.HasPrefix(head, []byte("X\n\x00\x00\x00")), bytes.HasPrefix(head, []byte("B\n\x02\x00\x00\x00")), bytes.HasPrefix(head, []byte("B\n\x03\x00\x00\x00")):
		return true
	}
	return bytes.HasPrefix(head, []byte("A\n2\n")) || bytes.HasPrefix(head, []byte("A\n3\n"))
}

// textKind tells formats of text apart: by structure where there is one, by the
// extension else.
func textKind(text, name string) string {
	trimmed := strings.TrimLeft(text, " \t\r\n")
	lower := strings.ToLower(trimmed[:min(len(trimmed), 4096)])
	switch {
	case strings.HasPrefix(trimmed, "#!"):
		return "script"
	case strings.HasPrefix(lower, "-----begin "):
		return "text"
	case strings.Contains(lower, "<svg") && strings.HasPrefix(lower, "<"):
		return "svg"
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"), strings.HasPrefix(lower, "<") && strings.Contains(lower, "<body"):
		return "html"
	case strings.HasPrefix(lower, "<?xml"):
		return "xml"
	}
	ext := Extension(name)
	switch ext {
	case ".ipynb":
		if strings.HasPrefix(trimmed, "{") {
			return "notebook"
		}
	case ".html", ".htm":
		return "html"
	case ".xml", ".fods", ".fodt", ".fodp": // the declaration may be left out
		if strings.HasPrefix(trimmed, "<") {
			return "xml"
		}
	}
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[{") || strings.HasPrefix(trimmed, "[") && (ext == ".json" || ext == ".geojson") {
		if looksLikeNotebook(lower) {
			return "notebook"
		}
		if ext == ".json" || ext == ".geojson" || jsonBegins(trimmed) {
			return "json"
		}
	}
	switch ext {
	case ".csv":
		return "csv"
	case ".tsv", ".tab":
		return "tsv"
	}
	if slices.Contains([]string{".py", ".r", ".sh", ".js", ".sql", ".do", ".sas", ".jl", ".c", ".go", ".java", ".bat", ".cmd", ".ps1", ".vbs", ".rb", ".pl"}, ext) {
		return "code"
	}
	return "text"
}

// notebookMembers are members that only notebooks have; a schema of notebooks has members of the same names and
// other values.
var notebookMembers = regexp.MustCompile(`"nbformat"\s*:\s*\d|"cell_type"\s*:\s*"`)

func looksLikeNotebook(lower string) bool { return notebookMembers.MatchString(lower) }

// jsonBegins reports whether a text begins as a JSON object with a member, or an
// array of objects, and not as a text in braces.
func jsonBegins(text string) bool {
	rest := strings.TrimLeft(strings.TrimPrefix(text, "["), " \t\r\n")
	rest, ok := strings.CutPrefix(rest, "{")
	rest = strings.TrimLeft(rest, " \t\r\n")
	return ok && (strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "}"))
}

// Extension is a name's extension in lower case with its dot, "" for none.
func Extension(name string) string { return strings.ToLower(path.Ext(path.Base(name))) }

// expected are the types that a file with an extension may have. An extension
// that is not listed promises nothing.
var expected = map[string][]string{
	".csv": {"csv", "text"}, ".tsv": {"tsv", "text"}, ".txt": {"text", "csv", "code", "script"}, ".md": {"text", "html"}, ".log": {"text"},
	".json": {"json"}, ".geojson": {"json"}, ".ipynb": {"notebook"}, ".html": {"html"}, ".htm": {"html"}, ".svg": {"svg"}, ".xml": {"xml", "svg", "html"},
	".png": {"png"}, ".jpg": {"jpeg"}, ".jpeg": {"jpeg"}, ".gif": {"gif"}, ".tif": {"tiff"}, ".tiff": {"tiff"}, ".webp": {"webp"}, ".bmp": {"bmp"},
	".pdf": {"pdf"}, ".rtf": {"rtf"}, ".zip": {"zip"}, ".gz": {"gzip", "r"}, ".tgz": {"gzip"}, ".bz2": {"bzip2"}, ".xz": {"xz"}, ".txz": {"xz"}, ".zst": {"zstd"}, ".tzst": {"zstd"}, ".lz4": {"lz4"}, ".7z": {"7z"}, ".rar": {"rar"}, ".tar": {"tar"},
	".xlsx": {"xlsx", "ole"}, ".xlsm": {"xlsx", "ole"}, ".docx": {"docx", "ole"}, ".docm": {"docx", "ole"}, ".pptx": {"pptx", "ole"}, ".pptm": {"pptx", "ole"}, ".ods": {"odf"}, ".odt": {"odf"}, ".odp": {"odf"},
	".xls": {"ole"}, ".doc": {"ole"}, ".ppt": {"ole"}, ".msg": {"ole"}, ".rds": {"r", "gzip", "bzip2", "xz", "zstd"}, ".rda": {"r", "gzip", "bzip2", "xz", "zstd"}, ".rdata": {"r", "gzip", "bzip2", "xz", "zstd"},
	".parquet": {"parquet"}, ".feather": {"arrow"}, ".arrow": {"arrow"}, ".h5": {"hdf5"}, ".hdf5": {"hdf5"}, ".npy": {"npy"}, ".npz": {"zip"}, ".sqlite": {"sqlite"}, ".db": {"sqlite"},
	".dta": {"stata"}, ".sav": {"spss"}, ".sas7bdat": {"sas"}, ".xpt": {"xpt"},
}

// mismatched reports whether a file's format contradicts its extension.
func mismatched(kind, name string) bool {
	want, promised := expected[Extension(name)]
	return promised && kind != "empty" && !slices.Contains(want, kind)
}
