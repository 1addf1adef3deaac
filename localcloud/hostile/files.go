package hostile

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Source is the bytes of a file.
type Source interface {
	io.ReaderAt
	Size() int64
}

// File is a file that is made to break its reader.
type File struct {
	Name string
	Source
	// Finds is the rule by which something has to be found in it, "" for a file that is looked through and not given up.
	Finds string
}

func text(s string) Source { return bytes.NewReader([]byte(s)) }

// Tokens are files that make a parser take hundreds of MiB which reads tokens, rows or members whole.
func Tokens() []File {
	const size, large = 4 << 20, 192 << 20
	return []File{
		{"string.ipynb", endless{`{"nbformat": 4, "cells": [{"source": "`, "base64", large}, "uncheckable.corrupt"},
		{"numbers.json", endless{"[", "1.25, ", size}, "uncheckable.corrupt"},
		{"brackets.json", endless{`{"a":`, "[", size}, "uncheckable.corrupt"},
		{"objects.json", endless{"[", `{"a":1},`, size}, "sdc.row_level"},
		{"quote.csv", endless{"a,b\n\"", "x,y\n", size}, ""},
		{"line.csv", endless{"a,b\n", "x", size}, ""},
		{"columns.csv", endless{"", strings.Repeat("x,", 100_000) + "\n", size}, ""},
		{"places.csv", endless{"n,count\n", "1,2\n", size}, "sdc.too_many_rows"},
		{"addresses.txt", endless{"", "ann.lee" + "@gmail.com\n", size}, "pii.email"},
		{"comment.html", endless{"<html><!--", "x", size}, ""},
		{"attribute.html", endless{`<html><p title="`, "x", size}, "hidden.html_data"},
		{"points.svg", endless{"<svg>", "<circle/>", size}, "hidden.svg_points"},
		{"objects.pdf", endless{"%PDF-1.7\n", "1 0 obj << /Type /ObjStm >> stream\nx\nendstream endobj\n", size}, "uncheckable.corrupt"},
		{"memo.pkl", endless{"\x80\x04", "\x8c\x05numpy\x94", size}, "hidden.pickle_data"},
		{"zeros.gz", text(gzipZeros(large)), "archive.bomb"},
		{"attribute.xlsx", packed("xl/worksheets/sheet1.xml", `<worksheet a="`, "attribute ", size, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>"), "archive.bomb"},
		{"cells.xlsx", packed("xl/worksheets/sheet1.xml", "<sheetData>", fmt.Sprintf("<row>%s</row>", strings.Repeat("<c><v>1</v></c>", 300)), size/2, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>"), "archive.bomb"},
		{"directory.zip", endless{"PK\x03\x04", "PK\x01\x02", size}, "uncheckable.corrupt"},
		{"letters.unknown", endless{"\x00\x01", "random", size}, "uncheckable.unknown"},
	}
}

// Structures are files that claim what is not there, lead back to themselves, or unpack to more than anybody has.
func Structures() []File {
	member, bzip2, window := gzipZeros(1<<20), bytesOf(bz2Zeros), bytesOf(xzWindow)
	const few, zeros = "\x19\x00\x00ab\n", "\x03\x00\x10\x00" // three bytes, and 128 KiB of a byte
	laughs := laughter()
	return []File{
		{"two million.zip", directory(2_000_000, 2_000_000, 0), "archive.entries"},
		{"fifty million.zip", directory(50_000_000, 50_000_000, 0), "archive.entries"},
		{"says ten.zip", directory(2_000_000, 10, 0), "archive.overlap"},
		{"overlap.zip", directory(9_000, 9_000, 1<<30), "archive.overlap"},
		{"nest.zip", nest(12), "archive.depth"},
		{"quine.zip", text(quineZip()), "archive.depth"},
		{"two ends.zip", text(twoEnds()), "hidden.trailing"},
		{"cut end.zip", text(cutEnd()), "uncheckable.corrupt"},
		{"two directories.zip", text(twoDirectories()), "uncheckable.corrupt"},
		{"two names.zip", text(twoNames()), "archive.local_name"},
		{"beyond.zip", beyond(), "uncheckable.corrupt"},
		{"without end.zip", directory(3, 3, 0xffffffff), "archive.overlap"},
		{"hundred GiB.txt.gz", endless{"", member, 100 << 10 * int64(len(member))}, "archive.bomb"},
		{"zeros.csv.bz2", text(bzip2), "archive.bomb"},
		{"zeros of zeros.bz2", endless{"", bzip2, int64(len(bzip2)) << 12}, "archive.bomb"},
		{"zeros.txt.xz", text(xzZeros(8 << 20)), "archive.bomb"},
		{"windows.txt.xz", endless{"", window, int64(len(window)) * 20}, ""},
		{"windows.zip", text(windowsZip(40)), ""},
		{"long.xz", xzStored(97 << 4), "uncheckable.size"},
		{"asks for all.xz", endless{"", window, int64(len(window)) * 300}, "uncheckable.type"},
		{"windows.txt.zst", text(zstdWindows(56, 129, few)), "uncheckable.type"},
		{"shrinking.txt.zst", text(zstdWindows(129, 56, few)), ""},
		{"zeros.txt.zst", endless{"", zstdWindows(56, 57, zeros), 10 * 500}, "archive.bomb"},
		{"sparse.tar", text(sparse()), "uncheckable.type"},
		{"laughs.xml", text(laughs), ""},
		{"laughs.svg", text(strings.Replace(laughs, "<a>", "<svg>", 1)), ""},
		{"laughs.xlsx", packed("xl/workbook.xml", laughs, " ", 1<<20, "[Content_Types].xml", "<Types/>"), ""},
		{"previous.pdf", text("%PDF-1.7\n1 0 obj\n<<>>\nendobj\nxref\ntrailer\n<< /Prev 9 >>\nstartxref\n9\n%%EOF\n"), ""},
		{"million objects.pdf", endless{"%PDF-1.7\n", "1 0 obj\n<< /Prev 9 >>\nendobj\n", 28 << 20}, "uncheckable.corrupt"},
		{"chunk.png", text("\x89PNG\r\n\x1a\n\x80\x00\x00\x00IHDR"), "uncheckable.corrupt"},
		{"list.parquet", text("PAR1\x15\x04\x19\xfc\xff\xff\xff\xff\x0f\x0a\x00\x00\x00PAR1"), "hidden.dataset"},
		{"texts.rds", endless{rHead + "\x00\x00\x00\x10\x7f\xff\xff\xff", "\x00\x04\x00\x09\x00\x00\x00\x01x", 16 << 20}, "uncheckable.corrupt"},
		{"symbols.rds", endless{rHead + "\x00\x00\x00\x13\x7f\xff\xff\xff", "\x00\x00\x00\x01\x00\x04\x00\x09\x00\x00\x00\x05names", 16 << 20}, "uncheckable.corrupt"},
		{"deep.rds", endless{rHead, "\x00\x00\x02\x13\x00\x00\x00\x01", 16 << 20}, "uncheckable.nested"},
		{"calls.rds", endless{rHead, "\x00\x00\x00\x06", 16 << 20}, "uncheckable.nested"},
		{"sequences.rds", text(rHead + "\x00\x00\x00\x13\x00\x00\x0a\x00" + strings.Repeat(rSequence, 2560)), "hidden.r_object"},
		{"endless line.txt", endless{"", "x", 64 << 20}, ""},
		{"sectors.doc", endless{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 22) + "\x09\x00", "\x00\x00\x00\x00", 4 << 20}, "uncheckable.legacy"},
	}
}

// laughter is a document whose entities stand for a hundred million million words.
func laughter() string {
	laughs := `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">`
	for i := 1; i < 30; i++ {
		laughs += fmt.Sprintf(`<!ENTITY a%d "&a%d;&a%d;&a%d;">`, i, i-1, i-1, i-1)
	}
	laughs += "]><a>&a29;</a>"
	return laughs
}

// sparse is a tar that says of a file that it is zeros for 8 GiB.
func sparse() string {
	header := make([]byte, 1024)
	copy(header, "zeros.csv")
	copy(header[124:], "00000000000\x00")
	copy(header[156:], "S")
	copy(header[257:], "ustar  \x00")
	copy(header[386:], "00000000000\x0077777777777\x00")
	copy(header[483:], "77777777777\x00")
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header[:512] {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	return string(header)
}
