// What was approved, fetched and compared with what was reviewed before it is saved.
import { useState } from "preact/hooks";
import { inWorkspace, requestPath, type Envelope, type RequestFile, type Workspace } from "../api";
import { sha256, size as sizeText, visible } from "../format";
import { Bytes, Button, Name, Note } from "../parts/base";
import { Icon } from "../parts/icon";
import { NotFromHere } from "../parts/nothere";
import { Trouble } from "../parts/trouble";
import { openReceipt, type Receipt } from "../receipt";
import { say } from "../state";
import { t } from "../text";
import { FileLinks, StorageTrouble } from "../upload/storage";

/** inMemory is the largest file that a page fetches whole to compare it; the command line has no such limit. */
const inMemory = 256 * 2 ** 20;

type State = { stage: "fetching"; got: number } | { stage: "checked"; hash: string } | { stage: "unchecked" } | { stage: "wrong"; hash: string };

export function Downloads({ e, place }: { e: Envelope; place: Workspace | undefined }) {
  const r = e.airlockRequest;
  const [links] = useState(() => new FileLinks(r.workspaceId, r.id));
  const [states, setStates] = useState<Record<string, State>>({});
  const [error, setError] = useState<unknown>();
  const [left, setLeft] = useState<RequestFile[]>([]);
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const files = r.files.filter((f) => !f.withheld && !f.supporting);
  const set = (name: string, s: State) => setStates((all) => ({ ...all, [name]: s }));

  const receiptOf = async (): Promise<Receipt> => {
    if (receipt) return receipt;
    const got = await openReceipt(await inWorkspace<unknown>(r.workspaceId, `${requestPath(r.id)}/receipt`));
    setReceipt(got);
    return got;
  };
  const fetchOne = async (f: RequestFile) => {
    set(f.name, { stage: "fetching", got: 0 });
    try {
      const proof = await receiptOf();
      const bytes = await links.read(f.name, undefined, undefined, (got) => set(f.name, { stage: "fetching", got }));
      const hash = await sha256(bytes);
      const want = proof.files.find((x) => x.name === f.name)?.sha256;
      if (want && want !== hash) { set(f.name, { stage: "wrong", hash }); return; }
      save(f.name, bytes);
      set(f.name, want ? { stage: "checked", hash } : { stage: "unchecked" });
      say(t().downloaded(f.name));
    } catch (x) {
      setStates((all) => { const rest = { ...all }; delete rest[f.name]; return rest; });
      throw x;
    }
  };
  /** take fetches files one after another. If one fails, it and those after it are left to be tried again. */
  const take = async (list: RequestFile[]) => {
    setError(undefined);
    let n = 0;
    try { for (; n < list.length; n++) await fetchOne(list[n]!); } catch (x) { setError(x); setLeft(list.slice(n)); }
  };
  const again = () => void take(left);
  if (r.dataDeletedWhen) return null;
  if (error instanceof StorageTrouble && error.kind === "unreachable") return <NotFromHere r={r} place={place} what="download" retry={again} />;
  return <section aria-labelledby="download-head"><h2 id="download-head">{t().download}</h2>
    {error !== undefined && <Trouble error={error} retry={again} />}
    <ul class="downloads">{files.map((f) => <li key={f.name} class="panel"><div><Name>{f.name}</Name> <Bytes n={f.size} /></div><One f={f} state={states[f.name]} fetch={() => void take([f])} command={`airlock download ${r.id}`} /></li>)}</ul>
    {files.length > 1 && <p><Button kind="primary" onClick={() => void take(files.filter((f) => f.size <= inMemory))}>{t().downloadAll}</Button></p>}
    {receipt && <p class="quiet"><Icon name={receipt.signed ? "good" : "warn"} /> {receipt.signed ? t().receiptSigned : t().receiptUnsigned}</p>}
  </section>;
}

function One({ f, state, fetch, command }: { f: RequestFile; state: State | undefined; fetch: () => void; command: string }) {
  if (f.size > inMemory) return <p class="quiet">{t().tooLargeHere(sizeText(inMemory))} <code>{command}</code></p>;
  if (state?.stage === "wrong") return <Note kind="bad" title={t().otherBytes} alert><p>{t().otherBytesText}</p><p><code>{state.hash}</code></p></Note>;
  return <div class="row">{state?.stage === "fetching" && <progress max={f.size || 1} value={state.got} aria-label={t().progressOf(f.name)} />}
    {state?.stage === "checked" && <span class="status good"><Icon name="good" />{t().sameAsReviewed}</span>}
    {state?.stage === "unchecked" && <span class="status calm"><Icon name="info" />{t().notCompared}</span>}
    <Button kind={state ? "quiet" : "primary"} busy={state?.stage === "fetching"} onClick={fetch} aria-label={`${t().download} ${visible(f.name)}`}><Icon name="import" />{t().download}</Button></div>;
}

/** save hands bytes to the browser as a file; their type is that of bytes, so that nothing renders. */
export function save(name: string, bytes: BlobPart, type = "application/octet-stream") {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name.split("/").pop() ?? "file";
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
