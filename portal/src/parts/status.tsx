// How a request stands, in words: one place for every page.
import type { AirlockRequest, Approvals, Holder } from "../api";
import { now } from "../clock";
import { lasting } from "../format";
import { language, t } from "../text";
import { Icon } from "./icon";

const looks: Record<string, [string, string]> = {
  draft: ["draft", "calm"], returned: ["returned", "warn"], submitted: ["moving", "busy"], in_review: ["review", "busy"],
  approval_in_progress: ["moving", "good"], approved: ["good", "good"], rejection_in_progress: ["moving", "bad"], rejected: ["bad", "bad"],
  cancelled: ["ended", "calm"], blocking_in_progress: ["moving", "bad"], blocked_by_scan: ["bad", "bad"], failed: ["warn", "warn"], revoked: ["bad", "bad"], return_in_progress: ["moving", "warn"],
};

export const statusWord = (status: string) => t().status[status] ?? status.replace(/_/g, " ");

/** approvalsWord counts what everybody may know: of an independent review, how many decided and not what. */
export const approvalsWord = (a: Approvals) => a.independent ? t().decidedOf(a.decided ?? 0, a.required) : t().approvalsOf(a.given, a.required);

export function Status({ r }: { r: Pick<AirlockRequest, "status" | "approvals"> }) {
  const [icon, tone] = looks[r.status] ?? ["ring", "calm"];
  const part = r.status === "in_review" && r.approvals && r.approvals.required > 1 ? ` · ${approvalsWord(r.approvals)}` : "";
  return <span class={`status ${tone}`}><Icon name={icon} />{statusWord(r.status)}{part}</span>;
}

export const Direction = ({ type }: { type: "import" | "export" }) => <span class="direction"><Icon name={type} />{t().direction[type]}</span>;

/** holder is who has to act; the status says it where the service does not. */
export function holder(r: AirlockRequest): Holder {
  if (r.heldBy) return r.heldBy;
  switch (r.status) {
    case "draft": case "returned": case "approved": return "requestor";
    case "in_review": case "failed": return "airlock_manager";
    case "rejected": case "cancelled": case "blocked_by_scan": case "revoked": return "nobody";
    default: return "system";
  }
}

/** nextWord says what comes next. The service says it in English, with names; another language has its own words. */
export const nextWord = (r: AirlockRequest) => (language.value === "en" && r.next) || t().nextByStatus[r.status] || r.next || "";

export const ended = (status: string) => ["rejected", "cancelled", "blocked_by_scan", "revoked", "approved"].includes(status);
export const moving = (status: string) => status === "submitted" || status.endsWith("_in_progress");

/** since is when the request came into its status. */
export const since = (r: AirlockRequest) => r.statusSince ?? r.updatedWhen;

export function Due({ r }: { r: AirlockRequest }) {
  if (!r.dueWhen) return null;
  const left = r.dueWhen - now.value;
  return left < 0 || r.overdue ? <span class="due late"><Icon name="warn" />{t().overdueBy(lasting(-left))}</span> : <span class="due">{t().dueIn(lasting(left))}</span>;
}
