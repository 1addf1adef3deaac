// Workspaces: their rules, and for those who may see them all their requests.
import { useState } from "preact/hooks";
import { inWorkspace, member, workspace as find, workspaces, type AirlockRequest, type Envelope } from "../api";
import { csvCell, utc, visible } from "../format";
import { Bytes, Button, Empty, Page, Time, Waiting } from "../parts/base";
import { Icon } from "../parts/icon";
import { Rules } from "../parts/rules";
import { Direction, Status, statusWord } from "../parts/status";
import { Trouble } from "../parts/trouble";
import { to } from "../router";
import { useLoad } from "../state";
import { t } from "../text";
import { save } from "./download";

export function WorkspacesPage() {
  const all = useLoad(() => workspaces(true), "workspaces.page");
  return <Page title={t().workspaces}>
    {all.error !== undefined && <Trouble error={all.error} retry={all.reload} />}
    {!all.value && all.error === undefined && <Waiting />}
    {all.value?.length === 0 && <Empty title={t().noWorkspaces} />}
    <ul class="cards">{(all.value ?? []).map((w) => <li key={w.id} class="card"><a href={to.workspace(w.id)}><span class="card-title"><bdi>{visible(w.properties.display_name)}</bdi></span><span class="card-next">{visible(w.properties.description)}</span>{!w.policy.enabled && <span class="tag">{t().closed}</span>}</a></li>)}</ul>
  </Page>;
}

export function WorkspacePage({ id }: { id: string }) {
  const w = useLoad(() => find(id), id);
  const mine = useLoad(async () => member(await find(id)), `${id}.mine`);
  if (!w.value) return <Page title={t().workspace} crumbs={[[t().workspaces, to.workspaces]]}>{w.error !== undefined ? <Trouble error={w.error} retry={w.reload} /> : <Waiting />}</Page>;
  const p = w.value;
  return <Page title={p.properties.display_name} crumbs={[[t().workspaces, to.workspaces]]} lead={visible(p.properties.description)}
    actions={<><a class="button" href={to.all(id)}>{t().allRequests}</a>{p.document && <a class="button" href={to.policy(id)}>{t().editPolicy}</a>}</>}>
    {!p.policy.enabled && <p class="tag">{t().switchedOff(p.properties.display_name)}</p>}
    <div class="columns">{(["import", "export"] as const).map((type) => <section key={type} class="panel"><h2><Icon name={type} /> {t().direction[type]}</h2><Rules policy={p.policy} type={type} />
      {mine.value && p.policy.enabled && <p><a class="button" href={to.newIn(id, type)}>{type === "import" ? t().bring(p.properties.display_name) : t().take(p.properties.display_name)}</a></p>}</section>)}</div>
  </Page>;
}

const statuses = ["draft", "submitted", "in_review", "returned", "approved", "rejected", "cancelled", "blocked_by_scan", "failed", "revoked"];

export function AllRequestsPage({ id }: { id: string }) {
  const w = useLoad(() => find(id), id);
  const [status, setStatus] = useState("");
  const [type, setType] = useState("");
  const [pages, setPages] = useState([""]);
  const page = pages[pages.length - 1] ?? "";
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const ask = (from: string, signal?: AbortSignal) => inWorkspace<{ airlockRequests: Envelope[]; nextPage: string | null }>(id, `/requests?${new URLSearchParams({ limit: "50", ...(status ? { status } : {}), ...(type ? { type } : {}), ...(from ? { page: from } : {}) })}`, signal ? { signal } : {});
  const list = useLoad((signal) => ask(page, signal), [id, status, type, page].join(" "));
  const name = w.value?.properties.display_name ?? "";
  const rows = (list.value?.airlockRequests ?? []).map((e) => e.airlockRequest);
  /** csv saves every page of the list, not the one that is shown alone. */
  const csv = async () => {
    setSaving(true);
    setError(undefined);
    try {
      const all: AirlockRequest[] = [];
      for (let from: string | null = ""; from !== null;) {
        const next: Awaited<ReturnType<typeof ask>> = await ask(from);
        all.push(...next.airlockRequests.map((e) => e.airlockRequest));
        from = next.nextPage || null;
      }
      save(`requests-${name || id}.csv`, ["id,title,direction,status,by,created,updated,files,bytes", ...all.map((r) => [r.id, r.title, r.type, r.status, r.createdBy.name, utc(r.createdWhen), utc(r.updatedWhen), String(r.files.length), String(r.files.reduce((n, f) => n + f.size, 0))].map(csvCell).join(","))].join("\r\n"), "text/csv");
    } catch (e) { setError(e); }
    setSaving(false);
  };
  const filter = (set: (v: string) => void) => (v: string) => { setPages([""]); set(v); };
  return <Page title={t().requestsOf(name)} crumbs={[[t().workspaces, to.workspaces], [name || t().workspace, to.workspace(id)]]} actions={rows.length > 0 && <Button busy={saving} onClick={() => void csv()}>{saving ? t().workingWord : t().saveCsv}</Button>}>
    <div class="filters"><label>{t().statusLabel} <select value={status} onChange={(e) => filter(setStatus)(e.currentTarget.value)}><option value="">{t().all}</option>{statuses.map((s) => <option key={s} value={s}>{statusWord(s)}</option>)}</select></label>
      <label>{t().directionWord} <select value={type} onChange={(e) => filter(setType)(e.currentTarget.value)}><option value="">{t().all}</option><option value="import">{t().direction.import}</option><option value="export">{t().direction.export}</option></select></label></div>
    {error !== undefined && <Trouble error={error} />}
    {list.error !== undefined && <Trouble error={list.error} retry={list.reload} />}
    {!list.value && list.error === undefined && <Waiting />}
    {list.value && rows.length === 0 && <Empty title={t().nothingFound} />}
    {rows.length > 0 && <table class="stack"><caption class="hidden">{t().requestsOf(name)}</caption><thead><tr><th scope="col">{t().titleShort}</th><th scope="col">{t().directionWord}</th><th scope="col">{t().from}</th><th scope="col">{t().statusLabel}</th><th scope="col">{t().files}</th><th scope="col">{t().changedWhen}</th></tr></thead>
      <tbody>{rows.map((r) => <tr key={r.id}><th scope="row"><a href={to.request(id, r.id)}><bdi>{visible(r.title)}</bdi></a></th><td data-label={t().directionWord}><Direction type={r.type} /></td><td data-label={t().from}><bdi>{r.createdBy.name}</bdi></td><td data-label={t().statusLabel}><Status r={r} /></td>
        <td data-label={t().files}>{r.files.length > 0 ? <>{r.files.length}, <Bytes n={r.files.reduce((n, f) => n + f.size, 0)} /></> : "–"}</td><td data-label={t().changedWhen}><Time at={r.updatedWhen} /></td></tr>)}</tbody></table>}
    <p class="row">{pages.length > 1 && <Button onClick={() => setPages(pages.slice(0, -1))}>{t().previousPage}</Button>}{list.value?.nextPage && <Button onClick={() => setPages([...pages, list.value!.nextPage!])}>{t().nextPage}</Button>}</p>
  </Page>;
}
