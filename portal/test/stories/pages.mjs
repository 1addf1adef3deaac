// Every page for every eye: accessibility, themes, widths, screenshots.
import assert from "node:assert/strict";
import { join } from "node:path";
import { axe } from "../browser.mjs";
import { as, cloud, shots, story } from "../setup.mjs";
import { openReview, prepared, reached } from "../story.mjs";

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
      // German has longer words: nothing is wider than the smallest screen, and no tab is cut off.
      await p.page.getByRole("button", { name: "Deutsch" }).click();
      assert.deepEqual(await p.page.evaluate(() => [document.documentElement, ...document.querySelectorAll(".tabs, .button, .head")].filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map((e) => e.className || e.tagName)), [], `${name} in German: cut off`);
      await p.page.screenshot({ path: join(shots, `${name}-de-320.png`), fullPage: true });
      await p.page.getByRole("button", { name: "English" }).click();
    }
  });
});

// `make portal-picture` takes this one for the README.
story("the review page as the README shows it", async () => {
  const bands = ["40-49", "50-59", "60-69", "70-79", "80+"], counts = [455, 431, 398, 377, 240, 251, 96, 88, 12, 7];
  const table = (last) => "age band,sex,patients,mean haemoglobin\n" + counts.map((n, i) => `${bands[i >> 1]},${i % 2 ? "male" : "female"},${i === 9 ? last : n},${((i % 2 ? 14.6 : 13.1) - (i >> 1) / 10).toFixed(1)}\n`).join("");
  const files = { "results/model.csv": "term,estimate\nage,-0.02\n", "results/table1.csv": table(7), "notes.txt": "Counts by age band and sex, all sites.\n" };
  const before = await prepared(cloud, "Blood counts, spring", { "results/table1.csv": table("*") });
  await cloud.call("manager", `/workspaces/${cloud.workspaces.genomics}/requests/${before}/review`, { method: "POST", body: { decision: "approve", decisionExplanation: "The small count is suppressed." } });
  await reached(cloud, before, "approved");
  await prepared(cloud, "Blood counts, autumn", files);
  await as("manager", { context: { viewport: { width: 1280, height: 960 } } }, async (p) => {
    await openReview(p, "Blood counts, autumn");
    await p.page.getByRole("treeitem", { name: /notes/ }).click();
    await p.page.getByRole("treeitem", { name: /table1/ }).click();
    await p.page.getByRole("radio", { name: /^Request changes/ }).check();
    await p.page.getByLabel("Explanation").fill("Suppress the count of men over 80, as in spring.");
    await p.page.frameLocator(".preview iframe").locator("td.few", { hasText: "7" }).first().waitFor();
    await p.page.getByText("Same name, other bytes in Blood counts, spring").waitFor();
    await p.page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
    await p.page.screenshot({ path: join(shots, "readme.png") });
  });
});
