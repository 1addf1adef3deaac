// Findings, claims, withheld files, and reviewers who do not see one another.
import assert from "node:assert/strict";
import { as, cloud, story } from "../setup.mjs";
import { decide, openReview, prepared, reached, withPolicy } from "../story.mjs";

const gate = [{ id: "content", kind: "content", rules: { "sdc.small_count": { action: "review" }, "sdc.unrounded": { action: "note" } } }];
const counts = "group,count\nQuokka-marker,3\nWombat,120\nNumbat,80\n";

/** byKeyboard presses Tab until something has the focus. */
async function byKeyboard(p, name) {
  for (let i = 0; i < 120; i++) {
    await p.page.keyboard.press("Tab");
    const at = await p.page.evaluate(() => { const e = document.activeElement; return e === document.body ? "" : (e?.getAttribute("aria-label") || e?.labels?.[0]?.textContent || e?.textContent || "").trim(); });
    if (name.test(at)) return;
  }
  assert.fail(`no way by Tab to ${name}`);
}

story("findings are shown at their file, an excerpt on demand, and an approval gives its reasons; by mouse", async () => {
  await withPolicy(cloud, { "gates.export": gate }, async () => {
    const id = await prepared(cloud, "Small counts", { "counts.csv": counts, "notes.txt": "Nothing here." });
    await as("manager", { hash: "#/review" }, async (p) => {
      await p.page.getByRole("row", { name: /Small counts/ }).getByText(/1 high/).waitFor();
      await openReview(p, "Small counts");
      const found = p.page.locator(".desk-file .findings li", { hasText: "small count" });
      await found.getByText("high").waitFor();
      const excerpts = [];
      p.page.on("request", (r) => { if (r.url().includes("/excerpt")) excerpts.push(r.url()); });
      assert.ok(!(await found.textContent()).includes("Quokka-marker"), "findings hold no data");
      await found.getByRole("button", { name: "Show the place" }).click();
      await found.locator("pre", { hasText: "Quokka-marker" }).waitFor();
      assert.equal(excerpts.length, 1, "a look is asked for once, and only then");
      await p.page.getByRole("treeitem", { name: /notes\.txt/ }).click();
      await p.page.getByRole("heading", { name: "notes.txt" }).waitFor();
      assert.equal(await p.page.locator(".desk-file .findings").count(), 0, "another file has none of them");
      await p.page.getByRole("radio", { name: /^Approve/ }).check();
      await p.page.getByLabel("Explanation").fill("Agreed.");
      await p.page.getByRole("button", { name: "Look over and decide" }).click();
      const dialog = p.page.getByRole("dialog");
      await dialog.getByText("Say why each finding is acceptable").waitFor();
      await dialog.getByRole("button", { name: "Approve", exact: true }).click();
      await dialog.getByText("At least ten characters.").waitFor();
      await dialog.getByLabel(/small count: counts\.csv/).fill("Agreed with the data owner.");
      await dialog.getByRole("button", { name: "Approve", exact: true }).click();
      await dialog.waitFor({ state: "detached" });
    });
    await reached(cloud, id, "approved");
  });
});

story("findings by keyboard alone: the place, the reasons, the decision", async () => {
  await withPolicy(cloud, { "gates.export": gate }, async () => {
    const id = await prepared(cloud, "Small counts by keys", { "counts.csv": counts });
    await as("manager", { hash: `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/review` }, async (p) => {
      await p.page.locator(".desk-file .findings li").first().waitFor();
      const { keyboard } = p.page;
      await byKeyboard(p, /^Show the place$/);
      await keyboard.press("Enter");
      await p.page.locator("pre", { hasText: "Quokka-marker" }).waitFor();
      await keyboard.press("a");
      await p.page.waitForFunction(() => document.activeElement?.id === "decide-approve");
      await keyboard.press("Space");
      await keyboard.press("Tab");
      await keyboard.type("Agreed by keys.");
      await byKeyboard(p, /^Look over and decide$/);
      await keyboard.press("Enter");
      await p.page.getByRole("dialog").waitFor();
      await byKeyboard(p, /small count: counts\.csv/);
      await keyboard.type("Agreed with the data owner.");
      await byKeyboard(p, /^Approve$/);
      await keyboard.press("Enter");
      await p.page.getByRole("dialog").waitFor({ state: "detached" });
    });
    await reached(cloud, id, "approved");
  });
});

story("a reviewer says that they are on it, and another one sees it", async () => {
  const id = await prepared(cloud, "Claimed", { "a.csv": "n\n60\n" });
  await as("manager", {}, async (p) => {
    await openReview(p, "Claimed");
    await p.page.getByRole("button", { name: "I am on it" }).click();
    await p.page.getByRole("button", { name: "Not on it any more" }).waitFor();
    assert.equal(await p.page.getByText("It changed while you read").count(), 0, "their own claim is no news to them");
    await as("manager2", { hash: "#/review" }, async (other) => {
      await other.page.getByRole("row", { name: /^Claimed/ }).getByText(/ is on it/).waitFor();
      await openReview(other, "Claimed");
      await other.page.getByText(/ is on it/).waitFor();
    });
    await p.page.getByRole("button", { name: "Not on it any more" }).click();
    await p.page.getByRole("button", { name: "I am on it" }).waitFor();
  });
  assert.equal((await cloud.call("manager", `/workspaces/${cloud.workspaces.genomics}/requests/${id}`)).airlockRequest.claim ?? null, null);
});

story("a withheld file is named before the decision, and never released", async () => {
  const ws = cloud.workspaces.genomics;
  const id = await prepared(cloud, "One held back", { "good.csv": "n\n70\n", "raw.csv": "n\n1\n" });
  await as("manager", {}, async (p) => {
    await openReview(p, "One held back");
    await p.page.getByRole("treeitem", { name: /raw\.csv/ }).click();
    await p.page.getByRole("button", { name: "Withhold" }).click();
    await p.page.getByLabel("What about it?").fill("Single people");
    await p.page.getByRole("radio", { name: /^Approve/ }).check();
    await p.page.getByRole("button", { name: "Put the file notes into the explanation" }).click();
    assert.equal(await p.page.getByLabel("Explanation").inputValue(), "raw.csv: Single people");
    await p.page.getByRole("button", { name: "Look over and decide" }).click();
    const dialog = p.page.getByRole("dialog");
    await dialog.getByText("1 file, 5 B, of Ada Researcher leaves workspace Genomics for the outside.").waitFor();
    await dialog.getByText("Withheld, and never released:").waitFor();
    await dialog.getByRole("button", { name: "Approve", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
  });
  await reached(cloud, id, "approved");
  await as("researcher", { hash: `#/workspaces/${ws}/requests/${id}` }, async (p) => {
    await p.page.getByRole("button", { name: "Download good.csv" }).waitFor();
    assert.equal(await p.page.getByRole("button", { name: "Download raw.csv" }).count(), 0);
    await p.page.getByRole("row", { name: /raw\.csv/ }).getByText("withheld").waitFor();
  });
});

story("independent reviewers see nothing of one another, on the page or below it", async () => {
  await withPolicy(cloud, { "review.exportApprovals": 2, "review.independent": true }, async () => {
    const id = await prepared(cloud, "Blind", { "a.csv": "n\n65\n", "b.csv": "n\n66\n" });
    await as("manager", {}, async (p) => {
      await openReview(p, "Blind");
      await p.page.getByRole("treeitem", { name: /b\.csv/ }).click();
      await p.page.getByRole("button", { name: "Withhold" }).click();
      await p.page.getByLabel("What about it?").fill("Marsupial-note");
      await p.page.getByLabel("Write a comment").fill("Marsupial-comment");
      await p.page.getByRole("button", { name: "Send" }).click();
      await p.page.locator(".talk li", { hasText: "Marsupial-comment" }).waitFor();
      await decide(p, "Approve", "Marsupial-reason");
    });
    await as("manager2", {}, async (p) => {
      const bodies = [];
      p.page.on("response", (r) => { if (r.url().startsWith(cloud.api)) bodies.push(r.text().catch(() => "")); });
      await openReview(p, "Blind");
      await p.page.getByText("Reviewers decide here without seeing one another, until enough have decided.").waitFor();
      await p.page.getByText("1 of 2 reviewers decided").waitFor();
      await p.page.goto(cloud.page + `#/workspaces/${cloud.workspaces.genomics}/requests/${id}`);
      await p.page.getByRole("heading", { level: 2, name: "What happened" }).waitFor();
      await p.page.goto(cloud.page + `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/history`);
      await p.page.getByText(/Checked by the service/).waitFor();
      assert.ok(!(await p.page.content()).includes("Marsupial"), "on the page");
      assert.ok(!(await Promise.all(bodies)).some((b) => b.includes("Marsupial")), "below it");
      await openReview(p, "Blind");
      await decide(p, "Approve", "For me as well.");
    });
    const r = await reached(cloud, id, "approved");
    assert.equal(r.files.find((f) => f.name === "b.csv").withheld, true);
  });
});

story("claim, comment, withhold and decide by keyboard alone", async () => {
  const id = await prepared(cloud, "All by keys", { "good.csv": "n\n75\n", "raw.csv": "n\n2\n" });
  await as("manager", { hash: `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/review` }, async (p) => {
    const { keyboard } = p.page;
    await p.page.getByRole("heading", { name: "good.csv" }).waitFor();
    await byKeyboard(p, /^I am on it$/);
    await keyboard.press("Enter");
    await p.page.getByRole("button", { name: "Not on it any more" }).waitFor();
    await keyboard.press("j");
    await p.page.getByRole("heading", { name: "raw.csv" }).waitFor();
    await byKeyboard(p, /^Withhold$/);
    await keyboard.press("Space");
    await byKeyboard(p, /^What about it\?/);
    await keyboard.type("Single people");
    await byKeyboard(p, /^Write a comment/);
    await keyboard.type("Seen by keys.");
    await byKeyboard(p, /^Send$/);
    await keyboard.press("Enter");
    await p.page.locator(".talk li", { hasText: "Seen by keys." }).waitFor();
    await byKeyboard(p, /^Keys$/); // out of the fields, where single keys are letters
    await keyboard.press("a");
    await p.page.waitForFunction(() => document.activeElement?.id === "decide-approve");
    await keyboard.press("Space");
    await byKeyboard(p, /^Put the file notes into the explanation$/);
    await keyboard.press("Enter");
    await p.page.waitForFunction(() => document.querySelector("#decide-why")?.value === "raw.csv: Single people");
    await byKeyboard(p, /^Look over and decide$/);
    await keyboard.press("Enter");
    await p.page.getByRole("dialog").getByText("Withheld, and never released:").waitFor();
    await byKeyboard(p, /^Approve$/);
    await keyboard.press("Enter");
    await p.page.getByRole("dialog").waitFor({ state: "detached" });
  });
  const r = await reached(cloud, id, "approved");
  assert.deepEqual(r.files.map((f) => [f.name, f.withheld ?? false]), [["good.csv", false], ["raw.csv", true]]);
});
