// One request, for everybody who may see it: how it stands, what comes next, and what there is to do.
import { useEffect, useRef, useState } from "preact/hooks";
import { act, getRequest, workspace as findWorkspace, type AirlockRequest, type Envelope, type Turn, type Workspace } from "../api";
import * as auth from "../auth";
import { now } from "../clock";
import { lasting, visible, visibleLines } from "../format";
import { Button, Dialog, Field, Note, Page, Time, Waiting } from "../parts/base";
import { Other } from "../parts/before";
import { Comments } from "../parts/comments";
import { Why } from "../parts/edit";
import { FileTable } from "../parts/filetable";
import { Findings, useFindings } from "../parts/findings";
import { Icon } from "../parts/icon";
import { Direction, Due, ended, holder, moving, nextWord, since, Status, statusWord } from "../parts/status";
import { Timeline } from "../parts/timeline";
import { Trouble } from "../parts/trouble";
import { Asked, Turns, useTurns } from "../parts/turns";
import { to } from "../router";
import { tell, useKept, useLoad } from "../state";
import { t } from "../text";
import { DraftFiles } from "./draft";
import { Downloads } from "./download";
import { startAgain, Steps } from "./new";

/** pace is how soon to look again: often while the airlock works, seldom while people think. */
export function pace(e: Envelope | undefined, round: number): number {
  if (!e) return 5000;
  if (moving(e.airlockRequest.status)) return Math.min(15_000, 1000 * 1.5 ** round);
  return ended(e.airlockRequest.status) ? 0 : 30_000;
}

/** above is the page that leads to a request: one's own are under "My requests", those of others under their workspace. */
export const above = (r: AirlockRequest | undefined): [string, string] => !r || r.createdBy.id === auth.account.value?.localAccountId ? [t().myRequests, to.mine] : [t().workspaces, to.workspaces];

/** mayUse is what kind of link the caller may have. */
export function mayUse(e: Envelope): "read" | "write" | null {
  if (e.link !== undefined) return e.link;
  const r = e.airlockRequest;
  if ((r.status === "draft" || r.status === "returned") && e.allowedUserActions.includes("submit")) return "write";
  return r.status === "in_review" && e.allowedUserActions.includes("review") ? "read" : null;
}

export function RequestPage({ workspace, request }: { workspace: string; request: string }) {
  const loaded = useLoad((signal) => getRequest(workspace, request, signal), `${workspace}/${request}`, pace);
  const place = useLoad(() => findWorkspace(workspace), workspace);
  const before = useRef("");
  const status = loaded.value?.airlockRequest.status ?? "";
  useEffect(() => {
    if (before.current && status && before.current !== status) tell(t().nowIn(statusWord(status)));
    before.current = status;
  }, [status]);
  const e = loaded.value;
  if (!e) return <Page title={t().request} crumbs={[[t().myRequests, to.mine]]}>{loaded.error !== undefined ? <Trouble error={loaded.error} retry={loaded.reload} /> : <Waiting />}</Page>;
  return <Shown e={e} place={place.value} reload={loaded.reload} set={loaded.set} error={loaded.error} />;
}

function Shown({ e, place, reload, set, error }: { e: Envelope; place: Workspace | undefined; reload: () => void; set: (e: Envelope) => void; error: unknown }) {
  const r = e.airlockRequest;
  const open = r.status === "draft" || r.status === "returned";
  const writing = open && mayUse(e) === "write";
  const turns = useTurns(r);
  const names = place?.properties.display_name ?? "";
  return <Page title={r.title} crumbs={[above(r), ...(names ? [[names, to.workspace(r.workspaceId)] as [string, string]] : [])]}
    lead={<><Direction type={r.type} /> <span>{t().wayOf(r.type, names)}</span> <Status r={r} /> {r.turn && r.turn > 1 ? <span class="quiet">{t().turn(r.turn)}</span> : null}</>}
    actions={<Actions e={e} reload={reload} set={set} />}>
    {writing && <Steps at={2} />}
    {error !== undefined && <Trouble error={error} retry={reload} />}
    <Next r={r} />
    <Outcome r={r} e={e} turns={turns.over} />
    <Linked r={r} />
    {writing && place && <DraftFiles e={e} place={place} set={set} reload={reload} />}
    {open && !writing && <Note kind="info"><p>{t().onlyRequestor}</p></Note>}
    {r.status === "approved" && (mayUse(e) === "read" ? <Downloads e={e} place={place} /> : !r.dataDeletedWhen && <p class="quiet">{t().bytesNotYours}</p>)}
    {!open && r.files.length > 0 && <section><h2>{t().files} <span class="count">({r.files.length})</span></h2>{hiddenNames(r) && <p class="quiet">{t().namesHidden}</p>}<FileTable r={r} hidden={hiddenNames(r)} /></section>}
    <Findings r={r} gates={useFindings(r)} />
    <div class="columns">
      <section><Why r={r} place={place} writing={writing} set={set} />
        <People r={r} /></section>
      <section><h2>{t().whatHappened}</h2><Timeline r={r} /><p><a href={to.history(r.workspaceId, r.id)}>{t().fullHistory}</a></p></section>
    </div>
    <Turns turns={turns.over} />
    <Comments r={r} reviewer={false} />
  </Page>;
}

/** hiddenNames: of an export that is not approved, the service shows numbers to those who do not review it. */
const hiddenNames = (r: AirlockRequest) => r.type === "export" && r.files.every((f, i) => f.name === `file ${i + 1}` && !f.sha256);

function Next({ r }: { r: AirlockRequest }) {
  const who = holder(r);
  return <section class={`next ${who}`} aria-label={t().nextWord}>
    <p class="next-text">{nextWord(r)}</p>
    <p class="next-facts"><span>{who === "requestor" && r.createdBy.id === auth.account.value?.localAccountId ? t().withYou : t().heldBy[who]}</span>{who !== "nobody" && <span>{t().sinceWord} <Time at={since(r)} />{now.value - since(r) >= 60 ? ` (${lasting(now.value - since(r))})` : ""}</span>}
      {r.dueWhen ? <span>{t().dueWord} <Time at={r.dueWhen} />{r.overdue ? <> <Due r={r} /></> : null}</span> : null}</p>
    {moving(r.status) && <progress aria-label={t().working} />}
  </section>;
}

/** Outcome says what an end or a return means, before anything else. */
function Outcome({ r, e, turns }: { r: AirlockRequest; e: Envelope; turns: Turn[] }) {
  const last = r.reviews[r.reviews.length - 1];
  const again = r.createdBy.id === auth.account.value?.localAccountId && !r.replacedBy && <p><Button onClick={() => startAgain(r)}><Icon name="returned" />{t().startAgain}</Button></p>;
  switch (r.status) {
    case "returned": case "return_in_progress": return <Changes r={r} last={turns[0]} />;
    case "rejected": case "rejection_in_progress": return <Note kind="bad" title={t().rejectedBecause(last?.reviewer.name ?? "")}><blockquote class="lines"><bdi>{visibleLines(last?.decisionExplanation ?? "")}</bdi></blockquote>{r.status === "rejected" && again}</Note>;
    case "blocked_by_scan": case "blocking_in_progress": {
      const found = r.files.filter((f) => f.verdict?.outcome === "malicious");
      return <Note kind="bad" title={t().blockedTitle}>{found.length > 0 && <ul>{found.map((f) => <li key={f.name}><bdi>{visible(f.name)}</bdi>{f.verdict?.malware?.length ? `: ${f.verdict.malware.join(", ")}` : ""}</li>)}</ul>}<p>{r.statusMessage ?? ""}</p>{r.status === "blocked_by_scan" && again}</Note>;
    }
    case "failed": return <Note kind="warn" title={t().failedTitle}><p>{r.failure?.cause || r.statusMessage}</p><p class="quiet">{r.failure ? `${r.failure.code} · ${statusWord(r.failure.in)}` : ""}</p><p>{e.allowedUserActions.includes("retry") ? t().youMayRetry : t().othersMayRetry}</p></Note>;
    case "revoked": return <Note kind="bad" title={t().revokedTitle(r.updatedBy.name)}><blockquote class="lines"><bdi>{visibleLines(last?.decisionExplanation ?? r.statusMessage ?? "")}</bdi></blockquote>{again}</Note>;
    case "cancelled": return <Note kind="info" title={t().cancelledBy(r.updatedBy.name)}>{again}</Note>;
  }
  return r.dataDeletedWhen ? <Note kind="info"><p>{t().dataDeleted} <Time at={r.dataDeletedWhen} /></p></Note> : null;
}

/** Linked leads to the request that this one starts again from, and to the one that takes its place. */
function Linked({ r }: { r: AirlockRequest }) {
  return <>{([[t().replacesWord, r.replaces], [t().replacedByWord, r.replacedBy]] as const).map(([word, id]) => id && <p key={word} class="quiet">{word} <Other workspace={r.workspaceId} id={id} /></p>)}</>;
}

/** Changes says what must change, file by file, in the reviewers' words. */
function Changes({ r, last }: { r: AirlockRequest; last: Turn | undefined }) {
  return <Note kind="warn" title={t().mustChange}>{last ? <Asked turn={last} /> : <p class="lines">{r.statusMessage ?? ""}</p>}</Note>;
}

function People({ r }: { r: AirlockRequest }) {
  return <><h3>{t().people}</h3><ul class="people"><li>{t().madeBy} <strong><bdi>{r.createdBy.name}</bdi></strong> <Time at={r.createdWhen} /></li>
    {r.reviews.map((v) => <li key={v.id}><strong><bdi>{v.reviewer.name || t().aReviewer}</bdi></strong> {t().decided[v.reviewDecision] ?? v.reviewDecision} <Time at={v.dateCreated} />{v.ownRequest && <em> {t().ownRequest}</em>}
      <blockquote class="lines"><bdi>{visibleLines(v.decisionExplanation)}</bdi></blockquote></li>)}</ul></>;
}

function Actions({ e, reload, set }: { e: Envelope; reload: () => void; set: (e: Envelope) => void }) {
  const r = e.airlockRequest, may = (what: Envelope["allowedUserActions"][number]) => e.allowedUserActions.includes(what);
  const [asked, setAsked] = useState<"" | "cancel" | "revoke" | "retry" | "give-up">("");
  return <>
    {may("review") && r.status === "in_review" && <a class="button primary" href={to.review(r.workspaceId, r.id)}><Icon name="review" />{t().reviewIt}</a>}
    {may("retry") && <Button kind="primary" onClick={() => setAsked("retry")}>{t().retry}</Button>}
    {may("revoke") && <Button kind="danger" onClick={() => setAsked("revoke")}>{t().revoke}</Button>}
    {may("give-up") && <Button kind="quiet" onClick={() => setAsked("give-up")}>{t().giveUp}</Button>}
    {may("cancel") && <Button kind="quiet" onClick={() => setAsked("cancel")}>{t().cancelRequest}</Button>}
    {asked && <Sure what={asked} r={r} close={() => setAsked("")} done={(n) => { setAsked(""); set(n); reload(); }} />}
  </>;
}

/** Sure asks before something that cannot be taken back. */
function Sure({ what, r, close, done }: { what: "cancel" | "revoke" | "retry" | "give-up"; r: AirlockRequest; close: () => void; done: (e: Envelope) => void }) {
  const [reason, setReason] = useKept(`${r.id}.${what}`);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [missing, setMissing] = useState(false);
  const needs = what === "revoke" || what === "give-up";
  const run = async () => {
    if (needs && !reason.trim()) { setMissing(true); return; }
    setBusy(true);
    try {
      const n = await act(r.workspaceId, r.id, what, needs ? { reason } : {}, r._etag);
      setReason("");
      tell(t().nowIn(statusWord(n.airlockRequest.status)));
      done(n);
    } catch (x) { setError(x); setBusy(false); }
  };
  const words = t().sure[what];
  return <Dialog title={words.title} onClose={close} footer={<><Button onClick={close}>{t().back}</Button><Button kind={what === "retry" ? "primary" : "danger"} busy={busy} onClick={() => void run()}>{words.button}</Button></>}>
    <p>{words.text}</p>
    {needs && <Field label={t().reason} required rows={3} max={4000} value={reason} onInput={setReason} error={missing && !reason.trim() ? t().reasonNeeded : undefined} />}
    {error !== undefined && <Trouble error={error} />}
  </Dialog>;
}

