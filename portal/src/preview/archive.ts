// What is in an archive, as a list; nothing is unpacked to be shown, but for a gzip file that holds one text. Office
// files are archives too, and what is in them says whether there are macros, links to elsewhere, or hidden sheets.
import { el, fill, type Words } from "./dom";
import { looksLikeText } from "./kinds";
import { codeOf, cutAt } from "./parts";
import { isTar, TarReader } from "./tar";
import { entriesOf, most, unpacked, type Entry } from "./zip";

/** Part is the bytes that a page has of a file: its beginning, and its end if the beginning is not all. */
export interface Part { data: Uint8Array<ArrayBuffer>; total: number; tail: Uint8Array<ArrayBuffer> | null; }

interface Line { name: string; size: number; packed: number | null; when: string; }

const listed = 1000;
const bomb = 100; // to one
const inflatedMost = 256 * 2 ** 20;
const nested = /\.(zip|tar|t?gz|7z|rar|bz2|xz|zst)$/i;

export async function zip(root: HTMLElement, part: Part, words: Words, warnings: string[]) {
  const whole = part.data.length >= part.total;
  const entries = whole ? entriesOf(part.data) : part.tail ? entriesOf(part.tail, part.total - part.tail.length) : null;
  if (!entries) { root.append(el("p", "warn", whole ? words.broken : words.notWhole)); return; }
  if (entries.length >= most) warnings.push(words.tooMany);
  if (entries.some((e) => e.encrypted)) warnings.push(words.encrypted);
  const size = entries.reduce((n, e) => n + e.size, 0), packed = entries.reduce((n, e) => n + e.packed, 0);
  if (packed > 0 && size / packed > bomb) warnings.push(fill(words.bomb, Math.round(size / packed)));
  if (whole) await officeFacts(part.data, entries, words, warnings);
  list(root, entries.map((e) => ({ name: e.name, size: e.size, packed: e.packed, when: e.when })), words, warnings);
}

/** officeFacts says what an Office file holds beside what it shows. */
async function officeFacts(d: Uint8Array<ArrayBuffer>, entries: Entry[], words: Words, warnings: string[]) {
  if (entries.some((e) => /vbaProject\.bin$/i.test(e.name))) warnings.push(words.macros);
  if (entries.some((e) => /(^|\/)(comments\d*|threadedComment\d*|comments\/.*)\.xml$/i.test(e.name))) warnings.push(words.commentsIn);
  const book = entries.find((e) => e.name === "xl/workbook.xml");
  if (book && /<sheet [^>]*state="(hidden|veryHidden)"/i.test(await unpacked(d, book))) warnings.push(words.hiddenSheets);
  const text = entries.find((e) => e.name === "word/document.xml");
  if (text && /<w:(ins|del|moveFrom|moveTo) /.test(await unpacked(d, text))) warnings.push(words.trackedChanges);
  for (const e of entries.filter((x) => /\.rels$/i.test(x.name)).slice(0, 50)) if (/TargetMode="External"/i.test(await unpacked(d, e))) { warnings.push(words.externals); break; }
}

export function tar(root: HTMLElement, part: Part, words: Words, warnings: string[]) {
  const reader = new TarReader(most);
  reader.add(part.data);
  tarList(root, reader, words, warnings);
}

function tarList(root: HTMLElement, reader: TarReader, words: Words, warnings: string[]) {
  if (reader.entries.length >= most) warnings.push(words.tooMany);
  else if (reader.broken) warnings.push(words.broken);
  else if (!reader.whole) warnings.push(words.listCut);
  if (reader.entries.some((e) => e.kind === "link")) warnings.push(words.links);
  list(root, reader.entries.map((e) => ({ name: e.name + (e.kind === "link" ? " →" : ""), size: e.size, packed: null, when: e.when })), words, warnings);
}

/** gzip lists the tar file inside, or names the one file and shows it if it is text. What swells without end is stopped. */
export async function gzip(root: HTMLElement, part: Part, name: string, words: Words, warnings: string[], show: (inside: Uint8Array<ArrayBuffer>) => HTMLElement) {
  const reader = new Blob([part.data]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const head: Uint8Array<ArrayBuffer>[] = [];
  let kept = 0, size = 0, archive: TarReader | null = null, ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) { ended = true; break; }
      const piece = value as Uint8Array<ArrayBuffer>;
      size += piece.length;
      if (archive) { if (!archive.add(piece)) break; } else if (kept < 2 ** 20) {
        head.push(piece);
        kept += piece.length;
        const first = joined(head);
        if (isTar(first)) { archive = new TarReader(most); archive.add(first); }
      }
      if (size > inflatedMost || size > 2 ** 20 && size > bomb * part.data.length) { warnings.push(size > inflatedMost ? words.listCut : fill(words.bomb, bomb)); break; }
    }
  } catch { // cut off, or no gzip after all
    if (part.data.length >= part.total) warnings.push(words.broken);
  }
  void reader.cancel().catch(() => undefined);
  if (archive) { tarList(root, archive, words, warnings); return; }
  const first = joined(head).slice(0, 2 ** 20);
  list(root, [{ name: name.split("/").pop()!.replace(/\.gz$/i, ""), size, packed: part.total, when: "" }], words, warnings, ended ? "" : "≥ ");
  if (kept > 0 && looksLikeText(first)) root.append(el("h2", "", words.inside), show(first.subarray(0, ended && size === first.length ? first.length : cutAt(first, codeOf(first)))));
}

function joined(pieces: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of pieces) { all.set(p, at); at += p.length; }
  return all;
}

/** list draws the entries. */
function list(root: HTMLElement, lines: Line[], words: Words, warnings: string[], about = "") {
  if (lines.some((l) => nested.test(l.name))) warnings.push(words.nested);
  const packed = lines.some((l) => l.packed !== null);
  const body = el("tbody", "");
  for (const l of lines.slice(0, listed)) {
    const th = el("th", "", l.name);
    th.setAttribute("scope", "row");
    body.append(el("tr", "", th, el("td", "num", about + String(l.size)), ...(packed ? [el("td", "num", String(l.packed ?? ""))] : []), el("td", "num", l.when)));
  }
  const box = el("div", "grid", el("table", "", el("thead", "", el("tr", "", ...[words.entry, words.size, ...(packed ? [words.packed] : []), words.changed].map((w) => el("th", "", w)))), body));
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.entry);
  root.append(el("p", "quiet", fill(words.cells, lines.length) + (lines.length > listed ? ` · ${fill(words.firstListed, listed)}` : "")), box);
}
