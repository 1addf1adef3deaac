// The directory of a zip file, which stands at its end; nothing is unpacked but the few parts of an Office file that
// say what it holds. The format: pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7 to 4.3.16 and 4.5.3.

export interface Entry { name: string; size: number; packed: number; encrypted: boolean; when: string; at: number; method: number; }

/** most is how many entries are listed. */
export const most = 10_000;

const far = 0xffffffff; // the number stands in the Zip64 record

/** entriesOf reads the directory out of a file's last bytes, which begin at byte base of it; null if it is not in them. */
export function entriesOf(d: Uint8Array, base = 0): Entry[] | null {
  const v = new DataView(d.buffer, d.byteOffset, d.byteLength);
  const end = lastOf(v, 0x06054b50, d.length - 22, 65535);
  if (end < 0) return null;
  let at = v.getUint32(end + 16, true);
  if (at === far) {
    const wide = lastOf(v, 0x06064b50, end - 56, 1 << 20);
    if (wide < 0) return null;
    at = Number(v.getBigUint64(wide + 48, true));
  }
  at -= base;
  if (at < 0) return null;
  const entries: Entry[] = [];
  while (at + 46 <= d.length && v.getUint32(at, true) === 0x02014b50 && entries.length < most) {
    const name = v.getUint16(at + 28, true), extra = v.getUint16(at + 30, true);
    entries.push({
      name: new TextDecoder().decode(d.subarray(at + 46, at + 46 + name)), encrypted: (v.getUint16(at + 8, true) & 1) === 1, method: v.getUint16(at + 10, true),
      when: dosTime(v.getUint16(at + 14, true), v.getUint16(at + 12, true)), at: v.getUint32(at + 42, true), ...sizes(v, at, at + 46 + name, extra),
    });
    at += 46 + name + extra + v.getUint16(at + 32, true);
  }
  return entries;
}

/** lastOf finds a signature, from a place backwards over so many bytes. */
function lastOf(v: DataView, signature: number, from: number, over: number): number {
  for (let i = from; i >= Math.max(0, from - over); i--) if (v.getUint32(i, true) === signature) return i;
  return -1;
}

/** sizes are an entry's two sizes; those above 4 GiB stand in its extra field 1, in this order and only if they are. */
function sizes(v: DataView, entry: number, from: number, length: number): { size: number; packed: number } {
  let size = v.getUint32(entry + 24, true), packed = v.getUint32(entry + 20, true);
  for (let at = from; at + 4 <= Math.min(from + length, v.byteLength);) {
    const end = at + 4 + v.getUint16(at + 2, true);
    if (v.getUint16(at, true) === 1 && end <= v.byteLength) {
      let n = at + 4;
      if (size === far && n + 8 <= end) { size = Number(v.getBigUint64(n, true)); n += 8; }
      if (packed === far && n + 8 <= end) packed = Number(v.getBigUint64(n, true));
    }
    at = end;
  }
  return { size, packed };
}

/** dosTime is a time of the entry, which names no zone. */
function dosTime(date: number, time: number): string {
  if (date === 0) return "";
  const two = (n: number) => String(n).padStart(2, "0");
  return `${1980 + (date >> 9)}-${two(date >> 5 & 15)}-${two(date & 31)} ${two(time >> 11)}:${two(time >> 5 & 63)}`;
}

/** unpacked reads one entry as text, at most a MiB of it. */
export async function unpacked(d: Uint8Array<ArrayBuffer>, e: Entry): Promise<string> {
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
