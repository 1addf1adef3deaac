// A draft of a policy, tried on what the gates found in the last requests. Nothing is stored, and no file is read again.
import { useState } from "preact/hooks";
import { call, inWorkspace, type Envelope } from "../api";
import type { PolicySimulation as Simulation } from "../openapi";
import { visible, when } from "../format";
import type { Json } from "../policy/changes";
import { to } from "../router";
import { useLoad } from "../state";
import { t } from "../text";
import { Button, Note } from "./base";
import { Icon } from "./icon";
import { Trouble } from "./trouble";

export function Simulate({ workspace, policy }: { workspace: string; policy: Json }) {
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<{ of: string; answer: Simulation } | null>(null);
  const [error, setError] = useState<unknown>();
  const of = JSON.stringify(policy);
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try { setFound({ of, answer: await call<Simulation>(`/workspaces/${workspace}/policy/simulate`, { method: "POST", body: { policy, last: 50 } }) }); } catch (e) { setError(e); }
    setBusy(false);
  };
  return <section class="panel"><h2>{t().dryRun}</h2><p class="quiet">{t().dryRunText}</p><p><Button busy={busy} onClick={() => void run()}>{busy ? t().workingWord : t().tryIt}</Button></p>
    {error !== undefined && <Trouble error={error} />}
    {found?.of === of && <Result workspace={workspace} s={found.answer} />}</section>;
}

function Result({ workspace, s }: { workspace: string; s: Simulation }) {
  const other = s.turns.filter((x) => x.changed), unsure = s.turns.filter((x) => !x.complete).length;
  // The dry run says which requests; their titles are asked for as the list of the workspace shows them to this person.
  const list = useLoad((signal) => other.length === 0 ? Promise.resolve([]) : inWorkspace<{ airlockRequests: Envelope[] }>(workspace, "/requests?limit=100", { signal }).then((a) => a.airlockRequests), `${workspace}.titles.${other.length}`);
  const titles = new Map((list.value ?? []).map((e) => [e.airlockRequest.id, e.airlockRequest.title]));
  return <>
    <p class={`verdict ${other.length > 0 ? "warn" : "good"}`} role="status"><Icon name={other.length > 0 ? "warn" : "good"} />{t().wouldChange(other.length, s.turns.length)}</p>
    {unsure > 0 && <p class="quiet">{t().notAllKnown(unsure)}</p>}
    {s.underWay > 0 && <p class="quiet">{t().leftUnderWay(s.underWay)}</p>}
    {s.damagedRows ? <Note kind="bad" title={t().leftDamaged(s.damagedRows)} /> : null}
    {other.length > 0 && <div class="scroll" role="region" aria-label={t().dryRun} tabIndex={0}><table><thead><tr><th scope="col">{t().request}</th><th scope="col">{t().wasWord}</th><th scope="col">{t().wouldWord}</th><th scope="col">{t().becauseOf}</th></tr></thead>
      <tbody>{other.map((x) => <tr key={`${x.requestId}.${x.turn}`}><th scope="row"><a href={to.request(workspace, x.requestId)}>{titles.has(x.requestId) ? <bdi>{visible(titles.get(x.requestId)!)}</bdi> : <>{t().direction[x.type]}, {when(x.createdWhen)}</>}</a>{titles.has(x.requestId) && <span class="quiet"> {t().direction[x.type]}, {when(x.createdWhen)}</span>}{x.turn > 1 && <span class="quiet"> {t().turn(x.turn)}</span>}</th>
        <td>{t().outcome[x.was] ?? x.was}</td><td><strong>{t().outcome[x.would] ?? x.would}</strong></td><td>{[...x.rules, ...x.gates.flatMap((g) => g.rules)].slice(0, 6).map((rule) => rule.replace(/_/g, " ")).join(", ") || "–"}</td></tr>)}</tbody></table></div>}</>;
}
