// What a file is, by its bytes; its name only tells apart what bytes do not.

import { isTar } from "./tar";

export type Kind = "text" | "json" | "html" | "csv" | "image" | "svg" | "notebook" | "zip" | "tar" | "gzip" | "office" | "pdf" | "binary";

const begins = (d: Uint8Array, ...bytes: number[]) => bytes.every((b, i) => d[i] === b);
const ascii = (d: Uint8Array, from: number, to: number) => String.fromCharCode(...d.slice(from, to));

/** looksLikeText: no NUL and no broken UTF-8 in the first 64 KiB, but for UTF-16 with its mark. */
export function looksLikeText(d: Uint8Array): boolean {
  const head = d.subarray(0, 65536);
  if (begins(head, 0xff, 0xfe) || begins(head, 0xfe, 0xff)) return true;
  if (head.includes(0)) return false;
  try { new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true }); return true; } catch { return false; }
}

const extensionOf = (name: string) => /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "";

export function kindOf(name: string, d: Uint8Array): Kind {
  const ext = extensionOf(name);
  if (imageKind(d).media) return "image";
  if (begins(d, 0x50, 0x4b, 3, 4) || begins(d, 0x50, 0x4b, 5, 6)) return ["docx", "xlsx", "pptx", "xlsm", "docm", "pptm"].includes(ext) ? "office" : "zip";
  if (ascii(d, 0, 5) === "%PDF-") return "pdf";
  if (begins(d, 0x1f, 0x8b)) return "gzip";
  if (isTar(d)) return "tar";
  if (!looksLikeText(d)) return "binary";
  const start = new TextDecoder().decode(d.subarray(0, 512)).trimStart().toLowerCase();
  if (start.startsWith("<svg") || start.startsWith("<?xml") && start.includes("<svg")) return "svg";
  if (start.startsWith("<!doctype html") || start.startsWith("<html") || ext === "html" || ext === "htm") return "html";
  if (ext === "ipynb") return "notebook";
  if (ext === "csv" || ext === "tsv") return "csv";
  if (ext === "json") return "json";
  return "text";
}

const expected: Record<string, Kind[]> = {
  csv: ["csv"], tsv: ["csv"], txt: ["text"], log: ["text"], md: ["text"], json: ["json"], ipynb: ["notebook"], html: ["html"], htm: ["html"], svg: ["svg"],
  png: ["image"], jpg: ["image"], jpeg: ["image"], gif: ["image"], webp: ["image"], pdf: ["pdf"], zip: ["zip"], tar: ["tar"], gz: ["gzip"], tgz: ["gzip"], docx: ["office"], xlsx: ["office"], pptx: ["office"],
};

/** disagreement is the name's ending if the bytes are of another kind. */
export function disagreement(name: string, kind: Kind): string {
  const ext = extensionOf(name);
  const want = expected[ext];
  return want && !want.includes(kind) ? "." + ext : "";
}

/** mostPicture bounds the pictures that are drawn, in megapixels: a small file can claim a large one. */
export const mostPicture = 50;

export interface Picture { media: string; megapixels: number; place: boolean; }

/** imageKind reads an image's head only: type, size before anything is decoded, and whether it says where it was taken. */
export function imageKind(d: Uint8Array): Picture {
  const v = new DataView(d.buffer, d.byteOffset, d.byteLength);
  const found = (media: string, w: number, h: number): Picture => ({ media, megapixels: w * h / 1e6, place: hasPlace(d) });
  if (begins(d, 0x89, 0x50, 0x4e, 0x47) && d.length >= 24) return found("image/png", v.getUint32(16), v.getUint32(20));
  if (ascii(d, 0, 4) === "GIF8" && d.length >= 10) return found("image/gif", v.getUint16(6, true), v.getUint16(8, true));
  if (ascii(d, 0, 4) === "RIFF" && ascii(d, 8, 12) === "WEBP" && d.length >= 30) return found("image/webp", 1 + (v.getUint32(24, true) & 0xffffff), 1 + (v.getUint32(26, true) >> 8 & 0xffffff));
  if (begins(d, 0xff, 0xd8, 0xff)) {
    for (let at = 2; at + 9 < d.length && d[at] === 0xff;) {
      const marker = d[at + 1]!;
      if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return found("image/jpeg", v.getUint16(at + 7), v.getUint16(at + 5));
      at += 2 + v.getUint16(at + 2);
    }
    return found("image/jpeg", 0, 0);
  }
  return { media: "", megapixels: 0, place: false };
}

/** hasPlace looks for an Exif block that points to GPS data (tag 0x8825, either byte order). */
function hasPlace(d: Uint8Array): boolean {
  const head = new TextDecoder("latin1").decode(d.subarray(0, 65536));
  const exif = Math.max(head.indexOf("Exif\0\0"), head.indexOf("eXIf"));
  return exif >= 0 && (head.indexOf("\x88\x25\x00\x04", exif) >= 0 || head.indexOf("\x25\x88\x04\x00", exif) >= 0);
}

export function hexDump(d: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(d.length, 512); at += 8) {
    const row = [...d.slice(at, at + 8)];
    lines.push(`${at.toString(16).padStart(8, "0")}  ${row.map((b) => b.toString(16).padStart(2, "0")).join(" ").padEnd(24)} ${row.map((b) => b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : ".").join("")}`);
  }
  return lines.join("\n");
}
