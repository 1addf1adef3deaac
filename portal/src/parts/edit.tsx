// Title, reason and answers of a request that is still the requestor's, changed in place. Another tab may have changed
// them meanwhile: then all three versions are shown, and nothing that was typed is lost.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { getRequest, inWorkspace, Problem, requestPath, type AirlockRequest, type Envelope, type Field as Question, type Workspace } from "../api";
import { visibleLines } from "../format";
import { threeWay, type Texts } from "../merge";
import { tell, useKept } from "../state";
import { t } from "../text";
import { Answers, Given, type Said } from "./answers";
import { Button, Field, Note, Time } from "./base";
import { Icon } from "./icon";
import { Trouble } from "./trouble";

interface Version { tag: string; title: string; why: string; answers: Said; }

const versionOf = (r: AirlockRequest): Version => ({ tag: r._etag, title: r.title, why: r.businessJustification, answers: r.answers ?? {} });
const textsOf = (v: Version): Texts => ({ title: v.title, why: v.why, answers: v.answers });

/** Why is the reason of a request, with a way to change it for those who may. */
export function Why({ r, place, writing, set }: { r: AirlockRequest; place: Workspace | undefined; writing: boolean; set: (e: Envelope) => void }) {
  const [begun, setBegun] = useKept(`${r.id}.edit`);
  const form = place?.policy.form?.[r.type] ?? [];
  if (writing && begun) return <Editor r={r} form={form} begun={JSON.parse(begun) as Begun} keep={(b) => setBegun(b ? JSON.stringify(b) : "")} set={set} />;
  return <><h2>{t().whyShort}</h2>
    {begun && !writing && <Unsaved begun={JSON.parse(begun) as Begun} forget={() => setBegun("")} />}<p class="lines said-text"><bdi>{visibleLines(r.businessJustification)}</bdi></p>
    {r.answers && Object.keys(r.answers).length > 0 && <Given form={form} value={r.answers} />}
    {writing && <p><Button onClick={() => setBegun(JSON.stringify({ before: versionOf(r), mine: textsOf(versionOf(r)) }))}><Icon name="draft" />{t().editTexts}</Button></p>}</>;
}

/** Unsaved shows what was typed into a request that moved on meanwhile. */
function Unsaved({ begun, forget }: { begun: Begun; forget: () => void }) {
  return <Note kind="warn" title={t().unsavedTexts}><p>{t().unsavedText}</p><p class="lines"><bdi>{visibleLines(String(begun.mine.title ?? ""))}</bdi></p><p class="lines"><bdi>{visibleLines(String(begun.mine.why ?? ""))}</bdi></p><p><Button onClick={forget}>{t().discard}</Button></p></Note>;
}

interface Begun { before: Version; mine: Texts; theirs?: Version; by?: string; at?: number; }

function Editor({ r, form, begun, keep, set }: { r: AirlockRequest; form: Question[]; begun: Begun; keep: (b: Begun | null) => void; set: (e: Envelope) => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const { before, mine, theirs } = begun;
  const change = (name: string, v: unknown) => keep({ ...begun, mine: { ...mine, [name]: v } });
  const differing = theirs ? threeWay(textsOf(before), mine, textsOf(theirs)).conflicts : [];

  const save = async () => {
    const title = String(mine.title ?? ""), why = String(mine.why ?? "");
    const found: Record<string, string> = {};
    if (!title.trim()) found.title = t().titleNeeded; else if ([...title].length > 200) found.title = t().tooLong(200);
    if (!why.trim()) found.why = t().whyNeeded; else if ([...why].length > 4000) found.why = t().tooLong(4000);
    setWrong(found);
    if (Object.keys(found).length > 0 || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = { title, businessJustification: why, ...(form.length > 0 ? { answers: mine.answers } : {}) };
      const after = await inWorkspace<Envelope>(r.workspaceId, requestPath(r.id), { method: "PATCH", body, ifMatch: (theirs ?? before).tag });
      keep(null);
      set(after);
      tell(t().saved);
    } catch (e) {
      setBusy(false);
      if (e instanceof Problem && e.status === 412) await compare().catch(setError); else setError(e);
    }
  };
  /** compare fetches the other version; what only the other side changed is taken over. */
  const compare = async () => {
    const e = await getRequest(r.workspaceId, r.id), now = versionOf(e.airlockRequest);
    set(e);
    keep({ before: theirs ?? before, mine: threeWay(textsOf(theirs ?? before), mine, textsOf(now)).value, theirs: now, by: e.airlockRequest.updatedBy.name, at: e.airlockRequest.updatedWhen });
  };
  const ways = (name: "title" | "why" | "answers", show: (v: unknown) => ComponentChildren) => theirs && differing.includes(name) && <div class="ways" role="group" aria-label={t().threeVersions}>
    <div><h4>{t().versionBefore}</h4>{show(before[name])}</div><div><h4>{t().versionTheirs}</h4>{show(theirs[name])}<Button kind="quiet" onClick={() => change(name, theirs[name])}>{t().takeTheirs}</Button></div></div>;
  const words = (v: unknown) => <p class="lines"><bdi>{visibleLines(String(v ?? ""))}</bdi></p>;
  return <form class="panel edit" noValidate onSubmit={(e) => { e.preventDefault(); void save(); }}><h2 class="first">{t().editTexts}</h2>
    {theirs && <Note kind="warn" title={t().changedMeanwhile} alert><p>{t().changedBy(begun.by ?? "")} {begun.at ? <Time at={begun.at} /> : null}. {differing.length > 0 ? t().bothChanged : t().mergedIn}</p></Note>}
    {ways("title", words)}
    <Field id="e-title" label={t().titleWord} required max={200} value={String(mine.title ?? "")} onInput={(v) => change("title", v)} error={wrong.title} />
    {ways("why", words)}
    <Field id="e-why" label={t().whyWord} required max={4000} rows={6} value={String(mine.why ?? "")} onInput={(v) => change("why", v)} error={wrong.why} />
    {ways("answers", (v) => <Given form={form} value={v as Said} />)}
    {form.length > 0 && <Answers form={form} value={mine.answers as Said} onChange={(a) => change("answers", a)} />}
    {error !== undefined && <Trouble error={error} />}
    <div class="foot-actions"><Button onClick={() => keep(null)}>{t().discard}</Button><Button kind="primary" type="submit" busy={busy}>{busy ? t().saving : t().saveChanges}</Button></div>
  </form>;
}
