import "./globals";
import assert from "node:assert/strict";
import { test } from "node:test";
import { threeWay } from "../../src/merge";
import { rowsOf } from "../../src/parts/tree";
import { changesBetween, defaultsOf, loosens, merged } from "../../src/policy/changes";
import { raw } from "../../src/receipt";
import { parse } from "../../src/router";
import { de } from "../../src/text/de";
import { en } from "../../src/text/en";
import { litter, pauseBefore, plan } from "../../src/upload/plan";
import { troubleOf } from "../../src/upload/storage";

test("three versions: what one side changed is taken, what both changed is mine and named", () => {
  const before = { title: "a", why: "b", answers: { x: 1 } };
  assert.deepEqual(threeWay(before, { ...before, title: "mine" }, { ...before, why: "theirs" }), { value: { title: "mine", why: "theirs", answers: { x: 1 } }, taken: ["why"], conflicts: [] });
  assert.deepEqual(threeWay(before, { ...before, why: "mine" }, { ...before, why: "theirs" }).conflicts, ["why"]);
  assert.equal(threeWay(before, { ...before, why: "mine" }, { ...before, why: "theirs" }).value.why, "mine");
  assert.deepEqual(threeWay(before, { ...before, why: "same" }, { ...before, why: "same" }).conflicts, []);
});

test("loosening is told from tightening, and what cannot be told is looked at", () => {
  const gate = (more: object = {}) => [{ id: "content", kind: "content", mode: "required", rules: { "sdc.small_count": { action: "return" } }, ...more }];
  for (const [path, a, b, want] of [
    ["review.exportApprovals", 2, 1, true], ["review.exportApprovals", 1, 2, false], ["review.allowSelfReview", false, true, true], ["review.allowSelfReview", true, false, false], ["malwareScanning.enabled", true, false, true],
    ["malwareScanning.inconclusive", "block", "review", true], ["malwareScanning.inconclusive", "review", "fail", false], ["malwareScanning.lateMalware", "alert", "revoke", false], ["access.colleagues", "none", "read", true],
    ["files.export.allowedExtensions", [".csv"], [".csv", ".png"], true], ["files.export.allowedExtensions", [".csv", ".png"], [".csv"], false], ["files.export.allowedExtensions", [".csv"], undefined, true], ["files.export.allowedExtensions", undefined, [".csv"], false],
    ["files.import.forbiddenExtensions", [".exe"], [], true], ["files.import.forbiddenExtensions", [], [".exe"], false], ["files.maxFiles", 1, 5, true], ["files.maxFiles", 5, 1, false], ["files.namePattern", "^a", "^b", true], ["files.namePattern", "", "^b", false],
    ["review.more", [{ why: "x" }], [], true], ["review.more", [], [{ why: "x" }], false], ["retention.approvedDays", 1, 9, false],
    ["gates.export", gate(), [], true], ["gates.export", [], gate(), false], ["gates.export", gate(), gate({ mode: "advisory" }), true], ["gates.export", gate(), gate({ rules: { "sdc.small_count": { action: "note" } } }), true],
    ["gates.export", gate(), gate({ rules: { "sdc.small_count": { action: "block" } } }), false], ["gates.export", gate(), gate({ preset: "other" }), true], ["gates.export", gate(), [...gate(), { id: "dlp", kind: "external" }], false],
  ] as [string, unknown, unknown, boolean][]) assert.equal(loosens(path, a, b), want, `${path}: ${JSON.stringify(a)} to ${JSON.stringify(b)}`);
});

test("a change is one of effect: a default that is written down is none", () => {
  const defaults = defaultsOf({ properties: { review: { properties: { exportApprovals: { default: 1 } } } } }, {});
  assert.deepEqual(changesBetween({}, { review: { exportApprovals: 1 } }, defaults), []);
  assert.deepEqual(changesBetween({ review: { exportApprovals: 2 } }, {}, defaults), [{ path: "review.exportApprovals", before: 2, after: 1, loosens: true }]);
});

test("two administrators: mine is laid over theirs, and what both changed is named", () => {
  const before = { review: { exportApprovals: 1, maxTurns: 10 }, files: { maxFiles: 1 } };
  const m = merged(before, { ...before, review: { exportApprovals: 2, maxTurns: 4 } }, { review: { exportApprovals: 1, maxTurns: 7 }, files: { maxFiles: 3 } });
  assert.deepEqual(m.draft, { review: { exportApprovals: 2, maxTurns: 4 }, files: { maxFiles: 3 } });
  assert.deepEqual(m.both, [{ path: "review.maxTurns", before: 10, mine: 4, theirs: 7 }]);
});

test("a file is cut into the same blocks every time, without a gap", () => {
  for (const size of [0, 1, 8 * 2 ** 20, 8 * 2 ** 20 + 1, 1024 * 2 ** 20 + 1, 50 * 2 ** 30]) {
    const blocks = plan(size);
    assert.equal(blocks.reduce((n, b) => n + b.to - b.from, 0), size);
    assert.ok(blocks.every((b, i) => b.from === (blocks[i - 1]?.to ?? 0)));
    assert.ok(blocks.length <= 3200 && new Set(blocks.map((b) => b.id.length)).size <= 1);
  }
  assert.ok(pauseBefore(1, 0) >= 750 && pauseBefore(9, 1) <= 20_000);
  for (const [name, want] of [[".DS_Store", true], ["a/Thumbs.db", true], ["~$plan.docx", true], ["data.csv", false], ["a/.hidden", false]] as const) assert.equal(litter(name), want, name);
});

test("an answer of storage is what people can do about it", () => {
  for (const [status, code, want] of [[0, "", "unreachable"], [403, "AuthorizationFailure", "unreachable"], [403, "AuthenticationFailed", "expired"], [403, "AuthorizationPermissionMismatch", "refused"], [404, "BlobNotFound", "gone"], [503, "ServerBusy", "busy"], [409, "Conflict", "other"]] as const) assert.equal(troubleOf(status, code).kind, want, code);
});

test("addresses lead to pages, all others to none", () => {
  const id = "00000000-0000-4000-8000-000000000000";
  assert.deepEqual(parse(`#/workspaces/${id}/requests/${id}/review`), { name: "review", args: [id, id] });
  for (const bad of ["#/workspaces/x", `#/workspaces/${id}/`, "#/mine/..", "#//mine"]) assert.equal(parse(bad).name, "missing", bad);
});

test("the tree has folders first, closed ones without what is in them", () => {
  const leaves = ["b.txt", "dir/2.txt", "dir/10.txt", "a.txt"].map((path) => ({ path, mark: "", word: "" }));
  assert.deepEqual(rowsOf(leaves, new Set()).map((r) => r.key), ["dir/", "dir/2.txt", "dir/10.txt", "a.txt", "b.txt"]);
  assert.deepEqual(rowsOf(leaves, new Set(["dir/"])).map((r) => r.key), ["dir/", "a.txt", "b.txt"]);
});

test("a signature's two numbers are taken out of their DER form", () => {
  const der = new Uint8Array([0x30, 6, 2, 1, 5, 2, 1, 9]);
  assert.deepEqual([raw(der)[31], raw(der)[63], raw(der).length], [5, 9, 64]);
});

test("both languages have the same texts, and none stands empty", () => {
  const names = (o: unknown, path = ""): string[] => typeof o === "object" && o !== null && !Array.isArray(o) ? Object.entries(o).flatMap(([k, v]) => names(v, `${path}.${k}`)) : [path];
  assert.deepEqual(names(de).sort(), names(en).sort());
  const empty = (o: unknown): boolean => o === "" || typeof o === "object" && o !== null && Object.values(o).some(empty);
  assert.ok(!empty(en) && !empty(de));
});
