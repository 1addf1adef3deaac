// The differences of a policy in words.
import { count, lasting, limit, visible } from "../format";
import { get, isObject, changesBetween, type Change } from "../policy/changes";
import { t } from "../text";

/** nameOf is a member in words; one that is newer than this page keeps its own name. */
export function nameOf(path: string): string {
  return t().policyNames[path] ?? t().member(path.split(".").pop() ?? path);
}

/** wordOf is a value in words. */
export function wordOf(path: string, v: unknown): string {
  if (v === undefined || v === null || v === "" || Array.isArray(v) && v.length === 0) return t().nothingSet;
  if (typeof v === "boolean") return v ? t().yes : t().no;
  if (typeof v === "number") {
    if (path.endsWith("Bytes")) return limit(v);
    if (path.endsWith("Hours")) return v === 0 ? t().noLimit : lasting(v * 3600);
    if (path.endsWith("Minutes")) return v === 0 ? t().noLimit : lasting(v * 60);
    if (path.endsWith("Days")) return v === 0 ? t().forGood : lasting(v * 86400);
    if (path.endsWith("Percent")) return `${v} %`;
    return count(v);
  }
  if (Array.isArray(v) && v.every((x) => typeof x === "string")) return v.join(" ");
  return typeof v === "string" ? t().policyWords[v] ?? v : JSON.stringify(v);
}

/** lines says a change of a list entry by entry, any other in one line. */
function lines(c: Change): string[] {
  const [a, b] = [c.before, c.after];
  if (Array.isArray(a ?? []) && Array.isArray(b ?? []) && [a, b].some((x) => Array.isArray(x))) {
    const [x, y] = [(a ?? []) as unknown[], (b ?? []) as unknown[]];
    if ([...x, ...y].every((v) => typeof v === "string")) return [...y.filter((v) => !x.includes(v)).map((v) => t().adds(String(v))), ...x.filter((v) => !y.includes(v)).map((v) => t().takesOut(String(v)))];
    return entries(x, y);
  }
  return [t().fromTo2(wordOf(c.path, a), wordOf(c.path, b))];
}

const idOf = (v: unknown) => String(get(v, ["id"]) ?? get(v, ["name"]) ?? JSON.stringify(v));

function entries(a: unknown[], b: unknown[]): string[] {
  const gone = a.filter((x) => !b.some((y) => idOf(y) === idOf(x))).map((x) => t().takesOut(idOf(x)));
  return [...gone, ...b.flatMap((y) => {
    const x = a.find((o) => idOf(o) === idOf(y));
    if (x === undefined) return [t().adds(idOf(y))];
    return isObject(x) ? changesBetween(x, y).map((c) => `${idOf(y)}, ${c.path}: ${t().fromTo2(wordOf(c.path, c.before), wordOf(c.path, c.after))}`) : [];
  })];
}

export const Changes = ({ changes }: { changes: Change[] }) => <ul class="changes">{changes.map((c) => <li key={c.path} class={c.loosens ? "loosens" : undefined}>
  <strong>{nameOf(c.path)}</strong>{c.loosens && <span class="tag bad">{t().loosens}</span>}{lines(c).map((l) => <div key={l}>{visible(l)}</div>)}</li>)}</ul>;
