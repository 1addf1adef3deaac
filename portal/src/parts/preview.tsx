// A file under review: fetched here, shown in a document that can reach nothing and nobody.
import { useEffect, useState } from "preact/hooks";
import type { AirlockRequest, RequestFile, Workspace } from "../api";
import { size, visible } from "../format";
import { t } from "../text";
import { StorageTrouble, type FileLinks } from "../upload/storage";
import { Note, Waiting } from "./base";
import { Frame, type Facts, type Shown } from "./frame";
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

const isZip = (head: ArrayBuffer) => head.byteLength > 4 && new DataView(head).getUint32(0) === 0x504b0304;

/** beginning fetches the first bytes of a file, at most so many. */
export const beginning = (links: FileLinks, file: RequestFile, most: number, signal?: AbortSignal) =>
  file.size === 0 ? Promise.resolve(new ArrayBuffer(0)) : links.read(file.name, `0-${Math.min(file.size, most) - 1}`, signal);

export function Preview({ links, file, r, place, what = "preview" }: { links: FileLinks; file: RequestFile; r: AirlockRequest; place: Workspace | undefined; what?: "preview" | "download" }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState<unknown>();
  const [facts, setFacts] = useState<Facts | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setError(undefined);
    const fetchAll = async (): Promise<Shown> => {
      const bytes = await beginning(links, file, firstBytes(file.name), stop.signal);
      if (bytes.byteLength >= file.size || !isZip(bytes)) return { name: file.name, total: file.size, bytes };
      const from = Math.max(0, file.size - tailBytes); // storage knows no range that counts from the end
      return { name: file.name, total: file.size, bytes, tail: await links.read(file.name, `${from}-${file.size - 1}`, stop.signal) };
    };
    fetchAll().then((got) => { if (!stop.signal.aborted) setShown(got); }, (e: unknown) => { if (!stop.signal.aborted) setError(e); });
    return () => stop.abort();
  }, [tries]);
  if (error instanceof StorageTrouble && error.kind === "unreachable") return <><NotFromHere r={r} place={place} what={what} retry={() => setTries(tries + 1)} /><p class="quiet">{t().notOpened}</p></>;
  if (error !== undefined) return <Trouble error={error} retry={() => setTries(tries + 1)} />;
  return <div class="preview"><Said facts={facts} more={shown && !facts?.parts && shown.bytes.byteLength < file.size ? t().firstOf(size(shown.bytes.byteLength), size(file.size)) : ""} />
    {!shown ? <Waiting /> : <Frame file={shown} title={t().contentOf(visible(file.name))} told={setFacts} more={(from) => links.read(file.name, `${from}-${Math.min(file.size, from + MiB) - 1}`)} />}
  </div>;
}

/** Said is what the document says of a file, as text. */
export function Said({ facts, more = "" }: { facts: Facts | null; more?: string }) {
  return <>{facts && facts.warnings.length > 0 && <Note kind="warn"><ul>{facts.warnings.map((w, i) => <li key={i}>{visible(w)}</li>)}</ul></Note>}
    {facts && <p class="quiet kind">{visible(facts.kind)}{more && ` · ${more}`}</p>}</>;
}
