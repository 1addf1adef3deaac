// The files of a request once they are frozen.
import type { AirlockRequest, RequestFile } from "../api";
import { visible } from "../format";
import { t } from "../text";
import { sentFrom } from "../upload/uploader";
import { Bytes, Hash, Name } from "./base";
import { Icon } from "./icon";

export function ScanWord({ f, required }: { f: RequestFile; required?: boolean }) {
  if (!f.verdict) return <span class="quiet">{required ? t().notYetScanned : t().notScanned}</span>;
  const [icon, tone] = { clean: ["good", "good"], malicious: ["bad", "bad"], not_scanned: ["warn", "warn"], error: ["warn", "warn"] }[f.verdict.outcome] as [string, string];
  return <span class={`status ${tone}`}><Icon name={icon} />{t().scan[f.verdict.outcome]}{f.verdict.malware?.length ? `: ${f.verdict.malware.map(visible).join(", ")}` : ""}</span>;
}

export function FileTable({ r, hidden }: { r: AirlockRequest; hidden: boolean }) {
  const mine = sentFrom(r.id);
  const total = r.files.reduce((n, f) => n + f.size, 0);
  return <div class="scroll" role="region" aria-label={t().files} tabIndex={0}><table>
    <caption class="hidden">{t().filesOf(r.title)}</caption>
    <thead><tr><th scope="col">{t().name}</th><th scope="col" class="right">{t().sizeWord}</th><th scope="col">{t().scanWord}</th><th scope="col">SHA-256</th></tr></thead>
    <tbody>{r.files.map((f, i) => <tr key={i}><th scope="row"><Name>{f.name}</Name>{f.withheld && <span class="tag">{t().withheld}</span>}{f.supporting && <span class="tag">{t().supporting}</span>}{f.change && f.change !== "unchanged" && <span class="tag">{t().change[f.change] ?? f.change}</span>}</th>
      <td class="right"><Bytes n={f.size} /></td><td><ScanWord f={f} required={r.scanRequired ?? false} /></td>
      <td>{f.sha256 ? <><Hash value={f.sha256} label={`SHA-256 ${f.name}`} />{mine[f.name] === f.sha256 && <span class="same"><Icon name="good" />{t().sameAsSent}</span>}</> : <span class="quiet">{hidden ? "–" : t().notKnown}</span>}</td></tr>)}</tbody>
    {r.files.length > 1 && <tfoot><tr><th scope="row">{t().filesCount(r.files.length)}</th><td class="right"><Bytes n={total} /></td><td /><td /></tr></tfoot>}
  </table></div>;
}
