// HTML as a page: drawn anew of plain elements, from a reading of the file that loads and runs nothing. Of attributes
// only spans and the pictures inside the file are taken over, so there is nothing that could ask for anything. Style is
// left out, too: text that a style hides from a reader is seen.
import { clear, el, fill, type Words } from "./dom";
import { imageKind, mostPicture } from "./kinds";

const taken = new Set("h1 h2 h3 h4 h5 h6 p div ul ol li dl dt dd table caption thead tbody tfoot tr th td pre code kbd samp blockquote b strong i em u s small sub sup br hr figure figcaption".split(" "));
const asBlock = new Set("section article header footer main nav aside form fieldset legend address details summary center body".split(" "));
const leftOut = new Set("script style template link meta base title iframe frame frameset object embed applet param svg math video audio source track canvas dialog map area portal".split(" "));
const mostElements = 20_000;

interface TrustedTypes { createPolicy(name: string, rules: { createHTML: (text: string) => string }): { createHTML: (text: string) => string }; }

// The one place of the portal where text becomes markup. It becomes a document without a window: nothing in it is
// loaded, run, looked up or followed. The document's policy knows this name and no other, and allows it once.
const trusted = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy("inert", { createHTML: (text) => text });

/** page draws the file's body, and counts what is left out. */
export function page(body: string, words: Words, warnings: string[]): HTMLElement {
  const read = new DOMParser().parseFromString((trusted?.createHTML(body) ?? body), "text/html");
  const out = new Map<string, number>(), box = el("div", "drawn");
  let left = mostElements, outside = 0;
  const draw = (from: Node, into: HTMLElement) => {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) { into.append(clear(node.nodeValue ?? "")); continue; }
      if (!(node instanceof Element) || left <= 0) continue;
      left--;
      const name = node.localName, made = plain(node, name, words);
      if (name === "a" || name === "img") outside += /^\s*(https?:)?\/\//i.test(node.getAttribute("href") ?? node.getAttribute("src") ?? "") ? 1 : 0;
      if (leftOut.has(name)) { out.set(name, (out.get(name) ?? 0) + 1); if (made) into.append(made); continue; }
      if (made) { into.append(made); if (!(made instanceof HTMLImageElement)) draw(node, made); } else draw(node, into);
    }
  };
  for (const e of read.head.children) if (leftOut.has(e.localName) && e.localName !== "title") out.set(e.localName, (out.get(e.localName) ?? 0) + 1);
  draw(read.body, box);
  if (read.body.localName === "frameset") out.set("frameset", 1);
  if (out.size > 0) warnings.push(fill(words.pageLeftOut, [...out].map(([n, k]) => k > 1 ? `${n} (${k})` : n).join(", ")));
  if (outside > 0) warnings.push(words.externals);
  if (left <= 0) box.append(el("p", "warn", words.pageCut));
  return box;
}

/** plain is what stands for an element: one of its kind, a block, a text, or nothing but its content. */
function plain(from: Element, name: string, words: Words): HTMLElement | null {
  if (name === "img") return picture(from.getAttribute("src") ?? "", from.getAttribute("alt") ?? "", words);
  if (name === "input") return el("span", "given", `[${from.getAttribute("value") ?? ""}]`);
  if (name === "a") return el("span", "link");
  if (["svg", "iframe", "object", "embed", "video", "audio", "canvas", "math"].includes(name)) return el("span", "given", `[${name}]`);
  if (leftOut.has(name)) return null;
  if (asBlock.has(name)) return el("div", "");
  if (!taken.has(name)) return el("span", "");
  const made = el(name, "");
  if (name === "td" || name === "th") for (const span of ["colspan", "rowspan"]) {
    const n = Number(from.getAttribute(span) ?? 1);
    if (n > 1 && n <= 1000) made.setAttribute(span, String(n));
  }
  return made;
}

/** picture is an image whose bytes are in the file; of another its text is shown. */
function picture(source: string, text: string, words: Words): HTMLElement {
  const inside = /^data:image\/(?:png|jpeg|gif|webp);base64,/i.exec(source);
  const bytes = inside ? decoded(source.slice(inside[0].length)) : new Uint8Array();
  const kind = imageKind(bytes);
  if (!kind.media || kind.megapixels > mostPicture) return el("span", "given", `[${text || words.kinds.image}]`);
  const img = document.createElement("img");
  img.alt = text;
  img.src = URL.createObjectURL(new Blob([bytes], { type: kind.media }));
  return img;
}

/** decoded is base64 as bytes; none if it is no base64. */
export function decoded(text: string): Uint8Array<ArrayBuffer> {
  try { return Uint8Array.from(atob(text.replace(/\s/g, "")), (c) => c.charCodeAt(0)); } catch { return new Uint8Array(); }
}
