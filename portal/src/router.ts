// The address after # says which page is shown. Ids stay out of access logs that way.
import { signal } from "@preact/signals";

export interface Route { name: string; args: string[]; }

const uuid = "([0-9a-fA-F-]{36})";
const table: [string, RegExp][] = [
  ["home", /^\/?$/],
  ["mine", /^\/mine$/],
  ["new", /^\/new$/],
  ["new", new RegExp(`^/new/${uuid}/(import|export)$`)],
  ["queue", /^\/review$/],
  ["workspaces", /^\/workspaces$/],
  ["workspace", new RegExp(`^/workspaces/${uuid}$`)],
  ["policy", new RegExp(`^/workspaces/${uuid}/policy$`)],
  ["all", new RegExp(`^/workspaces/${uuid}/requests$`)],
  ["request", new RegExp(`^/workspaces/${uuid}/requests/${uuid}$`)],
  ["review", new RegExp(`^/workspaces/${uuid}/requests/${uuid}/review$`)],
  ["history", new RegExp(`^/workspaces/${uuid}/requests/${uuid}/history$`)],
  ["operations", /^\/operations$/],
  ["help", /^\/help$/],
];

/** parse finds the page of an address; "missing" is the page of all others. */
export function parse(hash: string): Route {
  const path = hash.replace(/^#/, "").replace(/\?.*$/, "");
  for (const [name, pattern] of table) {
    const m = pattern.exec(path);
    if (m) return { name, args: m.slice(1) };
  }
  return { name: "missing", args: [] };
}

export const route = signal<Route>(parse(location.hash));

/** follow keeps route at the address. */
export function follow() {
  addEventListener("hashchange", () => { route.value = parse(location.hash); });
  route.value = parse(location.hash);
}

/** go opens a page; replace leaves no step back to the present one. */
export function go(hash: string, replace = false) {
  if (replace) location.replace(hash); else location.hash = hash.replace(/^#/, "");
}

export const to = {
  home: "#/", mine: "#/mine", new: "#/new", queue: "#/review", workspaces: "#/workspaces", operations: "#/operations", help: "#/help",
  newIn: (w: string, type: string) => `#/new/${w}/${type}`,
  workspace: (w: string) => `#/workspaces/${w}`,
  policy: (w: string) => `#/workspaces/${w}/policy`,
  all: (w: string) => `#/workspaces/${w}/requests`,
  request: (w: string, r: string) => `#/workspaces/${w}/requests/${r}`,
  review: (w: string, r: string) => `#/workspaces/${w}/requests/${r}/review`,
  history: (w: string, r: string) => `#/workspaces/${w}/requests/${r}/history`,
};
