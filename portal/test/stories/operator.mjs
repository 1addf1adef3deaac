// What administrators and owners do.
import assert from "node:assert/strict";
import { join } from "node:path";
import { as, cloud, shots, story } from "../setup.mjs";

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
