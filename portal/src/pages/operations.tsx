// For TRE administrators: health, what the doctor finds, parked events, the reconciler.
import { useState } from "preact/hooks";
import { call, open } from "../api";
import type { Examination, Finding, HealthReport as Health, ParkedEvent as Parked, ParkedEvents } from "../openapi";
import { now } from "../clock";
import { ago } from "../format";
import { Button, Dialog, Empty, Note, Page, Waiting } from "../parts/base";
import { Icon } from "../parts/icon";
import { Trouble } from "../parts/trouble";
import { say, useLoad } from "../state";
import { t } from "../text";

export function OperationsPage() {
  const health = useLoad(() => open<Health>("/health"), "health", () => 30_000);
  const parked = useLoad((signal) => call<ParkedEvents>("/operations/parked-events", { signal }), "parked");
  const h = health.value;
  return <Page title={t().operations} lead={h && <span class={`status ${h.status === "ok" ? "good" : "warn"}`}><Icon name={h.status === "ok" ? "good" : "warn"} />{t().healthWord(h.status)}</span>}>
    {health.error !== undefined && <Trouble error={health.error} retry={health.reload} />}
    {h && <dl class="numbers">{([[h.overdueRequests, t().health.overdue], [h.parkedEvents, t().health.parked], [h.scanSilent, t().health.silent], [h.unclaimedContainers, t().health.unclaimed], [h.damagedRows, t().health.damaged]] as const).map(([n, word]) =>
      <div key={word} class={n > 0 ? "attention" : undefined}><dt>{word}</dt><dd>{n}</dd></div>)}</dl>}
    {h && <p class="quiet">{h.build.version} · {h.build.commit.slice(0, 10)} · {h.build.date}</p>}
    <Reconcile done={() => { health.reload(); parked.reload(); }} />
    <section><h2>{t().parkedEvents}</h2>
      {parked.error !== undefined && <Trouble error={parked.error} retry={parked.reload} />}
      {!parked.value && parked.error === undefined && <Waiting />}
      {parked.value && parked.value.parkedEvents.length === 0 && <Empty title={t().noParked}><p>{t().noParkedText}</p></Empty>}
      {(parked.value?.parkedEvents ?? []).map((p) => <ParkedOne key={p.id} p={p} done={parked.reload} />)}</section>
    <Doctor />
  </Page>;
}

function Reconcile({ done }: { done: () => void }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<Record<string, unknown> | null>(null);
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try { setResult(await call("/operations/reconcile", { method: "POST", body: {} })); say(t().done); done(); } catch (e) { setError(e); }
    setBusy(false);
  };
  return <section class="panel"><h2>{t().reconciler}</h2><p class="quiet">{t().reconcilerText}</p><p><Button busy={busy} onClick={() => void run()}>{busy ? t().workingWord : t().runReconciler}</Button></p>
    {result && <pre tabIndex={0}>{JSON.stringify(result, null, 1)}</pre>}{error !== undefined && <Trouble error={error} />}</section>;
}

function ParkedOne({ p, done }: { p: Parked; done: () => void }) {
  const [asked, setAsked] = useState<"" | "redrive" | "discard">("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    try { await call(`/operations/parked-events/${p.id}/redrive`, { method: "POST", body: { discard: asked === "discard" } }); setAsked(""); done(); } catch (e) { setError(e); }
    setBusy(false);
  };
  return <article class="panel"><h3>{p.function} <span class="quiet">{ago(Date.parse(p.at) / 1000, now.value)}</span></h3><p>{p.reason}</p>{p.requestId && <Note kind="warn"><p>{t().holds} <code>{p.requestId}</code></p></Note>}
    <details class="more"><summary>{t().theEvent}</summary><pre tabIndex={0}>{JSON.stringify(p.event, null, 1)}</pre></details>
    <p class="row"><Button onClick={() => setAsked("redrive")}>{t().redrive}</Button><Button kind="danger" onClick={() => setAsked("discard")}>{t().discardEvent}</Button></p>
    {asked && <Dialog title={asked === "redrive" ? t().redrive : t().discardEvent} onClose={() => setAsked("")} footer={<><Button onClick={() => setAsked("")}>{t().back}</Button><Button kind={asked === "discard" ? "danger" : "primary"} busy={busy} onClick={() => void run()}>{asked === "redrive" ? t().redrive : t().discardEvent}</Button></>}>
      <p>{asked === "redrive" ? t().redriveText : t().discardText}</p>{error !== undefined && <Trouble error={error} />}</Dialog>}</article>;
}

function Doctor() {
  const [found, setFound] = useState<Examination | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try { setFound(await call("/operations/doctor")); } catch (e) { setError(e); }
    setBusy(false);
  };
  const passed = found?.findings.filter((f) => f.state === "ok") ?? [];
  return <section><h2>{t().doctor}</h2><p class="quiet">{t().doctorText}</p><p><Button busy={busy} onClick={() => void run()}>{busy ? t().workingWord : t().examine}</Button></p>
    {error !== undefined && <Trouble error={error} />}
    {found && <><p class={`verdict ${found.well ? "good" : "bad"}`}><Icon name={found.well ? "good" : "bad"} />{found.well ? t().allWell : t().somethingWrong}</p>
      <Found list={found.findings.filter((f) => f.state !== "ok")} />
      {passed.length > 0 && <details class="more"><summary>{t().passed(passed.length)}</summary><Found list={passed} /></details>}</>}</section>;
}

const Found = ({ list }: { list: Finding[] }) => <ul class="findings">{list.map((f, i) => <li key={i} class={f.state === "wrong" ? "wrong" : undefined}><Icon name={f.state === "ok" ? "good" : f.state === "wrong" ? "bad" : "warn"} /><div><strong>{f.check}</strong> {f.about}: {f.says}{f.fix && <p>{f.fix}</p>}</div></li>)}</ul>;
