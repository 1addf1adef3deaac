package airlock

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckFileName(t *testing.T) {
	for _, good := range []string{"a", "a b+c%20#?&.csv", "set #1.csv", "what?.csv", "literal%20name.csv", "x/y/z.csv", "ünï/日本.csv", "a..b", "نام\u200cها.csv", "क्\u200dष.csv", "🙂.csv", "❤\ufe0f.csv",
		strings.Repeat("a", 1024), strings.Repeat("ä", 200)} {
		assert.Empty(t, CheckFileName(good, UnicodeNames), good)
	}
	for _, bad := range []string{"", "..", "a/../b", "a/./b", `a\..\b`, `a\b`, "a\x00b", "a\x01b", "a\nb", "\u202Egpj.exe", "a\u2066b", "a\xff", strings.Repeat("a", 1025), strings.Repeat("ä", 1024), strings.Repeat("=", 680),
		strings.Repeat("&", 500), "evil.exe.", "evil.exe ", " a.csv", ".hidden", "...", "evil.exe\u200b", "evil.exe::$DATA", "c:a", "dir/evil.exe./", "dir/evil.exe/", "/a", "a//b", "dir./a", "dir /a", "a\u3000", "a\u00a0",
		"a\u2800", "data\u200b.csv", "a\u00adb", "a\u2028b", "a\u2029b", "a\u200d", "\u200da", "a\u200d1", "a\u3164b", "a\ufeffb", "e\u0301.csv", "a\ufffe", "a\uffff", "a\ue000b", "a\U000e0041b", "a\u0378b", "．．/x.csv", "a/‥/b.csv", "a＼b.csv", "a：b.csv", "a／／b.csv", "x．", "dir．/a.csv", "data\ufe0f", "data\U000e0100", "\u0301a"} {
		assert.NotEmpty(t, CheckFileName(bad, UnicodeNames), "%q", bad)
	}
}

func TestPlainNames(t *testing.T) {
	for _, good := range []string{"a", "Table 1.csv", "a/b/c/d.csv", "run_2-final.txt", strings.Repeat("a", 100)} {
		assert.Empty(t, CheckFileName(good, PlainNames), good)
	}
	for _, bad := range []string{"a/b/c/d/e.csv", "ü.csv", "a,b", "a=b", "_a", "-a", strings.Repeat("a", 101), "a;b", "(1)", "a\tb"} {
		assert.NotEmpty(t, CheckFileName(bad, PlainNames), bad)
	}
}

// Every spelling that some system takes for evil.exe has its extension.
func TestExtensionIsWhatSystemsSee(t *testing.T) {
	for _, name := range []string{"evil.exe", "EVIL.EXE", "evil.exe.", "evil.exe ", "evil.exe. .", "evil.exe\u200b", "evil.e\u200bxe", "evil.exe::$DATA", "evil.exe:stream", "ｅｖｉｌ．ｅｘｅ", "dir/evil.exe./", "dir.csv/evil.ｅｘｅ", "evil.exe\ufe0f", "evil.exe\u00a0", "evil.𝐞𝐱𝐞"} {
		assert.Equal(t, ".exe", Extension(name), "%q", name)
	}
	assert.Equal(t, "", Extension("dir.exe/readme"))
	assert.Equal(t, ".csv", Extension("a.exe.csv"))
	p := DefaultPolicy()
	p.Files.Import.Forbidden = []string{".exe"}
	for _, name := range []string{"evil.exe.", "evil.exe ", "evil.exe\u200b", "evil.exe::$DATA", "ｅｖｉｌ．ｅｘｅ", "dir/evil.exe./x"} {
		assert.NotEmpty(t, violationsOf(Import, []Blob{{Name: name, Size: 1}}, p), "%q", name)
	}
	assert.Contains(t, rulesIn(violationsOf(Import, []Blob{{Name: "ｅｖｉｌ．ｅｘｅ", Size: 1}}, p)), "forbidden_type")
}

func rulesIn(violations []Violation) (rules []string) {
	for _, v := range violations {
		rules = append(rules, v.Rule)
	}
	return rules
}

func TestTwinsAreRefused(t *testing.T) {
	p := DefaultPolicy()
	p.Files.MaxFiles = 10
	for _, twins := range [][2]string{{"data.csv", "DATA.csv"}, {"é.csv", "e\u0301.csv"}, {"data.csv", "data\u200b.csv"}, {"ﬁle.csv", "file.csv"}, {"a１.csv", "a1.csv"}, {"straße", "STRASSE"}, {"❤.csv", "❤\ufe0f.csv"}, {"x/a.csv", "X/A.CSV"}, {"\u0390", "\u03aa\u0301"}, {"a", "a/b"}, {"A", "a/b/c"}} {
		assert.Contains(t, rulesIn(violationsOf(Import, []Blob{{Name: twins[0], Size: 1}, {Name: twins[1], Size: 1}}, p)), "twin_names", "%q", twins)
	}
	assert.Empty(t, violationsOf(Import, []Blob{{Name: "a.csv"}, {Name: "b.csv"}, {Name: "x/a.csv"}}, p))
}

func TestWhatCannotBeSubmittedSaysWhy(t *testing.T) {
	for rule, b := range map[string]Blob{
		"copy_pending": {Copying: "pending"}, "copy_failed": {Copying: "failed"}, "archived": {Archived: true}, "blob_type": {Type: PageBlob}, "customer_key": {CustomerKey: true},
	} {
		b.Name = "a.csv"
		violations := violationsOf(Import, []Blob{b}, DefaultPolicy())
		require.Equal(t, []string{rule}, rulesIn(violations))
		assert.Contains(t, violations[0].Message, "a.csv")
	}
	assert.Equal(t, []string{"blob_type"}, rulesIn(violationsOf(Import, []Blob{{Name: "a.csv", Type: AppendBlob}}, DefaultPolicy())))
	assert.Equal(t, []string{"copy_failed"}, rulesIn(violationsOf(Import, []Blob{{Name: "a.csv", Copying: "aborted"}}, DefaultPolicy())))
	assert.Empty(t, violationsOf(Import, []Blob{{Name: "a.csv", Type: BlockBlob, Copying: "success"}}, DefaultPolicy()))
}

func TestLitterIsNamedOrLeftOut(t *testing.T) {
	litter := []Blob{{Name: ".DS_Store"}, {Name: "data.csv", Size: 1}, {Name: "dir", Folder: true}, {Name: "dir/"}, {Name: "sub/Thumbs.db"}, {Name: "._data.csv"}, {Name: "__MACOSX/._data.csv"}, {Name: "~$report.docx"}}
	p := DefaultPolicy()
	violations := violationsOf(Import, litter, p)
	assert.Len(t, violations, 7)
	for _, v := range violations {
		assert.Equal(t, "litter", v.Rule)
	}
	p.Files.Litter = IgnoreLitter
	files, violations := NewManifest(Import, litter, p)
	assert.Empty(t, violations)
	assert.Len(t, files, 1)
	assert.Equal(t, []string{"no_files"}, rulesIn(violationsOf(Import, litter[:1], p)))
	hidden := make([]Blob, 101)
	for i := range hidden {
		hidden[i].Name = fmt.Sprintf("._%03d", i)
	}
	assert.Contains(t, rulesIn(violationsOf(Import, append(hidden, Blob{Name: "a.csv"}), p)), "litter", "what lies behind the litter nobody has listed")
	many := make([]Blob, p.Listed())
	for i := range many {
		many[i].Name = fmt.Sprint("d", i, "/.DS_Store")
	}
	assert.Equal(t, []string{"litter"}, rulesIn(violationsOf(Import, many, p)), "what lies behind them nobody has seen")
}

// A refused submit of an export carries out nothing that the requestor chose.
func TestViolationsOfExportsHoldNoNames(t *testing.T) {
	p := DefaultPolicy()
	p.Files.MaxFiles = 500
	p.Files.Export.Allowed = []string{".csv"}
	var blobs []Blob
	for i := range 400 {
		blobs = append(blobs, Blob{Name: fmt.Sprintf("patient-%d\u202A.secret", i)})
	}
	violations := violationsOf(Export, blobs, p)
	assert.Len(t, violations, maxViolations+1)
	text := fmt.Sprint(violations)
	assert.NotContains(t, text, "patient")
	assert.NotContains(t, text, "secret")
	assert.Contains(t, text, "file 1 ("+NameDigest(blobs[0].Name)+")")
	assert.Contains(t, violations[maxViolations].Message, "790 more")
	p.Files.MaxFiles = 1
	assert.NotContains(t, fmt.Sprint(violationsOf(Export, blobs, p)), "patient")
}

// A requestor with too many files is told of the first few, by the names they may see.
func TestTooManyFilesAreNamed(t *testing.T) {
	p := DefaultPolicy()
	for limit, files := range map[int][]Blob{1: {{Name: "a.csv"}, {Name: "b.csv"}}, 3: {{Name: "a.csv"}, {Name: "b.csv"}, {Name: "c.csv"}, {Name: "d.csv"}}} {
		p.Files.MaxFiles = limit
		imported, exported := violationsOf(Import, files, p)[0], violationsOf(Export, files, p)[0]
		assert.Equal(t, "too_many_files", imported.Rule)
		assert.Contains(t, imported.Message, `The first are "a.csv", "b.csv"`)
		assert.NotContains(t, imported.Message, "d.csv")
		assert.Equal(t, "too_many_files", exported.Rule)
		assert.Contains(t, exported.Message, "file 1 ("+NameDigest("a.csv")+")")
		assert.NotContains(t, exported.Message, ".csv")
	}
}

func TestTextsThatPeopleRead(t *testing.T) {
	for _, bad := range []string{"", "  ", "\u2800", "a\u2028b", "a\u202Eb", "a\u2066b", "a\ufffdb", "a\x00", "a\u200b", "a\nb", "\u3164"} {
		assert.NotEmpty(t, CheckLine(bad), "%q", bad)
	}
	assert.Empty(t, CheckText("two\nlines\tand a tab\r\n"))
	assert.NotEmpty(t, CheckText("a\u2029b"))
	assert.Equal(t, "Adaexe", CleanLine("Ada\u202Eexe\x07\ufffd"))
}

func TestNamesOfExportsAreForThoseWhoMayLook(t *testing.T) {
	owner := Principal{ID: "owner", Roles: []Role{RoleOwner}, WorkspaceToken: true}
	manager := Principal{ID: "manager", Roles: []Role{RoleManager}, WorkspaceToken: true}
	ada := Principal{ID: "ada", Roles: []Role{RoleResearcher}, WorkspaceToken: true}
	admin := Principal{ID: "admin", Roles: []Role{RoleTREAdmin}}
	for _, status := range Statuses() {
		r := Request{Type: Export, Status: status, CreatedBy: ada}
		approved := status == Approved || status == Revoked
		assert.True(t, NamesShown(manager, r, Policy{}), status)
		assert.Equal(t, approved || status == InReview, NamesShown(owner, r, Policy{}), status)
		assert.Equal(t, approved || status == Draft || status == Returned, NamesShown(ada, r, Policy{}), status)
		assert.Equal(t, approved, NamesShown(admin, r, Policy{}), status)
		r.Type = Import
		assert.True(t, NamesShown(admin, r, Policy{}))
	}
	r := Request{Files: []File{{Name: "secret", Size: 7, SHA256: "ab"}}}
	assert.Equal(t, []File{{Name: "file 1", Size: 7}}, r.WithoutNames().Files)
	assert.Equal(t, "secret", r.Files[0].Name)
}

func FuzzCheckFileName(f *testing.F) {
	for _, seed := range []string{"a.csv", "../x", "a/./b", "\u202Ex", "é", "a\u200db", "❤\ufe0f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if CheckFileName(s, UnicodeNames) != "" {
			return
		}
		if strings.Contains("/"+s+"/", "/../") || strings.Contains(s, "//") || strings.ContainsAny(s, "\x00\n\r:\\") || s == "" || CheckLine(s) != "" && !strings.ContainsRune(s, 0xFFFD) {
			t.Errorf("accepted %q", s)
		}
	})
}
