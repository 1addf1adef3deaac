// Two texts side by side, with the lines that differ marked: by a sign, by a word for those who do not see it, by colour.
import { button, clear, el, fill, textOf, type Words } from "./dom";
import { rowsOf, type Row } from "./diff";

const around = 3; // equal lines that are shown beside a difference
const step = 2000;
const mostLines = 50_000;

export interface Two { then: Uint8Array<ArrayBuffer>; thenWhole: boolean; now: Uint8Array<ArrayBuffer>; nowWhole: boolean; }

export function compare(root: HTMLElement, two: Two, words: Words, warnings: string[]) {
  const a = linesOf(textOf(two.then, two.thenWhole)), b = linesOf(textOf(two.now, two.nowWhole));
  if (!two.thenWhole || !two.nowWhole || a.length > mostLines || b.length > mostLines) warnings.push(words.comparedPart);
  const [left, right] = [a.slice(0, mostLines), b.slice(0, mostLines)], { rows, matched } = rowsOf(left, right);
  if (!matched) warnings.push(words.notMatched);
  const count = { changed: 0, gone: 0, come: 0 };
  for (const r of rows) if (!r.same) count[r.a < 0 ? "come" : r.b < 0 ? "gone" : "changed"]++;
  const none = count.changed + count.gone + count.come === 0;
  const next = button(words.nextDifference), box = el("div", "grid two");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.differences);
  root.append(el("div", "bar", el("p", "", none ? words.noDifference : fill(words.differ, count.changed, count.gone, count.come)), ...(none ? [] : [next])), box);
  draw(box, folded(rows), left, right, words);
  next.onclick = () => {
    const marks = [...box.querySelectorAll<HTMLElement>("tr.differs")].filter((r) => !r.previousElementSibling?.classList.contains("differs"));
    const at = marks.findIndex((r) => r.classList.contains("at")), to = marks[(at + 1) % marks.length];
    marks[at]?.classList.remove("at");
    to?.classList.add("at");
    to?.scrollIntoView({ block: "center" });
  };
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

type Piece = Row[] | Row;

/** folded joins equal lines far from every difference: nobody has to read what is the same. */
export function folded(rows: Row[]): Piece[] {
  const out: Piece[] = [];
  for (let i = 0; i < rows.length;) {
    let end = i;
    while (end < rows.length && rows[end]!.same) end++;
    const from = i === 0 ? 0 : i + around, to = end === rows.length ? end : end - around;
    if (to - from > 2 * around) { out.push(...rows.slice(i, from), rows.slice(from, to), ...rows.slice(to, end)); } else out.push(...rows.slice(i, end));
    for (i = end; i < rows.length && !rows[i]!.same; i++) out.push(rows[i]!);
  }
  return out;
}

function draw(box: HTMLElement, pieces: Piece[], left: string[], right: string[], words: Words) {
  const body = el("tbody", ""), more = button(words.more);
  let drawn = 0;
  const line = (r: Row) => lineOf(r, left[r.a], right[r.b], words);
  const some = () => {
    for (const piece of pieces.slice(drawn, drawn + step)) body.append(Array.isArray(piece) ? fold(piece, line, words) : line(piece));
    drawn += step;
    more.hidden = drawn >= pieces.length;
  };
  const heads = [["n", "#"], ["", words.thenWord], ["", ""], ["n", "#"], ["", words.nowWord]].map(([c, w]) => el("th", c!, w!));
  box.append(el("table", "", el("thead", "", el("tr", "", ...heads)), body), more);
  more.onclick = some;
  some();
}

/** fold is a line that stands for equal ones, and gives way to them. */
function fold(rows: Row[], line: (r: Row) => HTMLElement, words: Words): HTMLElement {
  const open = button(fill(words.equalLines, rows.length)), cell = el("td", "", open), row = el("tr", "folded", cell);
  cell.setAttribute("colspan", "5");
  let at = 0;
  open.onclick = () => {
    row.before(...rows.slice(at, at + step).map(line));
    at += step;
    if (at >= rows.length) row.remove(); else open.replaceChildren(fill(words.equalLines, rows.length - at));
  };
  return row;
}

function lineOf(r: Row, a: string | undefined, b: string | undefined, words: Words): HTMLElement {
  if (r.same) return el("tr", "", ...cells(r, [clear(a ?? "")], "", "", [clear(b ?? "")]));
  if (a === undefined || b === undefined) return el("tr", a === undefined ? "differs come" : "differs gone", ...cells(r, [clear(a ?? "")], a === undefined ? "+" : "−", a === undefined ? words.onlyNow : words.onlyThen, [clear(b ?? "")]));
  let head = 0, tail = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const parts = (s: string) => [clear(s.slice(0, head)), el("mark", "", s.slice(head, s.length - tail)), clear(s.slice(s.length - tail))];
  return el("tr", "differs changed", ...cells(r, parts(a), "≠", words.otherLine, parts(b)));
}

function cells(r: Row, a: (string | Node)[], sign: string, word: string, b: (string | Node)[]): HTMLElement[] {
  const mark = el("td", "sign", sign);
  if (word) { mark.title = word; mark.append(el("span", "hidden", word)); }
  const text = (side: string, parts: (string | Node)[]) => { const td = el("td", side); td.append(...parts); return td; };
  return [el("td", "n", r.a < 0 ? "" : String(r.a + 1)), text("then", a), mark, el("td", "n", r.b < 0 ? "" : String(r.b + 1)), text("now", b)];
}
