// One member of a policy, drawn from the schema that the service describes itself with.
import { get, put, resolve, type Json, type Schema } from "../policy/changes";
import { t } from "../text";
import { Button } from "./base";
import { nameOf, wordOf } from "./changes";

export function Member({ path, schema, schemas, value, set }: { path: string[]; schema: Schema; schemas: Record<string, Schema>; value: Json; set: (v: Json) => void }) {
  const s = resolve(schema, schemas), dotted = path.join("."), now = get(value, path), id = `p-${path.join("-")}`;
  const types = Array.isArray(s.type) ? s.type : [s.type ?? ""];
  const change = (v: unknown) => set(put(value, path, v));
  if (s.properties) return <fieldset class={path.length === 1 ? "panel" : "plain"}><legend>{nameOf(dotted)}</legend>{Object.entries(s.properties).map(([k, inner]) => <Member key={k} path={[...path, k]} schema={inner} schemas={schemas} value={value} set={set} />)}</fieldset>;
  const help = s.description ? <p class="help" id={`${id}-help`} lang="en">{s.description}</p> : null;
  const described = help ? `${id}-help` : undefined;
  const label = <label for={id}>{nameOf(dotted)}</label>;
  const reset = s.default !== undefined && JSON.stringify(now ?? s.default) !== JSON.stringify(s.default) && <Button kind="quiet" onClick={() => change(s.default)}>{t().resetTo(wordOf(dotted, s.default))}</Button>;
  if (types.includes("boolean")) return <div class="field"><label class="tick"><input id={id} type="checkbox" aria-describedby={described} checked={(now ?? s.default) === true} onChange={(e) => change(e.currentTarget.checked)} />{nameOf(dotted)}</label>{help}{reset}</div>;
  if (s.enum) return <div class="field">{label}{help}<select id={id} aria-describedby={described} value={String(now ?? s.default ?? "")} onChange={(e) => change(e.currentTarget.value)}>{s.enum.map((x) => <option key={x} value={x}>{t().policyWords[x] ?? x}</option>)}</select>{reset}</div>;
  if (types.includes("integer") || types.includes("number")) return <div class="field">{label}{help}<input id={id} type="number" aria-describedby={described} min={s.minimum} max={s.maximum} value={String(now ?? s.default ?? "")} onInput={(e) => { const v = e.currentTarget.value; change(v === "" ? undefined : Number(v)); }} />{reset}</div>;
  if (types.includes("array") && resolve(s.items ?? {}, schemas).type === "string") return <div class="field">{label}{help}<input id={id} aria-describedby={described} value={Array.isArray(now) ? now.join(" ") : ""} placeholder={t().separated} onChange={(e) => { const list = e.currentTarget.value.split(/[\s,]+/).filter(Boolean); change(list.length > 0 ? list : undefined); }} /></div>;
  if (types.includes("string")) return <div class="field">{label}{help}<input id={id} aria-describedby={described} value={String(now ?? "")} onInput={(e) => change(e.currentTarget.value)} />{reset}</div>;
  return <div class="field"><p><strong>{nameOf(dotted)}</strong></p>{help}<p class="quiet">{t().inJson} {now === undefined ? "" : <code class="wrap">{JSON.stringify(now).slice(0, 200)}</code>}</p></div>;
}
