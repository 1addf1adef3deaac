// The files of a draft: dropped or chosen, checked before the first byte, sent straight to storage, then submitted.
import { useEffect, useRef, useState } from "preact/hooks";
import { act, inWorkspace, Problem, type Envelope, type Violation, type Workspace } from "../api";
import { lasting, size as sizeText, visible } from "../format";
import { Bytes, Button, Dialog, Name, Note, Waiting } from "../parts/base";
import { Icon } from "../parts/icon";
import { NotFromHere } from "../parts/nothere";
import { Rules } from "../parts/rules";
import { statusWord } from "../parts/status";
import { Trouble, wordsFor } from "../parts/trouble";
import { online, say, tell } from "../state";
import { t } from "../text";
import { litter } from "../upload/plan";
import { chosen, dropped, type Picked } from "../upload/pick";
import { list, remove, StorageTrouble, type Stored } from "../upload/storage";
import { unfinished, uploaderOf, type Item, type Uploader } from "../upload/uploader";

interface Row { name: string; size: number; item?: Item; stored?: Stored; violations: string[]; }

export function DraftFiles({ e, place, set, reload }: { e: Envelope; place: Workspace; set: (e: Envelope) => void; reload: () => void }) {
  const r = e.airlockRequest;
  const [uploader] = useState(() => uploaderOf(r.workspaceId, r.id));
  const links = uploader.links;
  const [stored, setStored] = useState<Stored[] | null>(null);
  const [error, setError] = useState<unknown>();
  const [wrong, setWrong] = useState<Violation[]>([]);
  const [refused, setRefused] = useState<[name: string, why: string][]>([]);
  const [left, setLeft] = useState<Picked[]>([]);
  const [replace, setReplace] = useState<Picked[]>([]);
  const [kept, setKept] = useState<Picked[]>([]);
  const [asking, setAsking] = useState(false);
  const over = useRef(0);
  const [dragging, setDragging] = useState(false);
  const top = useRef<HTMLHeadingElement>(null);
  const look = () => links.use((link) => list(link)).then((s) => { setStored(s); setError(undefined); return s; }, (x: unknown) => { setError(x); });
  useEffect(() => { uploader.done = (name) => { say(t().uploaded(name)); void look(); }; void look(); return () => uploader.leave((name) => tell(t().uploaded(name))); }, []);
  const items = uploader.items.value;
  useAnnounced(items);

  const rows: Row[] = [];
  for (const s of stored ?? []) rows.push({ name: s.name, size: s.size, stored: s, violations: [] });
  for (const i of items) {
    const there = rows.find((x) => x.name === i.name);
    if (there) { there.item = i; there.size = i.size; } else if (i.stage !== "done" || !stored) rows.push({ name: i.name, size: i.size, item: i, violations: [] });
  }
  for (const v of wrong) { const row = rows.find((x) => x.name === v.file); if (row) row.violations.push(v.message); }
  rows.sort((a, b) => a.name.localeCompare(b.name));

  const take = async (picked: Picked[], force = false) => {
    if (picked.length === 0) return;
    const good = force ? picked : picked.filter((p) => !litter(p.name));
    if (!force) setLeft(picked.filter((p) => litter(p.name)));
    const violations = await check(r.workspaceId, r.type, [...rows.filter((x) => !good.some((p) => p.name === x.name)).map((x) => ({ name: x.name, size: x.size })), ...good.map((p) => ({ name: p.name, size: p.file.size }))]);
    const bad = new Set(violations.filter((v) => v.file && good.some((p) => p.name === v.file)).map((v) => v.file));
    setWrong(violations);
    setRefused(good.filter((p) => bad.has(p.name)).map((p) => [p.name, violations.filter((v) => v.file === p.name).map((v) => v.message).join(" ")]));
    const fine = good.filter((p) => !bad.has(p.name));
    const again = fine.filter((p) => stored?.some((s) => s.name === p.name));
    uploader.add(fine.filter((p) => !again.includes(p)));
    setReplace(again);
    if (bad.size > 0) say(t().refusedCount(bad.size));
  };
  /** add takes files; what could not be checked just now is kept, and taken when the connection is back. */
  const add = (picked: Picked[], force = false) => void take(picked, force).then(() => setKept([]), (x: unknown) => { setKept(picked); setError(x); });
  useEffect(() => { if (online.value && kept.length > 0) { setError(undefined); add(kept); } }, [online.value]);
  const takeOut = async (name: string) => {
    uploader.drop(name);
    top.current?.focus({ preventScroll: true }); // the button that was pressed is gone
    try {
      await links.use((link) => remove(link, name));
      say(t().removed(name));
      const there = await look(), sizes = new Map([...there ?? [], ...uploader.items.peek()].map((f) => [f.name, f.size]));
      setWrong(wrong.length > 0 && sizes.size > 0 ? await check(r.workspaceId, r.type, [...sizes].map(([n, size]) => ({ name: n, size }))) : []);
    } catch (x) { setError(x); }
  };
  const total = rows.reduce((n, x) => n + x.size, 0), limits = place.policy.files;
  const under = items.filter((i) => i.stage === "sending" || i.stage === "waiting").length;
  const general = wrong.filter((v) => !v.file || !rows.some((x) => x.name === v.file) && !refused.some(([n]) => n === v.file));
  const begun = stored ? unfinished(r.id).filter((n) => !rows.some((x) => x.name === n)) : [];
  if (error instanceof StorageTrouble && error.kind === "unreachable" && !stored) return <NotFromHere r={r} place={place} what="upload" retry={() => void look()} />;

  return <section aria-labelledby="files-head"><h2 id="files-head" ref={top} tabIndex={-1}>{t().files}</h2>
    <div class={dragging ? "drop over" : "drop"} onDragEnter={(x) => { x.preventDefault(); over.current++; setDragging(true); }} onDragOver={(x) => x.preventDefault()}
      onDragLeave={() => { if (--over.current <= 0) { over.current = 0; setDragging(false); } }}
      onDrop={(x) => { x.preventDefault(); over.current = 0; setDragging(false); if (x.dataTransfer) void dropped(x.dataTransfer.items).then((p) => add(p), setError); }}>
      <Icon name="upload" /><p>{t().dropHere}</p>
      <p class="row"><Pick label={t().chooseFiles} onPick={add} /><Pick label={t().chooseFolder} folder onPick={add} /></p>
      <p class="quiet">{t().fromWhere(r.type, place.properties.display_name)}</p>
    </div>
    {error !== undefined && <Trouble error={error} retry={() => { if (kept.length > 0) { setError(undefined); add(kept); } else void look(); }} />}
    {refused.length > 0 && <Note kind="bad" title={t().refusedTitle(refused.length)} alert><ul>{refused.map(([n, why]) => <li key={n}><bdi>{visible(n)}</bdi>: {why}</li>)}</ul></Note>}
    {general.length > 0 && <Note kind="bad" title={t().rulesBroken} alert><ul>{general.map((v, i) => <li key={i}>{v.file ? <><bdi>{visible(v.file)}</bdi>: </> : null}{v.rule === "too_many_files" && rows.length > limits.maxFiles ? t().tooManyFiles(rows.length, limits.maxFiles) : v.message}</li>)}</ul></Note>}
    {begun.length > 0 && <Note kind="info" title={t().begunTitle}><p>{begun.map(visible).join(", ")}</p></Note>}
    {left.length > 0 && <Note kind="info" title={t().leftOut}><p>{left.map((p) => visible(p.name)).join(", ")}</p><p><Button onClick={() => { const l = left; setLeft([]); add(l, true); }}>{t().addAllTheSame}</Button></p></Note>}
    {!stored && error === undefined && <Waiting />}
    {rows.length > 0 && <div class="scroll" role="region" aria-label={t().files} tabIndex={0}><table class="uploads"><caption class="hidden">{t().files}</caption>
      <thead><tr><th scope="col">{t().name}</th><th scope="col" class="right">{t().sizeWord}</th><th scope="col">{t().stateWord}</th><th scope="col"><span class="hidden">{t().actions}</span></th></tr></thead>
      <tbody>{rows.map((x) => <tr key={x.name} class={x.violations.length > 0 ? "wrong" : undefined}><th scope="row"><Name>{x.name}</Name>{x.violations.map((v) => <p key={v} class="error"><Icon name="bad" />{v}</p>)}</th>
        <td class="right"><Bytes n={x.size} /></td><td><State row={x} /></td><td class="row-actions"><RowActions row={x} uploader={uploader} takeOut={(n) => void takeOut(n)} /></td></tr>)}</tbody></table></div>}
    {stored && rows.length === 0 && <p class="quiet">{t().noFilesYet}</p>}
    <div class="foot-actions"><p class={rows.length > limits.maxFiles ? "error" : "quiet"}>{t().ofLimits(rows.length, limits.maxFiles, sizeText(total), limits.maxTotalBytes)}</p>
      {under > 1 && <Button onClick={() => uploader.pause()}>{t().pauseAll}</Button>}
      {items.some((i) => i.stage === "paused") && under === 0 && <Button onClick={() => uploader.resume()}>{t().resumeAll}</Button>}
      <Button kind="primary" onClick={() => setAsking(true)}>{t().checkAndSubmit}</Button></div>
    <details class="more"><summary>{t().allRules}</summary><Rules policy={place.policy} type={r.type} /></details>
    {replace.length > 0 && <Dialog title={t().replaceTitle(replace.length)} onClose={() => setReplace([])} footer={<><Button onClick={() => setReplace([])}>{t().keepOld}</Button><Button kind="primary" onClick={() => { uploader.add(replace); setReplace([]); }}>{t().replaceThem(replace.length)}</Button></>}>
      <ul>{replace.map((p) => <li key={p.name}><bdi>{visible(p.name)}</bdi></li>)}</ul></Dialog>}
    {asking && <Submit e={e} place={place} rows={rows} under={items.filter((i) => i.stage !== "done").length} close={() => setAsking(false)} refuse={(v) => { setWrong(v); setRefused([]); setAsking(false); void look(); setTimeout(() => top.current?.focus(), 0); }} done={(n) => { set(n); reload(); }} />}
  </section>;
}

/** check asks the service whether it would take files of these names and sizes; a service that cannot say leaves it to submit. */
async function check(workspace: string, type: string, files: { name: string; size: number }[]): Promise<Violation[]> {
  try {
    return (await inWorkspace<{ violations: Violation[] | null }>(workspace, "/check", { method: "POST", body: { type, files } })).violations ?? [];
  } catch (e) {
    if (e instanceof Problem && (e.status === 404 || e.status === 413)) return [];
    throw e;
  }
}

function Pick({ label, folder, onPick }: { label: string; folder?: boolean; onPick: (p: Picked[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return <><input ref={input} class="hidden" type="file" tabIndex={-1} aria-hidden="true" multiple {...(folder ? { webkitdirectory: true } : {})} onChange={(e) => { onPick(chosen(e.currentTarget.files)); e.currentTarget.value = ""; }} />
    <Button onClick={() => input.current?.click()}><Icon name={folder ? "folder" : "file"} />{label}</Button></>;
}

function State({ row }: { row: Row }) {
  const i = row.item;
  if (!i || i.stage === "done") return <span class="status good"><Icon name="good" />{t().stage.done}</span>;
  if (i.stage === "failed") return <span class="status bad"><Icon name="bad" />{wordsFor(i.error).title}</span>;
  const percent = i.size > 0 ? Math.floor(i.sent / i.size * 100) : 0;
  const left = i.stage === "sending" && i.speed > 0 && i.sent > 0 ? ` · ${t().left(lasting((i.size - i.sent) / i.speed))}` : "";
  return <span class="sending"><progress max={100} value={percent} aria-label={t().progressOf(row.name)} /> <span class="number">{percent} %</span> {t().stage[i.stage]}{left}</span>;
}

function RowActions({ row, uploader, takeOut }: { row: Row; uploader: Uploader; takeOut: (name: string) => void }) {
  const s = row.item?.stage;
  return <>
    {(s === "sending" || s === "waiting") && <Button kind="quiet" onClick={() => uploader.pause(row.name)} aria-label={`${t().pause} ${row.name}`}>{t().pause}</Button>}
    {(s === "paused" || s === "lost" || s === "failed") && <Button kind="quiet" onClick={() => uploader.resume(row.name)} aria-label={`${t().goOn} ${row.name}`}>{t().goOn}</Button>}
    <Button kind="quiet" onClick={() => takeOut(row.name)} aria-label={`${t().remove} ${row.name}`}>{t().remove}</Button>
  </>;
}

/** useAnnounced says quarters of an upload to those who do not see the bar. */
function useAnnounced(items: Item[]) {
  const told = useRef(new Map<string, number>());
  for (const i of items) if (i.stage === "sending" && i.size > 0) {
    const quarter = Math.floor(i.sent / i.size * 4) * 25;
    const before = told.current.get(i.name);
    if (before !== quarter && quarter < 100) {
      told.current.set(i.name, quarter);
      if (before !== undefined) say(t().progressSaid(i.name, quarter));
    }
  }
}

function Submit({ e, place, rows, under, close, refuse, done }: { e: Envelope; place: Workspace; rows: Row[]; under: number; close: () => void; refuse: (v: Violation[]) => void; done: (e: Envelope) => void }) {
  const r = e.airlockRequest;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const most = place.policy.files.maxFiles, many = rows.length > most, ready = rows.length > 0 && under === 0 && !many;
  const approvals = r.type === "import" ? place.policy.review.importApprovals : place.policy.review.exportApprovals;
  const run = async () => {
    setBusy(true);
    try {
      const n = await act(r.workspaceId, r.id, "submit", {}, r._etag);
      tell(t().nowIn(statusWord(n.airlockRequest.status)));
      done(n);
    } catch (x) {
      setBusy(false);
      if (x instanceof Problem && x.code === "policy_violation") refuse(x.violations); else setError(x);
    }
  };
  const total = rows.reduce((n, x) => n + x.size, 0);
  return <Dialog title={ready ? t().submitTitle(r.type, place.properties.display_name) : t().notYet} onClose={close}
    footer={<><Button onClick={close}>{t().back}</Button>{ready && <Button kind="primary" busy={busy} onClick={() => void run()}>{busy ? t().submitting : t().submitRequest}</Button>}</>}>
    {!ready && <p>{rows.length === 0 ? t().noFilesYet : many ? t().tooManyFiles(rows.length, most) : t().stillSending(under)}</p>}
    {ready && <><p>{t().submitText}</p><ul class="file-list">{rows.slice(0, 20).map((x) => <li key={x.name}><Name>{x.name}</Name> <Bytes n={x.size} /></li>)}{rows.length > 20 && <li>{t().andMore(rows.length - 20)}</li>}</ul>
      <p class="quiet">{t().filesCount(rows.length)}, {sizeText(total)}</p>
      <p>{t().afterSubmit(place.policy.malwareScanning.enabled, approvals)}</p></>}
    {error !== undefined && <Trouble error={error} />}
  </Dialog>;
}
