// What the gates found in a request's files: rules and places. They hold no data; the bytes around a finding are
// fetched when somebody asks, and each look is on record.
import { useState } from "preact/hooks";
import { inWorkspace, Problem, requestPath, type AirlockRequest } from "../api";
import { visible, visibleLines } from "../format";
import { useLoad } from "../state";
import { t } from "../text";
import { Button } from "./base";
import { Icon } from "./icon";
import type { GateFinding as GateFound, Place } from "../openapi";
import { Trouble } from "./trouble";

export type { GateFinding as GateFound } from "../openapi";

/** useFindings asks for the findings of a request that has gates. */
export function useFindings(r: AirlockRequest): GateFound[] {
  const any = (r.gates?.length ?? 0) > 0;
  const all = useLoad((signal) => any ? inWorkspace<{ gates: GateFound[] }>(r.workspaceId, `${requestPath(r.id)}/findings`, { signal }).then((a) => a.gates, (e: unknown) => {
    if (e instanceof Problem && e.status < 500) return [] as GateFound[]; // not for this person, or not now
    throw e;
  }) : Promise.resolve([]), `${r.id}.findings.${r._etag}`);
  return all.value ?? [];
}

const grave = ["high", "medium", "low", "note"];

export function Findings({ r, gates, file, excerpts }: { r: AirlockRequest; gates: GateFound[]; file?: string; excerpts?: boolean }) {
  const shown = gates.flatMap((g) => g.findings.filter((f) => file === undefined || f.name === file).map((f) => ({ g, f }))).sort((a, b) => grave.indexOf(a.f.severity) - grave.indexOf(b.f.severity));
  if (shown.length === 0) return null;
  return <section class="found"><h3>{t().findings} <span class="count">({shown.length})</span></h3><ul class="findings">{shown.map(({ g, f }) => <li key={`${g.id}.${f.number}`}>
    <Icon name={f.severity === "high" || f.severity === "medium" ? "warn" : "info"} /><div><strong>{f.title || f.rule}</strong> <span class="tag">{t().severity[f.severity] ?? f.severity}</span>{f.count > 1 && <span class="quiet"> × {f.count}</span>}{f.bucket && <span class="quiet"> {f.bucket}</span>}
      <p class="quiet">{file === undefined && <><bdi>{visible(f.name)}</bdi> </>}{f.places.slice(0, 5).map(placeWord).filter(Boolean).join("; ")}</p>{f.advice && <p>{f.advice}</p>}{f.message && <p class="quiet"><bdi>{visible(f.message)}</bdi></p>}
      {excerpts && f.places.some((p) => p.length) && <Excerpt r={r} gate={g.id} number={f.number} />}</div></li>)}</ul></section>;
}

function placeWord(p: Place): string {
  return [p.members?.length ? t().place.member(p.members.map((m) => m + 1).join(".")) : "", p.part ? t().place.part(p.part) : "", p.line ? t().place.line(p.line) : "", p.column ? t().place.column(p.column) : ""].filter(Boolean).join(", ");
}

function Excerpt({ r, gate, number }: { r: AirlockRequest; gate: string; number: number }) {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<unknown>();
  const look = async () => {
    try { setText((await inWorkspace<{ text: string }>(r.workspaceId, `${requestPath(r.id)}/gates/${encodeURIComponent(gate)}/findings/${number}/excerpt`)).text); } catch (e) { setError(e); }
  };
  if (text !== null) return <pre tabIndex={0}>{visibleLines(text)}</pre>;
  return <>{error !== undefined && <Trouble error={error} />}<Button kind="quiet" onClick={() => void look()}>{t().showPlace}</Button></>;
}

export interface ToAcknowledge { gate: string; group: string; title: string; }

/** toAcknowledge lists the groups that an approval has to give a reason for: all that one rule found in one file. */
export function toAcknowledge(r: AirlockRequest, gates: GateFound[]): ToAcknowledge[] {
  return gates.flatMap((g) => g.groups.map((group) => {
    const [rule, file] = group.split("/");
    const f = g.findings.find((x) => x.rule === rule && String(x.file) === file);
    return { gate: g.id, group, title: `${f?.title ?? rule ?? group}: ${visible(f?.name ?? r.files[Number(file) - 1]?.name ?? "")}` };
  }));
}
