// One member of a policy, drawn from the schema that the service describes itself with.
import { useState } from "preact/hooks";
import { count } from "../format";
import { get, put, resolve, type Json, type Schema } from "../policy/changes";
import { t } from "../text";
import { Button } from "./base";
import { nameOf, wordOf } from "./changes";
import { Icon } from "./icon";

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
  if (types.includes("integer") || types.includes("number")) return <div class="field">{label}{help}<Numeric id={id} dotted={dotted} schema={s} now={now ?? s.default} described={described} change={change} />{reset}</div>;
  if (types.includes("array") && resolve(s.items ?? {}, schemas).type === "string") return <div class="field">{label}{help}<input id={id} aria-describedby={described} value={Array.isArray(now) ? now.join(" ") : ""} placeholder={t().separated} onChange={(e) => { const list = e.currentTarget.value.split(/[\s,]+/).filter(Boolean); change(list.length > 0 ? list : undefined); }} /></div>;
  if (types.includes("string")) return <div class="field">{label}{help}<input id={id} aria-describedby={described} value={String(now ?? "")} onInput={(e) => change(e.currentTarget.value)} />{reset}</div>;
  return <div class="field"><p><strong>{nameOf(dotted)}</strong></p>{help}<p class="quiet">{t().inJson} {now === undefined ? "" : <code class="wrap">{JSON.stringify(now).slice(0, 200)}</code>}</p></div>;
}

/** Numeric is a number with its meaning beside it. What is typed stays as it is typed: an emptied field is not filled with the default under one's hands. */
function Numeric({ id, dotted, schema, now, described, change }: { id: string; dotted: string; schema: Schema; now: unknown; described: string | undefined; change: (v: unknown) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const { minimum: least, maximum: most } = schema;
  const wrong = typeof now === "number" && (least !== undefined && now < least || most !== undefined && now > most);
  const word = wordOf(dotted, now);
  return <><input id={id} type="number" aria-describedby={[described, wrong ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined} aria-invalid={wrong || undefined} min={least} max={most} value={typed ?? String(now ?? "")}
    onInput={(e) => { const v = e.currentTarget.value; setTyped(v); change(v === "" ? undefined : Number(v)); }} onBlur={() => setTyped(null)} />
    {typeof now === "number" && word !== count(now) && <span class="quiet"> = {word}</span>}
    {wrong && <p class="error" id={`${id}-error`}><Icon name="bad" />{t().between(least ?? 0, most)}</p>}</>;
}
