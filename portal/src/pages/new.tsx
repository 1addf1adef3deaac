// A new request: which way and where, what and why, then its files on the request's own page.
import { useEffect, useId, useState } from "preact/hooks";
import { inWorkspace, member, Problem, workspaces, type Envelope, type Field as FormField, type Workspace } from "../api";
import { Answers } from "../parts/answers";
import { Button, Empty, Field, Note, Page, Waiting } from "../parts/base";
import { Icon } from "../parts/icon";
import { Rules } from "../parts/rules";
import { Trouble } from "../parts/trouble";
import { go, to } from "../router";
import { forget, say, useKept, useLoad } from "../state";
import { t } from "../text";

type Direction = "import" | "export";

/** Steps is the list of the three steps. */
export const Steps = ({ at }: { at: 1 | 2 | 3 }) => <ol class="steps" aria-label={t().steps}>{t().stepNames.map((s, i) =>
  <li key={s} aria-current={i + 1 === at ? "step" : undefined} class={i + 1 < at ? "done" : undefined}><span class="step-n" aria-hidden="true">{i + 1 < at ? <Icon name="check" /> : i + 1}</span>{s}</li>)}</ol>;

export function NewPage({ workspace, type }: { workspace: string; type: Direction | null }) {
  const all = useLoad(() => workspaces(), "workspaces");
  const chosen = all.value?.find((w) => w.id === workspace);
  return <Page title={t().newRequest} crumbs={[[t().myRequests, to.mine]]}>
    <Steps at={1} />
    {all.error !== undefined && <Trouble error={all.error} retry={all.reload} />}
    {!all.value && all.error === undefined && <Waiting />}
    {all.value && (chosen && type ? <What key={workspace + type} workspace={chosen} type={type} /> : <Where all={all.value} />)}
  </Page>;
}

function Where({ all }: { all: Workspace[] }) {
  const mine = useLoad(async () => {
    const is = await Promise.all(all.slice(0, 50).map(member));
    return all.filter((_, i) => is[i] ?? true);
  }, "member");
  if (mine.error !== undefined) return <Trouble error={mine.error} retry={mine.reload} />;
  if (!mine.value) return <Waiting />;
  if (mine.value.length === 0) return <Empty title={t().noWorkspaces}><p>{t().noWorkspacesText}</p></Empty>;
  return <ul class="choices">{mine.value.map((w) => <li key={w.id} class="panel"><h2><bdi>{w.properties.display_name}</bdi></h2><p class="quiet">{w.properties.description}</p>
    {w.properties.enable_airlock ? <p class="row"><a class="button" href={to.newIn(w.id, "import")}><Icon name="import" />{t().bring(w.properties.display_name)}</a>
      <a class="button" href={to.newIn(w.id, "export")}><Icon name="export" />{t().take(w.properties.display_name)}</a></p> : <p>{t().switchedOff(w.properties.display_name)}</p>}</li>)}</ul>;
}

function What({ workspace, type }: { workspace: Workspace; type: Direction }) {
  const place = `${workspace.id}.${type}`;
  const [title, setTitle] = useKept(`${place}.title`);
  const [why, setWhy] = useKept(`${place}.why`);
  const [replaces, setReplaces] = useKept(`${place}.replaces`);
  const [answers, setAnswers] = useKept(`${place}.answers`, "{}");
  const [error, setError] = useState<unknown>();
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const summary = useId();
  const form: FormField[] = workspace.policy.form?.[type] ?? [];
  useEffect(() => { if (Object.keys(wrong).length > 0) document.getElementById(summary)?.focus(); }, [wrong]);

  const save = async () => {
    const found: Record<string, string> = {};
    if (!title.trim()) found.title = t().titleNeeded;
    if ([...title].length > 200) found.title = t().tooLong(200);
    if (!why.trim()) found.why = t().whyNeeded;
    if ([...why].length > 4000) found.why = t().tooLong(4000);
    setWrong(found);
    if (Object.keys(found).length > 0 || busy) return;
    setBusy(true);
    setError(undefined);
    const said = JSON.parse(answers) as Record<string, unknown>;
    const body = { type, title: title.trim(), businessJustification: why, ...(replaces ? { replaces } : {}), ...(form.length > 0 && Object.keys(said).length > 0 ? { answers: said } : {}) };
    // One key for one text: a double click or a reload before the answer makes one request.
    const slot = `airlock.key.${place}`, text = JSON.stringify(body);
    const kept = JSON.parse(sessionStorage.getItem(slot) ?? "null") as { text: string; key: string } | null;
    const key = kept?.text === text ? kept.key : crypto.randomUUID();
    sessionStorage.setItem(slot, JSON.stringify({ text, key }));
    try {
      const made = await inWorkspace<Envelope>(workspace.id, "/requests", { method: "POST", body, key });
      sessionStorage.removeItem(slot);
      for (const n of ["title", "why", "replaces", "answers"]) forget(`${place}.${n}`);
      say(t().saved);
      go(to.request(workspace.id, made.airlockRequest.id), true);
    } catch (e) {
      setBusy(false);
      setError(e);
      if (e instanceof Problem) for (const v of e.violations) if (v.location === "body.title") setWrong({ title: v.message });
    }
  };

  const fields: [string, string][] = [["title", t().titleWord], ["why", t().whyWord]];
  return <form noValidate onSubmit={(e) => { e.preventDefault(); void save(); }}>
    <h2 class="first"><Icon name={type} /> {type === "import" ? t().newImport(workspace.properties.display_name) : t().newExport(workspace.properties.display_name)}</h2>
    <Note kind="info" title={t().rulesHere}><Rules policy={workspace.policy} type={type} /></Note>
    {Object.keys(wrong).length > 0 && <div id={summary} class="note bad" role="alert" tabIndex={-1}><div><p class="note-title">{t().mend}</p><ul>{fields.filter(([id]) => wrong[id]).map(([id, word]) =>
      <li key={id}><a href={`#${id}`} onClick={(e) => { e.preventDefault(); document.getElementById(`f-${id}`)?.focus(); }}>{word}: {wrong[id]}</a></li>)}</ul></div></div>}
    <Field id="f-title" label={t().titleWord} required max={200} value={title} onInput={setTitle} error={wrong.title} />
    <Field id="f-why" label={t().whyWord} help={t().whyHelp} required max={4000} rows={6} value={why} onInput={setWhy} error={wrong.why} />
    {form.length > 0 && <Answers form={form} value={JSON.parse(answers) as Record<string, unknown>} onChange={(a) => setAnswers(JSON.stringify(a))} />}
    {replaces && <p class="quiet">{t().replacing} <Button kind="quiet" onClick={() => setReplaces("")}>{t().doNotReplace}</Button></p>}
    {error !== undefined && <Trouble error={error} />}
    <div class="foot-actions"><a class="button" href={to.mine}>{t().back}</a><Button kind="primary" type="submit" busy={busy}>{busy ? t().saving : t().saveAndAdd}</Button></div>
  </form>;
}

/** startAgain takes the texts of a request into a new one. */
export function startAgain(r: { id: string; workspaceId: string; type: string; title: string; businessJustification: string; answers?: Record<string, unknown> }) {
  const place = `airlock.text.${r.workspaceId}.${r.type}`;
  sessionStorage.setItem(`${place}.title`, r.title);
  sessionStorage.setItem(`${place}.why`, r.businessJustification);
  sessionStorage.setItem(`${place}.replaces`, r.id);
  if (r.answers) sessionStorage.setItem(`${place}.answers`, JSON.stringify(r.answers));
  go(to.newIn(r.workspaceId, r.type));
}

