// A table of any length: only what is seen is drawn; and what its columns hold.
import { numberOf, summaryOf, type Column } from "./csv";
import { button, clear, el, fill, type Words } from "./dom";
import { tabbed } from "./tabs";

const rowHeight = 28;
const maxColumns = 200;

export function table(root: HTMLElement, rows: string[][], words: Words, warnings: string[], whole: boolean, source: () => HTMLElement) {
  const head = rows[0] ?? [], body = rows.slice(1);
  const width = Math.min(maxColumns, Math.max(...rows.slice(0, 1000).map((r) => r.length)));
  const unequal = body.filter((r) => r.length !== head.length).length;
  if (unequal > 0) warnings.push(fill(words.unequal, unequal));
  if (!whole || rows.length > 50_000) warnings.push(fill(words.firstRows, body.length));
  const names = Array.from({ length: width }, (_, i) => head[i] ?? `(${i + 1})`);
  let threshold = 10;
  const k = document.createElement("input");
  k.type = "number"; k.min = "1"; k.max = "1000"; k.value = "10";
  const again = tabbed(root, [[words.tableTab, () => grid(names, body, words, () => threshold)], [words.summaryTab, () => summary(names, body, words, () => threshold)], [words.textTab, source]], el("label", "", words.threshold + " ", k));
  k.onchange = () => { threshold = Math.max(1, Number(k.value) || 10); again(); };
}

/** grid draws the rows in view into a box as high as all of them. Rows that leave the view are filled anew: making them costs a frame. */
function grid(names: string[], rows: string[][], words: Words, threshold: () => number): HTMLElement {
  const box = el("div", "grid");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.tableTab);
  const t = el("table", "fixed");
  t.setAttribute("aria-rowcount", String(rows.length + 1));
  const lengths = lengthsOf(names, rows);
  const order = rows.map((_, i) => i);
  let sorted = -1, up = true, from = 0, to = 0;
  const headCell = (content: string | Node, length: number) => { const th = el("th", "", content); th.setAttribute("scope", "col"); th.style.width = `calc(${length * 0.9 + 0.5}ch + 1.4rem)`; return th; };
  const head = el("tr", "", headCell("#", String(rows.length).length));
  head.setAttribute("aria-rowindex", "1");
  names.forEach((n, i) => {
    const b = button(n), th = headCell(b, lengths[i]!);
    b.title = fill(words.sortBy, clear(n));
    b.onclick = () => {
      up = sorted === i ? !up : true;
      sorted = i;
      sort(order, rows, i, up);
      [...head.children].forEach((h) => h.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      box.scrollTop = 0;
      draw();
    };
    head.append(th);
  });
  const space = () => { const r = el("tr", "space", el("td", "")); r.setAttribute("aria-hidden", "true"); return r; };
  const above = space(), below = space(), lines: HTMLElement[] = [];
  const line = () => el("tr", "", el("td", "n", "-"), ...names.map(() => el("td", "", "-")));
  const seen = () => { const first = Math.floor(box.scrollTop / rowHeight); return [first, Math.min(rows.length, first + Math.ceil((box.clientHeight || 600) / rowHeight) + 1)] as const; };
  const draw = () => {
    const [first, last] = seen(), k = threshold();
    from = Math.max(0, first - 10);
    to = Math.min(rows.length, last + 10);
    while (lines.length < to - from) { const l = line(); lines.push(l); below.before(l); }
    while (lines.length > to - from) lines.pop()!.remove();
    lines.forEach((l, i) => {
      const at = order[from + i]!, r = rows[at]!;
      l.setAttribute("aria-rowindex", String(from + i + 2));
      l.firstElementChild!.textContent = String(at + 1);
      names.forEach((_, c) => fillCell(l.children[c + 1] as HTMLElement, r[c] ?? "", lengths[c]!, k, words));
    });
    above.style.height = `${from * rowHeight}px`;
    below.style.height = `${(rows.length - to) * rowHeight}px`;
  };
  t.append(el("thead", "", head), el("tbody", "", above, below));
  box.append(t);
  let waiting = false;
  box.onscroll = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; const [first, last] = seen(); if (first < from || last > to) draw(); });
  };
  requestAnimationFrame(draw);
  draw();
  return box;
}

/** lengthsOf are the characters that columns have room for: a table of fixed widths is laid out sooner, and stays as it is while it is scrolled. */
const lengthsOf = (names: string[], rows: string[][]) => {
  const every = Math.ceil(rows.length / 2000), sample = rows.filter((_, i) => i % every === 0);
  return names.map((n, c) => sample.reduce((most, r) => Math.max(most, Math.min(40, r[c]?.length ?? 0)), Math.min(40, n.length)));
};

/** fillCell puts a value into a cell and marks a small count; one that is cut is read in full where it is pointed at. */
function fillCell(td: HTMLElement, cell: string, length: number, k: number, words: Words) {
  const v = numberOf(cell), a = Math.abs(v), few = a > 0 && a < k && Number.isInteger(v);
  (td.firstChild as Text).data = clear(cell.length > 300 ? cell.slice(0, 300) + "…" : cell);
  td.className = Number.isNaN(v) ? "" : few ? "num few" : "num";
  td.title = few ? fill(words.small, k) : cell.length > length ? clear(cell.slice(0, 2000)) : "";
}

/** sort orders rows by a column: numbers first, by size, then words; equal ones stay as they are in the file. */
function sort(order: number[], rows: string[][], column: number, up: boolean) {
  const cells = rows.map((r) => r[column] ?? ""), numbers = cells.map(numberOf);
  const compare = (i: number, j: number) => {
    const x = numbers[i]!, y = numbers[j]!, a = cells[i]!, b = cells[j]!;
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  order.sort((i, j) => compare(i, j) * (up ? 1 : -1) || i - j);
}

function summary(names: string[], rows: string[][], words: Words, threshold: () => number): HTMLElement {
  const box = el("div", "grid");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.summaryTab);
  const k = threshold();
  const t = el("table", "summary", el("thead", "", el("tr", "", ...[words.column, words.kind, words.rows, words.findings, words.missing, words.distinct, words.most, words.min, words.smallest, words.max, words.sum, fill(words.below, k)].map((w) => { const th = el("th", "", w); th.setAttribute("scope", "col"); return th; }))));
  const body = el("tbody", "");
  t.append(body);
  box.append(t);
  // One column a frame: a wide file does not hold up the page.
  let i = 0;
  const one = () => {
    if (i >= names.length || !box.isConnected && i > 0) return;
    body.append(lineOf(summaryOf(rows, i, names[i]!, k), words, k));
    i++;
    requestAnimationFrame(one);
  };
  one();
  return box;
}

function lineOf(c: Column, words: Words, k: number): HTMLElement {
  const n = (v: number) => Number.isFinite(v) ? String(Math.round(v * 1e6) / 1e6) : "–";
  const kinds: Record<string, string> = { integer: words.integer, decimal: words.decimal, date: words.date, text: words.textKind, mixed: words.mixed };
  const found: string[] = [];
  if (c.below > 0 && (c.kind === "integer" || c.kind === "mixed")) found.push(fill(words.small, k));
  if (c.identifier) found.push(words.identifier);
  if (c.multiple) found.push(fill(words.allMultiple, c.multiple));
  const th = el("th", "", c.name);
  th.setAttribute("scope", "row");
  const number = c.numbers > 0;
  const cells = (values: string[]) => values.map((x) => el("td", "", x));
  return el("tr", "", th, ...cells([kinds[c.kind] ?? c.kind, String(c.rows)]), el("td", found.length > 0 ? "few" : "", found.join("; ") || "–"),
    ...cells([String(c.missing), c.distinct >= 1000 ? "1000+" : String(c.distinct), c.most ? `${c.most.slice(0, 40)} (${Math.round(c.mostShare * 100)} %)` : "–", ...number ? [n(c.min), n(c.smallest), n(c.max), n(c.sum), `${c.below} (${Math.round(c.below / c.numbers * 100)} %)`] : ["–", "–", "–", "–", "–"]]));
}
