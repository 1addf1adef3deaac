// Files on their way into a draft: cut into blocks, sent four at a time, paused, and gone on with where they stopped.
import { signal } from "@preact/signals";
import { sha256 } from "../format";
import { commit, Links, putBlock, staged, StorageTrouble } from "./storage";
import { pauseBefore, plan, tries } from "./plan";

export type Stage = "waiting" | "sending" | "paused" | "lost" | "done" | "failed";

export interface Item { name: string; size: number; stage: Stage; sent: number; speed: number; error?: unknown; }

interface Work extends Item { file: File; stop: AbortController | null; resumed: boolean; }

const parallel = 4;
const hashLimit = 256 * 2 ** 20;

const open = new Map<string, Uploader>();

/** uploaderOf is the uploader of a request: the one at work, whichever page is looked at meanwhile, or a new one. */
export function uploaderOf(workspace: string, request: string): Uploader {
  const u = open.get(request) ?? new Uploader(request, new Links(workspace, request));
  open.set(request, u);
  return u;
}

export class Uploader {
  readonly items = signal<Item[]>([]);
  /** done is told the name of each file that has arrived. */
  done: (name: string) => void = () => undefined;
  private work: Work[] = [];
  private running = false;
  private readonly before: string[];

  constructor(private readonly request: string, readonly links: Links) {
    this.before = unfinished(request);
    addEventListener("online", this.online);
    addEventListener("beforeunload", this.leaving);
  }

  /** leave is for a page that is left: what is under way goes on and tells another; an uploader that has nothing left to do ends. */
  leave(done: (name: string) => void) {
    this.done = done;
    if (this.work.some((w) => w.stage !== "done")) return;
    removeEventListener("online", this.online);
    removeEventListener("beforeunload", this.leaving);
    open.delete(this.request);
  }

  /** add queues files; one of the same name takes the place of an earlier one. */
  add(files: { name: string; file: File }[]) {
    for (const { name, file } of files) {
      this.drop(name);
      this.work.push({ name, file, size: file.size, stage: "waiting", sent: 0, speed: 0, stop: null, resumed: false });
    }
    this.tell();
    void this.run();
  }

  drop(name: string) {
    const w = this.work.find((x) => x.name === name);
    w?.stop?.abort();
    this.work = this.work.filter((x) => x !== w);
    this.tell();
  }

  pause(name?: string) {
    for (const w of this.work) if ((!name || w.name === name) && (w.stage === "sending" || w.stage === "waiting")) {
      w.stage = "paused";
      w.stop?.abort();
    }
    this.tell();
  }

  resume(name?: string) {
    for (const w of this.work) if ((!name || w.name === name) && (w.stage === "paused" || w.stage === "lost" || w.stage === "failed")) { w.stage = "waiting"; delete w.error; }
    this.tell();
    void this.run();
  }

  private online = () => { for (const w of this.work) if (w.stage === "lost") this.resume(w.name); };
  private leaving = (e: BeforeUnloadEvent) => { if (this.work.some((w) => w.stage === "sending")) e.preventDefault(); };

  private tell() {
    const names = [...this.before.filter((n) => !this.work.some((w) => w.name === n)), ...this.work.filter((w) => w.stage !== "done").map((w) => w.name)];
    if (names.length > 0) sessionStorage.setItem(begunIn(this.request), JSON.stringify(names)); else sessionStorage.removeItem(begunIn(this.request));
    this.items.value = this.work.map(({ name, size, stage, sent, speed, error }) => ({ name, size, stage, sent, speed, ...(error === undefined ? {} : { error }) }));
  }

  private async run() {
    if (this.running) return;
    this.running = true;
    try {
      for (let next; (next = this.work.find((w) => w.stage === "waiting"));) await this.send(next);
    } finally { this.running = false; }
  }

  private async send(w: Work) {
    w.stage = "sending";
    w.stop = new AbortController();
    this.tell();
    try {
      await this.blocks(w, w.stop.signal);
      w.stage = "done";
      w.sent = w.size;
      await remember(this.request, w);
      this.tell();
      this.done(w.name);
    } catch (e) {
      if (w.stage !== "sending") return; // paused or taken out meanwhile
      w.error = e;
      w.stop.abort(); // its other blocks
      w.stage = e instanceof StorageTrouble && (e.kind === "busy" || e.kind === "unreachable") ? "lost" : "failed";
    } finally { this.tell(); }
  }

  private async blocks(w: Work, stop: AbortSignal) {
    const all = plan(w.size);
    const there = await this.begun(w, stop);
    const missing = all.filter((b) => !there.has(b.id));
    const under = new Map<string, number>();
    let sent = all.filter((b) => there.has(b.id)).reduce((n, b) => n + b.to - b.from, 0);
    const began = performance.now(), before = sent;
    const count = () => {
      w.sent = Math.min(w.size, sent + [...under.values()].reduce((a, b) => a + b, 0));
      w.speed = (w.sent - before) / Math.max(0.2, (performance.now() - began) / 1000);
      this.tell();
    };
    count();
    const one = async () => {
      for (let b; (b = missing.shift());) {
        const block = b;
        await this.persist(stop, () => this.links.use((link) => putBlock(link, w.name, block.id, w.file.slice(block.from, block.to), (n) => { under.set(block.id, n); count(); }, stop)));
        under.delete(block.id);
        sent += block.to - block.from;
        count();
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, missing.length) }, one));
    await this.persist(stop, () => this.links.use((link) => commit(link, w.name, all.map((b) => b.id), stop)));
  }

  /**
   * begun lists the blocks that are there already. They count only if this very file was begun here before: half of one
   * file and half of another must not become one. Only digests are kept, for desktops are shared.
   */
  private async begun(w: Work, stop: AbortSignal): Promise<Set<string>> {
    const key = "airlock.upload." + (await sha256(`${this.request}\n${w.name}`)).slice(0, 32);
    const head = await sha256(await w.file.slice(0, 2 ** 20).arrayBuffer());
    const mark = await sha256(`${this.request}\n${w.name}\n${w.size}\n${w.file.lastModified}\n${head}`);
    const same = localStorage.getItem(key) === mark;
    localStorage.setItem(key, mark);
    if (!same) return new Set();
    w.resumed = true;
    return this.persist(stop, () => this.links.use((link) => staged(link, w.name, stop)));
  }

  /** persist tries again what storage or the network could not do just now. */
  private async persist<T>(stop: AbortSignal, f: () => Promise<T>): Promise<T> {
    for (let n = 1; ; n++) {
      try { return await f(); } catch (e) {
        const passing = e instanceof StorageTrouble && (e.kind === "busy" || e.kind === "unreachable" && e.code === "");
        if (!passing || n >= tries || stop.aborted) throw e;
        await new Promise((r) => setTimeout(r, pauseBefore(n, Math.random())));
        if (stop.aborted) throw e;
      }
    }
  }
}

const begunIn = (request: string) => `airlock.begun.${request}`;

/** unfinished are the names of the files that were on their way from this tab when the page was reloaded. */
export const unfinished = (request: string) => JSON.parse(sessionStorage.getItem(begunIn(request)) ?? "[]") as string[];

// What was sent from this tab, by its hash: shown beside the airlock's own after submit.
const digests = (request: string) => `airlock.sent.${request}`;

async function remember(request: string, w: Work) {
  if (w.size > hashLimit) return;
  const all = sentFrom(request);
  all[w.name] = await sha256(await w.file.arrayBuffer());
  sessionStorage.setItem(digests(request), JSON.stringify(all));
}

/** sentFrom are the hashes of the files that were sent from this tab. */
export function sentFrom(request: string): Record<string, string> {
  try { return JSON.parse(sessionStorage.getItem(digests(request)) ?? "{}") as Record<string, string>; } catch { return {}; }
}
