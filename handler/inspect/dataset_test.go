package inspect_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// sample is a file that another program wrote: see testdata/samples/make.py.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "samples", name))
	require.NoError(t, err)
	return b
}

// factsOf are the facts about the one finding of a rule.
func factsOf(r inspect.Report, rule string) string {
	for _, f := range r.Findings {
		if f.Rule == rule {
			return f.Facts.String()
		}
	}
	return ""
}

// withHidden puts bytes between the columns and the footer of a Parquet file, where no reader looks.
func withHidden(b []byte, hidden string) []byte {
	at := len(b) - 8 - int(binary.LittleEndian.Uint32(b[len(b)-8:]))
	return slices.Concat(b[:at], []byte(hidden), b[at:])
}

func TestFootersOfTablesAreRead(t *testing.T) {
	people, plain := sample(t, "people.parquet"), sample(t, "plain.parquet")
	feather, old := sample(t, "people.feather"), sample(t, "old.feather")
	const peopleFacts = "rows: 40, columns: 4, row groups: 2"
	last := bytes.LastIndex(feather, []byte("\xff\xff\xff\xff\x00\x00\x00\x00"))
	for name, c := range map[string]struct {
		content []byte
		want    []string
		facts   string
	}{
		"people.parquet":    {people, []string{"hidden.dataset", "sdc.min_max"}, peopleFacts + ", column statistics: 8"},
		"plain.parquet":     {plain, []string{"hidden.dataset"}, "rows: 3, columns: 2, row groups: 1"},
		"padded.parquet":    {withHidden(plain, strings.Repeat("\x00", 1000)), []string{"hidden.dataset"}, "rows: 3, columns: 2, row groups: 1"},
		"hidden.parquet":    {withHidden(plain, "rows that no column has"), []string{"hidden.dataset", "hidden.trailing"}, "rows: 3, columns: 2, row groups: 1"},
		"encrypted.parquet": {[]byte("PARE\x01\x02\x03\x04\x04\x00\x00\x00PARE"), []string{"hidden.dataset", "uncheckable.encrypted"}, ""},
		"sealed.parquet":    {parquetOf("\x8c\x1c\x00\x00\x00"), []string{"hidden.dataset", "uncheckable.encrypted"}, ""}, // field 8: a union of one empty struct
		"trailing.parquet":  {append(slices.Clone(plain), "more"...), []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
		"cut.parquet":       {plain[:len(plain)-20], []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
		"comment.parquet":   {parquetOf("\x59\x1c\x18\x03key\x18\x05value\x00\x00"), []string{"hidden.comment", "hidden.dataset"}, "metadata texts: 1"},
		"list.parquet":      {parquetOf("\x29\xfc\xff\xff\xff\xff\x0f"), []string{"hidden.dataset", "uncheckable.corrupt"}, "columns: 1"},
		"deep.parquet":      {parquetOf(strings.Repeat("\x99\x19", 5000)), []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
		"empty.parquet":     {parquetOf("\xa9\x00"), []string{"hidden.dataset"}, ""}, // an unknown field: an empty list of no type
		"untyped.parquet":   {parquetOf("\xa9\x10\x00"), []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
		"map.parquet":       {parquetOf("\xab\x01\x80\x00"), []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
		"long.parquet":      {parquetOf("\x68\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
		"people.feather":    {feather, []string{"hidden.dataset"}, peopleFacts},
		"hidden.feather":    {slices.Concat(feather[:last+8], []byte("rows of data"), feather[last+8:]), []string{"hidden.dataset", "hidden.trailing"}, peopleFacts},
		"cut.feather":       {feather[:len(feather)-3], []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
		"old.feather":       {old, []string{"hidden.dataset"}, "rows: 3, columns: 2"},
		"short.arrow":       {[]byte("ARROW1"), []string{"hidden.dataset", "uncheckable.corrupt"}, ""},
	} {
		r := report(t, name, c.content)
		require.Equal(t, c.want, sure(r), name)
		require.Equal(t, c.facts, factsOf(r, "hidden.dataset"), name)
	}
	// The names of columns are guesses, and so are only shown.
	for _, name := range []string{"people.parquet", "people.feather"} {
		r := report(t, name, sample(t, name))
		require.Subset(t, rulesOf(r), []string{"pii.id_column", "pii.name_column"}, name)
	}
	// Members of archives are looked into, and their numbers are added.
	r := report(t, "a.zip", zipped(t, "a.parquet", string(plain), "b.parquet.zst", string(zstded(t, string(people)))))
	require.Equal(t, "rows: 43, columns: 6, row groups: 3, column statistics: 8", factsOf(r, "hidden.dataset"))
	require.Equal(t, int64(2), r.Findings[slices.IndexFunc(r.Findings, func(f inspect.Finding) bool { return f.Rule == "hidden.dataset" })].Count)
}

// A child that worked on a hostile file must not pass texts of it off as kinds of facts.
func TestFactsHoldNoTextOfAFile(t *testing.T) {
	r := report(t, "plain.parquet", sample(t, "plain.parquet"))
	require.True(t, r.Plausible())
	r.Findings[0].Facts = inspect.Facts{"rows of Mrs Lee": 1}
	require.False(t, r.Plausible())
	r.Findings[0].Facts = inspect.Facts{"rows": -1}
	require.False(t, r.Plausible())
}

// parquetOf is a Parquet file with a footer alone.
func parquetOf(footer string) []byte {
	footer += "\x00"
	return []byte("PAR1" + footer + string(binary.LittleEndian.AppendUint32(nil, uint32(len(footer)))) + "PAR1")
}

func FuzzParquetAndArrow(f *testing.F) {
	for _, name := range []string{"people.parquet", "plain.parquet", "people.feather", "old.feather"} {
		f.Add(sample(f, name))
	}
	f.Add(parquetOf("\x59\x1c\x18\x03key\x18\x05value\x00\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 32<<10 {
			return
		}
		for _, frame := range [][2]string{{"PAR1", "PAR1"}, {"ARROW1\x00\x00", "ARROW1"}, {"FEA1", "FEA1"}} {
			b := append([]byte(frame[0]), content...)
			report(t, "a", append(binary.LittleEndian.AppendUint32(b, uint32(len(content))), frame[1]...))
		}
		report(t, "a", content)
	})
}
