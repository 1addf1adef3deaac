// A text of any length, read a part at a time: what was shown before is dropped, and can be asked for again.
import { button, clear, el, fill, type Words } from "./dom";
import { codeOf, cutAt, linesOf, partBytes, placesOf } from "./parts";

/** Source is a text: its beginning, its length in all, and a way to the rest. */
export interface Source { data: Uint8Array<ArrayBuffer>; total: number; more: (from: number) => Promise<Uint8Array<ArrayBuffer>>; }

interface Start { at: number; line: number; }

const most = 10_000;

/** reader shows the first part, with a search in what is shown and a way to the next. */
export function reader(source: Source, words: Words): HTMLElement {
  const code = codeOf(source.data);
  const starts: Start[] = [{ at: 0, line: 1 }];
  const box = el("div", "reader"), shown = el("div", "shown"), where = el("span", "quiet");
  where.setAttribute("role", "status");
  const before = button(words.previousPart), next = button(words.nextPart);
  let present = 0, lines: Lines | null = null, busy = false;

  const open = async (n: number) => {
    const start = starts[n];
    if (!start || busy) return;
    busy = true;
    try {
      const part = await partOf(source, start.at);
      const last = start.at + part.length >= source.total, size = last ? part.length : cutAt(part, code);
      const text = new TextDecoder(code, { ignoreBOM: start.at > 0 }).decode(part.subarray(0, size));
      const read = linesOf(text, last);
      if (!last) starts[n + 1] = { at: start.at + size, line: start.line + read.ended };
      present = n;
      lines = linesBox(read.lines, start.line, words);
      shown.replaceChildren(lines.box);
      where.replaceChildren(fill(words.partOf, ...[start.at, start.at + size, source.total].map((n) => n.toLocaleString(document.documentElement.lang))));
      find.renew();
    } catch { where.replaceChildren(words.partFailed); }
    busy = false;
    before.disabled = present === 0;
    next.disabled = !starts[present + 1];
  };
  const find = finder(words, () => lines);
  before.onclick = () => void open(present - 1).then(() => box.scrollIntoView());
  next.onclick = () => void open(present + 1).then(() => box.scrollIntoView());
  const long = source.total > partBytes;
  box.append(el("div", "bar sticky", find.box, ...(long ? [el("div", "row", before, where, next)] : [])), shown);
  void open(0);
  return box;
}

/** partOf is up to partBytes of the text from a place on. */
async function partOf(source: Source, at: number): Promise<Uint8Array<ArrayBuffer>> {
  const here = source.data.subarray(at, at + partBytes);
  return at + here.length >= source.total || here.length === partBytes ? here : source.more(at);
}

interface Lines { box: HTMLElement; all: string[]; show: (line: number) => HTMLElement; }

/** linesBox numbers lines and draws as many as are asked for, so that a long part does not hold up the page. */
function linesBox(all: string[], first: number, words: Words): Lines {
  const step = 2000, box = el("div", "source"), more = button(words.more), drawn: HTMLElement[] = [];
  const draw = () => {
    const block = el("ol", "");
    block.setAttribute("start", String(first + drawn.length));
    for (const line of all.slice(drawn.length, drawn.length + step)) {
      const li = el("li", "", line);
      drawn.push(li);
      block.append(li);
    }
    box.insertBefore(block, more);
    more.hidden = drawn.length >= all.length;
  };
  box.append(more);
  more.onclick = draw;
  draw();
  return { box, all, show: (line) => { while (drawn.length <= line && drawn.length < all.length) draw(); return drawn[line]!; } };
}

/** finder is a search in the lines that are there when it is asked. */
function finder(words: Words, lines: () => Lines | null) {
  const field = document.createElement("input"), count = el("span", "quiet"), box = el("div", "row");
  box.setAttribute("role", "search");
  field.type = "search";
  field.setAttribute("aria-label", words.find);
  field.placeholder = words.find;
  count.setAttribute("role", "status");
  const back = button(words.findBack), on = button(words.findOn);
  let places: ReturnType<typeof placesOf> = [], at = -1, marked: (() => void) | null = null;
  const look = () => {
    places = placesOf(lines()?.all ?? [], field.value, most);
    at = -1;
    marked?.();
    marked = null;
    count.replaceChildren(field.value === "" ? "" : places.length === 0 ? words.foundNone : fill(words.found, places.length === most ? `${most}+` : places.length));
    back.disabled = on.disabled = places.length === 0;
  };
  const go = (by: number) => {
    const all = lines();
    if (!all || places.length === 0) return;
    at = at < 0 ? by > 0 ? 0 : places.length - 1 : (at + by + places.length) % places.length;
    const place = places[at]!, line = all.all[place.line]!, li = all.show(place.line), mark = el("mark", "", line.slice(place.from, place.to));
    marked?.();
    li.replaceChildren(clear(line.slice(0, place.from)), mark, clear(line.slice(place.to)));
    marked = () => li.replaceChildren(clear(line));
    mark.scrollIntoView({ block: "center" });
    count.replaceChildren(fill(words.foundAt, at + 1, places.length === most ? `${most}+` : places.length));
  };
  field.oninput = look;
  field.onkeydown = (e) => { if (e.key === "Enter") { e.preventDefault(); go(e.shiftKey ? -1 : 1); } };
  on.onclick = () => go(1);
  back.onclick = () => go(-1);
  addEventListener("keydown", (e) => { if (e.key === "/" && field.isConnected && !(e.target instanceof HTMLInputElement)) { e.preventDefault(); field.focus(); } });
  box.append(field, back, on, count);
  look();
  return { box, renew: look };
}
