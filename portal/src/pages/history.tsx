// The audit trail of a request, as the service verified it and as this browser did.
import { useEffect, useState } from "preact/hooks";
import { bytesOf, getRequest, inWorkspace, requestPath, type Trail, type TrailRecord } from "../api";
import { now } from "../clock";
import { ago, sha256, short, utc, visible, visibleLines } from "../format";
import { Button, Hash, Note, Page, Waiting } from "../parts/base";
import { Icon } from "../parts/icon";
import { statusWord } from "../parts/status";
import { Trouble } from "../parts/trouble";
import { openReceipt, type Receipt } from "../receipt";
import { to } from "../router";
import { say, useLoad } from "../state";
import { t } from "../text";
import { save } from "./download";
import { above } from "./request";

/** recompute hashes every record and follows the links between them; it returns what is wrong. */
export async function recompute(trail: Trail): Promise<{ seq: number; what: string }[]> {
  const wrong: { seq: number; what: string }[] = [];
  let before = "", n = 0;
  for (const r of trail.records) {
    n++;
    if (r.seq !== n) wrong.push({ seq: r.seq, what: `expected record ${n}` });
    if (await sha256(r.body) !== r.hash) wrong.push({ seq: r.seq, what: "the hash is not that of its bytes" });
    let prev: unknown;
    try { prev = (JSON.parse(r.body) as TrailRecord).prev; } catch { prev = null; }
    if (prev !== before) wrong.push({ seq: r.seq, what: "it does not name the record before" });
    before = r.hash;
  }
  if (before !== trail.head.hash || n !== trail.head.length) wrong.push({ seq: 0, what: "the last record is not the head" });
  return wrong;
}

async function whole(workspace: string, request: string, signal: AbortSignal): Promise<Trail> {
  let trail: Trail | null = null;
  for (let page = ""; ;) {
    const next: Trail = await inWorkspace<Trail>(workspace, `${requestPath(request)}/history${page ? `?page=${encodeURIComponent(page)}` : ""}`, { signal });
    trail = trail ? { ...next, records: [...trail.records, ...next.records] } : next;
    if (!next.nextPage) return trail;
    page = next.nextPage;
  }
}

export function HistoryPage({ workspace, request }: { workspace: string; request: string }) {
  const loaded = useLoad((signal) => whole(workspace, request, signal), `${request}.history`);
  const about = useLoad((signal) => getRequest(workspace, request, signal), `${request}.about`);
  const [mine, setMine] = useState<{ seq: number; what: string }[] | null>(null);
  const [security, setSecurity] = useState(false);
  const [person, setPerson] = useState("");
  const trail = loaded.value;
  const masked = trail?.records.some((r) => r.body === "") ?? false;
  useEffect(() => { if (trail && !masked) void recompute(trail).then(setMine); }, [trail]);
  const title = about.value?.airlockRequest.title ?? "";
  const records = (trail?.records ?? []).filter((r) => (!security || r.record?.security) && (!person || who(r.record) === person));
  const people = [...new Set((trail?.records ?? []).map((r) => who(r.record)))].sort();
  return <Page title={t().historyOf(title)} crumbs={[above(about.value?.airlockRequest), [title || t().request, to.request(workspace, request)]]}
    actions={trail && <><Button onClick={() => save(`history-${request}.json`, JSON.stringify(trail, null, 1), "application/json")}>{t().downloadJson}</Button><Button onClick={() => print()}><Icon name="print" />{t().print}</Button></>}>
    <p class="print">{request} · {utc(now.value)}</p>
    {loaded.error !== undefined && <Trouble error={loaded.error} retry={loaded.reload} />}
    {!trail && loaded.error === undefined && <Waiting />}
    {trail && <>
      <Verdict by={t().byService} ok={trail.verification.ok} problems={trail.verification.problems} n={trail.verification.records} />
      {masked ? <Note kind="info"><p>{t().maskedTrail}</p></Note> : mine && <Verdict by={t().byBrowser} ok={mine.length === 0} problems={mine} n={trail.records.length} />}
      <div class="filters"><label class="tick"><input type="checkbox" checked={security} onChange={(e) => setSecurity(e.currentTarget.checked)} />{t().securityOnly}</label>
        <label>{t().person} <select value={person} onChange={(e) => setPerson(e.currentTarget.value)}><option value="">{t().everybody}</option>{people.map((p) => <option key={p}>{p}</option>)}</select></label></div>
      <table class="stack history"><caption class="hidden">{t().historyOf(title)}</caption><thead><tr><th scope="col">#</th><th scope="col">{t().whenUtc}</th><th scope="col">{t().whoWord}</th><th scope="col">{t().whatWord}</th><th scope="col">{t().fromTo}</th></tr></thead>
        <tbody>{records.map((r) => <Line key={r.seq} r={r} />)}</tbody></table>
      <p>{t().head} <Hash value={trail.head.hash} label={t().head} /> ({trail.head.length})</p>
      <p class="quiet">{t().checkYourself} <code>airlock history {request} --verify</code></p>
      {about.value && ["approved", "revoked"].includes(about.value.airlockRequest.status) && <ReceiptBox workspace={workspace} request={request} />}</>}
  </Page>;
}

/** Evidence saves everything that proves what happened, as one file that airlock-verify checks without the service. */
function Evidence({ workspace, request }: { workspace: string; request: string }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try { save(`evidence-${request}.zip`, await bytesOf(workspace, `${requestPath(request)}/evidence`), "application/zip"); say(t().done); } catch (e) { setError(e); }
    setBusy(false);
  };
  return <><Button busy={busy} onClick={() => void run()}>{busy ? t().workingWord : t().saveEvidence}</Button>{error !== undefined && <Trouble error={error} />}</>;
}

function who(r: TrailRecord | null): string { return r?.actor.name || r?.actor.component || r?.actor.id || "–"; }

function Verdict({ by, ok, problems, n }: { by: string; ok: boolean; problems: { seq: number; what: string }[]; n: number }) {
  return ok ? <p class="verdict good"><Icon name="good" />{by}: {t().chainWhole(n)}</p>
    : <Note kind="bad" title={`${by}: ${t().chainBroken}`} alert><p>{t().doNotRely}</p><ul>{problems.map((p, i) => <li key={i}>{p.seq ? `${p.seq}: ` : ""}{p.what}</li>)}</ul></Note>;
}

function Line({ r }: { r: Trail["records"][number] }) {
  const x = r.record;
  if (!x) return <tr><td>{r.seq}</td><td colSpan={4}>{t().unreadable}</td></tr>;
  const detail = Object.entries(x.detail ?? {});
  return <tr class={x.security ? "security" : undefined}><td data-label="#">{r.seq}</td><td data-label={t().whenUtc} title={ago(Date.parse(x.at) / 1000, now.value)}><time dateTime={x.at}>{utc(x.at)}</time></td><td data-label={t().whoWord}><bdi>{visible(who(x))}</bdi></td>
    <td data-label={t().whatWord}><strong>{x.action.replace(/_/g, " ")}</strong>{x.security && <span class="tag bad">{t().securityWord}</span>}{x.reason && <p class="lines"><bdi>{visibleLines(x.reason)}</bdi></p>}
      {detail.length > 0 && <p class="quiet">{detail.map(([k, v]) => `${k}: ${visible(String(v))}`).join(" · ")}</p>}
      <details class="raw"><summary>{t().rawRecord} <code>{short(r.hash)}</code></summary><pre tabIndex={0}>{r.body ? visible(r.body) : JSON.stringify(x, null, 1)}</pre></details></td>
    <td data-label={t().fromTo}>{x.from === x.to || !x.to ? x.to ? statusWord(x.to) : "" : `${x.from ? statusWord(x.from) : "–"} → ${statusWord(x.to)}`}</td></tr>;
}

/** ReceiptBox shows the signed receipt of a release, and the evidence for somebody outside. */
function ReceiptBox({ workspace, request }: { workspace: string; request: string }) {
  const loaded = useLoad(async (signal) => {
    const envelope = await inWorkspace<unknown>(workspace, `${requestPath(request)}/receipt`, { signal });
    return { envelope, receipt: await openReceipt(envelope) };
  }, `${request}.receipt`);
  if (!loaded.value) return loaded.error !== undefined ? <Trouble error={loaded.error} /> : null;
  const r: Receipt = loaded.value.receipt;
  return <section class="panel"><h2>{t().receipt}</h2>
    <p class={`verdict ${r.signed ? "good" : "bad"}`}><Icon name={r.signed ? "good" : "bad"} />{r.signed ? t().receiptSigned : t().receiptUnsigned}</p>
    <dl class="facts"><div><dt>{t().released}</dt><dd>{utc(r.releasedAt)}</dd></div><div><dt>{t().workspace}</dt><dd><bdi>{r.workspace.displayName}</bdi></dd></div><div><dt>{t().madeBy}</dt><dd><bdi>{r.requestor.name}</bdi></dd></div>
      {r.review.decisions.map((d, i) => <div key={i}><dt>{t().decided[d.decision] ?? d.decision}</dt><dd><bdi>{d.reviewer.name}</bdi>, {utc(d.at)}: <bdi>{visible(d.explanation)}</bdi></dd></div>)}</dl>
    <ul class="file-list">{r.files.map((f) => <li key={f.name}><bdi>{visible(f.name)}</bdi> {f.sha256 && <code class="wrap">{f.sha256}</code>}</li>)}</ul>
    <p class="screen"><Button onClick={() => save(`receipt-${request}.json`, JSON.stringify(loaded.value!.envelope), "application/json")}>{t().saveReceipt}</Button> <Evidence workspace={workspace} request={request} /></p></section>;
}
