// The entries of a tar file, read as it comes by: heads are kept, contents are passed over.
// The format: POSIX pax, pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html; long names as GNU tar writes them.

export interface TarEntry { name: string; size: number; when: string; kind: "file" | "folder" | "link" | "other"; }

const block = 512;

/** isTar tells a tar file by its magic. */
export const isTar = (d: Uint8Array) => d.length >= block && ["ustar\0", "ustar "].includes(latin(d, 257, 6));

const latin = (d: Uint8Array, from: number, n: number) => String.fromCharCode(...d.subarray(from, from + n));
const utf8 = (d: Uint8Array) => { const end = d.indexOf(0); return new TextDecoder().decode(end < 0 ? d : d.subarray(0, end)); };

/** number reads an octal field, or a large one in base 256. */
function number(d: Uint8Array): number {
  if (d[0] === 0x80) return d.subarray(1).reduce((n, b) => n * 256 + b, 0);
  const n = parseInt(latin(d, 0, d.length).replace(/[\0 ]+$/g, "").trim() || "0", 8);
  return Number.isFinite(n) && n >= 0 ? n : 0;
}

const kinds: Record<string, TarEntry["kind"]> = { "0": "file", "\0": "file", "7": "file", "5": "folder", "1": "link", "2": "link" };

/** TarReader takes the bytes of a tar file in pieces. */
export class TarReader {
  readonly entries: TarEntry[] = [];
  /** whole is set when the end of the archive was seen, broken when what came is no head. */
  whole = false;
  broken = false;
  private rest = new Uint8Array();
  private skip = 0;
  private keep: Uint8Array[] | null = null; // the content of a head that speaks of the next one
  private keeping = "";
  private next: { name?: string; size?: number } = {};

  constructor(private readonly most: number) {}

  /** add takes the next piece; it returns false when there is nothing more to learn. */
  add(piece: Uint8Array): boolean {
    let d: Uint8Array = piece;
    if (this.rest.length > 0) {
      d = new Uint8Array(this.rest.length + piece.length);
      d.set(this.rest);
      d.set(piece, this.rest.length);
    }
    let at = 0;
    while (!this.whole && !this.broken && this.entries.length < this.most) {
      if (this.skip > 0) {
        const n = Math.min(this.skip, d.length - at);
        this.keep?.push(d.slice(at, at + n));
        this.skip -= n;
        at += n;
        if (this.skip > 0) break;
        this.told();
      }
      if (d.length - at < block) break;
      this.head(d.subarray(at, at + block));
      at += block;
    }
    this.rest = d.slice(at);
    return !this.whole && !this.broken && this.entries.length < this.most;
  }

  private head(d: Uint8Array) {
    if (d.every((b) => b === 0)) { this.whole = true; return; }
    if (!sumFits(d)) { this.broken = true; return; }
    const type = latin(d, 156, 1), size = this.next.size ?? number(d.subarray(124, 136));
    this.skip = Math.ceil(size / block) * block;
    if ("xgLK".includes(type)) {
      this.keep = size <= 2 ** 20 ? [] : null;
      this.keeping = type;
      return;
    }
    const prefix = latin(d, 257, 6) === "ustar\0" ? utf8(d.subarray(345, 500)) : "";
    const seconds = number(d.subarray(136, 148));
    this.entries.push({
      name: this.next.name ?? (prefix ? prefix + "/" : "") + utf8(d.subarray(0, 100)), size: kinds[type] === "file" || !kinds[type] ? size : 0,
      when: seconds > 0 && seconds < 8.64e12 ? new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") + "Z" : "", kind: kinds[type] ?? "other",
    });
    this.next = {};
  }

  /** told reads what a head said of the next entry: its name or size. */
  private told() {
    if (!this.keep) { this.keeping = ""; return; }
    const size = this.keep.reduce((n, p) => n + p.length, 0), all = new Uint8Array(size);
    let at = 0;
    for (const p of this.keep) { all.set(p, at); at += p.length; }
    this.keep = null;
    if (this.keeping === "L") this.next.name = utf8(all);
    if (this.keeping === "x") for (const line of new TextDecoder().decode(all).split("\n")) {
      const [, key, value] = /^\d+ ([^=]+)=(.*)$/s.exec(line) ?? [];
      if (key === "path") this.next.name = value ?? "";
      if (key === "size" && /^\d{1,15}$/.test(value ?? "")) this.next.size = Number(value);
    }
    this.keeping = "";
  }
}

/** sumFits checks a head against its own sum, taken with blanks in the sum's place. */
function sumFits(d: Uint8Array): boolean {
  let n = 0;
  for (let i = 0; i < block; i++) n += i >= 148 && i < 156 ? 32 : d[i]!;
  return n === number(d.subarray(148, 156));
}
