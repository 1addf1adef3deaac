// What happened to a request, and in grey what the normal course has still to come.
import type { AirlockRequest } from "../api";
import { t } from "../text";
import { Time } from "./base";
import { Icon } from "./icon";
import { ended, moving, since, statusWord } from "./status";

const course: Record<string, string[]> = {
  draft: ["submitted", "in_review", "approved"], returned: ["submitted", "in_review", "approved"], submitted: ["in_review", "approved"], in_review: ["approved"],
  approval_in_progress: ["approved"], rejection_in_progress: ["rejected"], blocking_in_progress: ["blocked_by_scan"], return_in_progress: ["returned"],
};

/** nameOf is who did a step; the parts of the service are one to people. */
const nameOf = (by: AirlockRequest["updatedBy"]) => by.id === "system" ? "Airlock" : by.name;

/** stepsOf are the statuses a request had, each with when it came into it and who did it. A past version says when it was left. */
export function stepsOf(r: AirlockRequest): { status: string; at: number; by: string }[] {
  const steps: { status: string; at: number; by: string }[] = [];
  for (const h of r.history) if (steps[steps.length - 1]?.status !== h.properties.previousStatus) steps.push({ status: h.properties.previousStatus, at: h.updatedWhen, by: nameOf(h.updatedBy) });
  if (steps[steps.length - 1]?.status !== r.status) steps.push({ status: r.status, at: since(r), by: nameOf(r.updatedBy) });
  return steps;
}

export function Timeline({ r }: { r: AirlockRequest }) {
  const steps = stepsOf(r);
  return <ol class="timeline">
    {steps.map((s, i) => <li key={i} class={i === steps.length - 1 && moving(s.status) ? "now" : "past"} aria-current={i === steps.length - 1 ? "step" : undefined}>
      <Icon name={i === steps.length - 1 ? moving(s.status) ? "moving" : s.status === "approved" ? "good" : ended(s.status) ? "ended" : "ring" : "good"} /><div><span class="step-word">{statusWord(s.status)}</span> <span class="quiet"><Time at={s.at} />{s.by ? <> · <bdi>{s.by}</bdi></> : null}</span></div></li>)}
    {(course[r.status] ?? []).map((s) => <li key={s} class="coming"><Icon name="ring" /><div><span class="step-word">{statusWord(s)}</span> <span class="quiet">{t().toCome}</span></div></li>)}
  </ol>;
}
