// A workspace's policy: a form drawn from the service's own schema, what changes in words, tried before it is saved.
import { useEffect, useMemo, useState } from "preact/hooks";
import { call, open, Problem, workspaces, type Workspace } from "../api";
import { Button, Dialog, Empty, Field, Note, Page, Tabs, Waiting } from "../parts/base";
import { Changes, nameOf, wordOf } from "../parts/changes";
import { Member } from "../parts/policyform";
import { Simulate } from "../parts/simulate";
import { Trouble } from "../parts/trouble";
import { changesBetween, defaultsOf, merged, put, resolve, type Change, type Json, type Schema } from "../policy/changes";
import { to } from "../router";
import { tell, useKept, useLoad } from "../state";
import { t } from "../text";

type Schemas = Record<string, Schema>;
type Both = ReturnType<typeof merged>["both"];

export function PolicyPage({ id }: { id: string }) {
  const loaded = useLoad(async () => {
    const [all, doc] = await Promise.all([workspaces(true), open<{ components: { schemas: Schemas } }>("/openapi.json")]);
    return { w: all.find((x) => x.id === id), schemas: doc.components.schemas };
  }, id);
  const w = loaded.value?.w;
  if (!w) return <Page title={t().editPolicy} crumbs={[[t().workspaces, to.workspaces]]}>{loaded.error !== undefined ? <Trouble error={loaded.error} retry={loaded.reload} /> : loaded.value ? <Empty title={t().notFound} /> : <Waiting />}</Page>;
  if (!w.document) return <Page title={t().editPolicy} crumbs={[[t().workspaces, to.workspaces]]}><Empty title={t().adminOnly} /></Page>;
  return <Editor first={w} schemas={loaded.value!.schemas} />;
}

const policyOf = (w: Workspace) => (w.document!.policy ?? {}) as Json;

/** goneOn is a draft that somebody left here, laid over what is stored now; without one, what is stored. */
function goneOn(kept: string, stored: Json): { draft: Json; both: Both | null } {
  if (!kept) return { draft: stored, both: null };
  const { before, draft } = JSON.parse(kept) as { before: Json; draft: Json };
  const m = merged(before, draft, stored);
  return { draft: m.draft, both: JSON.stringify(before) === JSON.stringify(stored) ? null : m.both };
}

function Editor({ first, schemas }: { first: Workspace; schemas: Schemas }) {
  const [w, setW] = useState(first);
  const stored = policyOf(w);
  const [kept, keep] = useKept(`${first.id}.policy`);
  const begun = useMemo(() => goneOn(kept, stored), []);
  const [draft, setDraft] = useState<Json>(begun.draft);
  const [text, setText] = useState(JSON.stringify(stored, null, 2));
  const [tab, setTab] = useState("form");
  const [bad, setBad] = useState("");
  const [both, setBoth] = useState<Both | null>(begun.both);
  const [asking, setAsking] = useState(false);
  const root = resolve({ $ref: "#/components/schemas/Policy" }, schemas);
  const defaults = useMemo(() => defaultsOf(root, schemas), [schemas]);
  const changes = useMemo(() => changesBetween(stored, draft, defaults), [w, draft]);
  useEffect(() => keep(changes.length > 0 ? JSON.stringify({ before: stored, draft }) : ""), [changes]);
  /** choose opens a tab; it returns false while the JSON is none. */
  const choose = (next: string): boolean => {
    if (tab === "json") { try { setDraft(JSON.parse(text) as Json); setBad(""); } catch (e) { setBad(String(e)); return false; } }
    if (next === "json") setText(JSON.stringify(draft, null, 2));
    setTab(next);
    return true;
  };
  const latest = async () => (await workspaces(true)).find((x) => x.id === w.id)!;
  const saved = async () => {
    const now = await latest();
    setAsking(false);
    setBoth(null);
    setW(now);
    setDraft(policyOf(now));
    tell(t().saved);
  };
  /** compare lays my changes over what somebody else saved meanwhile. */
  const compare = async () => {
    const now = await latest(), m = merged(stored, draft, policyOf(now));
    setAsking(false);
    setW(now);
    setDraft(m.draft);
    setBoth(m.both);
    setTab("changes");
  };
  return <Page title={t().policyOf(w.properties.display_name)} crumbs={[[t().workspaces, to.workspaces], [w.properties.display_name, to.workspace(w.id)]]} lead={t().policyVersion(w.resourceVersion)}>
    {both && <Note kind="warn" title={t().changedMeanwhile} alert><p>{t().laidOver}</p>{both.map((b) => <div key={b.path}><p><strong>{nameOf(b.path)}</strong></p>
      <ul><li>{t().versionBefore}: {wordOf(b.path, b.before)}</li><li>{t().versionTheirs}: {wordOf(b.path, b.theirs)} <Button kind="quiet" onClick={() => { setDraft(put(draft, b.path.split("."), b.theirs)); setBoth(both.filter((x) => x !== b)); }}>{t().takeTheirs}</Button></li><li>{t().versionMine}: {wordOf(b.path, b.mine)}</li></ul></div>)}</Note>}
    <Tabs label={t().editPolicy} tabs={[{ id: "form", name: t().formTab }, { id: "json", name: "JSON" }, { id: "changes", name: t().changesTab(changes.length) }]} value={tab} onChange={choose} />
    {bad && <Note kind="bad" title={t().badJson} alert><p>{bad}</p></Note>}
    <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
      {tab === "form" && Object.entries(root.properties ?? {}).map(([name, s]) => <Member key={name} path={[name]} schema={s} schemas={schemas} value={draft} set={setDraft} />)}
      {tab === "json" && <Field label={t().policyJson} rows={30} value={text} onInput={setText} />}
      {tab === "changes" && <>{changes.length === 0 ? <p class="quiet">{t().noChanges}</p> : <Changes changes={changes} />}<Simulate workspace={w.id} policy={draft} /></>}
    </div>
    <div class="foot-actions sticky"><p class="quiet">{t().changesTab(changes.length)}</p><Button onClick={() => { setDraft(stored); setText(JSON.stringify(stored, null, 2)); setBoth(null); }}>{t().discard}</Button><Button kind="primary" onClick={() => { if (choose("changes")) setAsking(true); }}>{t().reviewAndSave}</Button></div>
    {asking && <Save w={w} draft={draft} changes={changes} close={() => setAsking(false)} done={saved} conflict={compare} />}
  </Page>;
}

const inBody = "body.policy.";

function Save({ w, draft, changes, close, done, conflict }: { w: Workspace; draft: Json; changes: Change[]; close: () => void; done: () => Promise<void>; conflict: () => Promise<void> }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const name = w.properties.display_name, loosening = changes.some((c) => c.loosens), may = changes.length > 0 && (!loosening || typed === name);
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await call(`/workspaces/${w.id}`, { method: "PUT", body: { ...w.document, policy: draft }, ifMatch: w._etag });
      await done();
    } catch (e) {
      setBusy(false);
      if (e instanceof Problem && e.status === 412) await conflict().catch(setError); else setError(e);
    }
  };
  /** named are the members that the service does not take, by their paths. */
  const named = error instanceof Problem ? error.violations.filter((v) => v.location?.startsWith(inBody)).map((v) => [v.location!.slice(inBody.length), v.message] as const) : [];
  return <Dialog title={t().savePolicy(name)} onClose={close} footer={<><Button onClick={close}>{t().back}</Button>{may && <Button kind={loosening ? "danger" : "primary"} busy={busy} onClick={() => void run()}>{t().savePolicyButton}</Button>}</>}>
    {changes.length === 0 ? <p>{t().noChanges}</p> : <Changes changes={changes} />}
    {loosening && <Note kind="warn" title={t().loosensTitle}><Field label={t().typeName(name)} value={typed} onInput={setTyped} /></Note>}
    {named.length > 0 ? <Note kind="bad" title={t().mend} alert><ul>{named.map(([path, says]) => <li key={path}>{nameOf(path)}: {says}</li>)}</ul></Note> : error !== undefined && <Trouble error={error} />}
  </Dialog>;
}
