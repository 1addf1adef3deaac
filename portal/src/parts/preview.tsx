// A file under review: fetched here, shown in a document that can reach nothing and nobody.
import { useEffect, useRef, useState } from "preact/hooks";
import type { AirlockRequest, RequestFile, Workspace } from "../api";
import { previewAddress } from "../build";
import { size, visible } from "../format";
import { language, t } from "../text";
import { StorageTrouble, type FileLinks } from "../upload/storage";
import { Note, Waiting } from "./base";
import { NotFromHere } from "./nothere";
import { Trouble } from "./trouble";

const MiB = 2 ** 20;

/** firstBytes is how much of a file is fetched: what its kind can show of it. */
export function firstBytes(name: string): number {
  if (/\.(png|jpe?g|gif|webp|zip|docx|xlsx|pptx|gz|tgz|tar)$/i.test(name)) return 25 * MiB;
  if (/\.pdf$/i.test(name)) return 50 * MiB;
  if (/\.(csv|tsv|ipynb)$/i.test(name)) return 10 * MiB;
  return 2 * MiB;
}

/** tailBytes is how much of an archive's end is fetched beside: its directory stands there. */
const tailBytes = 2 * MiB;

const isPDF = (bytes: ArrayBuffer) => new TextDecoder().decode(bytes.slice(0, 5)) === "%PDF-";
const isZip = (head: ArrayBuffer) => head.byteLength > 4 && new DataView(head).getUint32(0) === 0x504b0304;

interface Facts { kind: string; warnings: string[]; }

export function Preview({ links, file, r, place }: { links: FileLinks; file: RequestFile; r: AirlockRequest; place: Workspace | undefined }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [bytes, setBytes] = useState<ArrayBuffer | null>(null);
  const [tail, setTail] = useState<ArrayBuffer | null>(null);
  const [error, setError] = useState<unknown>();
  const [ready, setReady] = useState(false);
  const [facts, setFacts] = useState<Facts | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setError(undefined);
    const fetchAll = async () => {
      if (file.size === 0) return new ArrayBuffer(0);
      const want = Math.min(file.size, firstBytes(file.name));
      const head = await links.read(file.name, `0-${want - 1}`, stop.signal);
      if (want === file.size || !isZip(head)) return head;
      const from = Math.max(0, file.size - tailBytes); // storage knows no range that counts from the end
      setTail(await links.read(file.name, `${from}-${file.size - 1}`, stop.signal));
      return head;
    };
    fetchAll().then((got) => { if (!stop.signal.aborted) setBytes(got); }, (e: unknown) => { if (!stop.signal.aborted) setError(e); });
    return () => stop.abort();
  }, [tries]);
  useEffect(() => {
    const inner = frame.current?.contentWindow;
    if (!bytes || !ready || !inner) return;
    const channel = new MessageChannel();
    channel.port1.onmessage = (m: MessageEvent<{ kind: string; warnings?: string[]; leave?: boolean }>) => {
      if (m.data.leave) document.querySelector<HTMLElement>("[role=tree]")?.focus();
      else setFacts({ kind: String(m.data.kind).slice(0, 200), warnings: (Array.isArray(m.data.warnings) ? m.data.warnings : []).slice(0, 50).map((w) => String(w).slice(0, 300)) });
    };
    // The document's origin is opaque, so it cannot be named; nothing but bytes, a name and words go to it.
    inner.postMessage({ name: file.name, total: file.size, bytes, tail, words: t().preview, language: language.value }, "*", [channel.port2]);
    return () => channel.port1.close();
  }, [bytes, ready]);
  if (error instanceof StorageTrouble && error.kind === "unreachable") return <><NotFromHere r={r} place={place} what="preview" retry={() => setTries(tries + 1)} /><p class="quiet">{t().notOpened}</p></>;
  if (error !== undefined) return <Trouble error={error} retry={() => setTries(tries + 1)} />;
  const whole = bytes !== null && bytes.byteLength >= file.size;
  return <div class="preview">
    {facts && facts.warnings.length > 0 && <Note kind="warn"><ul>{facts.warnings.map((w, i) => <li key={i}>{visible(w)}</li>)}</ul></Note>}
    {facts && <p class="quiet kind">{visible(facts.kind)}{bytes && bytes.byteLength < file.size ? ` · ${t().firstOf(size(bytes.byteLength), size(file.size))}` : ""}</p>}
    {!bytes ? <Waiting /> : <iframe ref={frame} sandbox="allow-scripts" src={previewAddress(whole && isPDF(bytes) ? "pdf" : "preview")} title={t().contentOf(visible(file.name))} onLoad={() => setReady(true)} />}
  </div>;
}
