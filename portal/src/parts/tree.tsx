// The files of a request as a tree (w3.org/WAI/ARIA/apg/patterns/treeview), drawn as far as it is seen.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { visible } from "../format";
import { t } from "../text";
import { Icon } from "./icon";

export interface Leaf { path: string; mark: string; word: string; tag?: string | undefined; }
interface Row { key: string; name: string; depth: number; leaf: Leaf | null; open: boolean; at: number; of: number; }

const height = 34;

const byName = (a: string, b: string) => a.localeCompare(b, undefined, { numeric: true });

/** rowsOf lays the tree out, folders before files, closed ones without what is in them. */
export function rowsOf(leaves: Leaf[], closed: Set<string>): Row[] {
  interface Node { folders: Map<string, Node>; files: Leaf[]; }
  const root: Node = { folders: new Map(), files: [] };
  for (const leaf of leaves) {
    const parts = leaf.path.split("/");
    let node = root;
    for (const part of parts.slice(0, -1)) {
      let next = node.folders.get(part);
      if (!next) node.folders.set(part, next = { folders: new Map(), files: [] });
      node = next;
    }
    node.files.push(leaf);
  }
  const rows: Row[] = [];
  const walk = (node: Node, above: string, depth: number) => {
    const of = node.folders.size + node.files.length;
    let at = 0;
    for (const [name, inner] of [...node.folders].sort((a, b) => byName(a[0], b[0]))) {
      const key = above + name + "/", open = !closed.has(key);
      rows.push({ key, name, depth, leaf: null, open, at: ++at, of });
      if (open) walk(inner, key, depth + 1);
    }
    for (const leaf of node.files.sort((a, b) => byName(a.path, b.path))) rows.push({ key: leaf.path, name: leaf.path.split("/").pop() ?? "", depth, leaf, open: false, at: ++at, of });
  };
  walk(root, "", 0);
  return rows;
}

/** above is the row of the folder that a row is in, -1 at the top. */
function above(rows: Row[], i: number): number {
  let j = i - 1;
  while (j >= 0 && rows[j]!.depth >= rows[i]!.depth) j--;
  return j;
}

export function Tree({ leaves, selected, onSelect, label }: { leaves: Leaf[]; selected: string; onSelect: (path: string) => void; label: string }) {
  const [closed, setClosed] = useState(new Set<string>());
  const [at, setAt] = useState(selected);
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(leaves, closed), [leaves, closed]);
  useEffect(() => { setAt(selected); show(rows.findIndex((r) => r.key === selected)); }, [selected]);
  const show = (i: number) => {
    const b = box.current;
    if (!b || i < 0) return;
    if (i * height < b.scrollTop) b.scrollTop = i * height;
    if ((i + 1) * height > b.scrollTop + b.clientHeight) b.scrollTop = (i + 1) * height - b.clientHeight;
  };
  const flip = (key: string, open: boolean) => { const next = new Set(closed); if (open) next.delete(key); else next.add(key); setClosed(next); };
  const key = (e: KeyboardEvent) => {
    const i = Math.max(0, rows.findIndex((r) => r.key === at)), r = rows[i];
    if (!r || e.ctrlKey || e.metaKey || e.altKey) return;
    let to = i;
    switch (e.key) {
      case "ArrowDown": to = Math.min(rows.length - 1, i + 1); break;
      case "ArrowUp": to = Math.max(0, i - 1); break;
      case "Home": to = 0; break;
      case "End": to = rows.length - 1; break;
      case "ArrowRight": if (!r.leaf && !r.open) flip(r.key, true); else if (!r.leaf) to = Math.min(rows.length - 1, i + 1); break;
      case "ArrowLeft": if (!r.leaf && r.open) flip(r.key, false); else to = Math.max(0, above(rows, i)); break;
      case "Enter": case " ": if (r.leaf) onSelect(r.key); else flip(r.key, !r.open); break;
      default: return;
    }
    e.preventDefault();
    e.stopPropagation();
    if (to !== i) { setAt(rows[to]!.key); show(to); }
  };
  const focused = rows.findIndex((r) => r.key === at);
  const from = Math.max(0, Math.floor(top / height) - 5), until = Math.min(rows.length, from + Math.ceil((box.current?.clientHeight ?? 600) / height) + 10);
  const drawn = rows.map((r, i) => [r, i] as const).filter(([, i]) => i >= from && i < until || i === focused);
  return <div class="tree" ref={box} onScroll={(e) => setTop(e.currentTarget.scrollTop)}>
    <ul role="tree" aria-label={label} tabIndex={0} aria-activedescendant={focused >= 0 ? `leaf-${focused}` : undefined} onKeyDown={key} ref={(el) => el?.style.setProperty("height", `${rows.length * height}px`)}>
      {drawn.map(([r, i]) => <li key={r.key} id={`leaf-${i}`} role="treeitem" aria-level={r.depth + 1} aria-posinset={r.at} aria-setsize={r.of} aria-expanded={r.leaf ? undefined : r.open} aria-selected={r.leaf ? r.key === selected : undefined} class={i === focused ? "focus" : undefined}
        ref={(el) => { el?.style.setProperty("top", `${i * height}px`); el?.style.setProperty("padding-inline-start", `${8 + r.depth * 16}px`); }}
        onClick={() => { setAt(r.key); if (r.leaf) onSelect(r.key); else flip(r.key, !r.open); }}>
        <Icon name={r.leaf ? r.leaf.mark : "folder"} /><bdi class="name" title={visible(r.name) + (r.leaf ? `: ${r.leaf.word}` : "")}>{visible(r.name)}</bdi>{r.leaf && <span class="hidden"> {r.leaf.word}</span>}{r.leaf?.tag && <span class="tag">{r.leaf.tag}</span>}{!r.leaf && <span class="hidden"> {t().folder}</span>}</li>)}
    </ul></div>;
}
