// What people say to one another about a request.
import { useState } from "preact/hooks";
import { inWorkspace, Problem, requestPath, type AirlockRequest, type Comment } from "../api";
import * as auth from "../auth";
import { visible, visibleLines } from "../format";
import { say, useKept, useLoad } from "../state";
import { t } from "../text";
import { Button, Field, Time } from "./base";
import { ended } from "./status";
import { Trouble } from "./trouble";

export function Comments({ r, reviewer }: { r: AirlockRequest; reviewer: boolean }) {
  const path = `${requestPath(r.id)}/comments`;
  const all = useLoad((signal) => inWorkspace<{ comments: Comment[] }>(r.workspaceId, path, { signal }).then((a) => a.comments), `${r.id}.comments`, () => ended(r.status) ? 0 : 30_000);
  const [text, setText] = useKept(`${r.id}.comment`);
  const [everyone, setEveryone] = useState(!reviewer);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  if (all.error instanceof Problem && (all.error.status === 404 || all.error.status === 403)) return null;
  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await inWorkspace(r.workspaceId, path, { method: "POST", body: { text, visibility: everyone ? "everyone" : "reviewers" } });
      setText("");
      say(t().commentSent);
      all.reload();
    } catch (e) { setError(e); }
    setBusy(false);
  };
  const retract = async (c: Comment) => {
    try { await inWorkspace(r.workspaceId, `${path}/${c.id}`, { method: "DELETE" }); all.reload(); } catch (e) { setError(e); }
  };
  const me = auth.account.value?.localAccountId;
  const closed = ended(r.status);
  if (closed && (all.value?.length ?? 0) === 0) return null;
  return <section class="comments"><h2>{t().comments} {all.value && all.value.length > 0 && <span class="count">({all.value.length})</span>}</h2>
    {all.value && all.value.length > 0 && <ol class="talk">{all.value.map((c) => <li key={c.id} class={c.visibility === "reviewers" ? "private" : undefined}>
      <p class="talk-head"><strong><bdi>{c.author.name || t().aReviewer}</bdi></strong> <Time at={c.when} aged /> {c.visibility === "reviewers" && <span class="tag">{t().reviewersOnly}</span>}{c.file && <span class="tag"><bdi>{visible(c.file)}</bdi></span>}</p>
      {c.retracted ? <p class="quiet">{t().retracted}</p> : <p class="lines"><bdi>{visibleLines(c.text)}</bdi></p>}
      {!c.retracted && c.author.id === me && !closed && <Button kind="quiet" onClick={() => void retract(c)}>{t().retract}</Button>}</li>)}</ol>}
    {!closed && <form class="say" onSubmit={(e) => { e.preventDefault(); void send(); }}>
      <Field label={t().writeComment} rows={3} max={4000} value={text} onInput={setText} help={reviewer ? undefined : t().commentSeen} />
      {reviewer && <label class="tick"><input type="checkbox" checked={everyone} onChange={(e) => setEveryone(e.currentTarget.checked)} />{t().showRequestor}</label>}
      {error !== undefined && <Trouble error={error} />}
      <p><Button type="submit" busy={busy}>{t().send}</Button></p></form>}
  </section>;
}
