// Every page for every eye: accessibility, themes, widths, screenshots.
import assert from "node:assert/strict";
import { join } from "node:path";
import { axe } from "../browser.mjs";
import { as, cloud, shots, story } from "../setup.mjs";
import { prepared } from "../story.mjs";

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
