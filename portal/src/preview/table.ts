// A table of any length: only what is seen is drawn; and what its columns hold.
import { numberOf, summaryOf, type Column } from "./csv";
import { clear, el, fill, type Words } from "./dom";
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

/** grid draws the rows in view into a box as high as all of them. */
function grid(names: string[], rows: string[][], words: Words, threshold: () => number): HTMLElement {
  const box = el("div", "grid");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.tableTab);
  const t = el("table", "");
  t.setAttribute("aria-rowcount", String(rows.length + 1));
  const order = rows.map((_, i) => i);
  let sorted = -1, up = true;
  const body = el("tbody", "");
  const head = el("tr", "", el("th", "n", "#"));
  names.forEach((n, i) => {
    const b = el("button", "", n) as HTMLButtonElement;
    b.type = "button";
    b.title = fill(words.sortBy, clear(n));
    const th = el("th", "", b);
    b.onclick = () => {
      up = sorted === i ? !up : true;
      sorted = i;
      order.sort((a, c) => compare(rows[a]![i] ?? "", rows[c]![i] ?? "") * (up ? 1 : -1) || a - c);
      [...head.children].forEach((h) => h.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      draw();
    };
    head.append(th);
  });
  const draw = () => {
    const from = Math.max(0, Math.floor(box.scrollTop / rowHeight) - 10), to = Math.min(rows.length, from + Math.ceil((box.clientHeight || 600) / rowHeight) + 20);
    const k = threshold();
    const space = (n: number) => { const r = el("tr", "space", el("td", "")); r.style.height = `${n * rowHeight}px`; r.setAttribute("aria-hidden", "true"); return r; };
    const drawn: Node[] = [space(from)];
    for (let i = from; i < to; i++) {
      const at = order[i]!, r = rows[at]!, line = el("tr", "", el("td", "n", String(at + 1)));
      line.setAttribute("aria-rowindex", String(i + 2));
      for (let c = 0; c < names.length; c++) {
        const cell = r[c] ?? "", v = numberOf(cell), a = Math.abs(v);
        const td = el("td", Number.isNaN(v) ? "" : a > 0 && a < k && Number.isInteger(v) ? "num few" : "num", cell.length > 300 ? cell.slice(0, 300) + "…" : cell);
        if (a > 0 && a < k && Number.isInteger(v)) td.title = fill(words.small, k);
        line.append(td);
      }
      drawn.push(line);
    }
    drawn.push(space(rows.length - to));
    body.replaceChildren(...drawn);
  };
  t.append(el("thead", "", head), body);
  box.append(t);
  let waiting = false;
  box.onscroll = () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); } };
  requestAnimationFrame(draw);
  draw();
  return box;
}

function compare(a: string, b: string): number {
  const x = numberOf(a), y = numberOf(b);
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function summary(names: string[], rows: string[][], words: Words, threshold: () => number): HTMLElement {
  const box = el("div", "grid");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.summaryTab);
  const k = threshold();
  const t = el("table", "summary", el("thead", "", el("tr", "", ...[words.column, words.kind, words.rows, words.missing, words.distinct, words.most, words.min, words.smallest, words.max, words.sum, fill(words.below, k), words.findings].map((w) => { const th = el("th", "", w); th.setAttribute("scope", "col"); return th; }))));
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
  return el("tr", "", th, ...[kinds[c.kind] ?? c.kind, String(c.rows), String(c.missing), c.distinct >= 1000 ? "1000+" : String(c.distinct), c.most ? `${c.most.slice(0, 40)} (${Math.round(c.mostShare * 100)} %)` : "–",
    number ? n(c.min) : "–", number ? n(c.smallest) : "–", number ? n(c.max) : "–", number ? n(c.sum) : "–", number ? `${c.below} (${Math.round(c.below / c.numbers * 100)} %)` : "–"].map((x) => el("td", "", x)), el("td", found.length > 0 ? "few" : "", found.join("; ") || "–"));
}
