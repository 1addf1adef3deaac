// Files, names and titles of an attacker.
import assert from "node:assert/strict";
import { as, cloud, story } from "../setup.mjs";
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
