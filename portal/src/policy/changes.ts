// What differs between two policies, and what of it lets more through.

export type Json = Record<string, unknown>;
export interface Schema { type?: string | string[]; $ref?: string; properties?: Record<string, Schema>; description?: string; default?: unknown; enum?: string[]; minimum?: number; maximum?: number; items?: Schema; additionalProperties?: unknown; }
export interface Change { path: string; before: unknown; after: unknown; loosens: boolean; }

export const isObject = (v: unknown): v is Json => typeof v === "object" && v !== null && !Array.isArray(v);

/** resolve follows a reference of the service's description. */
export function resolve(s: Schema, schemas: Record<string, Schema>): Schema {
  const name = s.$ref?.split("/").pop();
  return name ? { ...schemas[name], ...(s.description ? { description: s.description } : {}) } : s;
}

/** defaultsOf is what holds where a policy says nothing: path to value. */
export function defaultsOf(root: Schema, schemas: Record<string, Schema>, path = "", found: Map<string, unknown> = new Map()): Map<string, unknown> {
  const s = resolve(root, schemas);
  if (s.default !== undefined) found.set(path, s.default);
  for (const [name, inner] of Object.entries(s.properties ?? {})) defaultsOf(inner, schemas, path ? `${path}.${name}` : name, found);
  return found;
}

export const get = (v: unknown, path: string[]): unknown => path.reduce<unknown>((o, k) => isObject(o) ? o[k] : undefined, v);

/** put sets a member, or takes it out for undefined; what it is given stays as it is. */
export function put(v: Json, path: string[], value: unknown): Json {
  const [k, ...rest] = path as [string, ...string[]];
  const next = { ...v };
  if (rest.length > 0) next[k] = put(isObject(v[k]) ? v[k] : {}, rest, value);
  else if (value === undefined) delete next[k]; else next[k] = value;
  return next;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** changesBetween lists what differs in effect, member by member; a list is one member. */
export function changesBetween(a: unknown, b: unknown, defaults: Map<string, unknown> = new Map(), path = ""): Change[] {
  if (isObject(a) || isObject(b)) {
    const [x, y] = [isObject(a) ? a : {}, isObject(b) ? b : {}];
    return [...new Set([...Object.keys(x), ...Object.keys(y)])].sort().flatMap((k) => changesBetween(x[k], y[k], defaults, path ? `${path}.${k}` : k));
  }
  const [before, after] = [a ?? defaults.get(path), b ?? defaults.get(path)];
  return same(before, after) ? [] : [{ path, before, after, loosens: loosens(path, before, after) }];
}

/** merged lays my changes over what somebody else saved; both names what both changed, each in their own way. */
export function merged(before: Json, mine: Json, theirs: Json): { draft: Json; both: { path: string; before: unknown; mine: unknown; theirs: unknown }[] } {
  const others = new Map(changesBetween(before, theirs).map((c) => [c.path, c.after]));
  let draft = theirs;
  const both = [];
  for (const c of changesBetween(before, mine)) {
    draft = put(draft, c.path.split("."), c.after);
    if (others.has(c.path) && !same(others.get(c.path), c.after)) both.push({ path: c.path, before: c.before, mine: c.after, theirs: others.get(c.path) });
  }
  return { draft, both };
}

// Which way a member lets more through. What is not named here moves nothing, e.g. how long data is kept.
const higher = new Set(["files.maxFiles", "files.maxFileBytes", "files.maxTotalBytes", "link.lifetimeMinutes", "quotas.openDrafts", "quotas.submitsPerHour", "review.maxTurns"]);
const lower = new Set(["review.importApprovals", "review.exportApprovals", "review.secondLookPercent", "files.hashLimitBytes"]);
const on = new Set(["enabled", "review.allowSelfReview", "review.applications"]);
const off = new Set(["malwareScanning.enabled", "review.independent", "review.separateRoles"]);
// The strictest word first.
const words: Record<string, string[]> = {
  "access.colleagues": ["none", "read", "full"], "malwareScanning.inconclusive": ["block", "fail", "review"], "malwareScanning.lateMalware": ["revoke", "alert"],
  "malwareScanning.confirm": ["tag", "none"], "files.import.names": ["plain", "unicode"], "files.export.names": ["plain", "unicode"],
};

/** loosens reports what lets more through, and what cannot be told: people look at both. */
export function loosens(path: string, a: unknown, b: unknown): boolean {
  if (higher.has(path)) return Number(b ?? Infinity) > Number(a ?? Infinity);
  if (lower.has(path)) return Number(b ?? 0) < Number(a ?? 0);
  if (on.has(path)) return b === true;
  if (off.has(path)) return b !== true;
  if (words[path]) return words[path].indexOf(String(b)) > words[path].indexOf(String(a));
  if (path === "review.onDisagreement") return a === "strictest";
  if (path.endsWith(".allowedExtensions")) return size(a) > 0 && (size(b) === 0 || has(b, a));
  if (path.endsWith(".forbiddenExtensions")) return has(a, b);
  if (path === "files.namePattern") return Boolean(a); // one pattern cannot be compared with another
  if (path === "review.more") return list(a).some((x) => !list(b).some((y) => same(x, y)));
  if (path.startsWith("gates.")) return gatesLoosen(list(a), list(b));
  return false;
}

const list = (v: unknown): unknown[] => Array.isArray(v) ? v : [];
const size = (v: unknown) => list(v).length;
/** has reports whether the first list has something that the second has not. */
const has = (a: unknown, b: unknown) => list(a).some((x) => !list(b).includes(x));

const actions = ["block", "return", "review", "note"];

/** gatesLoosen: a gate that is gone or only advises, a milder action, or anything that cannot be compared. Another gate beside is stricter. */
function gatesLoosen(a: unknown[], b: unknown[]): boolean {
  return a.some((g) => {
    const now = b.find((x) => get(x, ["id"]) === get(g, ["id"]));
    return !now || changesBetween(g, now).some(({ path, before, after }) => {
      if (path === "mode") return after === "advisory";
      if (path === "inconclusive") return after === "review" || before === "block";
      if (path.endsWith(".action")) return actions.indexOf(String(after)) > actions.indexOf(String(before)) || before === undefined && after !== "block";
      return !["deadlineMinutes", "retries", "inspectLimitBytes"].includes(path);
    });
  });
}
