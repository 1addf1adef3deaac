// States that every page can be in.
import assert from "node:assert/strict";
import { innocent, person } from "../browser.mjs";
import { as, browser, cloud, story } from "../setup.mjs";
import { addFiles, makeRequest, openReview, prepared, reached, submit, text } from "../story.mjs";

const tokens = /oauth2\/v2\.0\/token/;

/** endSession makes the directory refuse the refresh token, as it does after a day. */
async function endSession(p) {
  await p.ctx.route(tokens, (r) => r.fulfill({ status: 400, headers: { "Access-Control-Allow-Origin": new URL(cloud.api).origin, "Content-Type": "application/json" }, body: JSON.stringify({ error: "invalid_grant", error_description: "AADSTS700084: The refresh token has expired", error_codes: [700084] }) }));
  await p.page.evaluate(() => { for (const k of Object.keys(sessionStorage)) if (k.includes("accesstoken")) sessionStorage.removeItem(k); });
}

async function signInAgain(p) {
  await p.page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
  await p.ctx.unroute(tokens);
  await p.page.getByRole("button", { name: "Sign in again" }).click();
}

story("German is another file of texts, and stays chosen", async () => {
  await as("researcher", {}, async (p) => {
    await p.page.getByRole("button", { name: "Deutsch" }).click();
    await p.page.getByRole("heading", { level: 1, name: "Meine Anträge" }).waitFor();
    assert.equal(await p.page.evaluate(() => document.documentElement.lang), "de");
    await p.page.reload();
    await p.page.getByRole("heading", { level: 1, name: "Meine Anträge" }).waitFor();
  });
  await prepared(cloud, "In two languages", { "a.csv": "n\n40\n" });
  await as("manager", {}, async (p) => {
    await openReview(p, "In two languages");
    await p.page.frameLocator(".preview iframe").getByRole("tab", { name: "Summary" }).waitFor();
    await p.page.getByRole("button", { name: "Deutsch" }).click();
    await p.page.frameLocator(".preview iframe").getByRole("tab", { name: "Übersicht" }).waitFor();
    await p.page.locator(".kind", { hasText: "Tabelle" }).waitFor();
  });
});

story("a session that is over is said, and typed text is there after the next sign-in", async () => {
  const p = await person(browser, cloud, "researcher", { hash: `#/new/${cloud.workspaces.genomics}/export`, allow: (g) => /40[01]/.test(g) });
  try {
    await p.page.getByLabel("Title").fill("Half a title");
    await endSession(p);
    await p.page.getByLabel("Why it has to move").fill("Reasons");
    await p.page.getByRole("button", { name: "Save and add files" }).click();
    await signInAgain(p);
    await p.page.getByLabel("Title").waitFor();
    assert.equal(await p.page.getByLabel("Title").inputValue(), "Half a title");
    assert.equal(await p.page.getByLabel("Why it has to move").inputValue(), "Reasons");
    await innocent(p);
  } finally { await p.close(); }
});

story("a session that ends during a review loses no mark and no word", async () => {
  const id = await prepared(cloud, "Session in review", { "a.csv": "n\n40\n" });
  const p = await person(browser, cloud, "manager", { hash: `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/review`, allow: (g) => /40[01]/.test(g) });
  try {
    await p.page.getByRole("button", { name: "Must change" }).click();
    await p.page.getByLabel("What about it?").fill("Round it");
    await p.page.getByRole("radio", { name: /^Request changes/ }).check();
    await p.page.getByLabel("Explanation").fill("Round the counts.");
    await endSession(p);
    await p.page.getByRole("button", { name: "Look over and decide" }).click();
    await p.page.getByRole("dialog").getByRole("button", { name: "Request changes", exact: true }).click();
    await signInAgain(p);
    await p.page.getByLabel("Explanation").waitFor();
    assert.equal(await p.page.getByLabel("Explanation").inputValue(), "Round the counts.");
    assert.equal(await p.page.getByLabel("What about it?").inputValue(), "Round it");
    assert.ok(await p.page.getByRole("radio", { name: /^Request changes/ }).isChecked());
    await innocent(p);
  } finally { await p.close(); }
});

story("where the network does not lead to the files the page says where it does, and goes on with the rest", async () => {
  const ws = cloud.workspaces.genomics;
  const id = await prepared(cloud, "Far away", { "a.csv": "n\n40\n" });
  const draft = (await cloud.call("researcher", `/workspaces/${ws}/requests`, { method: "POST", body: { type: "export", title: "Far draft", businessJustification: "Far." } })).airlockRequest.id;
  const storage = new RegExp("^" + new URL(cloud.blob.replace("{account}", "x")).origin.replace(/\./g, "\\."));
  const cannot = (g) => /Failed to load resource|ERR_FAILED/.test(g);
  // As an account behind a firewall: no answer at all, or one that says so.
  const closed = [(r) => r.abort(), (r) => r.fulfill({ status: 403, headers: { "x-ms-error-code": "AuthorizationFailure", "Access-Control-Allow-Origin": new URL(cloud.api).origin, "Access-Control-Expose-Headers": "x-ms-error-code, x-ms-request-id" } })];
  for (const answer of closed) {
    await as("researcher", { hash: `#/workspaces/${ws}/requests/${draft}`, allow: cannot }, async (p) => {
      await p.ctx.route(storage, answer);
      await p.page.reload();
      await p.page.getByText("The files cannot be reached from this network").waitFor();
      await p.page.getByText("They can be uploaded from a machine in workspace Genomics. Everything else works here.").waitFor();
      await p.page.getByText(`airlock upload ${draft} FILE`).waitFor();
      assert.equal(await p.page.getByRole("alert").count(), 0, "it is no error");
      await p.ctx.unroute(storage);
      await p.page.getByRole("button", { name: "Try again" }).click();
      await p.page.getByRole("button", { name: "Choose files" }).waitFor();
    });
    await as("manager", { allow: cannot }, async (p) => {
      await p.ctx.route(storage, answer);
      await openReview(p, "Far away");
      await p.page.getByText("They can be read from a machine in workspace Genomics.").waitFor();
      await p.page.getByText("You have not opened the files here.").waitFor();
      await p.page.getByRole("radio", { name: /^Approve/ }).check();
    });
  }
  assert.ok(id);
});

story("offline is said, an upload pauses and goes on by itself", async () => {
  await as("researcher", { allow: (g) => /Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED/.test(g) }, async (p) => {
    await makeRequest(p, "import", "On a train");
    await p.page.getByText("There are no files yet.").waitFor();
    await p.ctx.setOffline(true);
    await p.page.getByText("You are offline. Uploads pause and go on by themselves.").waitFor();
    await p.page.locator("input[type=file]").first().setInputFiles([text("late.csv", "n\n1\n")]);
    await p.page.getByRole("alert").getByText("You are offline").waitFor();
    await p.ctx.setOffline(false);
    await p.page.locator("tr", { hasText: "late.csv" }).getByText("uploaded").waitFor();
    await p.page.getByText("You are offline.").waitFor({ state: "detached" });
    // A page whose files were not even listed is offline too, not elsewhere; and it comes back.
    await p.ctx.route(/comp=list/, (r) => r.abort());
    await p.page.reload();
    await p.page.getByText("The files cannot be reached from this network").waitFor();
    await p.ctx.setOffline(true);
    await p.page.getByRole("alert").getByText("You are offline").waitFor();
    await p.ctx.unroute(/comp=list/);
    await p.ctx.setOffline(false);
    await p.page.getByRole("button", { name: "Choose files" }).waitFor();
  });
});

story("a download that is cut off is tried again by one press, and what is saved can be saved once more", async () => {
  const id = await prepared(cloud, "Cut off", { "a.csv": "n\n40\n", "b.csv": "n\n50\n" });
  await cloud.call("manager", `/workspaces/${cloud.workspaces.genomics}/requests/${id}/review`, { method: "POST", body: { decision: "approve", decisionExplanation: "Fine." } });
  await reached(cloud, id, "approved");
  await as("researcher", { hash: `#/workspaces/${cloud.workspaces.genomics}/requests/${id}`, allow: (g) => g.includes("500") }, async (p) => {
    await p.page.getByRole("button", { name: "Download a.csv" }).waitFor();
    await p.ctx.route(/\/receipt$/, (r) => r.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ title: "Internal error", detail: "Try again.", code: "internal", status: 500 }) }));
    await p.page.getByRole("button", { name: "Download all" }).click();
    const alert = p.page.getByRole("alert").getByText("Something went wrong");
    await alert.waitFor();
    await p.ctx.unroute(/\/receipt$/);
    await p.page.getByRole("button", { name: "Try again" }).click();
    await p.page.getByText("saved, same bytes as reviewed").nth(1).waitFor();
    await alert.waitFor({ state: "detached" });
    const coming = p.page.waitForEvent("download");
    await p.page.getByRole("button", { name: "Download b.csv" }).click();
    assert.equal((await coming).suggestedFilename(), "b.csv");
  });
});

/** shifted puts a machine's clock off by some milliseconds. */
const shifted = (by) => [(off) => { const Real = Date; globalThis.Date = class extends Real { constructor(...a) { if (a.length > 0) super(...a); else super(Real.now() + off); } static now() { return Real.now() + off; } }; }, by];

story("on a machine whose clock is two hours off, ages are right, and no more links are asked for", async () => {
  for (const [title, hours] of [["Two hours ahead", 2], ["Two hours behind", -2]]) {
    const init = shifted(hours * 3_600_000);
    await as("researcher", { init }, async (p) => {
      let links = 0;
      p.page.on("request", (r) => { if (r.method() === "POST" && r.url().endsWith("/link")) links++; });
      await makeRequest(p, "export", title);
      await addFiles(p, [text("a.csv", "n\n40\n"), text("b.csv", "n\n50\n")]);
      await submit(p);
      assert.ok(links <= 2, `${links} links for one draft`);
    });
    await as("manager", { init, hash: "#/review" }, async (p) => {
      const row = p.page.getByRole("row", { name: new RegExp(title) });
      await row.getByText("due in 4 d 23 h").waitFor();
      await row.getByText(/^\d+ (s|min)$/).waitFor();
      await row.getByRole("link", { name: title }).click();
      await p.page.frameLocator(".preview iframe").getByRole("cell", { name: "40" }).waitFor();
    });
  }
});

story("a link that has expired is renewed without a word; if the new one is no better, that is said", async () => {
  const expired = { status: 403, headers: { "x-ms-error-code": "AuthenticationFailed", "x-ms-request-id": "e1", "Access-Control-Allow-Origin": new URL(cloud.api).origin, "Access-Control-Expose-Headers": "x-ms-error-code, x-ms-request-id" } };
  const storage = (u) => u.href.startsWith(new URL(cloud.blob.replace("{account}", "x")).origin);
  const id = await prepared(cloud, "Old links", { "a.csv": "n\n40\n" });
  await as("researcher", { allow: (g) => g.includes("403") }, async (p) => {
    await makeRequest(p, "import", "Late upload");
    let first = true;
    await p.ctx.route(storage, (r) => { if (first && r.request().method() === "PUT") { first = false; return r.fulfill(expired); } return r.continue(); });
    await addFiles(p, [text("late.csv", "n\n1\n")]);
    assert.equal(first, false, "one answer was that of an expired link");
  });
  await as("manager", { hash: `#/workspaces/${cloud.workspaces.genomics}/requests/${id}/review`, allow: (g) => g.includes("403") }, async (p) => {
    await p.page.frameLocator(".preview iframe").getByRole("cell", { name: "40" }).waitFor();
    await p.ctx.route(storage, (r) => r.fulfill(expired));
    await p.page.reload();
    await p.page.getByRole("alert").getByText("The link could not be renewed").waitFor();
    await p.ctx.unrouteAll();
    await p.page.getByRole("button", { name: "Try again" }).click();
    await p.page.frameLocator(".preview iframe").getByRole("cell", { name: "40" }).waitFor();
  });
});

story("a new version is offered, and taken at a reload", async () => {
  await as("researcher", {}, async (p) => {
    await p.page.getByRole("heading", { level: 1, name: "My requests" }).waitFor();
    await p.ctx.route((u) => u.pathname === "/api/ui", (r) => r.request().method() === "HEAD" ? r.fulfill({ status: 200, headers: { ETag: '"00000000-0000-4000-8000-000000000000"' } }) : r.continue());
    await p.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))); // as a tab that is seen again
    await p.page.getByText("There is a new version of this page.").waitFor();
    await p.ctx.unrouteAll();
    await p.page.getByRole("button", { name: "Reload to use it" }).click();
    await p.page.getByText("There is a new version of this page.").waitFor({ state: "detached" });
  });
});
