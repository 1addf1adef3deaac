// A workspace's policy, drawn from the schema that the service describes itself with.
import { useMemo, useState } from "preact/hooks";
import { call, open, Problem, workspaces, type Workspace } from "../api";
import { Button, Dialog, Empty, Field, Note, Page, Tabs, Waiting } from "../parts/base";
import { Trouble } from "../parts/trouble";
import { to } from "../router";
import { say, useLoad } from "../state";
import { t } from "../text";

interface Schema { type?: string | string[]; $ref?: string; properties?: Record<string, Schema>; description?: string; default?: unknown; enum?: string[]; minimum?: number; maximum?: number; items?: Schema; additionalProperties?: unknown; }
type Json = Record<string, unknown>;

export interface Change { path: string; before: unknown; after: unknown; loosens: boolean; }

/** changesBetween lists what differs, member by member. */
export function changesBetween(a: unknown, b: unknown, path = ""): Change[] {
  if (isObject(a) && isObject(b)) return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().flatMap((k) => changesBetween(a[k], b[k], path ? `${path}.${k}` : k));
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null) ? [] : [{ path, before: a, after: b, loosens: loosens(path, a, b) }];
}

/** loosens marks what makes the airlock let more through. */
function loosens(path: string, a: unknown, b: unknown): boolean {
  const name = path.split(".").pop() ?? "";
  if (/Approvals$/.test(name)) return Number(b ?? 1) < Number(a ?? 1);
  if (["allowSelfReview", "applications"].includes(name)) return b === true;
  if (path === "malwareScanning.enabled" || ["independent", "separateRoles"].includes(name)) return b === false;
  if (["inconclusive", "lateMalware", "colleagues"].includes(name)) return true;
  if (name === "allowedExtensions") return size(a) > 0 && (size(b) === 0 || has(b, a));
  if (name === "forbiddenExtensions") return has(a, b);
  if (name === "names") return b === "unicode";
  if (["maxFiles", "maxFileBytes", "maxTotalBytes", "lifetimeMinutes", "maxTurns"].includes(name)) return Number(b ?? 0) > Number(a ?? 0);
  return path.startsWith("gates");
}

const isObject = (v: unknown): v is Json => typeof v === "object" && v !== null && !Array.isArray(v);
const size = (v: unknown) => Array.isArray(v) ? v.length : 0;
/** has reports whether the first list has something that the second has not. */
const has = (a: unknown, b: unknown) => Array.isArray(a) && a.some((x) => !Array.isArray(b) || !b.includes(x));
const word = (v: unknown) => v === undefined || v === null ? "–" : typeof v === "string" ? v : JSON.stringify(v);

export function PolicyPage({ id }: { id: string }) {
  const loaded = useLoad(async () => {
    const [all, doc] = await Promise.all([workspaces(true), open<{ components: { schemas: Record<string, Schema> } }>("/openapi.json")]);
    return { w: all.find((x) => x.id === id), schemas: doc.components.schemas };
  }, id);
  const w = loaded.value?.w;
  if (!w) return <Page title={t().editPolicy} crumbs={[[t().workspaces, to.workspaces]]}>{loaded.error !== undefined ? <Trouble error={loaded.error} retry={loaded.reload} /> : loaded.value ? <Empty title={t().notFound} /> : <Waiting />}</Page>;
  if (!w.document) return <Page title={t().editPolicy} crumbs={[[t().workspaces, to.workspaces]]}><Empty title={t().adminOnly} /></Page>;
  return <Editor key={w._etag} w={w} schemas={loaded.value!.schemas} reload={loaded.reload} />;
}

function Editor({ w, schemas, reload }: { w: Workspace; schemas: Record<string, Schema>; reload: () => void }) {
  const stored = (w.document!.policy ?? {}) as Json;
  const [draft, setDraft] = useState<Json>(stored);
  const [text, setText] = useState(JSON.stringify(stored, null, 2));
  const [tab, setTab] = useState("form");
  const [bad, setBad] = useState("");
  const [asking, setAsking] = useState(false);
  const changes = useMemo(() => changesBetween(stored, draft), [draft]);
  const root = resolve({ $ref: "#/components/schemas/Policy" }, schemas);
  const choose = (next: string) => {
    if (tab === "json") { try { setDraft(JSON.parse(text) as Json); setBad(""); } catch (e) { setBad(String(e)); return; } }
    if (next === "json") setText(JSON.stringify(draft, null, 2));
    setTab(next);
  };
  return <Page title={t().policyOf(w.properties.display_name)} crumbs={[[t().workspaces, to.workspaces], [w.properties.display_name, to.workspace(w.id)]]} lead={t().policyVersion(w.resourceVersion)}>
    <Tabs label={t().editPolicy} tabs={[{ id: "form", name: t().formTab }, { id: "json", name: "JSON" }, { id: "changes", name: t().changesTab(changes.length) }]} value={tab} onChange={choose} />
    {bad && <Note kind="bad" title={t().badJson} alert><p>{bad}</p></Note>}
    <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
      {tab === "form" && Object.entries(root.properties ?? {}).map(([name, s]) => <Member key={name} path={[name]} schema={s} schemas={schemas} value={draft} set={setDraft} />)}
      {tab === "json" && <Field label={t().policyJson} rows={30} value={text} onInput={setText} />}
      {tab === "changes" && (changes.length === 0 ? <p class="quiet">{t().noChanges}</p> : <Changes changes={changes} />)}
    </div>
    <div class="foot-actions sticky"><p class="quiet">{t().changesTab(changes.length)}</p><Button onClick={() => { setDraft(stored); setText(JSON.stringify(stored, null, 2)); }}>{t().discard}</Button><Button kind="primary" onClick={() => { choose("changes"); setAsking(true); }}>{t().reviewAndSave}</Button></div>
    {asking && <Save w={w} draft={draft} changes={changes} close={() => setAsking(false)} done={() => { setAsking(false); say(t().saved); reload(); }} />}
  </Page>;
}

const Changes = ({ changes }: { changes: Change[] }) => <ul class="changes">{changes.map((c) => <li key={c.path} class={c.loosens ? "loosens" : undefined}><code>{c.path}</code>: {word(c.before)} → <strong>{word(c.after)}</strong>{c.loosens && <span class="tag bad">{t().loosens}</span>}</li>)}</ul>;

function Save({ w, draft, changes, close, done }: { w: Workspace; draft: Json; changes: Change[]; close: () => void; done: () => void }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const name = w.properties.display_name, loosening = changes.some((c) => c.loosens), may = changes.length > 0 && (!loosening || typed === name);
  const run = async () => {
    setBusy(true);
    try { await call(`/workspaces/${w.id}`, { method: "PUT", body: { ...w.document, policy: draft }, ifMatch: w._etag }); done(); } catch (e) { setError(e); setBusy(false); }
  };
  return <Dialog title={t().savePolicy(name)} onClose={close} footer={<><Button onClick={close}>{t().back}</Button>{may && <Button kind={loosening ? "danger" : "primary"} busy={busy} onClick={() => void run()}>{t().savePolicyButton}</Button>}</>}>
    {changes.length === 0 ? <p>{t().noChanges}</p> : <Changes changes={changes} />}
    {loosening && <Note kind="warn" title={t().loosensTitle}><Field label={t().typeName(name)} value={typed} onInput={setTyped} /></Note>}
    {error !== undefined && <Trouble error={error} />}{error instanceof Problem && error.status === 412 && <p>{t().changedMeanwhile}</p>}
  </Dialog>;
}

function resolve(s: Schema, schemas: Record<string, Schema>): Schema {
  const name = s.$ref?.split("/").pop();
  return name ? { ...schemas[name], ...(s.description ? { description: s.description } : {}) } : s;
}

const get = (v: unknown, path: string[]): unknown => path.reduce<unknown>((o, k) => isObject(o) ? o[k] : undefined, v);
function put(v: Json, path: string[], value: unknown): Json {
  const [k, ...rest] = path as [string, ...string[]];
  const next = { ...v };
  if (rest.length > 0) next[k] = put(isObject(v[k]) ? v[k] : {}, rest, value);
  else if (value === undefined) delete next[k]; else next[k] = value;
  return next;
}

function Member({ path, schema, schemas, value, set }: { path: string[]; schema: Schema; schemas: Record<string, Schema>; value: Json; set: (v: Json) => void }) {
  const s = resolve(schema, schemas), name = path[path.length - 1] ?? "", now = get(value, path), id = `p-${path.join("-")}`;
  const types = Array.isArray(s.type) ? s.type : [s.type ?? ""];
  const change = (v: unknown) => set(put(value, path, v));
  if (s.properties) return <fieldset class={path.length === 1 ? "panel" : "plain"}><legend>{t().member(name)}</legend>{Object.entries(s.properties).map(([k, inner]) => <Member key={k} path={[...path, k]} schema={inner} schemas={schemas} value={value} set={set} />)}</fieldset>;
  const help = s.description ? <p class="help" id={`${id}-help`}>{s.description}</p> : null;
  const label = <label for={id}>{t().member(name)}</label>;
  const reset = s.default !== undefined && JSON.stringify(now ?? s.default) !== JSON.stringify(s.default) && <Button kind="quiet" onClick={() => change(s.default)}>{t().resetTo(word(s.default))}</Button>;
  if (types.includes("boolean")) return <div class="field"><label class="tick"><input id={id} type="checkbox" aria-describedby={`${id}-help`} checked={now === true} onChange={(e) => change(e.currentTarget.checked)} />{t().member(name)}</label>{help}{reset}</div>;
  if (s.enum) return <div class="field">{label}{help}<select id={id} value={String(now ?? s.default ?? "")} onChange={(e) => change(e.currentTarget.value)}>{s.enum.map((x) => <option key={x}>{x}</option>)}</select>{reset}</div>;
  if (types.includes("integer") || types.includes("number")) return <div class="field">{label}{help}<input id={id} type="number" min={s.minimum} max={s.maximum} value={String(now ?? s.default ?? "")} onInput={(e) => { const v = e.currentTarget.value; change(v === "" ? undefined : Number(v)); }} />{reset}</div>;
  if (types.includes("array") && resolve(s.items ?? {}, schemas).type === "string") return <div class="field">{label}{help}<input id={id} value={Array.isArray(now) ? now.join(" ") : ""} placeholder={t().separated} onChange={(e) => { const list = e.currentTarget.value.split(/[\s,]+/).filter(Boolean); change(list.length > 0 ? list : undefined); }} /></div>;
  if (types.includes("string")) return <div class="field">{label}{help}<input id={id} value={String(now ?? "")} onInput={(e) => change(e.currentTarget.value)} />{reset}</div>;
  return <div class="field"><p><strong>{t().member(name)}</strong></p>{help}<p class="quiet">{t().inJson} {now === undefined ? "" : <code class="wrap">{JSON.stringify(now).slice(0, 200)}</code>}</p></div>;
}
