// What is known from before: the same bytes in other requests, what reviewers said of them in earlier turns, and how
// earlier requests of the workspace ended.
import { getRequest, inWorkspace, requestPath, type AirlockRequest, type Envelope, type RequestFile, type Seen } from "../api";
import { visible, visibleLines } from "../format";
import { to } from "../router";
import { useLoad } from "../state";
import { t } from "../text";
import type { Against, Earlier } from "./against";
import { Bytes, Name, Time } from "./base";
import { Icon } from "./icon";
import { since, Status, statusWord } from "./status";

const shown = 30;

/** Before is what the service knows; a part is undefined while it is not there, and failed says that it will not come. */
export interface Before { seen: Map<string, Seen[]> | undefined; others: Earlier[] | undefined; failed: boolean; }

/** useBefore asks once for each turn: what it says helps to decide and holds nobody up. */
export function useBefore(r: AirlockRequest): Before {
  const files = useLoad((signal) => inWorkspace<{ files: RequestFile[] }>(r.workspaceId, `${requestPath(r.id)}/files?seen=true`, { signal }), `${r.id}.${r.turn ?? 1}.seen`);
  const query = `type=${r.type}&limit=${shown}` + ["approved", "rejected", "revoked", "blocked_by_scan"].map((s) => `&status=${s}`).join("");
  const others = useLoad((signal) => inWorkspace<{ airlockRequests: Envelope[] }>(r.workspaceId, `/requests?${query}`, { signal }), `${r.id}.others`);
  return {
    seen: files.value && new Map(files.value.files.map((f) => [f.name, f.seen ?? []])),
    others: others.value?.airlockRequests.map((e) => ({ request: e.airlockRequest, link: e.link })).filter((x) => x.request.id !== r.id),
    failed: files.error !== undefined || others.error !== undefined,
  };
}

/** SeenBefore says where the bytes of a file were before. Nothing found proves nothing, and the words say so. */
export function SeenBefore({ r, file, before }: { r: AirlockRequest; file: RequestFile; before: Before }) {
  if (!before.seen) return before.failed ? <p class="quiet">{t().seenUnknown}</p> : null;
  const seen = before.seen.get(file.name) ?? [];
  if (seen.length === 0) return <p class="quiet">{t().seenNever}</p>;
  return <ul class="seen">{seen.map((s) => <li key={s.request}><Icon name="copy" /><span>{t().seenIn} <Other workspace={r.workspaceId} id={s.request} others={before.others} />: {statusWord(s.status)} <Time at={s.when} /></span></li>)}</ul>;
}

/** BesideBefore leads to files of the same name in earlier requests, to be seen beside this one. */
export function BesideBefore({ file, before, beside }: { file: RequestFile; before: Before; beside: (a: Against) => void }) {
  const found = (before.others ?? []).flatMap((earlier) => earlier.request.files.filter((f) => f.name === file.name && f.sha256 !== file.sha256).map((f) => ({ earlier, file: f }))).slice(0, 3);
  if (found.length === 0) return null;
  return <ul class="seen">{found.map((a) => <li key={a.earlier.request.id}><Icon name="copy" /><span>{t().sameName} <bdi>{visible(a.earlier.request.title)}</bdi>: {statusWord(a.earlier.request.status)} <Time at={since(a.earlier.request)} /> <button type="button" class="as-link" onClick={() => beside(a)}>{t().sideBySide}</button></span></li>)}</ul>;
}

/** Other is a link to another request by its title, which is asked for where the list does not hold it. */
export function Other({ workspace, id, others = [] }: { workspace: string; id: string; others?: Earlier[] | undefined }) {
  const known = others.find((x) => x.request.id === id)?.request.title;
  const asked = useLoad((signal) => known === undefined ? getRequest(workspace, id, signal).then((e) => e.airlockRequest.title) : Promise.resolve(known), `${id}.title.${known ?? ""}`);
  return <a href={to.request(workspace, id)}><bdi>{visible(known ?? asked.value ?? t().anotherRequest)}</bdi></a>;
}

/** SaidBefore is what reviewers said in earlier turns of the same bytes. */
export function SaidBefore({ file }: { file: RequestFile | undefined }) {
  if (!file?.earlier || file.earlier.length === 0) return null;
  return <ul class="seen">{file.earlier.map((d, i) => <li key={i}><Icon name={d.decision === "fine" ? "good" : d.decision === "change" ? "returned" : "bad"} />
    <span>{t().saidInTurn(d.turn, d.reviewer.name || t().aReviewer)} <strong>{t().fileDecision[d.decision ?? "fine"]}</strong>{d.comment ? <>: <bdi>{visible(d.comment)}</bdi></> : null}</span></li>)}</ul>;
}

/** EarlierRequests lists how requests of the same direction ended in this workspace, each beside the files under review. */
export function EarlierRequests({ r, before, name, beside }: { r: AirlockRequest; before: Before; name: string; beside: (a: Against) => void }) {
  const others = before.others;
  if (!others) return before.failed ? <p class="quiet">{t().earlierUnknown}</p> : null;
  if (others.length === 0) return <p class="quiet">{t().noEarlier(r.type, name)}</p>;
  return <section><h2>{t().earlierRequests(r.type, name)} <span class="count">({others.length === shown ? t().lastOnes(shown) : others.length})</span></h2>
    {others.map((earlier) => { const o = earlier.request; return <details key={o.id} class="more earlier"><summary><bdi>{visible(o.title)}</bdi> <Status r={{ status: o.status }} /> <span class="quiet">{t().ofPerson(o.createdBy.name)} · <Time at={since(o)} /></span></summary>
      <OneEarlier earlier={earlier} r={r} beside={beside} /></details>; })}</section>;
}

function OneEarlier({ earlier, r, beside }: { earlier: Earlier; r: AirlockRequest; beside: (a: Against) => void }) {
  const o = earlier.request;
  const now = new Map(r.files.map((f) => [f.name, f])), hashes = new Set(r.files.map((f) => f.sha256).filter(Boolean));
  return <div class="earlier-body"><p class="lines said-text"><bdi>{visibleLines(o.businessJustification)}</bdi></p>
    {o.reviews.map((v) => <div key={v.id}><p><strong><bdi>{v.reviewer.name || t().aReviewer}</bdi></strong> {t().decided[v.reviewDecision] ?? v.reviewDecision} <Time at={v.dateCreated} /></p><blockquote class="lines"><bdi>{visibleLines(v.decisionExplanation)}</bdi></blockquote></div>)}
    {o.files.length > 0 && <div class="scroll" role="region" aria-label={t().filesOf(o.title)} tabIndex={0}><table><thead><tr><th scope="col">{t().name}</th><th scope="col" class="right">{t().sizeThen}</th><th scope="col" class="right">{t().sizeNow}</th><th scope="col">{t().compared}</th><th scope="col"><span class="hidden">{t().actions}</span></th></tr></thead>
      <tbody>{o.files.slice(0, 100).map((f, i) => { const same = now.get(f.name); return <tr key={i}><th scope="row"><Name>{f.name}</Name>{f.withheld && <span class="tag">{t().withheld}</span>}</th><td class="right"><Bytes n={f.size} /></td><td class="right">{same ? <Bytes n={same.size} /> : "–"}</td>
        <td>{f.sha256 && hashes.has(f.sha256) ? <span class="status good"><Icon name="copy" />{t().sameBytes}</span> : same ? t().otherBytesNow : t().notInThisOne}</td>
        <td class="row-actions"><button type="button" class="as-link" aria-label={`${t().sideBySide}: ${visible(f.name)}`} onClick={() => beside({ earlier, file: f })}>{t().sideBySide}</button></td></tr>; })}</tbody></table></div>}
    <p><a href={to.request(o.workspaceId, o.id)}>{t().openRequest}</a></p></div>;
}
