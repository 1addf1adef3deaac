// The decision: chosen, explained, shown once more in full, then sent.
import { useEffect, useState } from "preact/hooks";
import { act, call, Problem, type AirlockRequest, type Envelope, type Workspace } from "../api";
import * as auth from "../auth";
import { size, visible, visibleLines } from "../format";
import { go, to } from "../router";
import { tell, useKept } from "../state";
import { t } from "../text";
import { Button, Dialog, Field, Note, Time } from "./base";
import { toAcknowledge, type GateFound, type ToAcknowledge } from "./findings";
import { Icon } from "./icon";
import { approvalsWord, statusWord } from "./status";
import { Trouble, wordsFor } from "./trouble";

export interface FileDecision { decision: "fine" | "change" | "withhold"; comment: string; }
type Choice = "approve" | "reject" | "request_changes";

export function Decision({ e, place, marks, unseen, gates, reload }: { e: Envelope; place: Workspace | undefined; marks: Record<string, FileDecision>; unseen: number; gates: GateFound[]; reload: () => void }) {
  const r = e.airlockRequest;
  const [choice, setChoice] = useKept(`${r.id}.choice`);
  const [why, setWhy] = useKept(`${r.id}.decision`);
  const [asking, setAsking] = useState<Envelope | null>(null); // as it is read: a change meanwhile is refused by its ETag
  const [wrong, setWrong] = useState("");
  const [changed, setChanged] = useState<AirlockRequest | null>(null);
  const [error, setError] = useState<unknown>();
  const notes = Object.entries(marks).filter(([, d]) => d.comment.trim() !== "");
  const me = auth.account.value?.localAccountId;
  const before = r.reviews.find((v) => v.reviewer.id === me);
  // A decision rests on these. A claim changes the request as well, and so does one's own decision.
  const rests = JSON.stringify([r.status, r.files, r.gates, r.reviews.filter((v) => v.reviewer.id !== me)]);
  const [seen, setSeen] = useState(rests);
  useEffect(() => { if (rests !== seen && !asking) { setSeen(rests); setChanged(r); } }, [rests, asking]);

  const check = () => {
    const withheld = r.files.filter((f) => marks[f.name]?.decision === "withhold").length;
    if (!choice) { setWrong(t().chooseFirst); return; }
    if (!why.trim()) { setWrong(t().explainFirst); document.getElementById("decide-why")?.focus(); return; }
    if (choice === "approve" && r.files.some((f) => marks[f.name]?.decision === "change")) { setWrong(t().approveButChange); return; }
    if (choice === "approve" && withheld === r.files.length && withheld > 0) { setWrong(t().allWithheld); return; }
    setWrong("");
    setError(undefined);
    setAsking(e);
  };
  return <div class="decision"><h2>{t().decision}</h2>
    {r.approvals && <p>{approvalsWord(r.approvals)}</p>}
    {r.approvals?.independent && <p class="quiet">{t().independent}</p>}
    {r.approvals?.disagree && <Note kind="warn" title={t().disagree} />}
    {r.approvals?.why && r.approvals.why.length > 0 && <Note kind="info" title={t().moreBecause}><ul>{r.approvals.why.map((w) => <li key={w}>{w}</li>)}</ul></Note>}
    {r.reviews.length > 0 && <ul class="people">{r.reviews.map((v) => <li key={v.id}><strong><bdi>{v.reviewer.name || t().aReviewer}</bdi></strong> {t().decided[v.reviewDecision] ?? v.reviewDecision} <Time at={v.dateCreated} /><blockquote class="lines"><bdi>{visibleLines(v.decisionExplanation)}</bdi></blockquote></li>)}</ul>}
    {before && <Note kind="info"><p>{t().decideAgain}</p></Note>}
    {changed && <Note kind="warn" title={t().changedMeanwhile} alert><p>{statusWord(changed.status)} · {changed.updatedBy.name} <Time at={changed.updatedWhen} /></p><p><Button onClick={() => setChanged(null)}>{t().useNew}</Button></p></Note>}
    <fieldset class="choose"><legend class="hidden">{t().decision}</legend>{(["approve", "request_changes", "reject"] as const).map((c) =>
      <label key={c} class={`choose-one ${c}`}><input type="radio" name="decision" id={`decide-${c}`} value={c} checked={choice === c} onChange={() => setChoice(c)} /><span><strong>{t().choices[c]}</strong><span class="quiet">{t().choiceHelp[c]}</span></span></label>)}</fieldset>
    <Field id="decide-why" label={t().explanation} help={t().explanationHelp} required rows={4} max={4000} value={why} onInput={setWhy} error={wrong === t().explainFirst ? wrong : undefined} />
    {notes.length > 0 && <p><Button kind="quiet" onClick={() => setWhy((why ? why + "\n" : "") + notes.map(([n, d]) => `${n}: ${d.comment}`).join("\n"))}>{t().takeNotes}</Button></p>}
    {wrong && wrong !== t().explainFirst && <p class="error" role="alert"><Icon name="bad" />{wrong}</p>}
    {error !== undefined && <Trouble error={error} retry={reload} />}
    <Button kind="primary" onClick={check}>{t().goDecide}</Button>
    {asking && <Confirm e={asking} place={place} choice={choice as Choice} why={why} marks={marks} unseen={unseen} gates={gates} close={() => setAsking(null)}
      conflict={(x) => { setAsking(null); setError(x); tell(wordsFor(x).text); reload(); }} done={() => { setWhy(""); setChoice(""); }} />}
  </div>;
}

/** Confirm says in full what leaves where, by whose word, and sends it. */
function Confirm({ e, place, choice, why, marks, unseen, gates, close, conflict, done }: { e: Envelope; place: Workspace | undefined; choice: Choice; why: string; marks: Record<string, FileDecision>; unseen: number; gates: GateFound[]; close: () => void; conflict: (x: unknown) => void; done: () => void }) {
  const r = e.airlockRequest;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const [short, setShort] = useState(false);
  const needed = choice === "approve" ? toAcknowledge(r, gates) : [];
  const reasonFor = (n: ToAcknowledge) => reasons[`${n.gate} ${n.group}`] ?? "";
  const withheld = r.files.filter((f) => marks[f.name]?.decision === "withhold");
  const moving = choice === "approve" ? r.files.filter((f) => marks[f.name]?.decision !== "withhold") : r.files;
  const bytes = size(moving.reduce((n, f) => n + f.size, 0));
  const name = place?.properties.display_name ?? "";
  const run = async () => {
    const missing = needed.findIndex((n) => reasonFor(n).trim().length < 10);
    if (missing >= 0) { setShort(true); document.getElementById(`ack-${missing}`)?.focus(); return; }
    setBusy(true);
    setError(undefined);
    const files = Object.entries(marks).filter(([n]) => r.files.some((f) => f.name === n)).map(([n, d]) => ({ name: n, decision: d.decision, ...(d.comment.trim() ? { comment: d.comment } : {}) }));
    const acknowledgements = needed.map((n) => ({ gate: n.gate, group: n.group, reason: reasonFor(n) }));
    try {
      const after = await act(r.workspaceId, r.id, "review", { decision: choice, decisionExplanation: why, ...(files.length > 0 ? { files } : {}), ...(acknowledgements.length > 0 ? { acknowledgements } : {}) }, r._etag);
      done();
      tell(t().decidedOn(visible(r.title), statusWord(after.airlockRequest.status)));
      await next(r);
    } catch (x) {
      setBusy(false);
      if (x instanceof Problem && (x.status === 409 || x.status === 412 || x.code === "wrong_status")) conflict(x);
      else setError(x);
    }
  };
  return <Dialog title={t().confirmTitle(choice, r.type, name)} onClose={close} footer={<><Button onClick={close}>{t().back}</Button><Button kind={choice === "reject" ? "danger" : "primary"} busy={busy} onClick={() => void run()}>{busy ? t().sending : t().choices[choice]}</Button></>}>
    <p class="confirm">{t().confirmText(choice, r.type, name, moving.length, bytes, r.createdBy.name)}</p>
    <ul class="file-list">{moving.slice(0, 12).map((f) => <li key={f.name}><Icon name="file" /><bdi>{visible(f.name)}</bdi> <span class="quiet">{size(f.size)}</span></li>)}{moving.length > 12 && <li>{t().andMore(moving.length - 12)}</li>}</ul>
    {choice === "approve" && withheld.length > 0 && <><p>{t().withheldHere}</p><ul class="file-list">{withheld.map((f) => <li key={f.name}><Icon name="bad" /><bdi>{visible(f.name)}</bdi></li>)}</ul></>}
    {unseen > 0 && <Note kind="warn"><p>{t().unseen(unseen)}</p></Note>}
    {choice === "approve" && r.approvals && r.approvals.given + 1 < r.approvals.required && <p>{t().moreNeeded(r.approvals.required - r.approvals.given - 1)}</p>}
    <p class="quiet">{t().yourExplanation}</p><blockquote class="lines"><bdi>{visibleLines(why)}</bdi></blockquote>
    {needed.length > 0 && <Note kind="warn" title={t().acknowledge}>{needed.map((n, i) => <Field key={`${n.gate} ${n.group}`} id={`ack-${i}`} label={n.title} required rows={2} max={1000} value={reasonFor(n)} error={short && reasonFor(n).trim().length < 10 ? t().tenCharacters : undefined} onInput={(v) => setReasons({ ...reasons, [`${n.gate} ${n.group}`]: v })} />)}</Note>}
    {error !== undefined && <Trouble error={error} />}
  </Dialog>;
}

/** next opens what waits after this one, or the queue. */
async function next(r: AirlockRequest) {
  try {
    const me = auth.account.value?.localAccountId;
    const waiting = (await call<AirlockRequest[]>("/requests?airlock_manager=true")).filter((x) => x.reviewable && x.id !== r.id && !x.reviews.some((v) => v.reviewer.id === me));
    const after = waiting.sort((a, b) => (a.dueWhen ?? Infinity) - (b.dueWhen ?? Infinity) || a.createdWhen - b.createdWhen)[0];
    go(after ? to.review(after.workspaceId, after.id) : to.queue);
  } catch { go(to.queue); }
}
