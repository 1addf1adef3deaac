// The document in which a file under review is shown. Its origin is opaque and it may fetch nothing: whatever a file
// does to it, it reaches nobody. All that comes from a file becomes text nodes, numbers, or an image.
import { gzip, tar, zip, type Part } from "./archive";
import { csvOf, separatorOf } from "./csv";
import { hexDump, imageKind, kindOf, disagreement, type Kind } from "./kinds";
import { notebook } from "./notebook";
import { table } from "./table";
import { el, fill, textOf, type Words } from "./dom";

interface Order { name: string; total: number; bytes: ArrayBuffer; tail: ArrayBuffer | null; words: Words; language: string; }

const root = document.getElementById("root")!;

addEventListener("message", (m: MessageEvent<Order>) => {
  const port = m.ports[0];
  if (!port || !(m.data.bytes instanceof ArrayBuffer)) return;
  document.documentElement.lang = m.data.language;
  addEventListener("keydown", (e) => { if (e.key === "Escape") port.postMessage({ leave: true }); });
  const warnings: string[] = [];
  const kind = show(m.data, warnings).catch((e: unknown) => { root.replaceChildren(el("p", "warn", m.data.words.broken), el("pre", "", hexDump(new Uint8Array(m.data.bytes)))); warnings.push(String(e)); return m.data.words.kinds.binary ?? ""; });
  void kind.then((k) => port.postMessage({ kind: k, warnings }));
});

async function show({ name, total, bytes, tail, words }: Order, warnings: string[]): Promise<string> {
  const data = new Uint8Array(bytes), whole = data.length >= total;
  const kind = kindOf(name, data);
  const odd = disagreement(name, kind);
  if (odd) warnings.push(fill(words.disagrees, odd, words.kinds[kind] ?? kind));
  root.replaceChildren();
  root.className = kind;
  if (total === 0) root.append(el("p", "quiet", words.empty));
  else await views[kind](name, data, whole, words, warnings, { data, total, tail: tail && new Uint8Array(tail) });
  return words.kinds[kind] ?? kind;
}

type View = (name: string, data: Uint8Array<ArrayBuffer>, whole: boolean, words: Words, warnings: string[], part: Part) => void | Promise<void>;

const text: View = (_name, data, whole, words) => { root.append(lines(textOf(data, whole), words)); };
const picture: View = async (name, data, _whole, words, warnings) => {
  const type = imageKind(data);
  if (type.megapixels > 50) { root.append(el("p", "warn", words.tooLarge)); return; }
  if (type.place) warnings.push(words.gps);
  const img = document.createElement("img");
  img.alt = name;
  img.src = URL.createObjectURL(new Blob([data], { type: type.media }));
  const box = el("div", "picture fit");
  const zoom = el("button", "", words.zoom) as HTMLButtonElement;
  zoom.type = "button";
  zoom.onclick = () => box.classList.toggle("fit");
  box.append(img);
  root.append(zoom, box);
  await img.decode().catch(() => { box.replaceChildren(el("p", "warn", words.broken)); });
};

const views: Record<Kind, View> = {
  text, json: text, html: text,
  csv: (name, data, whole, words, warnings) => {
    const body = textOf(data, whole), rows = csvOf(body, separatorOf(name, body), 50_001);
    if (!whole) rows.pop(); // cut in the middle
    if (rows.length === 0) { root.append(el("p", "quiet", words.empty)); return; }
    table(root, rows, words, warnings, whole, () => lines(body, words));
  },
  image: picture,
  svg: async (name, data, whole, words) => {
    const img = document.createElement("img"); // scripts and outside references of an SVG are dead in an image
    img.alt = name;
    img.src = URL.createObjectURL(new Blob([data], { type: "image/svg+xml" }));
    root.append(el("div", "picture fit", img), el("h2", "", words.source), lines(textOf(data, whole), words));
    await img.decode().catch(() => img.remove());
  },
  notebook: (_n, data, whole, words, warnings) => {
    if (!whole) { root.append(lines(textOf(data, false), words)); return; }
    notebook(root, textOf(data, true), words, warnings);
  },
  zip: (_n, _d, _w, words, warnings, part) => zip(root, part, words, warnings),
  office: (_n, _d, _w, words, warnings, part) => zip(root, part, words, warnings),
  tar: (_n, _d, _w, words, warnings, part) => tar(root, part, words, warnings),
  gzip: (name, _d, _w, words, warnings, part) => gzip(root, part, name, words, warnings, (body) => lines(body, words)),
  pdf: (_n, data, _w, words) => { root.append(el("p", "", words.cannotShow), el("pre", "", hexDump(data))); },
  binary: (_n, data, _w, words) => { root.append(el("p", "", words.cannotShow), el("pre", "", hexDump(data))); },
};

/** lines numbers lines and draws those that are seen, so that a long file does not hold up the page. */
function lines(body: string, words: Words): HTMLElement {
  const all = body.split(/\r\n|\r|\n/);
  const step = 2000;
  const box = el("div", "source");
  let drawn = 0;
  const more = el("button", "", words.more) as HTMLButtonElement;
  more.type = "button";
  const draw = () => {
    const block = el("ol", "");
    block.setAttribute("start", String(drawn + 1));
    for (const line of all.slice(drawn, drawn + step)) block.append(el("li", "", line));
    drawn = Math.min(all.length, drawn + step);
    box.insertBefore(block, more);
    more.hidden = drawn >= all.length;
  };
  box.append(more);
  more.onclick = draw;
  draw();
  return box;
}

