// Elements whose content is text, never markup.

export interface Words {
  kinds: Record<string, string>; empty: string; broken: string; cannotShow: string; more: string; zoom: string; source: string; tooLarge: string; gps: string;
  tableTab: string; summaryTab: string; textTab: string; rows: string; column: string; kind: string; missing: string; distinct: string; most: string; min: string; smallest: string; max: string; sum: string; below: string; findings: string;
  threshold: string; unequal: string; firstRows: string; allMultiple: string; identifier: string; small: string; mixed: string; integer: string; decimal: string; date: string; textKind: string; sortBy: string;
  cells: string; output: string; htmlOutput: string; hasOutputs: string; entry: string; size: string; packed: string; encrypted: string; nested: string; bomb: string; macros: string; externals: string; hiddenSheets: string; commentsIn: string; tooMany: string; notWhole: string; trackedChanges: string; listCut: string; links: string; inside: string; changed: string; firstListed: string;
  disagrees: string;
  pageTab: string; pageLeftOut: string; pageCut: string;
  find: string; findOn: string; findBack: string; found: string; foundAt: string; foundNone: string; nextPart: string; previousPart: string; partOf: string; partFailed: string;
  thenWord: string; nowWord: string; differences: string; differ: string; noDifference: string; nextDifference: string; equalLines: string; onlyThen: string; onlyNow: string; otherLine: string; notMatched: string; comparedPart: string;
  pdf: { page: string; tooMany: string; attachments: string; scripts: string; form: string; author: string };
}

/** fill puts values in the place of {0} and {1}: functions do not cross into another document. */
export const fill = (text: string, ...values: (string | number)[]) => text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)] ?? ""));

const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

/** clear makes control and bidirectional characters readable: ‹U+202E›. */
export const clear = (text: string) => text.replace(invisible, (c) => `‹U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}›`);

export function el(tag: string, className: string, ...children: (string | Node)[]): HTMLElement {
  const e = document.createElement(tag);
  if (className) e.className = className;
  for (const c of children) e.append(typeof c === "string" ? clear(c) : c);
  return e;
}

export function button(word: string, press?: () => void): HTMLButtonElement {
  const b = el("button", "", word) as HTMLButtonElement;
  b.type = "button";
  if (press) b.onclick = press;
  return b;
}

/** textOf decodes UTF-8, or UTF-16 by its mark; a cut file loses its half character. */
export function textOf(data: Uint8Array<ArrayBuffer>, whole: boolean): string {
  const code = data[0] === 0xff && data[1] === 0xfe ? "utf-16le" : data[0] === 0xfe && data[1] === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(code).decode(data, { stream: !whole });
}
