// What reviewers do.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tarOf, zipOf } from "../archives.mjs";
import { axe } from "../browser.mjs";
import { as, cloud, shots, story } from "../setup.mjs";
import { again, decide, openReview, prepared, reached, withPolicy } from "../story.mjs";

story("a colleague's decision is told to those who read, and a claim hides it from nobody", async () => {
  await withPolicy(cloud, { "review.exportApprovals": 2 }, async () => {
    const id = await prepared(cloud, "Read by two", { "a.csv": "n\n60\n" });
    const request = `/workspaces/${cloud.workspaces.genomics}/requests/${id}`;
    await as("manager", {}, async (p) => {
      await openReview(p, "Read by two");
      await cloud.call("manager2", `${request}/review`, { method: "POST", body: { decision: "approve", decisionExplanation: "Fine by me." } });
      await p.page.getByRole("button", { name: "I am on it" }).click();
      await p.page.getByText("It changed while you read").waitFor();
    });
  });
});

story("two tabs decide at once: one does, the other is told and loses no word", async () => {
  await cloud.run("policy", "review.exportApprovals=2");
  const id = await prepared(cloud, "Two reviewers", { "a.csv": "n\n12\n" });
  try {
    await as("manager", { allow: (g) => g.includes("412") }, async (one) => {
      await openReview(one, "Two reviewers");
      await one.page.getByRole("radio", { name: /^Reject/ }).check();
      await one.page.getByLabel("Explanation").fill("Not for release.");
      await one.page.getByRole("button", { name: "Look over and decide" }).click();
      await one.page.getByRole("dialog").waitFor();
      await as("manager2", {}, async (two) => {
        await openReview(two, "Two reviewers");
        await decide(two, "Approve", "Large counts.");
      });
      await one.page.getByRole("dialog").getByRole("button", { name: "Reject", exact: true }).click();
      await one.page.getByText("It changed while you").first().waitFor();
      assert.equal(await one.page.getByLabel("Explanation").inputValue(), "Not for release.");
      await one.page.getByText("1 of 2 approvals").waitFor();
      await decide(one, "Reject", "Not for release.");
    });
    await reached(cloud, id, "rejected");
  } finally { await cloud.run("policy", "review.exportApprovals=1"); }
  // Where one decision is enough, the other finds the review over: it leads on, and is told why.
  const short = await prepared(cloud, "One is enough", { "a.csv": "n\n12\n" });
  await as("manager", { allow: (g) => g.includes("400") }, async (one) => {
    await openReview(one, "One is enough");
    await one.page.getByRole("radio", { name: /^Approve/ }).check();
    await one.page.getByLabel("Explanation").fill("Large counts.");
    await one.page.getByRole("button", { name: "Look over and decide" }).click();
    let go;
    const sent = new Promise((r) => { go = r; });
    await one.page.route(new RegExp(`/requests/${short}$`), async (r) => { await sent; await r.continue(); }); // the page does not learn of it before
    await cloud.call("manager2", `/workspaces/${cloud.workspaces.genomics}/requests/${short}/review`, { method: "POST", body: { decision: "reject", decisionExplanation: "Not for release." } });
    await one.page.getByRole("dialog").getByRole("button", { name: "Approve", exact: true }).click();
    await one.page.getByText("The request has moved on meanwhile.").first().waitFor();
    go();
    await one.page.getByText("There is nothing for you to decide here").waitFor();
  });
});

story("long lists and long tables do not hold up the page", async () => {
  const rows = ["id,group,n"];
  for (let i = 0; i < 50_000; i++) rows.push(`${i},g${i % 7},${(i * 37) % 1000}`);
  const files = { "long.csv": rows.join("\n") };
  for (let i = 0; i < 30; i++) files[`part${i % 5}/file ${i}.txt`] = `File ${i}`;
  await prepared(cloud, "Long", files);
  await as("manager", {}, async (p) => {
    await openReview(p, "Long");
    await p.page.getByRole("tree").focus();
    await p.page.keyboard.press("End"); // only the lines in view are drawn
    await p.page.getByRole("treeitem", { name: /long\.csv/ }).waitFor();
    await p.page.keyboard.press("Enter");
    const inside = p.page.frameLocator(".preview iframe");
    await inside.getByRole("cell", { name: "g1", exact: true }).first().waitFor();
    const grid = inside.locator(".grid");
    await grid.evaluate((e) => { e.scrollTop = e.scrollHeight; });
    await inside.getByRole("cell", { name: "49999", exact: true }).first().waitFor();
    assert.ok(await grid.evaluate((e) => e.querySelectorAll("tr").length) < 200, "only what is seen is drawn");
  });
});

story("a long text is read on part by part, and searched", async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `Line ${i + 1} of a log with ä, ö and ü in it, as logs are, at level info.`);
  lines[35_000] = "ERROR: needle.found (once)";
  const body = lines.join("\n") + "\n";
  await prepared(cloud, "A log", { "run.log": body });
  await as("manager", {}, async (p) => {
    await openReview(p, "A log");
    const inside = p.page.frameLocator(".preview iframe"), total = Buffer.byteLength(body).toLocaleString("en-GB");
    await inside.getByText("Line 1 of a log").waitFor();
    await inside.getByText(new RegExp(`^Bytes 0 to .* of ${total}$`)).waitFor();
    await inside.getByRole("searchbox").fill("NEEDLE.found (");
    await inside.getByText("Not found").waitFor();
    await inside.getByRole("button", { name: "Next MiB" }).click();
    await inside.getByText(/^Bytes 1,04/).waitFor();
    await inside.getByRole("button", { name: "Next MiB" }).click();
    await inside.getByText(/^Bytes 2,09/).waitFor();
    await inside.getByText("Found: 1").waitFor();
    await inside.getByRole("searchbox").press("Enter");
    await inside.locator("mark", { hasText: "needle.found (" }).waitFor();
    const at = await inside.locator("li", { has: p.page.locator("mark") }).evaluate((li) => Number(li.parentElement.start) + [...li.parentElement.children].indexOf(li));
    assert.equal(at, 35_001, "lines keep their numbers");
    assert.ok(await inside.locator(".source li").count() < 20_000, "what was shown before is gone");
    while (!await inside.getByRole("button", { name: "Next MiB" }).isDisabled()) {
      const before = await inside.locator(".row [role=status]").last().textContent();
      await inside.getByRole("button", { name: "Next MiB" }).click();
      await inside.locator(".row [role=status]").last().filter({ hasNotText: before }).waitFor();
    }
    await inside.getByRole("searchbox").fill("Line 60000 of");
    await inside.getByRole("searchbox").press("Enter");
    await inside.locator("mark", { hasText: "Line 60000 of" }).waitFor(); // found, though it was not drawn
    await inside.getByRole("button", { name: "Previous MiB" }).click();
    await inside.getByText(/^Bytes 3,14/).waitFor();
  });
});

story("a reviewer sees where the same bytes were before, and how earlier requests ended", async () => {
  const ws = cloud.workspaces.genomics, same = Array.from({ length: 40 }, (_, i) => `X${i},100\n`).join("");
  const before = await prepared(cloud, "Counts of spring", { "old name.csv": "group,n\nA,61\n", "other.csv": `group,n\n${same}A,71\nB,90\n`, "raw.bin": Buffer.from([0, 1, 2]) });
  await cloud.call("manager", `/workspaces/${ws}/requests/${before}/review`, { method: "POST", body: { decision: "approve", decisionExplanation: "Large enough in spring." } });
  await reached(cloud, before, "approved");
  await prepared(cloud, "Counts of autumn", { "new name.csv": "group,n\nA,61\n", "other.csv": `group,n\n${same}A,72\nB,90\nC,50\n`, "raw.bin": Buffer.from([0, 1, 3]) });
  await as("manager2", {}, async (p) => {
    await openReview(p, "Counts of autumn");
    const file = p.page.getByRole("region", { name: "new name.csv" });
    await file.getByText("Same bytes in").waitFor();
    await file.getByRole("link", { name: "Counts of spring" }).waitFor();
    await p.page.getByRole("treeitem", { name: /other\.csv/ }).click();
    await p.page.getByText("No other request here is known to have the same bytes.").waitFor();
    await p.page.locator("details.earlier summary", { hasText: "Counts of spring" }).click();
    const earlier = p.page.locator("details.earlier", { hasText: "Counts of spring" });
    await earlier.getByText("Large enough in spring.").waitFor();
    await earlier.getByRole("row", { name: /old name\.csv .*same bytes/ }).waitFor();
    await earlier.getByRole("row", { name: /other\.csv .*same name, other bytes/ }).waitFor();
    // An airlock manager who is nothing else gets no link to what was approved: said, and the file is shown alone.
    await earlier.getByRole("row", { name: /other\.csv/ }).getByRole("button", { name: "Side by side" }).click();
    await p.page.getByText("The airlock gives you no link to these files").waitFor();
    await p.page.frameLocator(".preview iframe").getByRole("cell", { name: "X0", exact: true }).waitFor();
    assert.equal(await p.page.evaluate(() => document.querySelectorAll(".preview iframe").length), 1);
  });
  await withPolicy(cloud, { "access.colleagues": "read" }, () => as("researcher-manager", {}, async (p) => {
    await openReview(p, "Counts of autumn");
    await p.page.getByRole("treeitem", { name: /other\.csv/ }).click();
    const file = p.page.getByRole("region", { name: "other.csv" });
    await file.locator(".seen li", { hasText: "Same name, other bytes in Counts of spring" }).getByRole("button", { name: "Side by side" }).click();
    const inside = p.page.frameLocator(".preview iframe");
    await inside.getByText("Changed lines: 1. Only then: 0. Only now: 1.").waitFor();
    await inside.locator("tr.changed", { hasText: /^42A,71≠changed42A,72$/ }).waitFor();
    await inside.locator("tr.come", { hasText: /^\+only now44C,50$/ }).waitFor();
    await inside.getByRole("button", { name: "Equal lines: 38" }).click();
    await inside.locator("tr", { hasText: /^3X1,1003X1,100$/ }).waitFor();
    await inside.getByRole("button", { name: "Next difference" }).click();
    await inside.locator("tr.at", { hasText: "A,72" }).waitFor();
    await axe(p.page, "side by side");
    await p.page.screenshot({ path: join(shots, "beside.png") });
    await p.page.getByRole("button", { name: "Show this file alone" }).click();
    await inside.getByRole("cell", { name: "X0", exact: true }).waitFor();
    // What is no text is shown twice.
    await p.page.getByRole("treeitem", { name: /raw\.bin/ }).click();
    await p.page.getByRole("region", { name: "raw.bin" }).getByRole("button", { name: "Side by side" }).click();
    await p.page.frameLocator(".twice iframe >> nth=0").getByText("00 01 02").waitFor();
    await p.page.frameLocator(".twice iframe >> nth=1").getByText("00 01 03").waitFor();
  }));
});

story("archives are lists: zip, tar, gz, and a zip larger than what is fetched", async () => {
  const tarred = tarOf({ "inner/a.csv": "n\n1\n", "inner/b.txt": "text" });
  const large = zipOf({ "pad.bin": randomBytes(26 * 2 ** 20), "last.csv": Buffer.from("n\n1\n") });
  await prepared(cloud, "Archives", { "a.zip": zipOf({ "one.csv": Buffer.from("n\n9\n"), "two/nested.zip": Buffer.from("PK") }), "b.tar": tarred, "c.tar.gz": gzipSync(tarred), "d.txt.gz": gzipSync("Plain words inside"), "e.zip": large, "f.gz": gzipSync(Buffer.alloc(20 * 2 ** 20)) });
  await as("manager", {}, async (p) => {
    await openReview(p, "Archives");
    const inside = p.page.frameLocator(".preview iframe");
    const open = (name) => p.page.getByRole("treeitem", { name: new RegExp(`^${name}`) }).click();
    await open("a.zip");
    await inside.getByRole("row", { name: "one.csv 4 4 2026-01-02 03:04" }).waitFor();
    await p.page.getByText("The archive holds other archives.").waitFor();
    await open("b.tar");
    await inside.getByRole("row", { name: "inner/a.csv 4 2026-01-02 03:04Z" }).waitFor();
    await open("c.tar.gz");
    await inside.getByRole("row", { name: "inner/b.txt 4 2026-01-02 03:04Z" }).waitFor();
    await open("d.txt.gz");
    await inside.getByText("Plain words inside").waitFor();
    await open("e.zip");
    await inside.getByRole("row", { name: "last.csv 4 4 2026-01-02 03:04" }).waitFor();
    await open("f.gz");
    await p.page.getByText("The archive unpacks to 100 times its size.").waitFor();
  });
});

story("after a turn a reviewer sees what became of each file, and what was said of it", async () => {
  const ws = cloud.workspaces.genomics;
  const id = await prepared(cloud, "Second turn", { "keep.csv": "n\n40\n", "mend.csv": "n\n3\n", "moved.csv": "n\n80\n", "gone.csv": "n\n90\n" });
  await cloud.call("manager", `/workspaces/${ws}/requests/${id}/review`, { method: "POST", body: { decision: "request_changes", decisionExplanation: "Mend it.", files: [{ name: "keep.csv", decision: "fine", comment: "Good rounding" }, { name: "mend.csv", decision: "change", comment: "Suppress it" }] } });
  await reached(cloud, id, "returned");
  await again(cloud, id, { put: { "mend.csv": "n\n*\n", "renamed.csv": "n\n80\n" }, remove: ["moved.csv", "gone.csv"] });
  await as("manager", {}, async (p) => {
    await openReview(p, "Second turn");
    const note = p.page.locator(".note", { hasText: "Since the last turn" });
    await note.getByText("0 new, 1 changed, 1 unchanged, 1 renamed, 1 removed.").waitFor();
    await note.getByText("was named moved.csv").waitFor();
    await note.getByText("Removed: gone.csv").waitFor();
    await note.getByRole("button", { name: "mend.csv" }).click();
    await p.page.getByRole("heading", { name: "mend.csv" }).waitFor();
    await p.page.getByText(/^In turn 1 it had 4 B, .*Those bytes are gone/).waitFor();
    await p.page.getByRole("checkbox", { name: "Only new and changed files" }).check();
    assert.equal(await p.page.getByRole("treeitem").count(), 2);
    await p.page.getByRole("checkbox", { name: "Only new and changed files" }).uncheck();
    await p.page.getByRole("treeitem", { name: /keep\.csv/ }).click();
    await p.page.getByText("found the same bytes: Fine: Good rounding").waitFor();
  });
});
