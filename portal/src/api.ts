// The airlock's API as the portal uses it. Its types come from the service's own description: `make portal-check` makes
// openapi.ts of docs/openapi.json and holds every page against it.
import * as auth from "./auth";
import { heard } from "./clock";
import type * as openapi from "./openapi";

export type { Comment, Field, RequestApprovals as Approvals, RequestFile, RequestReview as Review, SeenFile as Seen, Turn, Violation } from "./openapi";
type Whole<T> = T extends unknown[] ? T : T extends object ? { [K in keyof T]-?: Whole<T[K]> } : T;
/** Policy is a policy as answers show it, with its defaults; a form without questions is still none. */
export type Policy = Whole<Omit<openapi.Policy, "form">> & Pick<openapi.Policy, "form">;
export type Workspace = Omit<openapi.Workspace, "policy"> & { policy: Policy };
/** AirlockRequest is a request as its own address or a list shows it; only lists say the last two. */
export type AirlockRequest = openapi.AirlockRequest & Partial<Pick<openapi.ListedRequest, "reviewable" | "workspaceName">>;
export type Envelope = Omit<openapi.Envelope, "airlockRequest"> & { airlockRequest: AirlockRequest };
export type Holder = AirlockRequest["heldBy"];
export type Link = Required<Pick<openapi.SignedLink, "containerUrl">> & openapi.SignedLink;

/** Trail is the audit trail; the description leaves its records to docs/audit-format.md. */
export type Trail = Omit<openapi.AuditTrailPage, "records"> & { records: (Omit<openapi.AuditRecord, "record"> & { record: TrailRecord | null })[] };
export interface TrailRecord {
  seq: number; at: string; action: string; from?: string; to?: string; reason?: string; security?: boolean; prev: string;
  actor: { kind: string; id?: string; name?: string; component?: string }; detail?: Record<string, string>; files?: { name: string; size: number; sha256?: string }[];
}

/** Problem is an answer of the API that says what is wrong (RFC 9457), or stands for no answer at all (status 0). */
export class Problem extends Error {
  constructor(readonly status: number, readonly code: string, readonly title: string, readonly detail: string,
    readonly rule = "", readonly violations: openapi.Violation[] = [], readonly after = 0) { super(`${code}: ${detail}`); }
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
  const scope = await scopeOf(await workspace(workspaceId)), ask = scope ? { scope } : {}, at = `/workspaces/${workspaceId}${path}`;
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
    const response = await fetch(base + path, { method: ask.method ?? "GET", headers, body: ask.body === undefined ? null : JSON.stringify(ask.body), signal: ask.signal ?? null, cache: "no-store" });
    heard(response.headers.get("Date"));
    return response;
  } catch (e) {
    if (ask.signal?.aborted) throw e;
    throw new Problem(0, navigator.onLine ? "unreachable" : "offline", "", "");
  }
}

function parse(text: string): unknown {
  try { return text === "" ? null : JSON.parse(text); } catch { return null; }
}

function problem(response: Response, body: unknown): Problem {
  const p = (body ?? {}) as { code?: string; title?: string; detail?: string; rule?: string; violations?: openapi.Violation[] };
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

/**
 * scopeOf is whose token is shown in a workspace: the workspace's own, or the core's, of an administrator who has no
 * role there. The service decides what either may do; a token without a role would be refused, and that recorded.
 */
async function scopeOf(w: Workspace): Promise<string | undefined> {
  const own = w.properties.scope_id;
  if (!w.document) return own; // the service shows it to administrators
  try { return auth.rolesOf(await auth.token(own)).length > 0 ? own : undefined; } catch (e) {
    if (e instanceof auth.NoAccess) return undefined;
    throw e;
  }
}

/** inWorkspace asks about one workspace, with its own token, or an administrator's. */
export async function inWorkspace<T>(id: string, path: string, ask: Ask = {}): Promise<T> {
  const scope = await scopeOf(await workspace(id));
  return call<T>(`/workspaces/${id}${path}`, scope ? { ...ask, scope } : ask);
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
