// How the portal feels, in numbers: how long the page is held up by long lists, and how soon it shows itself. Run by
// `make portal-bench`; times are reported and never pass or fail. The lists are made here and put in the place of the
// service's answer: a thousand real requests would take an hour to make, and the page cannot tell.
import { launch, person } from "./browser.mjs";
import { up } from "./cloud.mjs";
import { prepared } from "./story.mjs";

const rounds = Number(process.env.ROUNDS ?? 5);
const cloud = await up();
const browser = await launch();
const results = [];

/** measured notes the middle and the worst of some rounds. */
const measured = (what, values) => { const v = [...values].sort((a, b) => a - b); results.push([what, v[Math.floor(v.length / 2)], v.at(-1)]); };

/** heldUp runs something in a page and returns the longest time, in ms, in which the page could do nothing else. */
async function heldUp(frame, f) {
  await frame.evaluate(() => { globalThis.longest = 0; globalThis.watching = new PerformanceObserver((l) => { for (const e of l.getEntries()) longest = Math.max(longest, e.duration); }); watching.observe({ type: "longtask" }); });
  await f();
  await frame.evaluate(() => new Promise((r) => setTimeout(r, 200)));
  return frame.evaluate(() => { watching.disconnect(); return longest; });
}

/** scroll goes through a box from end to end, a little more than a screen each frame. */
const scroll = (frame, selector) => frame.evaluate(async (s) => {
  const box = s ? document.querySelector(s) : document.scrollingElement;
  for (let at = 0, n = 0; at < box.scrollHeight && n < 200; n++, at += Math.max(box.clientHeight * 1.3, box.scrollHeight / 200)) { box.scrollTop = at; await new Promise((r) => requestAnimationFrame(r)); }
}, selector);

const json = (route, body) => route.fulfill({ status: 200, contentType: "application/json", body: JSON.stringify(body) });

try {
  // The shell: from the last byte of the document to the first paint, signed out.
  const paints = [];
  for (let i = 0; i < rounds; i++) {
    const ctx = await browser.newContext({ viewport: { width: 1280, height: 900 } }), page = await ctx.newPage();
    await page.goto(cloud.page);
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime - performance.getEntriesByType("navigation")[0].responseEnd));
    await ctx.close();
  }
  measured("first paint of the shell, after the document", paints);

  const rows = ["id,group,n"];
  for (let i = 0; i < 50_000; i++) rows.push(`${i},g${i % 7},${(i * 37) % 1000}`);
  const id = await prepared(cloud, "Measured", { "a.csv": rows.join("\n") });
  const { page, close } = await person(browser, cloud, "manager", { hash: "#/review" });
  const real = (await cloud.call("manager", "/requests?airlock_manager=true", { core: true })).find((r) => r.id === id);

  // A queue of 1,000 requests.
  const many = Array.from({ length: 1000 }, (_, i) => ({ ...real, id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`, title: `Request ${i}`, statusSince: real.statusSince - i * 3600, dueWhen: (real.dueWhen ?? real.statusSince + 432_000) - i * 3600 }));
  await page.route(/\/requests\?airlock_manager/, (r) => json(r, many));
  const shown = [], scrolled = [];
  for (let i = 0; i < rounds; i++) {
    await page.goto(cloud.page + "#/help");
    shown.push(await heldUp(page, async () => { await page.evaluate(() => { location.hash = "#/review"; }); await page.getByRole("row", { name: /^Request 999/ }).waitFor(); }));
    scrolled.push(await heldUp(page, () => scroll(page, "")));
  }
  measured("queue of 1,000 requests: shown", shown);
  measured("queue of 1,000 requests: scrolled", scrolled);
  await page.unrouteAll();

  // A tree of 500 files.
  const one = new RegExp(`/requests/${id}$`);
  await page.route(one, async (r) => {
    const answer = await r.fetch(), body = await answer.json();
    body.airlockRequest.files = Array.from({ length: 500 }, (_, i) => ({ ...body.airlockRequest.files[0], name: i === 0 ? "a.csv" : `folder ${i % 20}/table ${i}.csv` }));
    await json(r, body);
  });
  const drawn = [], through = [];
  for (let i = 0; i < rounds; i++) {
    await page.goto(cloud.page + "#/help");
    drawn.push(await heldUp(page, async () => { await page.evaluate((h) => { location.hash = h; }, `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/review`); await page.getByRole("treeitem", { name: /table 20\.csv/ }).waitFor(); }));
    through.push(await heldUp(page, () => scroll(page, ".tree")));
  }
  measured("tree of 500 files: shown", drawn);
  measured("tree of 500 files: scrolled", through);
  await page.unrouteAll();

  // A table of 50,000 rows, in the preview's own document.
  const opened = [], wheeled = [];
  for (let i = 0; i < rounds; i++) {
    await page.goto(cloud.page + "#/help");
    opened.push(await heldUp(page, async () => { await page.evaluate((h) => { location.hash = h; }, `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/review`); await page.frameLocator(".preview iframe").getByRole("cell", { name: "g1", exact: true }).first().waitFor(); }));
    const frame = page.frames().find((f) => f.url().endsWith("/preview.html"));
    wheeled.push(await heldUp(frame, () => scroll(frame, ".grid")));
  }
  measured("CSV of 50,000 rows: the page, while it is opened", opened);
  measured("CSV of 50,000 rows: its own document, scrolled", wheeled);
  await close();
} finally {
  await browser.close();
  await cloud.down();
}

const ms = (n) => n === 0 ? "< 50 ms" : `${Math.round(n)} ms`;
console.log(`\n| ${rounds} rounds | middle | worst |\n|---|---:|---:|`);
for (const [what, middle, worst] of results) console.log(`| ${what} | ${ms(middle)} | ${ms(worst)} |`);
