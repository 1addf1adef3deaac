// What waits for a reviewer, the most urgent first.
import { useState } from "preact/hooks";
import { call, workspaces, type AirlockRequest } from "../api";
import * as auth from "../auth";
import { now } from "../clock";
import { lasting, visible } from "../format";
import { Bytes, Empty, Page, useSome, Waiting } from "../parts/base";
import { Icon } from "../parts/icon";
import { approvalsWord, Direction, Due, since, Status } from "../parts/status";
import { Trouble } from "../parts/trouble";
import { to } from "../router";
import { useLoad } from "../state";
import { t } from "../text";

const urgent = (a: AirlockRequest, b: AirlockRequest) => (a.dueWhen ?? Infinity) - (b.dueWhen ?? Infinity) || since(a) - since(b);

export function QueuePage() {
  const managed = useLoad((signal) => call<AirlockRequest[]>("/requests?airlock_manager=true", { signal, tagged: true }), "queue", () => 20_000);
  const names = useLoad(() => workspaces(), "workspaces");
  const [only, setOnly] = useState("");
  const me = auth.account.value?.localAccountId ?? "";
  const [words, setWords] = useState("");
  const found = (r: AirlockRequest) => !words || `${r.title} ${r.createdBy.name}`.toLowerCase().includes(words.toLowerCase());
  const all = (managed.value ?? []).filter((r) => (!only || r.workspaceId === only) && found(r));
  const waiting = all.filter((r) => r.reviewable && !decidedBy(r, me)).sort(urgent);
  const decided = all.filter((r) => r.status === "in_review" && decidedBy(r, me));
  const own = all.filter((r) => r.status === "in_review" && r.createdBy.id === me && !r.reviewable);
  const coming = all.filter((r) => r.status === "submitted").sort(urgent);
  const back = all.filter((r) => r.status === "returned" || r.status === "return_in_progress");
  const places = [...new Set((managed.value ?? []).map((r) => r.workspaceId))];
  const nameOf = (id: string) => names.value?.find((w) => w.id === id)?.properties.display_name ?? "";
  const group = (title: string, list: AirlockRequest[], why?: string) => list.length > 0 && <section><h2>{title} <span class="count">({list.length})</span></h2>{why && <p class="quiet">{why}</p>}<Table list={list} nameOf={nameOf} /></section>;
  return <Page title={t().toReview}>
    {(managed.value?.length ?? 0) > 1 && <div class="filters" role="search"><label>{t().find} <input type="search" value={words} onInput={(e) => setWords(e.currentTarget.value)} /></label>
      {places.length > 1 && <label>{t().workspace} <select value={only} onChange={(e) => setOnly(e.currentTarget.value)}><option value="">{t().all}</option>{places.map((p) => <option key={p} value={p}>{nameOf(p)}</option>)}</select></label>}</div>}
    {managed.error !== undefined && <Trouble error={managed.error} retry={managed.reload} />}
    {!managed.value && managed.error === undefined && <Waiting />}
    {managed.value && waiting.length === 0 && (words ? <p class="quiet">{t().nothingFound}</p> : <Empty title={t().nothingWaits}><p>{t().nothingWaitsText}</p></Empty>)}
    {waiting.length > 0 && <Table list={waiting} nameOf={nameOf} review />}
    {group(t().youDecided, decided, t().youDecidedText)}
    {group(t().yourOwn, own, t().yourOwnText)}
    {group(t().beingChecked, coming)}
    {group(t().withRequestor, back)}
  </Page>;
}

/** decidedBy reports whether somebody decided in the present turn: those of earlier turns are kept with them. */
const decidedBy = (r: AirlockRequest, who: string) => r.reviews.some((v) => v.reviewer.id === who);

function Table({ list, nameOf, review }: { list: AirlockRequest[]; nameOf: (id: string) => string; review?: boolean }) {
  const [shown, more] = useSome(list);
  return <><table class="queue stack"><caption class="hidden">{t().toReview}</caption>
    <thead><tr><th scope="col">{t().titleShort}</th><th scope="col">{t().directionWord}</th><th scope="col">{t().from}</th><th scope="col">{t().files}</th><th scope="col">{t().waitingWord}</th><th scope="col">{t().dueWord}</th></tr></thead>
    <tbody>{shown.map((r) => <tr key={r.id}><th scope="row"><a href={review ? to.review(r.workspaceId, r.id) : to.request(r.workspaceId, r.id)}><bdi>{visible(r.title)}</bdi></a>
      <span class="quiet"> {nameOf(r.workspaceId)}{r.turn && r.turn > 1 ? ` · ${t().turn(r.turn)}` : ""}</span>{!review && <Status r={r} />}{review && r.approvals && r.approvals.required > 1 && <span class="quiet"> · {approvalsWord(r.approvals)}</span>}
      {r.claim && <span class="tag"><Icon name="review" />{t().claimedBy(r.claim.by.name)}</span>}<Findings r={r} /></th>
      <td data-label={t().directionWord}><Direction type={r.type} /></td><td data-label={t().from}><bdi>{r.createdBy.name}</bdi></td>
      <td data-label={t().files}>{r.files.length}, <Bytes n={r.files.reduce((n, f) => n + f.size, 0)} /></td>
      <td data-label={t().waitingWord}>{lasting(now.value - since(r))}</td><td data-label={t().dueWord}><Due r={r} /></td></tr>)}</tbody></table>{more}</>;
}

function Findings({ r }: { r: AirlockRequest }) {
  const counts: Record<string, number> = {};
  for (const g of r.gates ?? []) for (const [k, n] of Object.entries(g.counts ?? {})) counts[k] = (counts[k] ?? 0) + n;
  const words = ["high", "medium", "low"].filter((k) => counts[k]).map((k) => `${counts[k]} ${t().severity[k]}`);
  return words.length > 0 ? <span class="tag warn"><Icon name="warn" />{words.join(", ")}</span> : null;
}
