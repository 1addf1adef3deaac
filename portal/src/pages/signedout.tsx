import { useEffect, useState } from "preact/hooks";
import { open } from "../api";
import * as auth from "../auth";
import { Languages } from "../app";
import { Button, Note, Page } from "../parts/base";
import { t } from "../text";

/** SignedOut is what everybody sees first: what this is, and the way in. */
export function SignedOut({ trouble }: { trouble: unknown }) {
  const [health, setHealth] = useState("");
  useEffect(() => { open<{ status: string }>("/health").then((h) => setHealth(h.status), () => setHealth("unreachable")); }, []);
  return <Page title={t().welcome} lead={t().welcomeLead}>
    {trouble ? <Note kind="bad" title={t().cannotStart} alert><p>{String(trouble instanceof Error ? trouble.message : trouble)}</p><p><Button onClick={() => location.reload()}>{t().tryAgain}</Button></p></Note>
      : <p><Button kind="primary" onClick={() => void auth.signIn()}>{t().signIn}</Button></p>}
    <ul class="steps-plain">{t().welcomeSteps.map((s) => <li key={s}>{s}</li>)}</ul>
    <p class="quiet">{health && t().healthWord(health)}</p>
    <p><Languages /></p>
  </Page>;
}
