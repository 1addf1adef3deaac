package airlock

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxLitter is how many files that computers leave are passed over in a draft.
const maxLitter = 100

// Listed is how many blobs of a draft have to be looked at to judge it: one more
// than a request can have, and some litter.
func (p Policy) Listed() int { return p.maxFiles() + 1 + maxLitter }

// supporting reports whether a file of that name only helps reviewers.
func (p Policy) supporting(name string) bool {
	return p.Files.SupportingFolder != "" && strings.HasPrefix(name, p.Files.SupportingFolder)
}

func (p Policy) maxFiles() int { return min(p.Files.MaxFiles, MaxFilesCeiling) }

// NewManifest makes the manifest of a draft from its blobs; Policy.Listed of them are
// enough. It returns with it every rule that they break, so that a researcher mends
// them in one round. With violations the manifest is of no use.
//
// Names of exports are data that has not been reviewed: violations name files of
// an export by number and NameDigest.
func NewManifest(t RequestType, blobs []Blob, p Policy) ([]File, []Violation) {
	m := newManifest(t, p)
	for _, b := range blobs {
		m.add(b)
	}
	m.check()
	return m.files, few(m.violations)
}

func newManifest(t RequestType, p Policy) *manifest {
	m := &manifest{direction: t, policy: p}
	if p.Files.NamePattern != "" {
		var err error
		if m.pattern, err = regexp.Compile(`^(?:` + p.Files.NamePattern + `)$`); err != nil { // cannot be stored; refuse rather than let everything pass
			m.refuse("bad_policy", "", "The workspace's file name rule cannot be read; ask your TRE administrator.")
		}
	}
	return m
}

// CheckFiles returns every rule that files would break as a draft. Only their names and
// sizes are known yet. It finds the same as NewManifest, but in the order and with the
// names of the caller, who knows them already.
func CheckFiles(t RequestType, files []Blob, p Policy) []Violation {
	m := newManifest(t, p)
	m.named = true
	for _, f := range files {
		m.add(f)
	}
	m.check()
	return few(m.violations)
}

// manifest is one under way.
type manifest struct {
	direction  RequestType
	policy     Policy
	named      bool // violations name files of an export too
	pattern    *regexp.Regexp
	seen       int // blobs
	litter     int
	files      []File
	labels     []string // of files
	violations []Violation
}

func (m *manifest) refuse(rule, label, format string, args ...any) {
	m.violations = append(m.violations, Violation{Rule: rule, File: label, Message: fmt.Sprintf(format, args...)})
}

// label names a file to the requestor.
func (m *manifest) label(name string) string {
	if m.direction == Export && !m.named {
		return alias(m.seen) + " (" + NameDigest(name) + ")"
	}
	return shown(name)
}

// add takes a blob into the manifest, or says why it cannot be submitted.
func (m *manifest) add(b Blob) {
	m.seen++
	label := m.label(b.Name)
	if folder := b.Folder || strings.HasSuffix(b.Name, "/"); folder || IsLitter(b.Name) {
		m.litter++
		if m.policy.Files.Litter != IgnoreLitter {
			what := "is a file that a computer leaves by itself"
			if folder {
				what = "is the marker of a folder and no file"
			}
			m.refuse("litter", label, "%q %s; delete it and submit again.", label, what)
		}
		return
	}
	if rule, advice := b.Unfit(); rule != "" {
		m.refuse(rule, label, "%q %s.", label, advice)
	}
	m.files, m.labels = append(m.files, File{Name: b.Name, Size: b.Size, DraftETag: b.ETag, Supporting: m.policy.supporting(b.Name)}), append(m.labels, label)
	m.checkFile(b, label)
}

func (m *manifest) checkFile(b Blob, label string) {
	rule := m.policy.FileRule(m.direction)
	if bad := CheckFileName(b.Name, rule.Names); bad != "" {
		m.refuse("forbidden_name", label, "The file name %q %s.", label, bad)
	} else if m.pattern != nil && !m.pattern.MatchString(b.Name) {
		m.refuse("forbidden_name", label, "The file name %q does not match the workspace's rule %s.", label, m.policy.Files.NamePattern)
	}
	if b.Size > m.policy.Files.MaxFileBytes {
		m.refuse("file_too_large", label, "The file %q has %d bytes, more than the %d allowed.", label, b.Size, m.policy.Files.MaxFileBytes)
	}
	switch ext := Extension(b.Name); {
	case contains(rule.Forbidden, ext), len(rule.Allowed) > 0 && !contains(rule.Allowed, ext) && m.direction == Import:
		m.refuse("forbidden_type", label, "Files of type %q may not be %sed here (%q).", ext, m.direction, label)
	case len(rule.Allowed) > 0 && !contains(rule.Allowed, ext): // an extension that nobody listed is payload as well
		m.refuse("forbidden_type", label, "Only files of type %s may be exported here (%q).", strings.Join(rule.Allowed, ", "), label)
	}
}

// check judges the files together. Violations of all of them come first.
func (m *manifest) check() {
	single := m.violations
	m.violations = nil
	switch limit := m.policy.maxFiles(); {
	case m.litter > maxLitter: // the files behind them were not listed
		m.refuse("litter", "", "The draft holds more than %d files that computers leave by themselves; delete them and submit again.", maxLitter)
	case len(m.files) == 0 && m.litter == 0:
		m.refuse("no_files", "", "Request did not contain any files.")
	case len(m.files) == 0:
		m.refuse("no_files", "", "Request did not contain any files but those that computers leave by themselves.")
	case !slices.ContainsFunc(m.files, func(f File) bool { return !f.Supporting }):
		m.refuse("only_supporting", "", "Request contained only supporting files, which are never released; put what is to be released outside %s.", m.policy.Files.SupportingFolder)
	case len(m.files) > limit && limit == 1:
		// The wording of the existing contract for the default limit.
		m.refuse("too_many_files", "", "Request contained more than 1 file. The first are %s.", m.first())
	case len(m.files) > limit:
		m.refuse("too_many_files", "", "Request contained more than %d files, which is the limit here. The first are %s.", limit, m.first())
	}
	m.checkTwins()
	if manifestSize(m.files) > maxManifest {
		m.refuse("manifest_too_large", "", "Together the file names are too long for one request; use fewer files, shorter names or an archive.")
	}
	var total int64
	for _, f := range m.files {
		total += f.Size
	}
	if total > m.policy.Files.MaxTotalBytes {
		m.refuse("request_too_large", "", "The files have more than the %d bytes together that are allowed.", m.policy.Files.MaxTotalBytes)
	}
	m.violations = append(m.violations, single...)
}

// first names the first three files.
func (m *manifest) first() string {
	var names []string
	for _, label := range m.labels[:min(len(m.labels), 3)] {
		names = append(names, fmt.Sprintf("%q", label))
	}
	return strings.Join(names, ", ")
}

// checkTwins refuses names that somebody could take for each other, and a file
// that has the name of another's folder: no disk holds both.
func (m *manifest) checkTwins() {
	first, folders := map[string]int{}, map[string]bool{}
	for _, f := range m.files {
		for folder := path.Dir(sameName(f.Name)); folder != "." && folder != "/"; folder = path.Dir(folder) {
			folders[folder] = true
		}
	}
	for i, f := range m.files {
		key := sameName(f.Name)
		if folders[key] {
			m.refuse("twin_names", m.labels[i], "%q has the name of a folder that other files are in; rename it.", m.labels[i])
		}
		k, twin := first[key]
		if !twin {
			first[key] = i
			continue
		}
		a, b := m.labels[k], m.labels[i]
		m.refuse("twin_names", b, "The names of %q and %q can be taken for each other; rename one.", a, b)
	}
}

// maxViolations bounds the details of one refusal.
const maxViolations = 10

// few keeps the first violations and counts the others.
func few(all []Violation) []Violation {
	if len(all) <= maxViolations {
		return all
	}
	return append(all[:maxViolations:maxViolations], Violation{Rule: "more", Message: fmt.Sprintf("There are %d more of these.", len(all)-maxViolations)})
}

// A request is one row of at most 1 MiB, half a million characters. The ETags, hashes
// and verdicts that files gather on their way must still fit in at the end.
const (
	maxManifest    = 450_000 // characters
	gatheredByFile = 650
)

// manifestSize counts names as the row holds them: as JSON, in which a quote takes
// two characters and some others six.
func manifestSize(files []File) int {
	var names strings.Builder
	e := json.NewEncoder(&names)
	e.SetEscapeHTML(false)
	for _, f := range files {
		_ = e.Encode(f.Name) // a text always can be
	}
	return names.Len() + len(files)*gatheredByFile
}

func contains(list []string, ext string) bool {
	return slices.ContainsFunc(list, func(e string) bool { return strings.EqualFold(e, ext) })
}

// shown keeps a message short: names may have 1,024 characters.
func shown(name string) string {
	r := []rune(name)
	if len(r) <= 80 {
		return name
	}
	return string(r[:77]) + "…"
}
