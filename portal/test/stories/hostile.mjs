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
      await see("wrong.png", () => p.page.getByText("The name says .png, the bytes say: HTML.").waitFor());
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

/** listening is a server that should hear nothing: not even a connection that asks for nothing. */
async function listening() {
  const { createServer } = await import("node:http");
  const heard = [], listener = createServer((r, w) => { heard.push(r.url); w.end(); });
  listener.on("connection", () => heard.push("a connection"));
  await new Promise((r) => listener.listen(0, "127.0.0.1", r));
  return { heard, out: `http://127.0.0.1:${listener.address().port}`, close: () => listener.close() };
}

story("HTML is drawn as a page on demand, of plain elements, and asks for nothing", async () => {
  const { heard, out, close } = await listening();
  const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const hostile = `<!doctype html><html><head><title>Report</title><base href="${out}/base/"><meta http-equiv="refresh" content="0;url=${out}/refresh"><meta http-equiv="x-dns-prefetch-control" content="on">
    ${["prefetch", "preconnect", "dns-prefetch", "preload", "modulepreload", "prerender", "stylesheet", "icon", "manifest"].map((rel) => `<link rel="${rel}" as="image" href="${out}/${rel}">`).join("")}
    <style>@import "${out}/import"; @font-face { font-family: x; src: url(${out}/font) } body { background: url(${out}/bg); font-family: x } .none { display: none }</style><script type="speculationrules">{"prefetch":[{"urls":["${out}/rules"]}]}</script></head>
    <body background="${out}/old" style="background:url(${out}/style)" onload="fetch('${out}/onload')"><h1>Counts</h1><p class="none">Hidden from readers</p><p hidden>Hidden as well</p>
    <table><tr><th colspan="2">Group</th></tr><tr><td>A</td><td>12</td></tr></table><img alt="A dot" src="data:image/png;base64,${dot}"><img alt="Far away" src="${out}/img" srcset="${out}/srcset 2x"><picture><source srcset="${out}/source"></picture>
    <a href="${out}/link" target="_top" ping="${out}/ping">Follow me</a><form action="${out}/form"><input name="a" value="given"><button formaction="${out}/button">Go</button></form>
    <iframe src="${out}/frame" srcdoc="<script>fetch('${out}/srcdoc')</script>"></iframe><object data="${out}/object"></object><embed src="${out}/embed"><video src="${out}/video" poster="${out}/poster" autoplay></video>
    <svg><image href="${out}/svg" width="9" height="9"/><use href="${out}/use#x"/><animate onbegin="fetch('${out}/begin')" attributeName="x" dur="1s"/></svg><math><a href="javascript:fetch('${out}/math')">m</a></math>
    <noscript><img src="${out}/noscript"></noscript><template><img src="${out}/template"></template><svg><style><img src="${out}/mutated"></style></svg><script>fetch("${out}/script")</script><p>The end</p></body></html>`;
  const table = '<table><tr><td>from pandas</td></tr></table><img src="' + out + '/output"><link rel="preconnect" href="' + out + '">';
  try {
    await prepared(cloud, "A report", { "report.html": hostile, "sums.ipynb": JSON.stringify({ cells: [{ cell_type: "code", source: ["df"], outputs: [{ output_type: "execute_result", data: { "text/html": [table] } }] }] }) });
    // The document without a window is under the same policy, and the browser says where it would have stopped the file.
    const stopped = (g) => /Content Security Policy directive|policy violated: (base-uri|style-src|script-src)/.test(g);
    await as("manager", { allow: stopped }, async (p) => {
      await openReview(p, "A report");
      const inside = p.page.frameLocator(".preview iframe"), open = (name) => p.page.getByRole("treeitem", { name }).click();
      const harmless = async () => assert.deepEqual(await p.page.frames().find((f) => f.url().endsWith("/preview.html")).evaluate(() => [...document.querySelectorAll("#root .drawn, #root .drawn *")].flatMap((e) => [
        ...(["A", "FORM", "INPUT", "LINK", "META", "BASE", "SCRIPT", "STYLE", "IFRAME", "OBJECT", "EMBED", "VIDEO", "SOURCE", "svg", "math"].includes(e.tagName) ? [e.outerHTML] : []), ...e.getAttributeNames().filter((a) => !["class", "colspan", "rowspan", "alt"].includes(a) && !(a === "src" && e.src.startsWith("blob:")))])), []);
      await open("report.html");
      await inside.getByText("Follow me").first().waitFor(); // the source comes first
      await inside.getByRole("tab", { name: "As a page" }).click();
      await inside.getByRole("heading", { name: "Counts" }).waitFor();
      for (const seen of ["Hidden from readers", "Hidden as well", "[given]", "[Far away]", "[iframe]", "The end"]) await inside.getByText(seen).waitFor();
      await inside.getByRole("img", { name: "A dot" }).waitFor();
      await inside.getByRole("columnheader", { name: "Group" }).waitFor();
      await p.page.getByText(/^Shown as a page without: .*link \(9\).*script/).waitFor();
      await inside.getByText("Follow me").click();
      await harmless();
      await p.page.screenshot({ path: join(shots, "html.png") });
      await open("sums.ipynb");
      await inside.getByText("HTML output, as source").waitFor();
      await inside.getByRole("button", { name: "As a page" }).click();
      await inside.getByRole("cell", { name: "from pandas" }).waitFor();
      await harmless();
    });
    assert.deepEqual(heard, [], "something left the page");
  } finally { close(); }
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
