// Blob Storage as a link opens it. A link is opaque but for the place where a name goes: before the signature.
import { inWorkspace, requestPath, type Link } from "../api";
import { serviceTime } from "../clock";

const version = "2023-11-03";

export type Kind = "unreachable" | "expired" | "refused" | "gone" | "busy" | "other";

/** StorageTrouble is an answer of storage that is none, by what people can do about it. */
export class StorageTrouble extends Error {
  constructor(readonly kind: Kind, readonly code: string, readonly id = "") { super(`${kind} ${code}`); }
}

/** troubleOf reads an error code: an account that is closed to this network says so in its own word. */
export function troubleOf(status: number, code: string, id = ""): StorageTrouble {
  if (status === 0) return new StorageTrouble("unreachable", "", id);
  if (code === "AuthorizationFailure" || code === "PublicAccessNotPermitted") return new StorageTrouble("unreachable", code, id);
  if (code === "AuthenticationFailed") return new StorageTrouble("expired", code, id);
  if (status === 403) return new StorageTrouble("refused", code, id);
  if (status === 404) return new StorageTrouble("gone", code, id);
  if (status === 408 || status === 429 || status >= 500) return new StorageTrouble("busy", code, id);
  return new StorageTrouble("other", code || String(status), id);
}

/** Links holds the link of one request and renews it before it ends. Each new one is an audit record: one serves all files. */
export class Links {
  private link: Link | null = null;
  private until = 0;
  private asking: Promise<Link> | null = null;
  constructor(private readonly workspace: string, private readonly request: string) {}

  async get(fresh = false): Promise<Link> {
    if (!fresh && this.link && Date.now() < this.until) return this.link;
    this.asking ??= inWorkspace<Link>(this.workspace, `${requestPath(this.request)}/link`, { method: "POST", body: {} }).then((link) => {
      const life = Date.parse(link.expires) - serviceTime();
      this.link = link;
      this.until = Date.now() + Math.max(life * 0.8, 30_000);
      return link;
    }).finally(() => { this.asking = null; });
    return this.asking;
  }

  /** use runs something with the link, and once more with a new one if that was no longer good. */
  async use<T>(f: (link: string) => Promise<T>): Promise<T> {
    try { return await f((await this.get()).containerUrl); } catch (e) {
      if (!(e instanceof StorageTrouble) || e.kind !== "expired") throw e;
      return f((await this.get(true)).containerUrl);
    }
  }
}

/** FileLinks holds links to single files: who opened which file is then on record. One serves until it is nearly over. */
export class FileLinks {
  private links = new Map<string, { url: string; until: number }>();
  constructor(private readonly workspace: string, private readonly request: string) {}

  private async get(name: string, fresh = false): Promise<string> {
    const kept = this.links.get(name);
    if (!fresh && kept && Date.now() < kept.until) return kept.url;
    const link = await inWorkspace<{ fileUrl: string; expires: string }>(this.workspace, `${requestPath(this.request)}/link`, { method: "POST", body: { file: name } });
    this.links.set(name, { url: link.fileUrl, until: Date.now() + Math.max((Date.parse(link.expires) - serviceTime()) * 0.8, 30_000) });
    return link.fileUrl;
  }

  /** read fetches a file, or a part of it ("0-99"), and once more with a new link if the old one was no longer good. */
  async read(name: string, part = "", signal?: AbortSignal, progress?: (bytes: number) => void): Promise<ArrayBuffer> {
    try { return await read(await this.get(name), part, signal, progress); } catch (e) {
      if (!(e instanceof StorageTrouble) || e.kind !== "expired") throw e;
      return read(await this.get(name, true), part, signal, progress);
    }
  }
}

/** blobAddress is the address of a blob, or of the container for "". */
export function blobAddress(container: string, name: string, query = ""): string {
  const at = container.indexOf("?");
  const path = at < 0 ? container : container.slice(0, at), signature = at < 0 ? "" : container.slice(at + 1);
  const blob = name === "" ? "" : "/" + name.split("/").map(encodeURIComponent).join("/");
  return path + blob + "?" + [query, signature].filter(Boolean).join("&");
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers: { "x-ms-version": version, ...init.headers }, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
  } catch (e) {
    if (init.signal?.aborted) throw e;
    throw troubleOf(0, "");
  }
  if (!response.ok) throw troubleOf(response.status, response.headers.get("x-ms-error-code") ?? "", response.headers.get("x-ms-request-id") ?? "");
  return response;
}

/** xml asks for a list. The browser's own reader makes an inert document of it; nothing of it runs. */
function xml(url: string, signal?: AbortSignal): Promise<Document> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest();
    x.open("GET", url);
    x.responseType = "document";
    x.overrideMimeType("application/xml");
    x.setRequestHeader("x-ms-version", version);
    x.onload = () => x.status === 200 && x.responseXML ? resolve(x.responseXML) : reject(troubleOf(x.status, x.getResponseHeader("x-ms-error-code") ?? "", x.getResponseHeader("x-ms-request-id") ?? ""));
    x.onerror = () => reject(troubleOf(0, ""));
    x.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal?.addEventListener("abort", () => x.abort());
    x.send();
  });
}

export interface Stored { name: string; size: number; modified: string; }

/** list names every file of a container. */
export async function list(container: string, signal?: AbortSignal): Promise<Stored[]> {
  const found: Stored[] = [];
  for (let marker = ""; ;) {
    const doc = await xml(blobAddress(container, "", `restype=container&comp=list${marker ? `&marker=${encodeURIComponent(marker)}` : ""}`), signal);
    for (const blob of doc.querySelectorAll("Blob")) {
      const name = blob.querySelector("Name");
      const text = name?.textContent ?? "";
      found.push({ name: name?.getAttribute("Encoded") === "true" ? decodeURIComponent(text) : text, size: Number(blob.querySelector("Properties > Content-Length")?.textContent ?? 0), modified: blob.querySelector("Properties > Last-Modified")?.textContent ?? "" });
    }
    marker = doc.querySelector("NextMarker")?.textContent ?? "";
    if (!marker) return found;
  }
}

/** staged lists the blocks of a blob that were put and not committed; none if there is no such blob. */
export async function staged(container: string, name: string, signal?: AbortSignal): Promise<Set<string>> {
  try {
    const doc = await xml(blobAddress(container, name, "comp=blocklist&blocklisttype=uncommitted"), signal);
    return new Set([...doc.querySelectorAll("UncommittedBlocks > Block > Name")].map((n) => n.textContent ?? ""));
  } catch (e) {
    if (e instanceof StorageTrouble && e.kind === "gone") return new Set();
    throw e;
  }
}

/** putBlock sends one block and reports how many of its bytes are gone. */
export function putBlock(container: string, name: string, id: string, data: Blob, progress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest();
    x.open("PUT", blobAddress(container, name, `comp=block&blockid=${encodeURIComponent(id)}`));
    x.setRequestHeader("x-ms-version", version);
    x.upload.onprogress = (e) => progress(e.loaded);
    x.onload = () => x.status === 201 ? resolve() : reject(troubleOf(x.status, x.getResponseHeader("x-ms-error-code") ?? "", x.getResponseHeader("x-ms-request-id") ?? ""));
    x.onerror = () => reject(troubleOf(0, ""));
    x.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => x.abort());
    if (signal.aborted) x.abort(); else x.send(data);
  });
}

/** commit makes the blob of its blocks. Its type is that of bytes, so that a link in a browser never renders anything. */
export async function commit(container: string, name: string, ids: string[], signal?: AbortSignal): Promise<void> {
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
  await ask(blobAddress(container, name, "comp=blocklist"), { method: "PUT", body, headers: { "x-ms-blob-content-type": "application/octet-stream", "Content-Type": "application/xml" }, signal: signal ?? null });
}

/** remove deletes a blob; one that is not there is as good. */
export async function remove(container: string, name: string): Promise<void> {
  try { await ask(blobAddress(container, name), { method: "DELETE" }); } catch (e) {
    if (!(e instanceof StorageTrouble) || e.kind !== "gone") throw e;
  }
}

/** read fetches what an address leads to, or a part of it. */
async function read(url: string, part: string, signal?: AbortSignal, progress?: (bytes: number) => void): Promise<ArrayBuffer> {
  const response = await ask(url, { headers: part ? { Range: `bytes=${part}` } : {}, signal: signal ?? null });
  return progress ? follow(response, progress) : response.arrayBuffer();
}

async function follow(response: Response, progress: (bytes: number) => void): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let n = 0;
  for (const reader = response.body!.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value as Uint8Array<ArrayBuffer>);
    progress(n += value.byteLength);
  }
  return new Blob(parts).arrayBuffer();
}
