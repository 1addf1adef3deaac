// The researcher's own requests, by who has to act.
import { useState } from "preact/hooks";
import { call, workspaces, type AirlockRequest } from "../api";
import { now } from "../clock";
import { ago, lasting } from "../format";
import { Button, Empty, Page, useSome, Waiting } from "../parts/base";
import { Icon } from "../parts/icon";
import { Direction, Due, ended, holder, nextWord, since, Status } from "../parts/status";
import { Trouble } from "../parts/trouble";
import { go, to } from "../router";
import { useLoad } from "../state";
import { t } from "../text";
import { visible } from "../format";

export function MinePage() {
  const mine = useLoad((signal) => call<AirlockRequest[]>("/requests", { signal, tagged: true }), "mine", () => 30_000);
  const names = useLoad(() => workspaces(), "workspaces");
  const [words, setWords] = useState("");
  const [direction, setDirection] = useState("");
  const nameOf = (id: string) => names.value?.find((w) => w.id === id)?.properties.display_name ?? "";
  const shown = (mine.value ?? []).filter((r) => (!direction || r.type === direction) && (!words || `${r.title} ${nameOf(r.workspaceId)}`.toLowerCase().includes(words.toLowerCase())));
  const groups: [string, AirlockRequest[], boolean][] = [
    [t().needsYou, shown.filter((r) => r.status !== "approved" && holder(r) === "requestor" || needsRequestor(r)), true],
    [t().ready, shown.filter(ready), true],
    [t().waitingForOthers, shown.filter((r) => !ended(r.status) && holder(r) !== "requestor" && !needsRequestor(r)), true],
    [t().finished, shown.filter((r) => ended(r.status) && !ready(r)), false],
  ];
  return <Page title={t().myRequests} actions={<><Button kind="primary" onClick={() => go(to.new)}><Icon name="upload" />{t().newRequest}</Button></>}>
    {mine.error !== undefined && <Trouble error={mine.error} retry={mine.reload} />}
    {!mine.value && mine.error === undefined && <Waiting />}
    {mine.value && mine.value.length === 0 && <Empty title={t().noRequests}><p>{t().noRequestsText}</p><p><a class="button primary" href={to.new}>{t().newRequest}</a></p></Empty>}
    {mine.value && mine.value.length > 0 && <>
      <div class="filters" role="search"><label>{t().find} <input type="search" value={words} onInput={(e) => setWords(e.currentTarget.value)} /></label>
        <label>{t().directionWord} <select value={direction} onChange={(e) => setDirection(e.currentTarget.value)}><option value="">{t().all}</option><option value="import">{t().direction.import}</option><option value="export">{t().direction.export}</option></select></label></div>
      {groups.map(([title, requests, isOpen]) => requests.length > 0 && (isOpen || words
        ? <section key={title}><h2>{title} <span class="count">({requests.length})</span></h2><List requests={requests} nameOf={nameOf} /></section>
        : <details key={title} class="section" open={groups.slice(0, 3).every((g) => g[1].length === 0)}><summary><h2>{title} <span class="count">({requests.length})</span></h2></summary><List requests={requests} nameOf={nameOf} /></details>))}
      {shown.length === 0 && <p class="quiet">{t().nothingFound}</p>}
    </>}
  </Page>;
}

/** ready is what was approved and can still be fetched. */
const ready = (r: AirlockRequest) => r.status === "approved" && !r.dataDeletedWhen;
const needsRequestor = (r: AirlockRequest) => r.status === "returned";

function List({ requests, nameOf }: { requests: AirlockRequest[]; nameOf: (id: string) => string }) {
  const [shown, more] = useSome(requests);
  return <><ul class="cards">{shown.map((r) => <li key={r.id} class="card"><a href={to.request(r.workspaceId, r.id)}>
    <span class="card-title"><bdi>{visible(r.title)}</bdi></span>
    <span class="card-facts"><Direction type={r.type} /><span>{nameOf(r.workspaceId)}</span><Status r={r} /><Due r={r} /></span>
    <span class="card-next">{next(r)}</span></a></li>)}</ul>{more}</>;
}

/** next is what happens now, by the service's words where it says them. */
function next(r: AirlockRequest): string {
  const age = r.status === "draft" ? t().lastChanged(ago(r.updatedWhen, now.value)) : now.value - since(r) < 60 ? "" : t().sinceLasting(lasting(now.value - since(r)));
  return `${nextWord(r)} ${age}`;
}
