// The document in which a file under review is shown. Its origin is opaque and it may fetch nothing: whatever a file
// does to it, it reaches nobody. All that comes from a file becomes text nodes, numbers, or an image.
import { gzip, tar, zip, type Part } from "./archive";
import { compare } from "./compare";
import { csvOf, separatorOf } from "./csv";
import { button, el, fill, textOf, type Words } from "./dom";
import { hexDump, imageKind, kindOf, disagreement, mostPicture, type Kind } from "./kinds";
import { notebook } from "./notebook";
import { page } from "./page";
import { reader } from "./reader";
import { table } from "./table";
import { tabbed } from "./tabs";

/** Order is what the page wants shown: a file by its beginning, and the one to compare it with. */
interface Order { name: string; total: number; bytes: ArrayBuffer; tail: ArrayBuffer | null; then: { total: number; bytes: ArrayBuffer } | null; words: Words; language: string; }

const root = document.getElementById("root")!;
const partsOf = new Set<Kind>(["text", "json", "html", "csv"]);

addEventListener("message", (m: MessageEvent<Order>) => {
  const port = m.ports[0];
  if (!port || !(m.data.bytes instanceof ArrayBuffer)) return;
  document.documentElement.lang = m.data.language;
  addEventListener("keydown", (e) => { if (e.key === "Escape") port.postMessage({ leave: true }); });
  const warnings: string[] = [], tell = (kind: string) => port.postMessage({ kind, warnings, parts: root.classList.contains("parts") });
  const kind = show(m.data, warnings, (from) => ask(port, from), () => void kind.then(tell)).catch((e: unknown) => { root.replaceChildren(el("p", "warn", m.data.words.broken), el("pre", "", hexDump(new Uint8Array(m.data.bytes)))); warnings.push(String(e)); return m.data.words.kinds.binary ?? ""; });
  void kind.then(tell);
});

/** ask has the page fetch the part of the file that begins at a byte. One question at a time. */
function ask(port: MessagePort, from: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    port.onmessage = (m: MessageEvent<{ from: number; bytes: ArrayBuffer | null }>) => {
      if (m.data.from !== from) return;
      if (m.data.bytes) resolve(new Uint8Array(m.data.bytes)); else reject(new Error("not fetched"));
    };
    port.postMessage({ want: from });
  });
}

/** show draws the file and returns its kind in words. later is called when there is more to warn of. */
async function show(order: Order, warnings: string[], more: (from: number) => Promise<Uint8Array<ArrayBuffer>>, later: () => void): Promise<string> {
  const { name, total, bytes, tail, then, words } = order;
  const data = new Uint8Array(bytes), whole = data.length >= total;
  const kind = kindOf(name, data);
  const odd = disagreement(name, kind);
  if (odd) warnings.push(fill(words.disagrees, odd, words.kinds[kind] ?? kind));
  root.replaceChildren();
  root.className = then ? "compare" : kind;
  if (partsOf.has(kind) && !then) root.classList.add("parts");
  if (then) compare(root, { then: new Uint8Array(then.bytes), thenWhole: then.bytes.byteLength >= then.total, now: data, nowWhole: whole }, words, warnings);
  else if (total === 0) root.append(el("p", "quiet", words.empty));
  else await views[kind]({ name, data, whole, words, warnings, part: { data, total, tail: tail && new Uint8Array(tail) }, lines: (d = data, n = total) => reader({ data: d, total: n, more }, words), later });
  return words.kinds[kind] ?? kind;
}

/** Shown is what a view has to work with; lines draws the file, or other bytes, as a text. */
interface Shown { name: string; data: Uint8Array<ArrayBuffer>; whole: boolean; words: Words; warnings: string[]; part: Part; lines: (data?: Uint8Array<ArrayBuffer>, total?: number) => HTMLElement; later: () => void; }

type View = (s: Shown) => void | Promise<void>;

const text: View = ({ lines }) => { root.append(lines()); };
const picture: View = async ({ name, data, words, warnings }) => {
  const type = imageKind(data);
  if (type.megapixels > mostPicture) { root.append(el("p", "warn", words.tooLarge)); return; }
  if (type.place) warnings.push(words.gps);
  const img = document.createElement("img");
  img.alt = name;
  img.src = URL.createObjectURL(new Blob([data], { type: type.media }));
  const box = el("div", "picture fit");
  box.append(img);
  root.append(button(words.zoom, () => box.classList.toggle("fit")), box);
  await img.decode().catch(() => { box.replaceChildren(el("p", "warn", words.broken)); });
};
const unshown: View = ({ data, words }) => { root.append(el("p", "", words.cannotShow), el("pre", "", hexDump(data))); };
const zipped: View = ({ words, warnings, part }) => zip(root, part, words, warnings);

const views: Record<Kind, View> = {
  text, json: text,
  html: ({ data, whole, words, warnings, lines, later }) => {
    let told = false;
    tabbed(root, [[words.source, lines], [words.pageTab, () => {
      const found: string[] = [], drawn = page(textOf(data, whole), words, found);
      if (!told) { warnings.push(...found); told = true; later(); }
      return drawn;
    }]]);
  },
  csv: ({ name, data, whole, words, warnings, lines }) => {
    const body = textOf(data, whole), rows = csvOf(body, separatorOf(name, body), 50_001);
    if (!whole) rows.pop(); // cut in the middle
    if (rows.length === 0) { root.append(el("p", "quiet", words.empty)); return; }
    table(root, rows, words, warnings, whole, lines);
  },
  image: picture,
  svg: async ({ name, data, words, lines }) => {
    const img = document.createElement("img"); // scripts and outside references of an SVG are dead in an image
    img.alt = name;
    img.src = URL.createObjectURL(new Blob([data], { type: "image/svg+xml" }));
    root.append(el("div", "picture fit", img), el("h2", "", words.source), lines());
    await img.decode().catch(() => img.remove());
  },
  notebook: ({ data, whole, words, warnings, lines }) => {
    if (whole) notebook(root, textOf(data, true), words, warnings); else root.append(lines());
  },
  zip: zipped, office: zipped,
  tar: ({ words, warnings, part }) => tar(root, part, words, warnings),
  gzip: ({ name, words, warnings, part, lines }) => gzip(root, part, name, words, warnings, (inside) => lines(inside, inside.length)),
  pdf: unshown, binary: unshown,
};
