// One local cloud and one browser for all stories.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { innocent, launch, person } from "./browser.mjs";
import { root, up } from "./cloud.mjs";

export let cloud, browser, dir;
/** shots is the folder of the screenshots. */
export const shots = process.env.PORTAL_SHOTS ?? join(root, "build/portal/shots");

before(async () => {
  cloud = await up();
  await cloud.run("policy", "files.maxFiles=500");
  browser = await launch();
  dir = await mkdtemp(join(tmpdir(), "airlock-portal-files-"));
  await mkdir(shots, { recursive: true });
}, { timeout: 180_000 });

after(async () => {
  await browser?.close();
  await cloud?.down();
  if (dir) await rm(dir, { recursive: true, force: true });
}, { timeout: 60_000 });

/** as runs a test as somebody, and leaves nothing open. */
export async function as(name, options, f) {
  const p = await person(browser, cloud, name, options);
  try { await f(p); await innocent(p); } catch (e) {
    await p.page.screenshot({ path: join(shots, `failed-${name}.png`) }).catch(() => undefined);
    throw e;
  } finally { await p.close(); }
}

export const story = (name, f) => test(name, { timeout: 480_000 }, f);
