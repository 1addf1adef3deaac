package airlock

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// CheckManifest returns every rule of the policy that a submission breaks, all
// at once, so that a researcher mends them in one round. It looks at no
// more files than a request can have: a draft may hold any number.
func CheckManifest(t RequestType, files []File, p Policy) []Violation {
	var out []Violation
	add := func(rule, file, format string, args ...any) {
		out = append(out, Violation{Rule: rule, File: file, Message: fmt.Sprintf(format, args...)})
	}
	limit := min(p.Files.MaxFiles, MaxFilesCeiling)
	switch {
	case len(files) == 0:
		add("no_files", "", "Request did not contain any files.")
	case len(files) > limit && limit == 1:
		// The wording of the existing contract for the default limit.
		add("too_many_files", "", "Request contained more than 1 file.")
	case len(files) > limit:
		add("too_many_files", "", "Request contained %d files, more than the %d allowed.", len(files), limit)
	}
	extensions := p.Files.Import
	if t == Export {
		extensions = p.Files.Export
	}
	var pattern *regexp.Regexp
	if p.Files.NamePattern != "" {
		pattern, _ = regexp.Compile(`^(?:` + p.Files.NamePattern + `)$`)
		if pattern == nil { // cannot be stored; refuse rather than let everything pass
			add("bad_policy", "", "The workspace's file name rule cannot be read; ask your TRE administrator.")
		}
	}
	var total int64
	for _, f := range files {
		total += f.Size
	}
	files = files[:min(len(files), MaxFilesCeiling)]
	for _, f := range files {
		if bad := CheckFileName(f.Name); bad != "" {
			add("forbidden_name", f.Name, "The file name %q %s.", shown(f.Name), bad)
		} else if pattern != nil && !pattern.MatchString(f.Name) {
			add("forbidden_name", f.Name, "The file name %q does not match the workspace's rule %s.", shown(f.Name), p.Files.NamePattern)
		}
		if f.Size > p.Files.MaxFileBytes {
			add("file_too_large", f.Name, "The file %q has %d bytes, more than the %d allowed.", shown(f.Name), f.Size, p.Files.MaxFileBytes)
		}
		ext := Extension(f.Name)
		if contains(extensions.Forbidden, ext) || len(extensions.Allowed) > 0 && !contains(extensions.Allowed, ext) {
			add("forbidden_type", f.Name, "Files of type %q may not be %sed here (%q).", ext, t, shown(f.Name))
		}
	}
	if manifestSize(files) > maxManifest {
		add("manifest_too_large", "", "Together the file names are too long for one request; use fewer files, shorter names or an archive.")
	}
	if total > p.Files.MaxTotalBytes {
		add("request_too_large", "", "The files have %d bytes together, more than the %d allowed.", total, p.Files.MaxTotalBytes)
	}
	return out
}

// A request is one row of at most 1 MiB, half a million characters. What a file
// gathers on its way (ETags, hash, verdicts) must still fit in at the end.
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
