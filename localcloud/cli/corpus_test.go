package cli_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/airlock/localcloud/story"
)

// corpus is small files of every kind that the inspection knows, most with something to be found in them. Addresses and
// the key are in pieces, so that no scanner takes this repository for a leak.
func corpus(t *testing.T) map[string][]byte {
	const mail = "ann.lee" + "@gmail.com"
	var people, records strings.Builder
	people.WriteString("patient_id,sex,dob,n_visits,note\n")
	for i := range 4000 {
		fmt.Fprintf(&people, "%d,%s,19%02d-03-0%d,%d,\"a\"\"b,\nc\"\n", 700_000+i*37, []string{"F", "M"}[i%2], 40+i%50, 1+i%9, i%30)
		fmt.Fprintf(&records, `{"a": [1.5, %q]},`+"\n", mail)
	}
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 9, 9))))
	return map[string][]byte{
		"counts.csv":   []byte("region,patients\nNorth,120\nSouth,3\nEast,4\nWest,20\n"),
		"fine.csv":     []byte("region,mean\nNorth,1.2\nSouth,3.1\n"),
		"empty.csv":    {},
		"open.csv":     []byte("a,b\n\"" + strings.Repeat("x,y\n", 9000)),
		"windows.csv":  utf16le("region,patients\nNørth,120\nSøuth,3\n" + strings.Repeat("Wést,20\n", 5000)),
		"people.csv":   []byte(people.String()),
		"formula.csv":  []byte("name,n\n\"=HYPERLINK(\"\"http://x.example\"\")\",20\n@x,30\n"),
		"mails.txt":    []byte(strings.Repeat(mail+" and +44 20 7946 0958\n", 3000)),
		"key.txt":      []byte("-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\n-----END RSA " + "PRIVATE KEY-----\n"),
		"records.json": []byte("[" + records.String() + "1]"),
		"book.ipynb":   []byte(`{"cells": [{"cell_type": "code", "outputs": [{"text": "` + strings.Repeat(mail+" ", 400) + `"}], "source": "print(x)"}], "nbformat": 4, "metadata": {}}`),
		"page.html":    []byte("<!DOCTYPE html><script>x([" + strings.Repeat("1,2,", 9000) + "])</script><div hidden>4 5</div><!-- " + mail + " -->"),
		"drawing.svg":  []byte("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script>" + strings.Repeat("<circle r='1'/>", 900) + "</svg>"),
		"plot.png":     append(picture.Bytes(), "rows of data behind the end"...),
		"paper.pdf":    []byte("%PDF-1.7\n1 0 obj << /S /Java#53cript /JS (x) >> endobj\n" + strings.Repeat("x", 70_000) + "\n%%EOF\n%%EOF\nrows"),
		"model.pkl":    []byte("\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93."),
		"program.csv":  append([]byte("\x7fELF"), make([]byte, 100)...),
		"old.doc":      append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 2000)...),
		"broken.zip":   []byte("PK\x03\x04 and no more"),
		"files.zip":    zipped(t, "a.txt", "text", "../b.txt", "text", ".git/config", "x", "in.zip", string(zipped(t, "c.csv", "region,n\nA,3\n"))),
		"files.tgz":    gzipped(t, tarred(t, "a.csv", "region,n\nA,3\n", "a/../../c.txt", mail)),
		"bomb.csv.gz":  gzipped(t, make([]byte, 40<<20)),
		"book.xlsx": zipped(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml",
			`<workbook><sheets><sheet name="a" sheetId="1" r:id="r1"/><sheet name="b" sheetId="2" r:id="r2" state="hidden"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="worksheets/sheet2.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="inlineStr"><is><t>group</t></is></c><c t="inlineStr"><is><t>count</t></is></c></row><row><c t="inlineStr"><is><t>x</t></is></c><c><v>3</v></c></row></sheetData></worksheet>`,
			"xl/worksheets/sheet2.xml", `<worksheet><sheetData/></worksheet>`),
		"letter.docx": zipped(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w:document><w:body><w:p><w:ins><w:t>"+mail+"</w:t></w:ins></w:p></w:body></w:document>", "word/comments.xml", "<w:comments/>", "word/vbaProject.bin", "x"),
	}
}

func utf16le(text string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func zipped(t *testing.T, members ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.Create(members[i])
		require.NoError(t, err)
		_, err = io.WriteString(m, members[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func tarred(t *testing.T, members ...string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: members[i], Size: int64(len(members[i+1])), Mode: 0o600}))
		_, err := io.WriteString(w, members[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func gzipped(t *testing.T, content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// Check finds the same in files on a disk as the airlock does once they are submitted, in each direction. It
// runs alone: the workspace's policy is another meanwhile.
func TestCheckFindsWhatTheAirlockFinds(t *testing.T) {
	before, err := shared.ChangePolicy(t.Context(), "imaging", func(policy map[string]any) {
		gates := []any{map[string]any{"id": "inside", "kind": "content"}}
		story.Member(policy, "gates")["export"], story.Member(policy, "gates")["import"] = gates, gates
		story.Member(policy, "files")["maxFiles"] = 50
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := shared.ChangePolicy(context.WithoutCancel(t.Context()), "imaging", func(policy map[string]any) {
			policy["gates"], policy["files"] = before["gates"], before["files"]
		})
		require.NoError(t, err)
	})
	ben := newcomer(t)
	ben.run("login", shared.API, "-w", "imaging", "--token-command", ben.tokenCommand("researcher2")).ends(0)
	files := corpus(t)
	for name, content := range files {
		ben.file("files/"+name, string(content))
	}
	numbers := map[any]any{} // of files, which is how those of an export are named before the release
	for i, name := range slices.Sorted(maps.Keys(files)) {
		numbers["files/"+name] = float64(i + 1)
	}
	for _, direction := range []string{"export", "import"} {
		here := ben.run("check", "files", "--"+direction, "-o", "jsonl")
		id := ben.draft(direction, "files", "--submit")
		ben.run("submit", id, "--wait", "--timeout", "2m")
		there := ben.run("findings", id, "-o", "jsonl").ends(0)
		found := findings(t, here.stdout, numbers)
		assert.Greater(t, len(found), len(files), direction)
		assert.ElementsMatch(t, findings(t, there.stdout, nil), found, direction)
	}
}

// findings are lines of JSON about files, without the members that only one side knows.
func findings(t *testing.T, lines string, numbers map[any]any) (all []string) {
	for line := range strings.Lines(lines) {
		var f struct {
			File                                       any
			Rule, Action, Severity, Confidence, Bucket string
			Count                                      int64
			Places                                     json.RawMessage
		}
		require.NoError(t, json.Unmarshal([]byte(line), &f))
		if number, ok := numbers[f.File]; ok {
			f.File = number
		}
		all = append(all, fmt.Sprintf("%+v %s", f, f.Places))
	}
	return all
}
