// The questions that a workspace asks with a request, drawn from its policy.
import { useId } from "preact/hooks";
import type { Field as Question } from "../api";
import { t } from "../text";
import { Field } from "./base";

export type Said = Record<string, unknown>;

export function Answers({ form, value, onChange, errors = {} }: { form: Question[]; value: Said; onChange: (v: Said) => void; errors?: Record<string, string> }) {
  const set = (name: string, v: unknown) => {
    const next = { ...value };
    if (v === "" || v === undefined || Array.isArray(v) && v.length === 0) delete next[name]; else next[name] = v;
    onChange(next);
  };
  return <fieldset class="plain"><legend>{t().questions}</legend>{form.map((q) => <Ask key={q.name} q={q} value={value[q.name]} error={errors[q.name]} set={(v) => set(q.name, v)} />)}</fieldset>;
}

function Ask({ q, value, error, set }: { q: Question; value: unknown; error: string | undefined; set: (v: unknown) => void }) {
  const id = useId();
  const must = q.required ? <span class="must" aria-hidden="true"> *</span> : null;
  const tail = <>{q.help && <p class="help">{q.help}</p>}{error && <p class="error">{error}</p>}</>;
  switch (q.kind) {
    case "yes_no": return <fieldset class="field"><legend>{q.label}{must}</legend>{tail}{[[true, t().yes], [false, t().no]].map(([v, word]) =>
      <label key={String(v)} class="tick"><input type="radio" name={id} checked={value === v} onChange={() => set(v)} />{String(word)}</label>)}</fieldset>;
    case "choice": return <div class="field"><label for={id}>{q.label}{must}</label>{tail}<select id={id} value={String(value ?? "")} onChange={(e) => set(e.currentTarget.value)}><option value="">–</option>{(q.options ?? []).map((o) => <option key={o}>{o}</option>)}</select></div>;
    case "choices": {
      const have = Array.isArray(value) ? value as string[] : [];
      return <fieldset class="field"><legend>{q.label}{must}</legend>{tail}{(q.options ?? []).map((o) => <label key={o} class="tick"><input type="checkbox" checked={have.includes(o)} onChange={(e) => set(e.currentTarget.checked ? [...have, o] : have.filter((x) => x !== o))} />{o}</label>)}</fieldset>;
    }
    case "number": return <Field label={q.label} help={q.help} error={error} required={q.required ?? false} type="number" value={String(value ?? "")} onInput={(v) => set(v === "" ? "" : Number(v))} />;
    case "date": return <Field label={q.label} help={q.help} error={error} required={q.required ?? false} type="date" value={String(value ?? "")} onInput={set} />;
    case "long_text": return <Field label={q.label} help={q.help} error={error} required={q.required ?? false} rows={4} max={q.max || 4000} value={String(value ?? "")} onInput={set} />;
    default: return <Field label={q.label} help={q.help} error={error} required={q.required ?? false} max={q.max || 500} value={String(value ?? "")} onInput={set} />;
  }
}

/** Said shows answers. */
export function Given({ form, value }: { form: Question[]; value: Said }) {
  const word = (v: unknown) => v === true ? t().yes : v === false ? t().no : Array.isArray(v) ? v.join(", ") : String(v ?? "–");
  const names = [...form.map((q): [string, string] => [q.name, q.label]), ...Object.keys(value).filter((n) => !form.some((q) => q.name === n)).map((n): [string, string] => [n, n])];
  return <dl class="facts">{names.map(([name, label]) => <div key={name}><dt>{label}</dt><dd class="lines">{word(value[name])}</dd></div>)}</dl>;
}
