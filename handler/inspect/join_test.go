package inspect_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// session reads a session that ACRO wrote about made-up people: a table that failed with an
// exception, one of two levels and a table of means without, a regression, a custom
// output, and a table with suppressed cells.
func session(t testing.TB, version string) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := os.DirFS("testdata/acro-" + version)
	require.NoError(t, fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, name)
		out[name] = string(content)
		return err
	}))
	return out
}

// joined inspects files together and returns what acro rules find for sure, as "file: rule",
// under the rules of ACRO's defaults.
func joined(t testing.TB, files map[string]string, change func(*inspect.Part)) []string {
	t.Helper()
	set, err := inspect.NewRuleSet(true, "acro-default", nil)
	require.NoError(t, err)
	names := slices.Sorted(maps.Keys(files))
	parts := make([]inspect.Part, len(names))
	for i, name := range names {
		sum := sha256.Sum256([]byte(files[name]))
		parts[i] = inspect.Part{Name: name, SHA256: hex.EncodeToString(sum[:]), Report: report(t, name, []byte(files[name]))}
		if change != nil {
			change(&parts[i])
		}
	}
	var found []string
	for i, r := range inspect.Join(parts) {
		require.True(t, r.Plausible())
		for _, j := range set.Apply(r) {
			if strings.HasPrefix(j.Rule, "acro.") && j.Confidence == inspect.Sure {
				found = append(found, path.Base(names[i])+": "+strings.TrimPrefix(j.Rule, "acro."))
			}
		}
	}
	return found
}

// asWritten are the findings about the sessions as ACRO wrote them.
func asWritten(version string) []string {
	out := []string{"results.json: custom", "results.json: discloses", "results.json: fail", "results.json: session", "results.json: unexplained"}
	if version == "1.0.2" {
		out = append(out, "session_summary.csv: do_not_release", "session_summary.json: do_not_release")
	}
	return out
}

var versions = []string{"0.4.12", "1.0.2"}

// What becomes of the findings when somebody touches a session.
func TestSessionsOfACROAreComparedWithTheirFiles(t *testing.T) {
	replace := func(name, old, by string) func(t *testing.T, files map[string]string) {
		return func(t *testing.T, files map[string]string) {
			require.Contains(t, files[name], old)
			files[name] = strings.Replace(files[name], old, by, 1)
		}
	}
	remove := func(name string) func(*testing.T, map[string]string) {
		return func(t *testing.T, files map[string]string) {
			require.Contains(t, files, name)
			delete(files, name)
		}
	}
	add := func(name, content string) func(*testing.T, map[string]string) {
		return func(_ *testing.T, files map[string]string) { files[name] = content }
	}
	for name, c := range map[string]struct {
		touch func(t *testing.T, files map[string]string)
		more  []string
	}{
		"as it was written":        {func(*testing.T, map[string]string) {}, nil},
		"a line's end in checksum": {func(_ *testing.T, f map[string]string) { f["checksums/note.txt.txt"] += "\r\n" }, nil},
		"a changed note":           {replace("note.txt", "a note", "b note"), []string{"note.txt: checksum"}},
		"a changed checksum":       {add("checksums/note.txt.txt", strings.Repeat("0", 64)), []string{"note.txt: checksum"}},
		"a file without checksum":  {remove("checksums/output_0_0.csv.txt"), []string{"output_0_0.csv: checksum"}},
		"no checksums": {func(_ *testing.T, f map[string]string) {
			maps.DeleteFunc(f, func(name, _ string) bool { return strings.HasPrefix(name, "checksums/") })
		}, []string{"results.json: checksum"}},
		"another file":            {add("people.csv", "a\n"), []string{"people.csv: unlisted"}},
		"another file elsewhere":  {add("raw/people.csv", "a\n"), []string{"people.csv: unlisted"}},
		"a file among checksums":  {add("checksums/people.txt", strings.Repeat("0", 64)), []string{"people.txt: unlisted"}},
		"data among checksums":    {add("checksums/note.txt.txt", strings.Repeat("name,age\n", 20)), []string{"note.txt: checksum", "note.txt.txt: unlisted"}},
		"a file that is not here": {remove("output_3_1.csv"), []string{"results.json: missing"}},
		"a name with a path":      {replace("results.json", `"note.txt"`, `"../note.txt"`), []string{"note.txt: unlisted", "results.json: checksum", "results.json: missing"}},
		"an absolute name":        {replace("results.json", `"note.txt"`, `"C:\\note.txt"`), []string{"note.txt: unlisted", "results.json: checksum", "results.json: missing"}},
		"small counts called ok": {func(t *testing.T, f map[string]string) { f["results.json"] = allOK(t, f["results.json"]) },
			[]string{"output_0_0.csv: contradiction", "output_1_0.csv: contradiction", "results.json: checksum"}},
		"a cell that was suppressed":  {replace("output_5_0.csv", "Isles,,", "Isles,2,2"), []string{"output_5_0.csv: checksum", "output_5_0.csv: contradiction"}},
		"another row":                 {replace("output_0_0.csv", "North,", "West,60,70\nNorth,"), []string{"output_0_0.csv: checksum", "output_0_0.csv: contradiction"}},
		"another column":              {replace("output_0_0.csv", "region,F,M\n", "region,F,M,X\n"), []string{"output_0_0.csv: checksum", "output_0_0.csv: contradiction"}},
		"a cell made small":           {replace("output_0_0.csv", "North,75", "North,5"), []string{"output_0_0.csv: checksum", "output_0_0.csv: contradiction"}},
		"a lower threshold":           {replace("config.json", `"safe_threshold": 10`, `"safe_threshold": 5`), []string{"config.json: appetite"}},
		"a larger share of the top":   {replace("config.json", `"safe_nk_k": 0.9`, `"safe_nk_k": 0.95`), []string{"config.json: appetite"}},
		"fewer degrees of freedom":    {replace("config.json", `"safe_dof_threshold": 10`, `"safe_dof_threshold": 2`), []string{"config.json: appetite"}},
		"zeros that do not count":     {replace("config.json", `"zeros_are_disclosive": true`, `"zeros_are_disclosive": false`), []string{"config.json: appetite"}},
		"evidence of federation":      {add("other.json", `{"outputs": {"a": {"command": "x", "analysis_names": [], "interim_tables": {"count": [[1]]}}}}`), []string{"other.json: do_not_release"}},
		"a record not to be released": {replace("results.json", `"a word"`, `"do not release"`), []string{"note.txt: do_not_release", "results.json: checksum", "-results.json: custom"}},
		"a long session": {func(_ *testing.T, f map[string]string) { // as many others are
			f["results.json"] = strings.Replace(f["results.json"], `"a word"`, `"`+strings.Repeat("many words ", 30_000)+`"`, 1)
		}, []string{"results.json: checksum"}},
	} {
		for _, version := range versions {
			files := session(t, version)
			c.touch(t, files)
			want := asWritten(version)
			for _, m := range c.more {
				if gone, ok := strings.CutPrefix(m, "-"); ok {
					want = slices.DeleteFunc(want, func(w string) bool { return w == gone })
				} else {
					want = append(want, m)
				}
			}
			require.ElementsMatch(t, want, joined(t, files, nil), "%s, %s", name, version)
		}
	}
}

// allOK changes the records of a session so that every cell of every table is called ok.
func allOK(t *testing.T, records string) string {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(records), &all))
	for _, r := range all["results"].(map[string]any) {
		record := r.(map[string]any)
		for _, column := range record["outcome"].(map[string]any) {
			for row := range column.(map[string]any) {
				column.(map[string]any)[row] = "ok"
			}
		}
		for _, f := range record["files"].([]any) {
			if sdc := f.(map[string]any)["sdc"].(map[string]any); sdc["cells"] != nil {
				sdc["cells"] = map[string]any{"threshold": []any{}}
			}
		}
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return string(text)
}

// Other thresholds than ACRO's are those that the session is held against.
func TestAppetitesAreComparedWithTheRulesInForce(t *testing.T) {
	r := report(t, "config.json", []byte(`{"safe_threshold": 5, "safe_dof_threshold": 10, "zeros_are_disclosive": false}`))
	for preset, want := range map[string]int{"acro-default": 2, "gel": 0, "opensafely": 1, "ukllc": 2} {
		set, err := inspect.NewRuleSet(true, preset, nil)
		require.NoError(t, err)
		n := 0
		for _, j := range set.Apply(r) {
			if j.Rule == "acro.appetite" {
				n++
			}
		}
		require.Equal(t, want, n, preset)
	}
	require.Empty(t, joined(t, map[string]string{"config.json": `{"epochs": 5, "safe": true}`}, nil))
}

func TestSessionsInFolders(t *testing.T) {
	for _, version := range versions {
		files := map[string]string{}
		for name, content := range session(t, version) {
			files["outputs/one/"+name] = content
		}
		require.ElementsMatch(t, asWritten(version), joined(t, files, nil), "a folder")

		// Two sessions: each is compared with its own files.
		for name, content := range session(t, version) {
			files["outputs/two/"+name] = content
		}
		files["outputs/two/note.txt"] = "another note\n"
		require.ElementsMatch(t, append(append(asWritten(version), asWritten(version)...), "note.txt: checksum"), joined(t, files, nil), "two folders")

		// The records are supporting files, and what they name is to be released.
		files = map[string]string{}
		for name, content := range session(t, version) {
			if strings.HasSuffix(name, ".json") || strings.Contains(name, "/") || strings.HasPrefix(name, "session") {
				name = "supporting/" + name
			}
			files[name] = content
		}
		require.ElementsMatch(t, []string{"results.json: custom", "results.json: fail", "results.json: session", "results.json: unexplained"}, joined(t, files, func(p *inspect.Part) {
			p.Supporting = strings.HasPrefix(p.Name, "supporting/")
		}), "a folder of supporting files")
	}
}

// Above the limit nothing is hashed, and nobody can say that a file is another one.
func TestFilesWithoutAChecksumAreNoOtherFiles(t *testing.T) {
	for _, version := range versions {
		require.ElementsMatch(t, asWritten(version), joined(t, session(t, version), func(p *inspect.Part) { p.SHA256 = "" }))
	}
}

// Join is a function of its parts, and changes none of them.
func TestJoiningTwiceGivesTheSame(t *testing.T) {
	var parts []inspect.Part
	for name, content := range session(t, "1.0.2") {
		parts = append(parts, inspect.Part{Name: name, Report: report(t, name, []byte(content))})
	}
	require.Equal(t, inspect.Join(parts), inspect.Join(parts))
	require.Empty(t, inspect.Join(nil))
}
