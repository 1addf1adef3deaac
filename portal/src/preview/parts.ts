// Where one part of a long text ends and the next begins. Nothing here touches the page.

/** partBytes is how much of a text is read and kept at a time. */
export const partBytes = 2 ** 20;

export type Code = "utf-8" | "utf-16le" | "utf-16be";

/** codeOf is how a text is written, by its mark. */
export const codeOf = (d: Uint8Array): Code => d[0] === 0xff && d[1] === 0xfe ? "utf-16le" : d[0] === 0xfe && d[1] === 0xff ? "utf-16be" : "utf-8";

/** cutAt is how many bytes of a part are shown when more follow: up to its last line end, else up to its last whole character. */
export function cutAt(d: Uint8Array, code: Code): number {
  if (code === "utf-8") {
    const line = d.lastIndexOf(10) + 1;
    if (line > 0) return line;
    let at = d.length;
    while (at > 1 && at > d.length - 4 && (d[at - 1]! & 0xc0) === 0x80) at--; // back to where the last character begins
    const begins = d[at - 1] ?? 0, long = begins >= 0xf0 ? 4 : begins >= 0xe0 ? 3 : begins >= 0xc0 ? 2 : 1;
    return at - 1 + long <= d.length ? d.length : at > 1 ? at - 1 : d.length;
  }
  const even = d.length - d.length % 2, [high, low] = code === "utf-16le" ? [1, 0] : [0, 1];
  for (let at = even - 2; at >= 0; at -= 2) if (d[at + low] === 10 && d[at + high] === 0) return at + 2;
  return even > 2 && (d[even - 2 + high]! & 0xfc) === 0xd8 ? even - 2 : even || d.length; // no half of a pair
}

/** linesOf are the lines of a part, and how many of them ended in it: the last one may go on in the next. */
export function linesOf(text: string, last: boolean): { lines: string[]; ended: number } {
  const lines = text.split(/\r\n|\r|\n/);
  const open = lines[lines.length - 1] !== "";
  if (!open && (!last || lines.length > 1)) lines.pop();
  return { lines, ended: open ? lines.length - 1 : lines.length };
}

/** placesOf finds a text in lines, whatever its case: line and column of each place, at most so many. */
export function placesOf(lines: string[], wanted: string, most: number): { line: number; from: number; to: number }[] {
  const found: { line: number; from: number; to: number }[] = [];
  if (wanted === "") return found;
  const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu");
  for (let line = 0; line < lines.length; line++) for (const m of lines[line]!.matchAll(pattern)) {
    found.push({ line, from: m.index, to: m.index + m[0].length });
    if (found.length >= most) return found;
  }
  return found;
}
