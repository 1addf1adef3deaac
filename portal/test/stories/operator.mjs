// What administrators and owners do.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { as, cloud, shots, story } from "../setup.mjs";
import { prepared, reached, withPolicy } from "../story.mjs";

story("an administrator sees health, changes a policy in words, and is warned of loosening", async () => {
  await as("admin", {}, async (p) => {
    await p.page.getByRole("link", { name: "Operations" }).click();
    await p.page.getByText(/The service (is well|needs attention)/).waitFor();
    await p.page.getByText("No event is parked").waitFor();
    await p.page.screenshot({ path: join(shots, "operations.png"), fullPage: true });
    await p.page.getByRole("link", { name: "Workspaces" }).click();
    await p.page.getByRole("link", { name: /Imaging/ }).click();
    await p.page.getByRole("link", { name: "Policy" }).click();
    await p.page.getByRole("checkbox", { name: "Requestors may review their own requests" }).check();
    await p.page.screenshot({ path: join(shots, "policy.png"), fullPage: true });
    await p.page.getByRole("button", { name: "Look over and save" }).click();
    const dialog = p.page.getByRole("dialog");
    await dialog.getByText("from no to yes").waitFor();
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

story("a draft of a policy is tried on the last requests, and two administrators lose nothing", async () => {
  const path = `/workspaces/${cloud.workspaces.genomics}`, read = () => cloud.call("admin", path, { core: true }).then((a) => a.workspace);
  await prepared(cloud, "To be tried on", { "a.csv": "n\n40\n" });
  await withPolicy(cloud, {}, async () => {
    await as("admin", { hash: `#${path}/policy`, allow: (g) => g.includes("412") }, async (p) => {
      const types = p.page.getByLabel("Types allowed in exports");
      await types.fill(".png");
      await types.blur();
      const turns = p.page.getByLabel("Turns of a request");
      await turns.fill("");
      assert.equal(await turns.inputValue(), "", "an emptied field stays empty while one types");
      await turns.pressSequentially("0");
      await p.page.getByText("From 1 to ").waitFor();
      await turns.press("Backspace");
      await turns.pressSequentially("4");
      await p.page.getByText("From 1 to ").waitFor({ state: "detached" });
      await p.page.getByRole("tab", { name: "2 changes" }).click();
      await p.page.locator(".changes li", { hasText: "Types allowed in exports" }).getByText("adds .png").waitFor();
      assert.equal(await p.page.locator(".changes .loosens").count(), 0, "both are stricter");
      await p.page.getByRole("link", { name: "Operations" }).click();
      await p.page.getByRole("heading", { level: 1, name: "Operations" }).waitFor();
      await p.page.goBack();
      await p.page.getByRole("tab", { name: "2 changes" }).click(); // who looks elsewhere comes back to the draft
      await p.page.getByRole("button", { name: "Try it on the last requests" }).click();
      await p.page.getByText(/\d+ of \d+ turns? would have come out otherwise/).waitFor();
      await p.page.getByRole("row", { name: /^To be tried on .*reviewers decide not submitted/ }).waitFor();

      const now = await read(), theirs = structuredClone(now.document.policy);
      theirs.review.maxTurns = 7;
      theirs.files.maxFiles = 400;
      await cloud.call("admin", path, { core: true, method: "PUT", body: { ...now.document, policy: theirs }, headers: { "If-Match": `"${now._etag}"` } });
      await p.page.getByRole("button", { name: "Look over and save" }).click();
      await p.page.getByRole("dialog").getByRole("button", { name: "Save policy" }).click();
      await p.page.getByText("Somebody else saved another version.").waitFor();
      const both = p.page.locator(".note", { hasText: "Turns of a request" });
      await both.getByText("As it is now: 7").waitFor();
      await both.getByText("Yours: 4").waitFor();
      await both.getByRole("button", { name: "Take this" }).click();
      await p.page.getByRole("button", { name: "Look over and save" }).click();
      await p.page.getByRole("dialog").getByRole("button", { name: "Save policy" }).click();
      await p.page.getByText("0 changes").first().waitFor();
    });
    const { review, files } = (await read()).document.policy;
    assert.deepEqual([review.maxTurns, files.maxFiles, files.export.allowedExtensions], [7, 400, [".png"]]);
  });
});

story("an owner saves the whole list of requests, not the page that is shown", async () => {
  for (const title of ["Listed first", "Listed second", "Listed third"]) await cloud.call("researcher", `/workspaces/${cloud.workspaces.genomics}/requests`, { method: "POST", body: { type: "import", title, businessJustification: "For the list." } });
  await as("owner", {}, async (p) => {
    await p.page.route(/\/requests\?limit=50/, (r) => r.continue({ url: r.request().url().replace("limit=50", "limit=2") })); // as if there were many
    await p.page.evaluate((h) => { location.hash = h; }, `#/workspaces/${cloud.workspaces.genomics}/requests`);
    await p.page.getByRole("button", { name: "Next page" }).waitFor();
    const coming = p.page.waitForEvent("download");
    await p.page.getByRole("button", { name: "Save as CSV" }).click();
    const saved = await readFile(await (await coming).path(), "utf8");
    for (const title of ["Listed first", "Listed second", "Listed third"]) assert.ok(saved.includes(title), title);
  });
});

story("an owner saves the evidence as one file", async () => {
  const id = await prepared(cloud, "Evidence", { "a.csv": "n\n40\n" });
  await cloud.call("manager", `/workspaces/${cloud.workspaces.genomics}/requests/${id}/review`, { method: "POST", body: { decision: "approve", decisionExplanation: "Fine." } });
  await reached(cloud, id, "approved");
  await as("owner", { hash: `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/history` }, async (p) => {
    await p.page.getByRole("navigation", { name: "Where you are" }).getByRole("link", { name: "Workspaces" }).waitFor(); // it is nothing of "My requests"
    const coming = p.page.waitForEvent("download");
    await p.page.getByRole("button", { name: "Save evidence (zip)" }).click();
    const got = await coming;
    assert.equal(got.suggestedFilename(), `evidence-${id}.zip`);
    assert.equal((await readFile(await got.path())).subarray(0, 2).toString(), "PK");
  });
});
