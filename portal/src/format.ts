// Times, sizes and hashes as people read them. Nothing here touches the page.
import { locale } from "./text";

/** when is a moment in the reader's zone: "28 Nov 2026, 14:05". Seconds since 1970. */
export function when(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(locale(), { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
}

/** zone is the reader's zone, in which times are shown. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** utc is a moment for the record: "2026-11-28 14:05:22Z". */
export function utc(moment: number | string): string {
  const d = typeof moment === "number" ? new Date(moment * 1000) : new Date(moment);
  return Number.isNaN(d.getTime()) ? String(moment) : d.toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z");
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** ago is an age or a time to come, in the largest unit: "4 hours ago", "in 3 days". */
export function ago(seconds: number, now: number): string {
  const f = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const d = seconds - now;
  for (const [unit, size] of units) if (Math.abs(d) >= size) return f.format(Math.trunc(d / size), unit);
  return f.format(0, "minute");
}

/** lasting is a duration in its two largest units: "2 d 4 h". */
export function lasting(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`;
  if (m > 0) return `${m} min`;
  return `${s} s`;
}

/** size is decimal, as drives are sold: "15.2 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let n = bytes, i = -1;
  while (n >= 999.95 && i < 4) { n /= 1000; i++; }
  return `${n.toLocaleString(locale(), { maximumFractionDigits: n < 10 ? 1 : n < 100 ? 1 : 0 })} ${["kB", "MB", "GB", "TB", "PB"][i]}`;
}

/** limit is a policy's number of bytes in the unit that divides it evenly: "50 GiB". */
export function limit(bytes: number): string {
  for (const [unit, n] of [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const) if (bytes >= n && bytes % n === 0) return `${bytes / n} ${unit}`;
  return size(bytes);
}

/** count is a number with the marks that the reader's language puts between thousands. */
export const count = (n: number) => n.toLocaleString(locale());

/** exact is the number of bytes, for a tooltip. */
export const exact = (bytes: number) => `${count(bytes)} B`;

/** short is a hash or an id by its ends. */
export const short = (hash: string) => hash.length > 16 ? `${hash.slice(0, 8)}…${hash.slice(-4)}` : hash;

/** hex is bytes as lower-case hexadecimal. */
export const hex = (bytes: ArrayBuffer) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");

/** sha256 is the hash of bytes or of a text's UTF-8, in hexadecimal. */
export async function sha256(data: ArrayBuffer | string): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", typeof data === "string" ? new TextEncoder().encode(data) : data));
}

const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

/** visible makes control, bidirectional and invisible characters readable: ‹U+202E›. */
export const visible = (text: string) => text.replace(invisible, (c) => `‹U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}›`);

/** visibleLines is the same for a text of several lines: its line ends and tabs stay. */
export const visibleLines = (text: string) => text.replace(/\r\n?/g, "\n").split("\n").map((l) => l.split("\t").map(visible).join("\t")).join("\n");

/** csvCell is a cell of an exported list that no spreadsheet takes for a formula. */
export function csvCell(value: string): string {
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
}
