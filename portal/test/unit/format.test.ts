import "./globals";
import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, csvCell, lasting, limit, size, utc, visible, visibleLines } from "../../src/format";

test("sizes are decimal, limits in the unit that divides them", () => {
  for (const [n, want] of [[0, "0 B"], [999, "999 B"], [1000, "1 kB"], [15_234_000, "15.2 MB"], [999_960, "1 MB"], [3.1e12, "3.1 TB"]] as const) assert.equal(size(n), want);
  for (const [n, want] of [[50 * 2 ** 30, "50 GiB"], [1024, "1 KiB"], [1500, "1.5 kB"], [2 ** 40, "1 TiB"]] as const) assert.equal(limit(n), want);
});

test("durations have two units, ages one", () => {
  for (const [s, want] of [[-5, "0 s"], [59, "59 s"], [3600, "1 h"], [187_200, "2 d 4 h"], [86_400, "1 d"], [4_000, "1 h 6 min"]] as const) assert.equal(lasting(s), want);
  assert.equal(ago(0, 7200), "2 hours ago");
  assert.equal(ago(3 * 86_400, 0), "in 3 days");
  assert.equal(utc(0), "1970-01-01 00:00:00Z");
  assert.equal(utc("no time"), "no time");
});

test("what cannot be seen is made visible, in every text of others", () => {
  assert.equal(visible("a\u202eb\u0000"), "a‹U+202E›b‹U+0000›");
  assert.equal(visibleLines("a\r\nb\tc\u200b"), "a\nb\tc‹U+200B›");
});

test("a cell of an exported list is no formula", () => {
  for (const [cell, want] of [["=1+1", "'=1+1"], ["+1", "'+1"], ["-1", "'-1"], ["@x", "'@x"], ["plain", "plain"], ["a,b", '"a,b"'], ['say "x"', '"say ""x"""'], ["=a,b", '"\'=a,b"']] as const) assert.equal(csvCell(cell), want);
});
