// What researchers do, from the sign-in to the download.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { as, cloud, dir, shots, story } from "../setup.mjs";
import { addFiles, decide, makeRequest, openReview, prepared, reached, submit, text, withPolicy } from "../story.mjs";

story("signing in keeps the address, leaves nothing behind, and signing out ends it", async () => {
  const id = await prepared(cloud, "Where the mail leads", { "a.csv": "n\n12\n" });
  const deep = `#/workspaces/${cloud.workspaces.genomics}/requests/${id}`;
  await as("researcher", { hash: deep }, async (p) => {
    await p.page.getByRole("heading", { level: 1, name: "Where the mail leads" }).waitFor();
    assert.ok(p.page.url().endsWith(deep), p.page.url());
    assert.equal(await p.page.evaluate(() => document.cookie), "");
    assert.deepEqual(await p.page.evaluate(() => Object.keys(localStorage).filter((k) => !k.startsWith("airlock."))), []);
    await p.page.evaluate((h) => { location.hash = h; }, `#/new/${cloud.workspaces.genomics}/export`);
    await p.page.getByLabel("Title").fill("Half a title");
    assert.ok(await p.page.evaluate(() => Object.values(sessionStorage).includes("Half a title")), "a reload keeps it");
    await p.page.getByRole("button", { name: "Sign out" }).click();
    await p.page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.deepEqual(await p.page.evaluate(() => Object.keys(sessionStorage).filter((k) => k.startsWith("airlock."))), [], "what was typed is gone with the session");
    assert.deepEqual(await p.page.evaluate(() => Object.values(sessionStorage).filter((v) => v.includes("secret"))), []);
  });
});

story("a researcher's data goes in, by mouse: files in folders, review, arrival", async () => {
  let id;
  await as("researcher", {}, async (p) => {
    id = await makeRequest(p, "import", "Reference panel");
    await addFiles(p, [text("panel.csv", "gene,count\nBRCA1,12\n"), text("README.txt", "About the panel")]);
    await p.page.getByRole("button", { name: "Remove README.txt" }).click();
    await p.page.locator("tr", { hasText: "README.txt" }).waitFor({ state: "detached" });
    await submit(p);
    const shown = p.page.getByRole("region", { name: "Files" });
    await shown.getByText("same as on your computer").waitFor();
    await shown.getByText("clean").waitFor();
    await p.page.screenshot({ path: join(shots, "request.png"), fullPage: true });
  });
  await as("manager", {}, async (p) => {
    await openReview(p, "Reference panel");
    assert.match(await decide(p, "Approve", "Public data."), /1 file, 20 B, of Ada Researcher leaves the outside for workspace Genomics/);
  });
  const r = await reached(cloud, id, "approved");
  assert.equal(r.reviews[0].decisionExplanation, "Public data.");
});

story("an export is approved and downloaded, compared with its receipt", async () => {
  const content = "group,n\nA,40\nB,55\n";
  let id;
  await as("researcher", {}, async (p) => {
    id = await makeRequest(p, "export", "Blood counts 2026");
    await addFiles(p, [text("table1.csv", content)]);
    await submit(p);
  });
  await as("manager", {}, async (p) => {
    await openReview(p, "Blood counts 2026");
    const inside = p.page.frameLocator(".preview iframe");
    await inside.getByRole("cell", { name: "55" }).waitFor();
    await inside.getByRole("tab", { name: "Summary" }).click();
    await inside.getByRole("row", { name: /^n integer 2/ }).waitFor();
    await p.page.screenshot({ path: join(shots, "review.png") });
    assert.match(await decide(p, "Approve", "Counts are large enough."), /1 file, 18 B, of Ada Researcher leaves workspace Genomics for the outside/);
    await p.page.getByRole("heading", { level: 1 }).waitFor();
  });
  await reached(cloud, id, "approved");
  await as("researcher", {}, async (p) => {
    await p.page.getByRole("link", { name: /Blood counts 2026/ }).click();
    const coming = p.page.waitForEvent("download");
    await p.page.getByRole("button", { name: "Download table1.csv" }).click();
    const got = await coming;
    assert.equal(await readFile(await got.path(), "utf8"), content);
    await p.page.getByText("saved, same bytes as reviewed").waitFor();
    await p.page.getByRole("button", { name: "Download table1.csv" }).waitFor(); // who lost it fetches it once more
    await p.page.getByText("The receipt is signed by the airlock.").waitFor();
    await p.page.getByRole("link", { name: "History and proof" }).click();
    await p.page.getByText(/Checked by the service: \d+ records, chain complete/).waitFor();
    await p.page.getByText(/Checked in your browser: \d+ records, chain complete/).waitFor();
    await p.page.pdf({ path: join(shots, "history.pdf") });
    await p.page.screenshot({ path: join(shots, "history.png"), fullPage: true });
    await p.page.getByRole("link", { name: "Workspaces" }).first().click();
    await p.page.getByRole("link", { name: /^Genomics/ }).click();
    await p.page.getByRole("link", { name: "Take data out of Genomics" }).waitFor(); // a request begins here, too
  });
});

story("a request comes back, is mended, and goes through", async () => {
  let id;
  await as("researcher", {}, async (p) => {
    id = await makeRequest(p, "export", "Small cells");
    await addFiles(p, [text("cells.csv", "group,n\nA,3\n"), text("notes.txt", "Notes")]);
    await submit(p);
  });
  await as("manager", {}, async (p) => {
    await openReview(p, "Small cells");
    await p.page.frameLocator(".preview iframe").locator("td.few", { hasText: "3" }).waitFor();
    assert.match(await decide(p, "Request changes", "Suppress counts below 10 in cells.csv."), /2 files go back to Ada Researcher/);
  });
  await reached(cloud, id, "returned");
  await as("researcher", {}, async (p) => {
    await p.page.getByRole("link", { name: /Small cells/ }).click();
    await p.page.getByText("What must change").waitFor();
    await p.page.getByText("Suppress counts below 10 in cells.csv.").first().waitFor();
    await p.page.locator("tr", { hasText: "cells.csv" }).getByText("uploaded").waitFor();
    await p.page.locator("input[type=file]").first().setInputFiles([text("cells.csv", "group,n\nA,*\nB,20\n")]);
    await p.page.getByRole("dialog").getByRole("button", { name: "Replace it" }).click();
    await p.page.locator("tr", { hasText: "cells.csv" }).getByText("17 B").waitFor();
    await p.page.locator("tr", { hasText: "cells.csv" }).getByText("uploaded").waitFor();
    await submit(p);
    await p.page.getByText("Turn 2").first().waitFor();
  });
  await as("manager", {}, async (p) => {
    await openReview(p, "Small cells");
    await p.page.getByText("0 new, 1 changed, 1 unchanged, 0 renamed, 0 removed.").waitFor();
    await p.page.getByText("Earlier turns").waitFor();
    await decide(p, "Approve", "Mended.");
  });
  await reached(cloud, id, "approved");
});

story("files that a request may not have are explained until it has none of them", async () => {
  await withPolicy(cloud, { "files.maxFiles": 2 }, () => as("researcher", {}, async (p) => {
    await makeRequest(p, "export", "Too much of it");
    await p.page.locator("input[type=file]").first().setInputFiles([text("a.csv", "n\n20\n"), text("b.csv", "n\n30\n"), text("c (1).csv", "n\n40\n"), text("d.csv", "n\n50\n")]);
    const many = "There are 3 files, and a request here may have 2. Remove 1 of them.", refused = p.page.getByRole("alert").filter({ hasText: "c (1).csv: " });
    await refused.getByText("has other characters than").waitFor();
    await p.page.getByText(many).waitFor();
    await p.page.locator("tr", { hasText: "d.csv" }).getByText("uploaded").waitFor();
    await p.page.getByRole("button", { name: "Check and submit" }).click();
    await p.page.getByRole("dialog", { name: "Not ready yet" }).getByText(many).waitFor();
    await p.page.getByRole("dialog").getByRole("button", { name: "Back" }).click();
    await p.page.getByRole("button", { name: "Remove d.csv" }).click();
    await p.page.getByText("may have 2").waitFor({ state: "detached" });
    assert.equal(await p.page.evaluate(() => document.activeElement?.id), "files-head", "the focus is where the files are");
    await refused.getByText("has other characters than").waitFor();
    await submit(p);
  }));
});

story("an upload is paused, the page reloaded, and only what is missing is sent", async () => {
  const file = join(dir, "large.bin");
  await writeFile(file, Buffer.alloc(20 * 2 ** 20, 7));
  await utimes(file, 1_700_000_000, 1_700_000_000);
  await as("researcher", {}, async (p) => {
    const id = await makeRequest(p, "import", "Large file");
    let sent = [];
    let hold = true;
    await p.ctx.route(/comp=block&/, async (route) => {
      const block = new URL(route.request().url()).searchParams.get("blockid");
      if (route.request().method() !== "PUT") { await route.continue(); return; }
      if (hold && sent.length > 0) return; // never answered: it is on its way when people pause
      sent.push(block);
      await route.continue();
    });
    await p.page.locator("input[type=file]").first().setInputFiles(file);
    await p.page.waitForFunction(() => (document.querySelector("progress[max='100']")?.value ?? 0) >= 15);
    await p.page.getByRole("link", { name: "My requests" }).first().click(); // what is under way goes on
    await p.page.getByRole("link", { name: /Large file/ }).click();
    await p.page.getByRole("button", { name: "Pause large.bin" }).click();
    await p.page.getByText("paused").waitFor();
    assert.equal(sent.length, 1);
    const first = sent[0];
    await p.page.reload();
    await p.page.getByRole("button", { name: "Choose files" }).waitFor();
    const told = p.page.locator(".note", { hasText: "Choose these files again" });
    await told.getByText("large.bin").waitFor();
    hold = false;
    sent = [];
    await addFiles(p, [file]);
    await told.waitFor({ state: "detached" });
    assert.equal(sent.length, 2, "the block that was there is not sent again");
    assert.ok(!sent.includes(first));
    await submit(p);
    const r = await reached(cloud, id, "in_review");
    assert.equal(r.files[0].sha256, createHash("sha256").update(await readFile(file)).digest("hex"));
  });
});

story("a draft's texts are changed in place; two tabs differ, and nothing typed is lost", async () => {
  const ws = cloud.workspaces.genomics;
  const { id } = (await cloud.call("researcher", `/workspaces/${ws}/requests`, { method: "POST", body: { type: "export", title: "Before", businessJustification: "As it was." } })).airlockRequest;
  await as("researcher", { hash: `#/workspaces/${ws}/requests/${id}`, allow: (g) => g.includes("412") }, async (p) => {
    await p.page.getByRole("button", { name: "Edit title and reason" }).click();
    await p.page.getByLabel("Why it has to move").fill("Mine.");
    await p.page.reload();
    assert.equal(await p.page.getByLabel("Why it has to move").inputValue(), "Mine.", "a reload keeps it");
    await cloud.call("researcher", `/workspaces/${ws}/requests/${id}`, { method: "PATCH", body: { title: "Their title", businessJustification: "Theirs." } });
    await p.page.getByRole("button", { name: "Save changes" }).click();
    await p.page.getByText("Both of you changed the same text.").waitFor();
    assert.equal(await p.page.getByLabel("Title").inputValue(), "Their title", "what only they changed is taken over");
    assert.equal(await p.page.getByLabel("Why it has to move").inputValue(), "Mine.");
    const ways = p.page.getByRole("group", { name: "Three versions" });
    await ways.getByText("As it was.").waitFor();
    await ways.getByText("Theirs.").waitFor();
    await p.page.getByLabel("Why it has to move").fill("Mine and theirs.");
    await p.page.getByRole("button", { name: "Save changes" }).click();
    await p.page.getByRole("heading", { level: 1, name: "Their title" }).waitFor();
    await p.page.getByText("Mine and theirs.").waitFor();
    assert.equal((await cloud.call("researcher", `/workspaces/${ws}/requests/${id}`)).airlockRequest.businessJustification, "Mine and theirs.");
  });
});

story("a rejected request starts again with its texts, and both are linked", async () => {
  const ws = cloud.workspaces.genomics;
  const id = await prepared(cloud, "Turned down", { "a.csv": "n\n2\n" });
  await cloud.call("manager", `/workspaces/${ws}/requests/${id}/review`, { method: "POST", body: { decision: "reject", decisionExplanation: "Not aggregated." } });
  await reached(cloud, id, "rejected");
  await as("researcher", { hash: `#/workspaces/${ws}/requests/${id}` }, async (p) => {
    await p.page.getByText("Not aggregated.").first().waitFor();
    await p.page.getByRole("button", { name: "Start again from this one" }).click();
    await p.page.getByLabel("Title").waitFor();
    assert.equal(await p.page.getByLabel("Title").inputValue(), "Turned down");
    await p.page.getByLabel("Title").fill("Turned round");
    await p.page.getByRole("button", { name: "Save and add files" }).click();
    await p.page.getByRole("heading", { level: 1, name: "Turned round" }).waitFor();
    await p.page.getByRole("link", { name: "Turned down" }).click();
    await p.page.getByRole("link", { name: "Turned round" }).waitFor();
    await p.page.getByText("Started again as").waitFor();
  });
});

story("people talk about a request, and reviewers among themselves", async () => {
  const ws = cloud.workspaces.genomics;
  const id = await prepared(cloud, "Talk", { "a.csv": "n\n50\n" });
  await as("manager", {}, async (p) => {
    await openReview(p, "Talk");
    await p.page.getByLabel("Write a comment").fill("Between us.");
    await p.page.getByRole("button", { name: "Send" }).click();
    await p.page.locator(".talk li", { hasText: "Between us." }).getByText("reviewers only").waitFor();
    await p.page.getByLabel("Write a comment").fill("Which cohort is it?");
    await p.page.getByLabel("Show it to the requestor as well").check();
    await p.page.getByRole("button", { name: "Send" }).click();
    await p.page.locator(".talk li", { hasText: "Which cohort is it?" }).waitFor();
  });
  await as("researcher", { hash: `#/workspaces/${ws}/requests/${id}` }, async (p) => {
    await p.page.locator(".talk li", { hasText: "Which cohort is it?" }).waitFor();
    assert.ok(!(await p.page.content()).includes("Between us."));
    await p.page.getByLabel("Write a comment").fill("The spring one.");
    await p.page.getByRole("button", { name: "Send" }).click();
    const own = p.page.locator(".talk li", { hasText: "The spring one." });
    await own.getByRole("button", { name: "Retract" }).click();
    await p.page.getByText("This comment was retracted.").waitFor();
    assert.ok(!(await p.page.content()).includes("The spring one."));
  });
});
