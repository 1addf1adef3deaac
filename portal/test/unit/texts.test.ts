// Parts of long texts, places found in them, and what differs between two.
import "./globals";
import assert from "node:assert/strict";
import { test } from "node:test";
import { folded } from "../../src/preview/compare";
import { rowsOf } from "../../src/preview/diff";
import { codeOf, cutAt, linesOf, placesOf, type Code } from "../../src/preview/parts";

const bytes = (s: string) => new TextEncoder().encode(s);

test("a part ends after a line, or after a whole character", () => {
  for (const [name, data, code, want] of [
    ["a line", bytes("ab\ncd"), "utf-8", 3], ["no line", bytes("abcd"), "utf-8", 4], ["half of two bytes", bytes("abé").slice(0, 3), "utf-8", 2], ["a whole of two", bytes("abé"), "utf-8", 4],
    ["one of four", bytes("a😀").slice(0, 2), "utf-8", 1], ["three of four", bytes("a😀").slice(0, 4), "utf-8", 1], ["a whole of four", bytes("a😀"), "utf-8", 5], ["no UTF-8 at all", new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80]), "utf-8", 5],
    ["an odd byte", new Uint8Array([0xff, 0xfe, 0x61, 0, 0x62]), "utf-16le", 4], ["a line of two bytes", new Uint8Array([0x61, 0, 10, 0, 0x62, 0]), "utf-16le", 4], ["the other order", new Uint8Array([0, 0x61, 0, 10, 0, 0x62]), "utf-16be", 4], ["half a pair", new Uint8Array([0x61, 0, 0x62, 0, 0x3d, 0xd8]), "utf-16le", 4], ["a byte alone", new Uint8Array([0x61]), "utf-16le", 1],
  ] as [string, Uint8Array, Code, number][]) assert.equal(cutAt(data, code), want, name);
  assert.equal(codeOf(new Uint8Array([0xfe, 0xff])), "utf-16be");
});

test("the parts of a text are the text, and lines keep their numbers across them", () => {
  for (const text of ["one\ntwo\r\nthree\n", "ä".repeat(50), "x\n".repeat(40) + "long " + "😀é".repeat(30) + "\nend", "\n\n\n"]) {
    const data = bytes(text), all: string[] = [];
    let line = 1;
    for (let at = 0; at < data.length;) {
      const part = data.slice(at, at + 16), last = at + part.length >= data.length, size = last ? part.length : cutAt(part, "utf-8");
      const read = linesOf(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part.subarray(0, size)), last);
      for (const [i, l] of read.lines.entries()) all[line - 1 + i] = (all[line - 1 + i] ?? "") + l;
      line += read.ended;
      at += size;
    }
    assert.deepEqual(all, text.replace(/\r?\n$/, "").split(/\r?\n/), JSON.stringify(text.slice(0, 20)));
  }
});

test("what is looked for is found as it is written, whatever its case, and no pattern", () => {
  assert.deepEqual(placesOf(["a.b A.B", "axb"], "a.b", 10), [{ line: 0, from: 0, to: 3 }, { line: 0, from: 4, to: 7 }]);
  assert.deepEqual(placesOf(["[x](y)-{z}/"], "](Y)-{", 10), [{ line: 0, from: 2, to: 8 }]);
  assert.equal(placesOf(["aaaa"], "a", 3).length, 3);
  assert.deepEqual(placesOf(["a"], "", 3), []);
});

test("two texts side by side: every line once and in order, equal lines beside each other", () => {
  const show = (a: string[], b: string[]) => rowsOf(a, b).rows.map((r) => `${a[r.a] ?? ""}${r.same ? "=" : "≠"}${b[r.b] ?? ""}`).join(" ");
  assert.equal(show(["a", "b", "c"], ["a", "x", "c"]), "a=a b≠x c=c");
  assert.equal(show(["a", "c"], ["a", "b", "c"]), "a=a ≠b c=c");
  assert.equal(show(["a", "b", "c"], ["c"]), "a≠ b≠ c=c");
  assert.equal(show([], ["a"]), "≠a");
  assert.equal(show([], []), "");
  assert.equal(show(["a", "b", "c", "d"], ["b", "x", "d", "e"]), "a≠ b=b c≠x d=d ≠e");
  let seed = 7;
  const some = (n: number, of: number) => Array.from({ length: n }, () => String((seed = seed * 48271 % 2147483647) % of));
  for (let i = 0; i < 300; i++) {
    const a = some(i % 23, 3), b = some((i * 7) % 19, 3), { rows, matched } = rowsOf(a, b);
    assert.ok(matched);
    assert.deepEqual(rows.map((r) => r.a).filter((x) => x >= 0), a.map((_, j) => j));
    assert.deepEqual(rows.map((r) => r.b).filter((x) => x >= 0), b.map((_, j) => j));
    for (const r of rows) assert.equal(r.same, r.a >= 0 && r.b >= 0 && a[r.a] === b[r.b] && r.same, "what is called the same is");
    const flat = folded(rows).flat();
    assert.deepEqual(flat, rows, "folding loses nothing");
    // As long as the longest common subsequence, found the slow way.
    const longest = a.reduce((above, x) => b.reduce<number[]>((line, y, j) => [...line, x === y ? above[j]! + 1 : Math.max(above[j + 1]!, line[j]!)], [0]), [0, ...b.map(() => 0)]);
    assert.equal(rows.filter((r) => r.same).length, longest.at(-1), `${a} | ${b}`);
  }
});

test("texts that differ in everything are counted off against each other, soon", () => {
  const a = Array.from({ length: 20_000 }, (_, i) => `a${i}`), b = a.map((x, i) => i === 777 ? x : `b${i}`);
  const { rows, matched } = rowsOf(a, b);
  assert.equal(matched, false);
  assert.equal(rows.length, 20_000);
  assert.equal(rows.filter((r) => r.same).length, 1);
});
