package sandbox_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.org/airlock/handler/inspect"
)

// endless is a file that begins with a text and goes on with another one, over and
// over, to its size.
type endless struct {
	head, again string
	size        int64
}

func (e endless) Size() int64 { return e.size }

func (e endless) ReadAt(b []byte, offset int64) (int, error) {
	n := 0
	if offset < int64(len(e.head)) {
		n = copy(b, e.head[offset:])
	}
	// One period, and then what is there already.
	from, period := n, len(e.again)
	for i := 0; i < period && n < len(b); i++ {
		b[n] = e.again[(offset+int64(n)-int64(len(e.head)))%int64(period)]
		n++
	}
	for n < len(b) {
		n += copy(b[n:], b[from:n])
	}
	if left := max(0, e.size-offset); int64(len(b)) > left {
		return int(left), io.EOF
	}
	return n, nil
}

// packed is a zip of one member that is a text over and over.
func packed(t *testing.T, name, head, again string, size int, others ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(others); i += 2 {
		m, err := w.Create(others[i])
		require.NoError(t, err)
		_, err = io.WriteString(m, others[i+1])
		require.NoError(t, err)
	}
	m, err := w.Create(name)
	require.NoError(t, err)
	_, err = io.Copy(m, io.NewSectionReader(endless{head, again, int64(size)}, 0, int64(size)))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// Each of these makes a parser that reads tokens whole take hundreds of MiB. The
// child has 160 MiB for everything and lives.
func TestBombsFitIntoAChild(t *testing.T) {
	const size, large = 4 << 20, 192 << 20
	var zeros bytes.Buffer
	z := gzip.NewWriter(&zeros)
	_, err := io.Copy(z, io.NewSectionReader(endless{"", "\x00", large}, 0, large))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	quoted := packed(t, "xl/worksheets/sheet1.xml", `<worksheet a="`, "attribute ", size, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>")
	type reader interface {
		io.ReaderAt
		Size() int64
	}
	for name, c := range map[string]struct {
		file reader
		want string // a rule, "" for none
	}{
		"string.ipynb":    {endless{`{"nbformat": 4, "cells": [{"source": "`, "base64", large}, "uncheckable.corrupt"},
		"numbers.json":    {endless{"[", "1.25, ", size}, "uncheckable.corrupt"},
		"brackets.json":   {endless{`{"a":`, "[", size}, "uncheckable.corrupt"},
		"objects.json":    {endless{"[", `{"a":1},`, size}, "sdc.row_level"},
		"quote.csv":       {endless{"a,b\n\"", "x,y\n", size}, ""},
		"line.csv":        {endless{"a,b\n", "x", size}, ""},
		"columns.csv":     {endless{"", strings.Repeat("x,", 100_000) + "\n", size}, ""},
		"places.csv":      {endless{"n,count\n", "1,2\n", size}, "sdc.too_many_rows"},
		"addresses.txt":   {endless{"", "ann.lee" + "@gmail.com\n", size}, "pii.email"},
		"comment.html":    {endless{"<html><!--", "x", size}, ""},
		"attribute.html":  {endless{`<html><p title="`, "x", size}, "hidden.html_data"},
		"points.svg":      {endless{"<svg>", "<circle/>", size}, "hidden.svg_points"},
		"objects.pdf":     {endless{"%PDF-1.7\n", "1 0 obj << /Type /ObjStm >> stream\nx\nendstream endobj\n", size}, "uncheckable.corrupt"},
		"memo.pkl":        {endless{"\x80\x04", "\x8c\x05numpy\x94", size}, "hidden.pickle_data"},
		"zeros.gz":        {bytes.NewReader(zeros.Bytes()), "archive.bomb"},
		"attribute.xlsx":  {bytes.NewReader(quoted), "archive.bomb"},
		"cells.xlsx":      {bytes.NewReader(packed(t, "xl/worksheets/sheet1.xml", "<sheetData>", fmt.Sprintf("<row>%s</row>", strings.Repeat("<c><v>1</v></c>", 300)), size/2, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>")), "archive.bomb"},
		"directory.zip":   {endless{"PK\x03\x04", "PK\x01\x02", size}, "uncheckable.corrupt"},
		"letters.unknown": {endless{"\x00\x01", "random", size}, "uncheckable.unknown"},
	} {
		began := time.Now()
		o, err := child(t, "good").Step(t.Context(), file(name), nil, c.file.(inspect.Source), time.Minute)
		require.NoError(t, err, name)
		require.True(t, o.Done, name)
		rules := []string{}
		for _, f := range o.Report.Findings {
			rules = append(rules, f.Rule)
		}
		if c.want == "" {
			require.NotContains(t, rules, "uncheckable.corrupt", name)
		} else {
			require.Contains(t, rules, c.want, name)
		}
		t.Logf("%s: %v, %v", name, time.Since(began), rules)
	}
}
