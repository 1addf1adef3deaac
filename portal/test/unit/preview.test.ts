import "./globals";
import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOf, numberOf, separatorOf, summaryOf } from "../../src/preview/csv";
import { disagreement, imageKind, kindOf, looksLikeText } from "../../src/preview/kinds";
import { TarReader } from "../../src/preview/tar";
import { entriesOf } from "../../src/preview/zip";
import { tarOf, zipOf } from "../archives.mjs";

const bytes = (s: string) => new TextEncoder().encode(s);

test("comma-separated values are read as RFC 4180 has them, leniently", () => {
  for (const [text, want] of [
    ["a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]], ['"a,""b""",c', [['a,"b"', "c"]]], ['"two\nlines",x', [["two\nlines", "x"]]], ["\ufeffa\n", [["a"]]],
    ["a,", [["a", ""]]], ["a,,b", [["a", "", "b"]]], ['"open', [["open"]]], ['"a"b,c', [["ab", "c"]]], ["a\rb", [["a"], ["b"]]],
  ] as [string, string[][]][]) assert.deepEqual(csvOf(text, ",", 100), want, JSON.stringify(text));
  assert.equal(csvOf("1\n2\n3\n", ",", 2).length, 2);
  assert.equal(separatorOf("x.csv", "a;b;c\n1,2;3"), ";");
  assert.equal(separatorOf("x.tsv", "a,b"), "\t");
});

test("numbers are read as people write them", () => {
  for (const [cell, want] of [["12", 12], [" 1,234.5 ", 1234.5], ["-3e2", -300], ["1,23", NaN], ["", NaN], ["0x10", NaN], ["<10", NaN]] as const) assert.equal(numberOf(cell), want, cell);
});

test("a column's summary says what a reviewer asks", () => {
  const column = (...cells: string[]) => summaryOf(cells.map((c) => [c]), 0, "c", 10);
  const counts = column("3", "0", "50", "*", "NA", "40");
  assert.deepEqual([counts.kind, counts.missing, counts.min, counts.smallest, counts.max, counts.sum, counts.below], ["integer", 2, 0, 3, 50, 93, 1]);
  assert.equal(column("5", "10", "text").kind, "mixed", "a stray word does not hide the numbers");
  assert.equal(column("2026-01-02", "2026-02-03").kind, "date");
  assert.equal(column("5", "10", "15", "20", "25", "30").multiple, 5);
  assert.equal(column(...Array.from({ length: 30 }, (_, i) => `p${i}@example.org`)).identifier, true);
  assert.equal(column(...Array.from({ length: 30 }, (_, i) => `group ${i % 3}`)).identifier, false);
});

test("a kind is told by the bytes; a name that says another is named", () => {
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0x10, 0, 0, 0, 0x08, 0]);
  for (const [name, data, want] of [
    ["a.csv", bytes("a,b"), "csv"], ["a.csv", png, "image"], ["a.txt", bytes("<!DOCTYPE html>"), "html"], ["a.txt", bytes("  <svg xmlns=x>"), "svg"], ["a", bytes("%PDF-1.7"), "pdf"], ["a.docx", bytes("PK\x03\x04"), "office"],
    ["a.gz", new Uint8Array([0x1f, 0x8b]), "gzip"], ["a", new Uint8Array([1, 0, 2]), "binary"], ["a.tar", new Uint8Array(tarOf({ x: "y" })), "tar"],
  ] as [string, Uint8Array, string][]) assert.equal(kindOf(name, data), want, name);
  assert.equal(disagreement("a.png", "html"), ".png");
  assert.equal(disagreement("a.unheard", "html"), "");
  assert.deepEqual(imageKind(png), { media: "image/png", megapixels: 8.388608, place: false });
  assert.equal(looksLikeText(new Uint8Array([0xc3])), true, "half a character at the end of a part");
  assert.equal(looksLikeText(new Uint8Array([0xc3, 0x28])), false);
});

test("a zip's directory is read off its end, wherever that begins; half of it is none", () => {
  const whole = new Uint8Array(zipOf({ "a.txt": Buffer.from("hello"), "b/c.txt": Buffer.from("x") }));
  const named = (d: Uint8Array, base = 0) => entriesOf(d, base)?.map((e) => [e.name, e.size, e.packed, e.when]);
  const want = [["a.txt", 5, 5, "2026-01-02 03:04"], ["b/c.txt", 1, 1, "2026-01-02 03:04"]];
  assert.deepEqual(named(whole), want);
  assert.deepEqual(named(whole.subarray(40), 40), want);
  assert.equal(named(whole.subarray(whole.length - 30), whole.length - 30), undefined, "the directory begins before the part");
  assert.equal(entriesOf(whole.subarray(0, whole.length - 30)), null);
});

test("a tar file is read in pieces of any size, and a broken head is said", () => {
  const whole = new Uint8Array(tarOf({ "a/one.txt": "1".repeat(700), "two.txt": "" }));
  for (const step of [1, 511, 512, 513, 5000]) {
    const r = new TarReader(100);
    for (let at = 0; at < whole.length; at += step) r.add(whole.subarray(at, at + step));
    assert.deepEqual(r.entries.map((e) => [e.name, e.size, e.kind]), [["a/one.txt", 700, "file"], ["two.txt", 0, "file"]], String(step));
    assert.equal(r.whole, true);
  }
  const torn = whole.slice();
  torn[3] ^= 1;
  const r = new TarReader(100);
  r.add(torn);
  assert.deepEqual([r.broken, r.entries.length], [true, 0]);
  const first = new TarReader(1);
  first.add(whole);
  assert.equal(first.entries.length, 1, "no more than asked for");
});
