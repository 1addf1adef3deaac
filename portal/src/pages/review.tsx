// Reading a request and deciding about it: files left, the file shown, the decision right; all of it by keyboard.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { getRequest, inWorkspace, requestPath, workspace as findWorkspace, type AirlockRequest, type Envelope, type RequestFile, type Turn, type Workspace } from "../api";
import * as auth from "../auth";
import { visible, visibleLines } from "../format";
import { Given } from "../parts/answers";
import { Button, Dialog, Empty, Hash, Note, Page, Tabs, Time, Waiting } from "../parts/base";
import { Bytes } from "../parts/base";
import { SideBySide, type Against } from "../parts/against";
import { BesideBefore, EarlierRequests, SaidBefore, SeenBefore, useBefore, type Before } from "../parts/before";
import { Comments } from "../parts/comments";
import { Decision, type FileDecision } from "../parts/decision";
import { ScanWord } from "../parts/filetable";
import { Findings, useFindings } from "../parts/findings";
import { Preview } from "../parts/preview";
import { Direction, Due, Status } from "../parts/status";
import { rowsOf, Tree, type Leaf } from "../parts/tree";
import { Trouble } from "../parts/trouble";
import { Turns, useTurns } from "../parts/turns";
import { go, to } from "../router";
import { say, useLoad } from "../state";
import { t } from "../text";
import { FileLinks } from "../upload/storage";
import { pace } from "./request";

export function ReviewPage({ workspace, request }: { workspace: string; request: string }) {
  const loaded = useLoad((signal) => getRequest(workspace, request, signal), `${workspace}/${request}`, pace);
  const place = useLoad(() => findWorkspace(workspace), workspace);
  const e = loaded.value;
  if (!e) return <Page title={t().review} crumbs={[[t().toReview, to.queue]]}>{loaded.error !== undefined ? <Trouble error={loaded.error} retry={loaded.reload} /> : <Waiting />}</Page>;
  const r = e.airlockRequest;
  if (!e.allowedUserActions.includes("review")) return <Page title={r.title} crumbs={[[t().toReview, to.queue]]} lead={<><Direction type={r.type} /><Status r={r} /></>}>
    <Empty title={t().notToDecide}><p><a class="button" href={to.request(workspace, request)}>{t().openRequest}</a> <a class="button" href={to.queue}>{t().toReview}</a></p></Empty></Page>;
  return <Desk key={`${r.id}.${r.turn ?? 1}`} e={e} place={place.value} reload={loaded.reload} />;
}

/** useMarks are what the reviewer says of each file: decisions in this tab, that a file was looked at in this browser. */
function useMarks(r: AirlockRequest) {
  const slot = `airlock.marks.${r.id}.${r.turn ?? 1}`;
  const [marks, setMarks] = useState<Record<string, FileDecision>>(() => JSON.parse(sessionStorage.getItem(slot) ?? "{}") as Record<string, FileDecision>);
  const [seen, setSeen] = useState<Set<number>>(() => new Set(JSON.parse(localStorage.getItem(slot) ?? "[]") as number[]));
  const mark = (name: string, d: FileDecision | null) => {
    const next = { ...marks };
    if (d) next[name] = d; else delete next[name];
    sessionStorage.setItem(slot, JSON.stringify(next));
    setMarks(next);
  };
  const look = (i: number) => {
    if (i < 0 || seen.has(i)) return;
    const next = new Set(seen).add(i);
    localStorage.setItem(slot, JSON.stringify([...next])); // numbers, no names: desktops are shared
    setSeen(next);
  };
  return { marks, mark, seen, look };
}

const icons: Record<string, string> = { fine: "good", change: "returned", withhold: "bad" };

function Desk({ e, place, reload }: { e: Envelope; place: Workspace | undefined; reload: () => void }) {
  const r = e.airlockRequest;
  const { marks, mark, seen, look } = useMarks(r);
  const gates = useFindings(r);
  const before = useBefore(r);
  const turns = useTurns(r);
  const files = useMemo(() => inOrder(r.files), [r.files]);
  const [onlyNew, setOnlyNew] = useState(false);
  const [name, setName] = useState(files[0]?.name ?? "");
  const [pane, setPane] = useState("file");
  const [against, setAgainst] = useState<Against | null>(null);
  const [links] = useState(() => new FileLinks(r.workspaceId, r.id));
  const [keys, setKeys] = useState(localStorage.getItem("airlock.keys") !== "off");
  const [showKeys, setShowKeys] = useState(false);
  const desk = useRef<HTMLDivElement>(null);
  const index = files.findIndex((f) => f.name === name);
  const file = files[index];
  useEffect(() => setAgainst((a) => a && a.file.name !== name ? null : a), [name]); // another file stands alone
  const beside = (a: Against) => {
    if (files.some((f) => f.name === a.file.name)) setName(a.file.name);
    setAgainst(a);
    setPane("file");
    setTimeout(() => document.querySelector(".beside")?.scrollIntoView({ block: "start" }), 0);
    say(t().besideOf + " " + visible(a.file.name));
  };
  useEffect(() => look(index), [index]);
  const leaves: Leaf[] = useMemo(() => files.map((f, i) => {
    const d = marks[f.name]?.decision;
    return { path: f.name, mark: d ? icons[d] ?? "ring" : seen.has(i) ? "check" : "ring", word: d ? t().fileDecision[d] ?? d : seen.has(i) ? t().lookedAt : t().notLookedAt, tag: f.change && f.change !== "unchanged" ? t().change[f.change] : undefined };
  }).filter((_, i) => !onlyNew || files[i]?.change !== "unchanged"), [files, marks, seen, onlyNew]);
  const step = (by: number) => { const f = files[Math.min(files.length - 1, Math.max(0, index + by))]; if (f) setName(f.name); };
  const set = (decision: FileDecision["decision"]) => { if (file) mark(file.name, marks[file.name]?.decision === decision ? null : { decision, comment: marks[file.name]?.comment ?? "" }); };

  useEffect(() => {
    let g = false;
    const pressed = (x: KeyboardEvent) => {
      const at = x.target as HTMLElement;
      if (x.ctrlKey || x.metaKey || x.altKey || at.closest("input, textarea, select, dialog")) return;
      if (x.key === "?") { setShowKeys(true); return; }
      if (!keys) return;
      if (g) { g = false; if (x.key === "q") go(to.queue); if (x.key === "m") go(to.mine); return; }
      switch (x.key) {
        case "j": step(1); break;
        case "k": step(-1); break;
        case "f": set("fine"); break;
        case "c": set("change"); focusOn("#file-comment"); break;
        case "a": focusOn("#decide-approve"); break;
        case "x": focusOn("#decide-reject"); break;
        case "r": focusOn("#decide-request_changes"); break;
        case "p": setPane("file"); focusOn(".preview iframe"); break;
        case "g": g = true; return;
        default: return;
      }
      x.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });

  const looked = files.filter((_, i) => seen.has(i)).length;
  return <Page wide title={r.title} crumbs={[[t().toReview, to.queue]]} lead={<><Direction type={r.type} /><span>{t().wayOf(r.type, place?.properties.display_name ?? "")}</span><span>{t().ofPerson(r.createdBy.name)}</span>{(r.turn ?? 1) > 1 && <span class="tag">{t().turn(r.turn ?? 1)}</span>}<Due r={r} /></>}
    actions={<><Claim r={r} reload={reload} /><Button kind="quiet" onClick={() => setShowKeys(true)}>{t().keys}</Button></>}>
    {e.selfReviewAllowed && <Note kind="warn" title={t().ownRequestWarning} />}
    <details class="why" open><summary><h2>{t().whyShort}</h2></summary><p class="lines said-text"><bdi>{visibleLines(r.businessJustification)}</bdi></p>
      {r.answers && Object.keys(r.answers).length > 0 && <Given form={place?.policy.form?.[r.type] ?? []} value={r.answers} />}</details>
    <Changed r={r} open={(n) => { setName(n); setPane("file"); }} />
    <div class="only-narrow"><Tabs label={t().review} tabs={[{ id: "files", name: t().files }, { id: "file", name: t().fileWord }, { id: "decision", name: t().decision }]} value={pane} onChange={setPane} /></div>
    <div class={`desk show-${pane}`} ref={desk}>
      <aside id="panel-files" class="desk-tree" aria-label={t().files}><Tree leaves={leaves} selected={name} onSelect={(n) => { setName(n); setPane("file"); }} label={t().files} />
        {r.changes && <label class="tick"><input type="checkbox" checked={onlyNew} onChange={(x) => setOnlyNew(x.currentTarget.checked)} />{t().onlyChanged}</label>}<p class="quiet">{t().lookedAtOf(looked, r.files.length)}</p></aside>
      <section id="panel-file" class="desk-file" aria-label={file ? visible(file.name) : t().files}>
        {file && <><FileHead f={file} r={r} prev={() => step(-1)} next={() => step(1)} index={index} before={before} present={turns.present} last={turns.over[0]} beside={beside} />
          {against ? <SideBySide key={`${file.name} ${against.earlier.request.id} ${against.file.name}`} links={links} file={file} r={r} place={place} against={against} close={() => setAgainst(null)} /> : <Preview key={file.name} links={links} file={file} r={r} place={place} />}
          <Findings r={r} gates={gates} file={file.name} excerpts />
          <FileMark f={file} d={marks[file.name]} set={(d) => mark(file.name, d)} /></>}
      </section>
      <aside id="panel-decision" class="desk-decision" aria-label={t().decision}><Decision e={e} place={place} marks={marks} unseen={r.files.length - looked} gates={gates} reload={reload} /></aside>
    </div>
    <EarlierRequests r={r} before={before} name={place?.properties.display_name ?? ""} beside={beside} />
    <Turns turns={turns.over} />
    <Comments r={r} reviewer />
    {showKeys && <Dialog title={t().keys} onClose={() => setShowKeys(false)} footer={<Button kind="primary" onClick={() => setShowKeys(false)}>{t().close}</Button>}>
      <dl class="keys">{t().keyList.map(([k, what]) => <div key={k}><dt><kbd>{k}</kbd></dt><dd>{what}</dd></div>)}</dl>
      <label class="tick"><input type="checkbox" checked={keys} onChange={(x) => { setKeys(x.currentTarget.checked); localStorage.setItem("airlock.keys", x.currentTarget.checked ? "on" : "off"); }} />{t().keysOn}</label></Dialog>}
  </Page>;
}

/** inOrder puts files in the order of the tree, so that the next one is the next line. */
function inOrder(files: RequestFile[]): RequestFile[] {
  const lines = rowsOf(files.map((f) => ({ path: f.name, mark: "", word: "" })), new Set());
  return lines.flatMap((l) => l.leaf ? files.filter((f) => f.name === l.leaf!.path) : []);
}

const focusOn = (selector: string) => setTimeout(() => document.querySelector<HTMLElement>(selector)?.focus(), 0);

function FileHead({ f, r, prev, next, index, before, present, last, beside }: { f: RequestFile; r: AirlockRequest; prev: () => void; next: () => void; index: number; before: Before; present: Turn | undefined; last: Turn | undefined; beside: (a: Against) => void }) {
  const then = f.change === "changed" ? last?.files.find((x) => x.name === f.name) : undefined;
  return <div class="file-head"><h2><bdi>{visible(f.name)}</bdi></h2><p class="card-facts"><Bytes n={f.size} /><ScanWord f={f} required={r.scanRequired ?? false} />{f.change && <span class="tag">{t().change[f.change] ?? f.change}</span>}{f.from && <span class="quiet">{t().wasNamed} <bdi>{visible(f.from)}</bdi></span>}{f.sha256 && <Hash value={f.sha256} label="SHA-256" />}</p>
    {r.files.length > 1 && <p class="row"><Button kind="quiet" onClick={prev}>{t().previous}</Button><span class="quiet">{index + 1} / {r.files.length}</span><Button kind="quiet" onClick={next}>{t().nextFile}</Button></p>}
    <div class="known"><SaidBefore file={present?.files.find((x) => x.name === f.name)} />{then && <p class="quiet">{t().wasInTurn(last!.turn)} <Bytes n={then.size} />{then.sha256 && <>, <Hash value={then.sha256} label="SHA-256" /></>}. {t().turnGone}</p>}<SeenBefore r={r} file={f} before={before} /><BesideBefore file={f} before={before} beside={beside} /></div></div>;
}

function FileMark({ f, d, set }: { f: RequestFile; d: FileDecision | undefined; set: (d: FileDecision | null) => void }) {
  return <fieldset class="mark"><legend>{t().thisFile}</legend><div class="row">{(["fine", "change", "withhold"] as const).map((k) =>
    <button key={k} type="button" class="button" aria-pressed={d?.decision === k} onClick={() => set(d?.decision === k ? null : { decision: k, comment: d?.comment ?? "" })}>{t().fileDecision[k]}</button>)}</div>
    {d && d.decision !== "fine" && <label class="field">{t().fileComment}<textarea id="file-comment" rows={2} maxLength={1000} value={d.comment} onInput={(e) => set({ ...d, comment: e.currentTarget.value })} /></label>}
    <span class="hidden">{f.name}</span></fieldset>;
}

/** Changed says what became of the files since the turn before; each one opens by its name. */
function Changed({ r, open }: { r: AirlockRequest; open: (name: string) => void }) {
  const c = r.changes;
  if (!c) return null;
  const others = r.files.filter((f) => f.change && f.change !== "unchanged");
  return <Note kind="info" title={t().sinceLastTurn}><p>{t().changedCounts(c)}</p>
    {others.length > 0 && <ul class="file-list">{others.slice(0, 12).map((f) => <li key={f.name}><span class="tag">{t().change[f.change ?? ""] ?? f.change}</span> <button type="button" class="as-link" onClick={() => open(f.name)}><bdi>{visible(f.name)}</bdi></button>{f.from && <span class="quiet"> {t().wasNamed} <bdi>{visible(f.from)}</bdi></span>}</li>)}{others.length > 12 && <li>{t().andMore(others.length - 12)}</li>}</ul>}
    {c.gone && c.gone.length > 0 && <p>{t().gone} {c.gone.map(visible).join(", ")}</p>}</Note>;
}

function Claim({ r, reload }: { r: AirlockRequest; reload: () => void }) {
  const [error, setError] = useState<unknown>();
  const mine = r.claim?.by.id === auth.account.value?.localAccountId;
  const claim = async (method: "POST" | "DELETE") => {
    try { await inWorkspace(r.workspaceId, `${requestPath(r.id)}/claim`, method === "POST" ? { method, body: {} } : { method }); reload(); } catch (e) { setError(e); }
  };
  return <>{r.claim && !mine && <span class="tag">{t().claimedBy(r.claim.by.name)} <Time at={r.claim.until} /></span>}
    {(!r.claim || mine) && <Button onClick={() => void claim(mine ? "DELETE" : "POST")}>{mine ? t().unclaim : t().claim}</Button>}{error !== undefined && <Trouble error={error} />}</>;
}
