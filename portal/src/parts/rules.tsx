// A workspace's rules in words, before anything is typed.
import type { Policy } from "../api";
import { limit } from "../format";
import { t } from "../text";

export function rules(p: Policy, type: "import" | "export"): string[] {
  const f = p.files, kind = f[type] ?? {}, w = t().rules;
  const approvals = type === "import" ? p.review.importApprovals : p.review.exportApprovals;
  const kept = p.retention[type === "import" ? "approvedDays" : "approvedDays"] ?? 0;
  return [
    w.files(f.maxFiles), w.sizes(limit(f.maxFileBytes), limit(f.maxTotalBytes)),
    kind.allowedExtensions?.length ? w.only(kind.allowedExtensions.join(" ")) : "",
    kind.forbiddenExtensions?.length ? w.never(kind.forbiddenExtensions.join(" ")) : "",
    kind.names === "plain" ? w.plainNames : "",
    f.namePattern ? w.pattern(f.namePattern) : "",
    p.malwareScanning.enabled ? w.scanned : w.notScanned,
    w.approvals(approvals),
    p.deadlines.inReviewHours ? w.usually(Math.round(p.deadlines.inReviewHours / 24)) : "",
    kept ? w.kept(kept) : "",
    f.supportingFolder ? w.supporting(f.supportingFolder) : "",
  ].filter(Boolean);
}

export const Rules = ({ policy, type }: { policy: Policy; type: "import" | "export" }) => <ul class="rules">{rules(policy, type).map((r) => <li key={r}>{r}</li>)}</ul>;
