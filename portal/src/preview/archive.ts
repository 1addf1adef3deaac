// What is in a zip file, by its directory at the end; nothing is unpacked. Office files are archives too, and what is
// in them says whether there are macros, links to elsewhere, or hidden sheets.
import { el, fill, type Words } from "./dom";

interface Entry { name: string; size: number; packed: number; encrypted: boolean; at: number; method: number; }

const most = 10_000;

/** entriesOf reads the directory; null if there is none in these bytes. */
export function entriesOf(d: Uint8Array): Entry[] | null {
  const v = new DataView(d.buffer, d.byteOffset, d.byteLength);
  let end = -1;
  for (let i = d.length - 22; i >= Math.max(0, d.length - 22 - 65535); i--) if (v.getUint32(i, true) === 0x06054b50) { end = i; break; }
  if (end < 0) return null;
  let at = v.getUint32(end + 16, true);
  const entries: Entry[] = [];
  while (at + 46 <= d.length && v.getUint32(at, true) === 0x02014b50 && entries.length < most) {
    const n = v.getUint16(at + 28, true);
    entries.push({ name: new TextDecoder().decode(d.subarray(at + 46, at + 46 + n)), size: v.getUint32(at + 24, true), packed: v.getUint32(at + 20, true), encrypted: (v.getUint16(at + 8, true) & 1) === 1, at: v.getUint32(at + 42, true), method: v.getUint16(at + 10, true) });
    at += 46 + n + v.getUint16(at + 30, true) + v.getUint16(at + 32, true);
  }
  return entries;
}

/** unpacked reads one entry as text, at most a MiB of it. */
async function unpacked(d: Uint8Array<ArrayBuffer>, e: Entry): Promise<string> {
  const v = new DataView(d.buffer, d.byteOffset, d.byteLength);
  if (e.at + 30 > d.length || v.getUint32(e.at, true) !== 0x04034b50) return "";
  const from = e.at + 30 + v.getUint16(e.at + 26, true) + v.getUint16(e.at + 28, true), raw = d.slice(from, from + e.packed);
  if (e.method === 0) return new TextDecoder().decode(raw.subarray(0, 2 ** 20));
  if (e.method !== 8) return "";
  const reader = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  let text = "", n = 0;
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    if ((n += value.byteLength) > 2 ** 20) { void reader.cancel(); return text; }
  }
}

export async function archive(root: HTMLElement, d: Uint8Array<ArrayBuffer>, whole: boolean, words: Words, warnings: string[]) {
  const entries = whole ? entriesOf(d) : null;
  if (!entries) { root.append(el("p", "warn", whole ? words.broken : words.notWhole)); return; }
  if (entries.length >= most) warnings.push(words.tooMany);
  if (entries.some((e) => e.encrypted)) warnings.push(words.encrypted);
  if (entries.some((e) => /\.(zip|tar|t?gz|7z|rar|bz2|xz)$/i.test(e.name))) warnings.push(words.nested);
  const size = entries.reduce((n, e) => n + e.size, 0), packed = entries.reduce((n, e) => n + e.packed, 0);
  if (packed > 0 && size / packed > 100) warnings.push(fill(words.bomb, Math.round(size / packed)));
  if (entries.some((e) => /vbaProject\.bin$/i.test(e.name))) warnings.push(words.macros);
  if (entries.some((e) => /(^|\/)(comments\d*|threadedComment\d*|comments\/.*)\.xml$/i.test(e.name))) warnings.push(words.commentsIn);
  const book = entries.find((e) => e.name === "xl/workbook.xml");
  if (book && /<sheet [^>]*state="(hidden|veryHidden)"/i.test(await unpacked(d, book))) warnings.push(words.hiddenSheets);
  for (const e of entries.filter((x) => /\.rels$/i.test(x.name)).slice(0, 50)) if (/TargetMode="External"/i.test(await unpacked(d, e))) { warnings.push(words.externals); break; }
  const body = el("tbody", "");
  for (const e of entries.slice(0, 1000)) { const th = el("th", "", e.name); th.setAttribute("scope", "row"); body.append(el("tr", "", th, el("td", "num", String(e.size)), el("td", "num", String(e.packed)))); }
  const box = el("div", "grid", el("table", "", el("thead", "", el("tr", "", el("th", "", words.entry), el("th", "", words.size), el("th", "", words.packed))), body));
  box.tabIndex = 0;
  root.append(el("p", "quiet", fill(words.cells, entries.length)), box);
}
