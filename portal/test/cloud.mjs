// A local cloud of the tests' own: the built programs, as `make run` starts them.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

export const root = resolve(import.meta.dirname, "../..");
const program = join(root, "build/localcloud");

/** up starts a cloud and returns its addresses, a way to run `localcloud`, and the end of it. */
export async function up() {
  const dir = await mkdtemp(join(tmpdir(), "airlock-portal-"));
  const child = spawn(program, ["up", "--api-port", "0", "--dir", dir], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (d) => { said += d; });
  await new Promise((ready, failed) => {
    child.stdout.on("data", (d) => { if (String(d).includes("airlock ready")) ready(); });
    child.on("exit", (code) => failed(new Error(`the local cloud ended with ${code}:\n${said}`)));
  });
  const endpoints = JSON.parse(await readFile(join(dir, "endpoints.json"), "utf8"));
  const run = (...args) => promisify(execFile)(program, [...args, "--dir", dir]).then((r) => r.stdout.trim());
  return {
    ...endpoints, page: endpoints.api + "/ui", run,
    /** call asks the API as a person, as any client would. */
    async call(as, path, { workspace = "genomics", method = "GET", body, headers = {}, core = false } = {}) {
      const token = await run("token", "--as", as, ...(core ? ["--core"] : ["--workspace", workspace]));
      const response = await fetch(endpoints.api + path, { method, headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers }, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === "" ? null : JSON.parse(text);
    },
    async down() {
      const ended = new Promise((r) => child.on("exit", r));
      child.removeAllListeners("exit");
      child.on("exit", () => undefined);
      child.kill("SIGTERM");
      await Promise.race([ended, new Promise((r) => child.on("exit", r))]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
