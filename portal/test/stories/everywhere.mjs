// States that every page can be in.
import assert from "node:assert/strict";
import { innocent, person } from "../browser.mjs";
import { as, browser, cloud, story } from "../setup.mjs";

story("German is another file of texts, and stays chosen", async () => {
  await as("researcher", {}, async (p) => {
    await p.page.getByRole("button", { name: "Deutsch" }).click();
    await p.page.getByRole("heading", { level: 1, name: "Meine Anträge" }).waitFor();
    assert.equal(await p.page.evaluate(() => document.documentElement.lang), "de");
    await p.page.reload();
    await p.page.getByRole("heading", { level: 1, name: "Meine Anträge" }).waitFor();
  });
});

story("a session that is over is said, and typed text is there after the next sign-in", async () => {
  const p = await person(browser, cloud, "researcher", { hash: `#/new/${cloud.workspaces.genomics}/export`, allow: (g) => /40[01]/.test(g) });
  try {
    await p.page.getByLabel("Title").fill("Half a title");
    await p.ctx.route(/oauth2\/v2\.0\/token/, (r) => r.fulfill({ status: 400, headers: { "Access-Control-Allow-Origin": new URL(cloud.api).origin, "Content-Type": "application/json" }, body: JSON.stringify({ error: "invalid_grant", error_description: "AADSTS700084: The refresh token has expired", error_codes: [700084] }) }));
    await p.page.evaluate(() => { for (const k of Object.keys(sessionStorage)) if (k.includes("accesstoken")) sessionStorage.removeItem(k); });
    await p.page.getByLabel("Why it has to move").fill("Reasons");
    await p.page.getByRole("button", { name: "Save and add files" }).click();
    await p.page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
    await p.ctx.unroute(/oauth2\/v2\.0\/token/);
    await p.page.getByRole("button", { name: "Sign in again" }).click();
    await p.page.getByLabel("Title").waitFor();
    assert.equal(await p.page.getByLabel("Title").inputValue(), "Half a title");
    assert.equal(await p.page.getByLabel("Why it has to move").inputValue(), "Reasons");
    await innocent(p);
  } finally { await p.close(); }
});
