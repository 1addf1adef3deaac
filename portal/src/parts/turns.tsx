// The turns of a request that are over: what was asked, and which files there were.
import { inWorkspace, requestPath, type AirlockRequest, type Turn } from "../api";
import { visible, visibleLines } from "../format";
import { useLoad } from "../state";
import { t } from "../text";
import { Bytes, Hash, Name, Time } from "./base";

/** useTurns are the turns that are over, the last one first, and the present one if there was one before. */
export function useTurns(r: AirlockRequest): { over: Turn[]; present: Turn | undefined } {
  const any = (r.turn ?? 1) > 1 || r.status === "returned" || r.status === "return_in_progress";
  const all = useLoad((signal) => any ? inWorkspace<{ turns: Turn[] }>(r.workspaceId, `${requestPath(r.id)}/turns`, { signal }).then((a) => a.turns) : Promise.resolve([]), `${r.id}.turns.${r.turn ?? 1}.${r.status}`);
  const turns = all.value ?? [];
  return { over: turns.filter((x) => x.ended !== null).reverse(), present: turns.find((x) => x.ended === null) };
}

export function Turns({ turns }: { turns: Turn[] }) {
  if (turns.length === 0) return null;
  return <section><h2>{t().earlierTurns}</h2>{turns.map((x) => <details key={x.turn} class="more"><summary>{t().turn(x.turn)}{x.ended ? <> · {t().sentBack} <Time at={x.ended} /></> : null}</summary>
    <Asked turn={x} />
    <ul class="file-list">{x.files.map((f) => <li key={f.name}><Name>{f.name}</Name> <Bytes n={f.size} /> {f.sha256 && <Hash value={f.sha256} label={`SHA-256 ${f.name}`} />}</li>)}</ul></details>)}</section>;
}

/** Asked is what reviewers wanted changed in a turn, file by file, in their own words. */
export function Asked({ turn }: { turn: Turn }) {
  const asked = turn.reviews.filter((v) => v.reviewDecision === "changes_requested");
  if (asked.length === 0) return turn.why ? <blockquote class="lines"><bdi>{visibleLines(turn.why)}</bdi></blockquote> : null;
  return <>{asked.map((v) => <div key={v.id}><p><strong><bdi>{v.reviewer.name || t().aReviewer}</bdi></strong> <Time at={v.dateCreated} /></p><blockquote class="lines"><bdi>{visibleLines(v.decisionExplanation)}</bdi></blockquote>
    {v.files && v.files.some((f) => f.decision !== "fine") && <ul>{v.files.filter((f) => f.decision !== "fine").map((f) => <li key={f.name}><strong><bdi>{visible(f.name)}</bdi></strong>: <bdi>{visible(f.comment || t().fileDecision[f.decision ?? "change"] || "")}</bdi></li>)}</ul>}</div>)}</>;
}
