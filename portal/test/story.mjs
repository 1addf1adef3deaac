// What people do on the portal, in steps that tests put together.
import { patience } from "./browser.mjs";

/** makeRequest goes through the first step and returns the request's id. */
export async function makeRequest(p, way, title, why = "Aggregates for the paper.\nCounts below 10 are suppressed.") {
  await p.page.getByRole("link", { name: "My requests" }).first().click();
  await p.page.getByRole("button", { name: "New request" }).click();
  await p.page.getByRole("link", { name: way === "import" ? "Bring data into Genomics" : "Take data out of Genomics" }).click();
  await p.page.getByLabel("Title").fill(title);
  await p.page.getByLabel("Why it has to move").fill(why);
  await p.page.getByRole("button", { name: "Save and add files" }).click();
  await p.page.getByRole("button", { name: "Choose files" }).waitFor();
  return idOf(p.page);
}

export const idOf = (page) => /requests\/([0-9a-f-]{36})/.exec(page.url())?.[1];

/** addFiles chooses files and waits until they are uploaded. */
export async function addFiles(p, files) {
  await p.page.locator("input[type=file]").first().setInputFiles(files);
  for (const f of files) await p.page.locator("tr", { hasText: typeof f === "string" ? f.split("/").pop() : f.name }).getByText("uploaded").waitFor();
}

export const text = (name, content) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });

/** submit sends the request on and waits until it is in review. */
export async function submit(p) {
  await p.page.getByRole("button", { name: "Check and submit" }).click();
  await p.page.getByRole("dialog").getByRole("button", { name: "Submit request" }).click();
  await status(p, "In review");
}

/** status waits for a word in the head of the request's page. */
export const status = (p, word) => p.page.locator(".lead .status", { hasText: word }).waitFor({ timeout: patience });

/** openReview opens a request from the queue. */
export async function openReview(p, title) {
  await p.page.getByRole("link", { name: /To review/ }).first().click();
  await p.page.getByRole("link", { name: title, exact: true }).click();
  await p.page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** decide chooses, explains and confirms. */
export async function decide(p, choice, why) {
  await p.page.getByRole("radio", { name: new RegExp(`^${choice}`) }).check();
  await p.page.getByLabel("Explanation").fill(why);
  await p.page.getByRole("button", { name: "Look over and decide" }).click();
  const dialog = p.page.getByRole("dialog");
  await dialog.waitFor();
  const said = await dialog.locator(".confirm").textContent();
  await dialog.getByRole("button", { name: choice, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  return said;
}

/** prepared makes a request that waits for review, by the API: for tests that begin there. */
export async function prepared(cloud, title, files, { type = "export", as = "researcher" } = {}) {
  const ws = cloud.workspaces.genomics;
  const { airlockRequest } = await cloud.call(as, `/workspaces/${ws}/requests`, { method: "POST", body: { type, title, businessJustification: "Aggregates for the paper." } });
  await again(cloud, airlockRequest.id, { put: files, as });
  return airlockRequest.id;
}

/** again puts files into a draft or a returned request, takes others out, and submits it. */
export async function again(cloud, id, { put = {}, remove = [], as = "researcher" }) {
  const request = `/workspaces/${cloud.workspaces.genomics}/requests/${id}`;
  const link = (await cloud.call(as, `${request}/link`, { method: "POST", body: {} })).containerUrl;
  const send = async (name, init, wanted) => {
    const answer = await fetch(link.replace("?", "/" + name.split("/").map(encodeURIComponent).join("/") + "?"), init);
    if (answer.status !== wanted) throw new Error(`${init.method} ${name}: ${answer.status}`);
  };
  for (const [name, body] of Object.entries(put)) await send(name, { method: "PUT", headers: { "x-ms-blob-type": "BlockBlob" }, body }, 201);
  for (const name of remove) await send(name, { method: "DELETE" }, 202);
  await cloud.call(as, `${request}/submit`, { method: "POST", body: {} });
  await reached(cloud, id, "in_review", as);
}

/** reached waits until a request is in a status. */
export async function reached(cloud, id, wanted, as = "researcher") {
  const until = Date.now() + patience;
  for (;;) {
    const { airlockRequest } = await cloud.call(as, `/workspaces/${cloud.workspaces.genomics}/requests/${id}`);
    if (airlockRequest.status === wanted) return airlockRequest;
    if (Date.now() > until) throw new Error(`${id} is ${airlockRequest.status}, not ${wanted}`);
    await new Promise((r) => setTimeout(r, 200));
  }
}

/** withPolicy changes the policy of Genomics while something is done: members by their paths. */
export async function withPolicy(cloud, settings, f) {
  const path = `/workspaces/${cloud.workspaces.genomics}`, read = () => cloud.call("admin", path, { core: true }).then((a) => a.workspace);
  const put = async (policy) => {
    const now = await read();
    await cloud.call("admin", path, { core: true, method: "PUT", body: { ...now.document, policy }, headers: { "If-Match": `"${now._etag}"` } });
  };
  const before = (await read()).document.policy, changed = structuredClone(before);
  for (const [name, value] of Object.entries(settings)) {
    const parts = name.split(".");
    let at = changed;
    for (const part of parts.slice(0, -1)) at = at[part] ??= {};
    at[parts.at(-1)] = value;
  }
  await put(changed);
  try { await f(); } finally { await put(before); }
}
