package inspect

import (
	"path"
	"slices"
	"strings"
)

// runnable are extensions of texts that a double click runs.
var runnable = []string{".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".wsf", ".hta", ".jse", ".reg", ".scr", ".com", ".pif", ".command", ".url", ".desktop"}

// byName notes the findings in a file's or a member's name by itself.
func (in *input) byName(name, kind string) {
	base := strings.ToLower(path.Base(name))
	if isGit(name) {
		in.note("hidden.git")
	}
	switch stem, _, _ := strings.Cut(base, "."); {
	case strings.Contains(base, "dont_release"), base == "session_summary.json", base == "session_summary.csv":
		in.note("acro.do_not_release")
	case stem == "license" || stem == "licence" || stem == "copying":
		in.note("license.present")
	}
	if kind == "script" || slices.Contains(runnable, Extension(name)) && (kind == "text" || kind == "code" || kind == "html" || kind == "xml") {
		in.note("active.executable")
	}
	if mismatched(kind, name) {
		in.note("type.mismatch")
	}
}

// hasZip reports whether a file that is something else is a zip archive, too: those
// are read from their ends.
func hasZip(src Source) (bool, error) {
	d, err := findZipDirectory(src)
	if isShort(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	w := &zipWalk{src: src, at: d.start, end: d.end, shift: d.shift}
	_, err = w.next()
	if err == nil {
		return true, nil
	}
	if isShort(err) || d.start == d.end {
		return false, nil
	}
	return false, err
}
