// The document in which a file is shown: it can reach nothing and nobody, and it is not believed.
import { useEffect, useRef, useState } from "preact/hooks";
import { previewAddress } from "../build";
import { language, t } from "../text";

/** Shown is a file by its beginning: all that the document gets of it, but for what it asks for. */
export interface Shown { name: string; total: number; bytes: ArrayBuffer; tail?: ArrayBuffer | null; then?: { total: number; bytes: ArrayBuffer } | null; }

/** Facts are what the document says of the file. parts: it shows by itself which part of the file is seen. */
export interface Facts { kind: string; warnings: string[]; parts: boolean; }

const isPDF = (bytes: ArrayBuffer) => new TextDecoder().decode(bytes.slice(0, 5)) === "%PDF-";

interface Answer { kind?: unknown; warnings?: unknown; parts?: unknown; leave?: unknown; want?: unknown; }

/** Frame shows a file. more fetches the part that begins at a byte of the file; the document may ask for no other file. */
export function Frame({ file, title, told, more }: { file: Shown; title: string; told?: (f: Facts) => void; more?: (from: number) => Promise<ArrayBuffer> }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(0); // how often the document was loaded
  useEffect(() => {
    const inner = frame.current?.contentWindow;
    if (!ready || !inner) return;
    const channel = new MessageChannel();
    let busy = false;
    const fetchPart = async (from: number) => {
      busy = true;
      const bytes = await more!(from).catch(() => null);
      busy = false;
      channel.port1.postMessage({ from, bytes }, bytes ? [bytes] : []);
    };
    channel.port1.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.leave) { document.querySelector<HTMLElement>("[role=tree]")?.focus(); return; }
      if (data.want !== undefined) {
        if (more && !busy && Number.isSafeInteger(data.want) && Number(data.want) >= 0 && Number(data.want) < file.total) void fetchPart(Number(data.want));
        else channel.port1.postMessage({ from: data.want, bytes: null }); // so that it may ask again
        return;
      }
      told?.({ kind: String(data.kind).slice(0, 200), parts: data.parts === true, warnings: (Array.isArray(data.warnings) ? data.warnings : []).slice(0, 50).map((w) => String(w).slice(0, 300)) });
    };
    // The document's origin is opaque, so it cannot be named; nothing but bytes, a name and words go to it.
    inner.postMessage({ tail: null, then: null, ...file, words: t().preview, language: language.value }, "*", [channel.port2]);
    return () => channel.port1.close();
  }, [file, ready]);
  return <iframe key={language.value} ref={frame} sandbox="allow-scripts" src={previewAddress(!file.then && file.bytes.byteLength >= file.total && isPDF(file.bytes) ? "pdf" : "preview")} title={title} onLoad={() => setReady((n) => n + 1)} />;
}
