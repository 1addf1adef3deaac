// Files, names and titles of an attacker.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pdfOf } from "../archives.mjs";
import { as, cloud, shots, story } from "../setup.mjs";
import { openReview, prepared } from "../story.mjs";

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

story("a PDF is drawn in a document of its own; its script and its link do nothing", async () => {
  const { createServer } = await import("node:http");
  const heard = [];
  const listener = createServer((r, w) => { heard.push(r.url); w.end(); });
  await new Promise((r) => listener.listen(0, "127.0.0.1", r));
  try {
    await prepared(cloud, "A paper", { "paper.pdf": pdfOf(["Aggregates only", "Second page"], `http://127.0.0.1:${listener.address().port}`), "torn.pdf": "%PDF-1.7\nnothing" });
    // What the browser says of our own attempt is what it should say.
    await as("manager", { allow: (g) => g.includes("/api/health") }, async (p) => {
      await openReview(p, "A paper");
      const inside = p.page.frameLocator(".preview iframe");
      await inside.locator(".textLayer", { hasText: "Aggregates only" }).waitFor();
      await inside.locator(".textLayer", { hasText: "Second page" }).waitFor();
      await p.page.getByText("The PDF holds scripts. They do not run here.").waitFor();
      await inside.getByRole("region", { name: "Page 1 / 2" }).click();
      const frame = p.page.frames().find((f) => f.url().endsWith("/pdf.html"));
      const dark = await frame.evaluate(() => { const c = document.querySelector("canvas"); return c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 0 && v < 60); });
      assert.ok(dark, "a page is drawn");
      await p.page.screenshot({ path: join(shots, "pdf.png") });
      const refused = await frame.evaluate(() => Promise.all([fetch("/api/health"), Promise.resolve().then(() => localStorage.length)].map((x) => x.then(() => "allowed", () => "refused"))));
      assert.deepEqual(refused, ["refused", "refused"]);
      await p.page.getByRole("treeitem", { name: /torn\.pdf/ }).click();
      await inside.getByText("The file cannot be read as what it claims to be.").waitFor();
    });
    assert.deepEqual(heard, [], "something left the page");
  } finally { listener.close(); }
});
