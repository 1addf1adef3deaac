// The portal as people use it: Debian's Chromium, the built handler under the local cloud, real storage. Run by
// `make portal-test`. Every test ends with `innocent`: no error, no violation of the page's policy, no request to
// anybody else, no link lying about.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axe, innocent, launch, person } from "./browser.mjs";
import { root, up } from "./cloud.mjs";
import { addFiles, decide, idOf, makeRequest, openReview, prepared, reached, status, submit, text } from "./story.mjs";

let cloud, browser, dir;
const shots = process.env.PORTAL_SHOTS ?? join(root, "build/portal/shots");

before(async () => {
  cloud = await up();
  await cloud.run("policy", "files.maxFiles=500");
  browser = await launch();
  dir = await mkdtemp(join(tmpdir(), "airlock-portal-files-"));
  await mkdir(shots, { recursive: true });
}, { timeout: 180_000 });

after(async () => {
  await browser?.close();
  await cloud?.down();
  if (dir) await rm(dir, { recursive: true, force: true });
}, { timeout: 60_000 });

/** as runs a test as somebody, and leaves nothing open. */
async function as(name, options, f) {
  const p = await person(browser, cloud, name, options);
  try { await f(p); await innocent(p); } catch (e) {
    await p.page.screenshot({ path: join(shots, "failed.png") }).catch(() => undefined);
    throw e;
  } finally { await p.close(); }
}

const story = (name, f) => test(name, { timeout: 480_000 }, f);

story("signing in keeps the address, leaves nothing behind, and signing out ends it", async () => {
  const id = await prepared(cloud, "Where the mail leads", { "a.csv": "n\n12\n" });
  const deep = `#/workspaces/${cloud.workspaces.genomics}/requests/${id}`;
  await as("researcher", { hash: deep }, async (p) => {
    await p.page.getByRole("heading", { level: 1, name: "Where the mail leads" }).waitFor();
    assert.ok(p.page.url().endsWith(deep), p.page.url());
    assert.equal(await p.page.evaluate(() => document.cookie), "");
    assert.deepEqual(await p.page.evaluate(() => Object.keys(localStorage).filter((k) => !k.startsWith("airlock."))), []);
    await p.page.getByRole("button", { name: "Sign out" }).click();
    await p.page.getByRole("button", { name: "Sign in" }).waitFor();
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
    await p.page.getByText("The receipt is signed by the airlock.").waitFor();
    await p.page.getByRole("link", { name: "History and proof" }).click();
    await p.page.getByText(/Checked by the service: \d+ records, chain complete/).waitFor();
    await p.page.getByText(/Checked in your browser: \d+ records, chain complete/).waitFor();
    await p.page.pdf({ path: join(shots, "history.pdf") });
    await p.page.screenshot({ path: join(shots, "history.png"), fullPage: true });
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
    await p.page.getByRole("button", { name: "Pause large.bin" }).click();
    await p.page.getByText("paused").waitFor();
    assert.equal(sent.length, 1);
    const first = sent[0];
    await p.page.reload();
    await p.page.getByRole("button", { name: "Choose files" }).waitFor();
    hold = false;
    sent = [];
    await addFiles(p, [file]);
    assert.equal(sent.length, 2, "the block that was there is not sent again");
    assert.ok(!sent.includes(first));
    await submit(p);
    const r = await reached(cloud, id, "in_review");
    assert.equal(r.files[0].sha256, createHash("sha256").update(await readFile(file)).digest("hex"));
  });
});

story("both stories by keyboard alone", async () => {
  const title = "By keyboard";
  let id;
  await as("researcher", {}, async (p) => {
    const { keyboard } = p.page;
    const tabTo = async (name) => {
      for (let i = 0; i < 80; i++) {
        await keyboard.press("Tab");
        const at = await p.page.evaluate(() => { const e = document.activeElement; return e === document.body ? "" : (e?.getAttribute("aria-label") || e?.labels?.[0]?.textContent || e?.textContent || "").trim(); });
        if (name.test(at)) return;
      }
      assert.fail(`no way by Tab to ${name}`);
    };
    await p.page.getByRole("heading", { level: 1 }).waitFor();
    await tabTo(/^New request$/); await keyboard.press("Enter");
    await p.page.getByRole("link", { name: "Take data out of Genomics" }).waitFor();
    await tabTo(/^Take data out of Genomics$/); await keyboard.press("Enter");
    await p.page.getByLabel("Title").waitFor();
    await tabTo(/^Title/); await keyboard.type(title);
    await tabTo(/^Why it has to move/); await keyboard.type("Aggregates.");
    await tabTo(/^Save and add files$/); await keyboard.press("Enter");
    await p.page.getByRole("button", { name: "Choose files" }).waitFor();
    const chooser = p.page.waitForEvent("filechooser");
    await tabTo(/^Choose files$/); await keyboard.press("Enter");
    await (await chooser).setFiles([text("k.csv", "n\n44\n")]);
    await p.page.locator("tr", { hasText: "k.csv" }).getByText("uploaded").waitFor();
    await tabTo(/^Check and submit$/); await keyboard.press("Enter");
    await p.page.getByRole("dialog").waitFor();
    await tabTo(/^Submit request$/); await keyboard.press("Enter");
    await status(p, "In review");
    assert.notEqual(await p.page.evaluate(() => document.activeElement?.tagName), undefined);
    id = idOf(p.page);
  });
  await as("manager2", { hash: "#/review" }, async (p) => {
    const { keyboard } = p.page;
    await p.page.getByRole("link", { name: title, exact: true }).focus();
    await keyboard.press("Enter");
    await p.page.getByRole("heading", { level: 1, name: title }).waitFor();
    await p.page.frameLocator(".preview iframe").getByRole("cell", { name: "44" }).waitFor();
    await keyboard.press("f");
    await p.page.getByRole("button", { name: "Fine", pressed: true }).waitFor();
    await keyboard.press("p");
    await p.page.waitForFunction(() => document.activeElement?.tagName === "IFRAME");
    await keyboard.press("Tab");
    await keyboard.press("Escape");
    await p.page.waitForFunction(() => document.activeElement?.getAttribute("role") === "tree");
    await keyboard.press("a");
    await p.page.waitForFunction(() => document.activeElement?.id === "decide-approve");
    await keyboard.press("Space");
    await keyboard.press("Tab");
    await keyboard.type("Fine by me.");
    await p.page.waitForFunction(() => document.querySelector("#decide-why")?.value === "Fine by me.");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    const dialog = p.page.getByRole("dialog");
    await dialog.waitFor();
    for (let i = 0; i < 10 && await p.page.evaluate(() => document.activeElement?.textContent) !== "Approve"; i++) await keyboard.press("Tab");
    await keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
  });
  await reached(cloud, id, "approved");
});

story("hostile files, names and titles show themselves and do nothing", async () => {
  const { createServer } = await import("node:http");
  const heard = [];
  const listener = createServer((r, w) => { heard.push(r.url); w.end(); });
  await new Promise((r) => listener.listen(0, "127.0.0.1", r));
  const out = `http://127.0.0.1:${listener.address().port}`;
  const script = `<script>fetch("${out}/script")</script><img src="${out}/img" onerror="fetch('${out}/onerror')"><link rel=stylesheet href="${out}/css"><style>@import "${out}/import";body{background:url(${out}/bg)}</style><meta http-equiv=refresh content="0;url=${out}/refresh"><form action="${out}/form"><button>Go</button></form><iframe src="${out}/frame"></iframe>`;
  const id = await prepared(cloud, "<img src=x onerror=alert(1)> & <b>bold</b>", {
    "page.html": `<!doctype html><html><body>${script}</body></html>`,
    "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40"><script>fetch("${out}/svg")</script><image xlink:href="${out}/image" width="9" height="9"/><rect width="40" height="40" fill="red" onload="fetch('${out}/onload')"/></svg>`,
    "book.ipynb": JSON.stringify({ cells: [{ cell_type: "code", source: ["1+1"], outputs: [{ output_type: "display_data", data: { "text/html": [script] } }, { output_type: "display_data", data: { "image/png": `x" onerror="fetch('${out}/png')` } }] }] }),
    "cells.csv": `name,n\n"<script>fetch('${out}/csv')</script>",=HYPERLINK("${out}/formula")\n`,
    "wrong.png": "<html><script>alert(1)</script></html>",
  });
  try {
    // What the browser says of the attempts is what it should say.
    const attempt = (g) => /preview\.html|policy violated: (connect-src|frame-src|img-src|style-src|script-src)|Content Security Policy|sandboxed|Fetch API cannot load/.test(g);
    await as("manager", { allow: attempt }, async (p) => {
      await openReview(p, "<img src=x onerror=alert(1)> & <b>bold</b>");
      const inside = p.page.frameLocator(".preview iframe");
      const see = async (name, wait) => {
        await p.page.getByRole("treeitem", { name: new RegExp(name.replace(".", "\\.")) }).click();
        await p.page.locator(".desk-file h2", { hasText: name }).waitFor();
        await wait();
      };
      await see("page.html", () => inside.getByText("fetch(").first().waitFor());
      await see("drawing.svg", () => inside.getByText("onload=").first().waitFor());
      await see("book.ipynb", () => inside.getByText("HTML output, as source").waitFor());
      await see("cells.csv", () => inside.getByRole("cell", { name: /<script>fetch/ }).waitFor());
      await see("wrong.png", () => p.page.getByText("The name says .png, the bytes say: HTML, as source.").waitFor());
      assert.equal(await p.page.evaluate(() => document.querySelectorAll("main b, main img").length), 0, "markup from a title");
      // The document of the preview, were it taken over: no storage, no API, nobody outside.
      const frame = p.page.frames().find((f) => f.url().endsWith("/preview.html"));
      const tried = await frame.evaluate(async (to) => {
        const result = {};
        for (const [name, f] of Object.entries({ api: () => fetch("/api/health"), outside: () => fetch(to + "/fetch"), storage: async () => localStorage.length, parent: async () => parent.document.title, beacon: async () => { if (!navigator.sendBeacon(to + "/beacon")) throw new Error("no"); } })) {
          try { await f(); result[name] = "allowed"; } catch { result[name] = "refused"; }
        }
        return result;
      }, out);
      assert.equal(tried.api, "refused");
      assert.equal(tried.outside, "refused");
      assert.equal(tried.storage, "refused");
      assert.equal(tried.parent, "refused");
    });
    assert.deepEqual(heard, [], "something left the page");
  } finally { listener.close(); }
  assert.ok(id);
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
});

story("an administrator sees health, changes a policy in words, and is warned of loosening", async () => {
  await as("admin", {}, async (p) => {
    await p.page.getByRole("link", { name: "Operations" }).click();
    await p.page.getByText(/The service (is well|needs attention)/).waitFor();
    await p.page.getByText("No event is parked").waitFor();
    await p.page.screenshot({ path: join(shots, "operations.png"), fullPage: true });
    await p.page.getByRole("link", { name: "Workspaces" }).click();
    await p.page.getByRole("link", { name: /Imaging/ }).click();
    await p.page.getByRole("link", { name: "Policy" }).click();
    await p.page.getByRole("checkbox", { name: "Allow self review" }).check();
    await p.page.screenshot({ path: join(shots, "policy.png"), fullPage: true });
    await p.page.getByRole("button", { name: "Look over and save" }).click();
    const dialog = p.page.getByRole("dialog");
    await dialog.getByText("This lets more through").waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Save policy" }).count(), 0, "not before the name is typed");
    await dialog.getByLabel(/Type the workspace's name/).fill("Imaging");
    await dialog.getByRole("button", { name: "Save policy" }).click();
    await dialog.waitFor({ state: "detached" });
    await p.page.getByText("0 changes").first().waitFor();
  });
  const { workspace } = await cloud.call("admin", `/workspaces/${cloud.workspaces.imaging}`, { core: true });
  assert.equal(workspace.policy.review.allowSelfReview, true);
  await cloud.run("policy", "--workspace", "imaging", "review.allowSelfReview=false");
});

story("the pages are accessible in both themes, at 1280 and at 320 pixels", async () => {
  const ws = cloud.workspaces.genomics;
  const id = await prepared(cloud, "For the eye", { "tables/a.csv": "group,n\nA,30\nB,4\n", "notes.txt": "Notes\n" });
  const draft = (await cloud.call("researcher", `/workspaces/${ws}/requests`, { method: "POST", body: { type: "import", title: "A draft", businessJustification: "Reference data." } })).airlockRequest.id;
  const pages = {
    researcher: { mine: "#/mine", new: "#/new", what: `#/new/${ws}/export`, draft: `#/workspaces/${ws}/requests/${draft}`, shown: `#/workspaces/${ws}/requests/${id}`, trail: `#/workspaces/${ws}/requests/${id}/history`, workspace: `#/workspaces/${ws}`, help: "#/help", missing: "#/nowhere" },
    manager: { queue: "#/review", desk: `#/workspaces/${ws}/requests/${id}/review`, all: `#/workspaces/${ws}/requests` },
    admin: { rules: `#/workspaces/${ws}/policy`, health: "#/operations" },
  };
  for (const [who, list] of Object.entries(pages)) await as(who, {}, async (p) => {
    for (const [name, hash] of Object.entries(list)) {
      await p.page.evaluate((h) => { location.hash = h; }, hash);
      await p.page.waitForFunction((h) => location.hash === h && document.querySelector("main h1") && !document.querySelector("main [aria-busy=true]"), hash);
      if (name === "desk") await p.page.frameLocator(".preview iframe").locator("body .source, body table").first().waitFor();
      for (const colorScheme of ["light", "dark"]) for (const width of [1280, 320]) {
        await p.page.emulateMedia({ colorScheme });
        await p.page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
        const where = `${name} ${colorScheme} ${width}`;
        await axe(p.page, where);
        assert.ok(await p.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where}: wider than the screen`);
        const small = await p.page.evaluate(() => [...document.querySelectorAll("main button, header button, main input, main select")].filter((e) => e.checkVisibility() && e.type !== "file" && !e.closest("label")).map((e) => [e.textContent || e.id, e.getBoundingClientRect()]).filter(([, b]) => b.width > 0 && (b.width < 24 || b.height < 24)).map(([n, b]) => `${n} ${b.width}x${b.height}`));
        assert.deepEqual(small, [], `${where}: targets smaller than 24 pixels`);
        await p.page.screenshot({ path: join(shots, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      }
    }
  });
});

story("German is another file of texts, and stays chosen", async () => {
  await as("researcher", {}, async (p) => {
    await p.page.getByRole("button", { name: "Deutsch" }).click();
    await p.page.getByRole("heading", { level: 1, name: "Meine Anträge" }).waitFor();
    assert.equal(await p.page.evaluate(() => document.documentElement.lang), "de");
    await p.page.reload();
    await p.page.getByRole("heading", { level: 1, name: "Meine Anträge" }).waitFor();
  });
});

story("a session that is over is said, and typed text is there after the next sign-in", async () => {
  const p = await person(browser, cloud, "researcher", { hash: `#/new/${cloud.workspaces.genomics}/export`, allow: (g) => /40[01]/.test(g) });
  try {
    await p.page.getByLabel("Title").fill("Half a title");
    await p.ctx.route(/oauth2\/v2\.0\/token/, (r) => r.fulfill({ status: 400, headers: { "Access-Control-Allow-Origin": new URL(cloud.api).origin, "Content-Type": "application/json" }, body: JSON.stringify({ error: "invalid_grant", error_description: "AADSTS700084: The refresh token has expired", error_codes: [700084] }) }));
    await p.page.evaluate(() => { for (const k of Object.keys(sessionStorage)) if (k.includes("accesstoken")) sessionStorage.removeItem(k); });
    await p.page.getByLabel("Why it has to move").fill("Reasons");
    await p.page.getByRole("button", { name: "Save and add files" }).click();
    await p.page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
    await p.ctx.unroute(/oauth2\/v2\.0\/token/);
    await p.page.getByRole("button", { name: "Sign in again" }).click();
    await p.page.getByLabel("Title").waitFor();
    assert.equal(await p.page.getByLabel("Title").inputValue(), "Half a title");
    assert.equal(await p.page.getByLabel("Why it has to move").inputValue(), "Reasons");
    await innocent(p);
  } finally { await p.close(); }
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

