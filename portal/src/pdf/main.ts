// The document in which a PDF is drawn. It is as poor as the preview: an origin of its own, no network, no storage. The
// viewer's worker runs here as well, since the document may start none; scripts, forms and links of the file do nothing.
import { AnnotationMode, GlobalWorkerOptions, getDocument, TextLayer, type PDFDocumentProxy, type PDFPageProxy } from "pdfjs-dist";
import { disagreement } from "../preview/kinds";
import { clear, fill, type Words } from "../preview/dom";
import * as worker from "pdfjs-dist/build/pdf.worker.mjs";

interface Order { name: string; bytes: ArrayBuffer; language: string; words: Words; }

(globalThis as { pdfjsWorker?: unknown }).pdfjsWorker = worker;
GlobalWorkerOptions.workerSrc = "none"; // asked for, never loaded

const most = 200;
const root = document.getElementById("root")!;

addEventListener("message", (m: MessageEvent<Order>) => {
  const port = m.ports[0];
  if (!port || !(m.data.bytes instanceof ArrayBuffer)) return;
  document.documentElement.lang = m.data.language;
  addEventListener("keydown", (e) => { if (e.key === "Escape") port.postMessage({ leave: true }); });
  show(m.data).then((warnings) => port.postMessage({ kind: m.data.words.kinds.pdf, warnings }), (e: unknown) => {
    root.replaceChildren(Object.assign(document.createElement("p"), { textContent: m.data.words.broken }));
    port.postMessage({ kind: m.data.words.kinds.pdf, warnings: [clear(String(e)).slice(0, 200)] });
  });
});

async function show({ name, bytes, words }: Order): Promise<string[]> {
  const pdf = await getDocument({ data: bytes, disableFontFace: false, useSystemFonts: true, useWasm: false, enableXfa: false, stopAtErrors: false, disableAutoFetch: true, isImageDecoderSupported: false, isOffscreenCanvasSupported: false }).promise;
  root.replaceChildren();
  for (let n = 1; n <= Math.min(pdf.numPages, most); n++) root.append(await placeOf(pdf, n, words.pdf.page));
  const odd = disagreement(name, "pdf");
  return [...(odd ? [fill(words.disagrees, odd, words.kinds.pdf ?? "PDF")] : []), ...await factsOf(pdf, words.pdf), ...(pdf.numPages > most ? [fill(words.pdf.tooMany, most, pdf.numPages)] : [])];
}

/** factsOf names what a PDF holds beside its pages. */
async function factsOf(pdf: PDFDocumentProxy, words: Words["pdf"]): Promise<string[]> {
  const [attachments, scripts, { info }] = await Promise.all([pdf.getAttachments(), pdf.getJSActions(), pdf.getMetadata()]);
  const about = info as { Author?: string; Title?: string; IsAcroFormPresent?: boolean };
  return [attachments && words.attachments, scripts && words.scripts, about.IsAcroFormPresent && words.form, about.Author && `${words.author} ${clear(about.Author)}`].filter((x): x is string => Boolean(x));
}

/** placeOf is a page's place; it is drawn when it comes into view. */
async function placeOf(pdf: PDFDocumentProxy, n: number, word: string): Promise<HTMLElement> {
  const place = document.createElement("section");
  place.className = "page";
  place.setAttribute("aria-label", `${word} ${n} / ${pdf.numPages}`);
  const page = n === 1 ? await pdf.getPage(1) : null;
  const view = (page ?? await pdf.getPage(n)).getViewport({ scale: 1 });
  place.style.aspectRatio = `${view.width} / ${view.height}`;
  new IntersectionObserver((seen, o) => {
    if (!seen.some((s) => s.isIntersecting)) return;
    o.disconnect();
    void pdf.getPage(n).then((p) => draw(place, p));
  }, { rootMargin: "600px" }).observe(place);
  return place;
}

async function draw(place: HTMLElement, page: PDFPageProxy) {
  const scale = place.clientWidth / page.getViewport({ scale: 1 }).width, viewport = page.getViewport({ scale });
  const canvas = document.createElement("canvas"), dense = Math.min(2, devicePixelRatio || 1);
  canvas.width = Math.floor(viewport.width * dense);
  canvas.height = Math.floor(viewport.height * dense);
  const text = document.createElement("div");
  text.className = "textLayer";
  place.append(canvas, text);
  place.style.setProperty("--total-scale-factor", String(scale));
  await page.render({ canvas, viewport: page.getViewport({ scale: scale * dense }), annotationMode: AnnotationMode.ENABLE }).promise;
  await new TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
}
