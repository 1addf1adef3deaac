// The stories by keyboard alone.
import assert from "node:assert/strict";
import { as, cloud, story } from "../setup.mjs";
import { idOf, reached, status, text } from "../story.mjs";

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
