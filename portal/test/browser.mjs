// People in a browser. Whatever a page does that it must not (an error on the console, a violation of its policy, a
// request to anybody else) is collected, and fails the test that ends with `innocent`.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "./cloud.mjs";

const require = createRequire(join(root, "build/portal/package.json"));
const { chromium } = require("playwright-core");
export const axeFile = require.resolve("axe-core/axe.min.js");

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export async function launch() {
  return chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"] });
}

/** Everything that waits, waits this long: the machine may be busy. */
export const patience = Number(process.env.PATIENCE ?? 60_000);

/** person opens a browser of their own and signs in, at an address of the portal. */
export async function person(browser, cloud, name, { hash = "", context = {}, allow = () => false, init } = {}) {
  const ctx = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", timezoneId: "Europe/London", acceptDownloads: true, ...context });
  ctx.setDefaultTimeout(patience);
  if (init) await ctx.addInitScript(...init); // runs before any script of a page
  const page = await ctx.newPage();
  const guilt = watch(page, cloud, allow);
  await page.goto(cloud.page + hash);
  await page.getByRole("button", { name: /^(Sign in|Anmelden)$/ }).click();
  await page.locator(`button[name=persona][value="${name}"]`).click();
  await page.locator("header .who").waitFor();
  return { page, ctx, guilt, close: () => ctx.close() };
}

/** watch collects what a page must not do. */
export function watch(page, cloud, allow = () => false) {
  const guilt = [];
  const own = [new URL(cloud.api).origin, new URL(cloud.issuer).origin, new URL(cloud.blob.replace("{account}", "a")).origin];
  const add = (what) => { if (!allow(what)) guilt.push(what); };
  page.on("console", (m) => {
    const from = m.location().url ?? "";
    if (m.type() === "error" && !from.startsWith(own[1])) add(`console: ${m.text()} (${withoutLink(from)})`);
    if (/[?&]sig=/.test(m.text())) guilt.push("a link on the console");
  });
  page.on("pageerror", (e) => add(`error: ${e.stack ?? e}`));
  page.on("request", (r) => {
    const url = r.url();
    if (!own.some((o) => url.startsWith(o + "/")) && !/^(data|blob|about):/.test(url)) guilt.push(`request to ${url.slice(0, 100)}`);
  });
  void page.addInitScript(() => { addEventListener("securitypolicyviolation", (e) => console.error(`policy violated: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)); });
  return guilt;
}

const withoutLink = (url) => url.replace(/\?.*/, "");

/** innocent checks that the page did nothing it must not, and that no link to files is left lying about. */
export async function innocent({ page, guilt }) {
  const left = await page.evaluate(() => [document.documentElement.outerHTML, location.href, document.cookie, ...Object.entries(localStorage).flat(), ...Object.entries(sessionStorage).filter(([k]) => !k.startsWith("msal")).flat()].filter((x) => /[?&]sig=|access_token|eyJ[A-Za-z0-9_-]{20}/.test(x)).map((x) => x.slice(0, 80)));
  assert.deepEqual(left, [], "links or tokens where others could read them");
  assert.deepEqual(guilt, []);
}

/** axe runs the accessibility checks on what the page shows now. */
export async function axe(page, where, { include } = {}) {
  const { readFile } = await import("node:fs/promises");
  if (!await page.evaluate(() => "axe" in window)) await page.evaluate(await readFile(axeFile, "utf8"));
  const found = await page.evaluate(async (inside) => {
    const r = await window.axe.run(inside ?? document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], iframes: false });
    return r.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.any?.[0]?.message ?? ""}`).join(" | ")}`);
  }, include);
  assert.deepEqual(found, [], where);
}
