// The airlock's API as the portal uses it. Types name only what is shown; docs/openapi.json is the whole of it.
import * as auth from "./auth";

export interface User { id: string; name: string; email: string; roles: string[]; }
export interface Scan { outcome: "clean" | "malicious" | "not_scanned" | "error"; reason?: string; malware?: string[]; confirmed: boolean; }
export interface Seen { request: string; status: string; when: number; }
export interface RequestFile {
  name: string; size: number; sha256?: string; verdict?: Scan; withheld?: boolean; change?: string; from?: string; supporting?: boolean;
  seen?: Seen[]; earlier?: { turn: number; reviewer: User; decision: string; comment?: string }[];
}
export interface Review {
  id: string; reviewer: User; dateCreated: number; reviewDecision: string; decisionExplanation: string; ownRequest?: boolean; turn?: number;
  files?: { name: string; decision: string; comment?: string }[];
}
export type Holder = "requestor" | "airlock_manager" | "system" | "nobody";
export interface AirlockRequest {
  id: string; workspaceId: string; workspaceName?: string; type: "import" | "export"; title: string; businessJustification: string;
  status: string; statusMessage: string | null; createdBy: User; createdWhen: number; updatedBy: User; updatedWhen: number;
  history: { updatedWhen: number; updatedBy: User; properties: { previousStatus: string } }[];
  files: RequestFile[]; reviews: Review[]; _etag: string; approvals?: { required: number; given: number };
  selfReviewed?: boolean; failure?: { in: string; code: string; operation: string; cause: string }; dataDeletedWhen?: number;
  heldBy?: Holder; next?: string; statusSince?: number; dueWhen?: number; overdue?: boolean;
  storage?: { host: string; from: "internet" | "review" | "workspace" };
  turn?: number; changes?: { new: number; changed: number; unchanged: number; renamed: number; removed: number; gone?: string[] }; scanRequired?: boolean; claim?: { by: User; until: number } | null; answers?: Record<string, unknown>; replaces?: string; replacedBy?: string;
  gates?: { id: string; status: string; counts?: Record<string, number>; review?: number }[];
  reviewable?: boolean;
}
export interface Envelope { airlockRequest: AirlockRequest; allowedUserActions: string[]; selfReviewAllowed?: boolean; link?: "read" | "write" | null; }
export interface Field { name: string; label: string; help?: string; kind: string; options?: string[]; required?: boolean; max?: number; }
export interface Policy {
  enabled: boolean;
  review: { importApprovals: number; exportApprovals: number; allowSelfReview: boolean; independent?: boolean };
  files: { maxFiles: number; maxFileBytes: number; maxTotalBytes: number; namePattern: string; supportingFolder?: string;
    import: { allowedExtensions?: string[] | null; forbiddenExtensions?: string[] | null; names?: string }; export: { allowedExtensions?: string[] | null; forbiddenExtensions?: string[] | null; names?: string } };
  deadlines: { draftHours: number; inReviewHours: number }; retention: Record<string, number>;
  malwareScanning: { enabled: boolean }; link: { lifetimeMinutes: number };
  form?: { import?: Field[] | null; export?: Field[] | null };
}
export interface Workspace {
  id: string; resourceVersion: number; _etag: string; policy: Policy; document?: Record<string, unknown>;
  properties: { display_name: string; description: string; scope_id: string; enable_airlock: boolean };
}
export interface Violation { rule: string; file?: string; location?: string; message: string; }
export interface Trail {
  head: { hash: string; length: number }; verification: { ok: boolean; records: number; problems: { seq: number; what: string }[] };
  records: { seq: number; hash: string; body: string; record: TrailRecord | null }[]; nextPage: string | null;
}
export interface TrailRecord {
  seq: number; at: string; action: string; from?: string; to?: string; reason?: string; security?: boolean; prev: string;
  actor: { kind: string; id?: string; name?: string; component?: string }; detail?: Record<string, string>; files?: { name: string; size: number; sha256?: string }[];
}
export interface Comment { id: string; seq?: number; author: User; when: number; text: string; file?: string; visibility: string; turn?: number; retracted?: boolean; }
export interface Link { containerUrl: string; expires: string; permission: "read" | "write"; }

/** Problem is an answer of the API that says what is wrong (RFC 9457), or stands for no answer at all (status 0). */
export class Problem extends Error {
  constructor(readonly status: number, readonly code: string, readonly title: string, readonly detail: string,
    readonly rule = "", readonly violations: Violation[] = [], readonly after = 0) { super(`${code}: ${detail}`); }
}

const base = "/api";
const known = new Map<string, { tag: string; body: unknown }>();

interface Ask { method?: string; body?: unknown; ifMatch?: string; key?: string; scope?: string; signal?: AbortSignal; tagged?: boolean; }

/** call asks the API as the person signed in, with a workspace's scope or with the core's. */
export async function call<T>(path: string, ask: Ask = {}): Promise<T> {
  let response = await send(path, ask, false);
  if (response.status === 401) response = await send(path, ask, true);
  if (response.status === 304) return known.get(cacheKey(path))!.body as T;
  const text = await response.text();
  const body = parse(text);
  if (!response.ok) throw problem(response, body);
  if (ask.tagged) {
    const tag = response.headers.get("ETag");
    if (tag) known.set(cacheKey(path), { tag, body });
  }
  return body as T;
}

/** bytesOf asks for a file that the service makes itself, e.g. the evidence of a request. */
export async function bytesOf(workspaceId: string, path: string): Promise<ArrayBuffer> {
  const ask = { scope: (await workspace(workspaceId)).properties.scope_id }, at = `/workspaces/${workspaceId}${path}`;
  let response = await send(at, ask, false);
  if (response.status === 401) response = await send(at, ask, true);
  if (!response.ok) throw problem(response, parse(await response.text()));
  return response.arrayBuffer();
}

const cacheKey = (path: string) => `${auth.account.value?.homeAccountId} ${path}`;

async function send(path: string, ask: Ask, fresh: boolean): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", Authorization: `Bearer ${await auth.token(ask.scope, fresh)}` };
  if (ask.body !== undefined) headers["Content-Type"] = "application/json";
  if (ask.ifMatch) headers["If-Match"] = `"${ask.ifMatch}"`;
  if (ask.key) headers["Idempotency-Key"] = ask.key;
  const seen = ask.tagged && known.get(cacheKey(path));
  if (seen) headers["If-None-Match"] = seen.tag;
  try {
    return await fetch(base + path, { method: ask.method ?? "GET", headers, body: ask.body === undefined ? null : JSON.stringify(ask.body), signal: ask.signal ?? null, cache: "no-store" });
  } catch (e) {
    if (ask.signal?.aborted) throw e;
    throw new Problem(0, navigator.onLine ? "unreachable" : "offline", "", "");
  }
}

function parse(text: string): unknown {
  try { return text === "" ? null : JSON.parse(text); } catch { return null; }
}

function problem(response: Response, body: unknown): Problem {
  const p = (body ?? {}) as { code?: string; title?: string; detail?: string; rule?: string; violations?: Violation[] };
  if (response.status === 401) auth.over.value = true;
  return new Problem(response.status, p.code ?? "unexpected", p.title ?? "", p.detail ?? "", p.rule ?? "", p.violations ?? [], Number(response.headers.get("Retry-After") ?? 0));
}

/** open asks without a token. */
export async function open<T>(path: string): Promise<T> {
  const response = await fetch(base + path, { headers: { Accept: "application/json" }, cache: "no-store" });
  return await response.json() as T;
}

// Workspaces are needed everywhere for their names and scopes; they are asked for once in five minutes.
let workspacesAt = 0;
let workspacesKept: Promise<Workspace[]> | null = null;

export function workspaces(again = false): Promise<Workspace[]> {
  if (again || !workspacesKept || Date.now() - workspacesAt > 300_000) {
    workspacesAt = Date.now();
    workspacesKept = call<{ workspaces: Workspace[] }>("/workspaces").then((a) => a.workspaces);
    workspacesKept.catch(() => { workspacesKept = null; });
  }
  return workspacesKept;
}

export async function workspace(id: string): Promise<Workspace> {
  const found = (await workspaces()).find((w) => w.id === id);
  if (!found) throw new Problem(404, "no_such_workspace", "", "");
  return found;
}

/** inWorkspace asks about one workspace, with its own token. */
export async function inWorkspace<T>(id: string, path: string, ask: Ask = {}): Promise<T> {
  const w = await workspace(id);
  return call<T>(`/workspaces/${id}${path}`, { ...ask, scope: w.properties.scope_id });
}

export const requestPath = (r: string) => `/requests/${r}`;

export const getRequest = (w: string, r: string, signal?: AbortSignal) => inWorkspace<Envelope>(w, requestPath(r), { tagged: true, ...(signal ? { signal } : {}) });

export const act = (w: string, r: string, what: string, body: unknown, ifMatch?: string) =>
  inWorkspace<Envelope>(w, `${requestPath(r)}/${what}`, { method: "POST", body, ...(ifMatch ? { ifMatch } : {}) });

/** member tells whether the person has any role in a workspace. */
export async function member(w: Workspace): Promise<boolean> {
  try { await auth.token(w.properties.scope_id); return true; } catch (e) {
    if (e instanceof auth.NoAccess) return false;
    throw e;
  }
}
