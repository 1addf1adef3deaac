// What went wrong, in the page's own words, and what to do about it.
import { useEffect, useState } from "preact/hooks";
import { NoAccess } from "../auth";
import { Problem } from "../api";
import { StorageTrouble } from "../upload/storage";
import { t } from "../text";
import { Button, Note } from "./base";

interface Words { title: string; text: string; }

/** wordsFor says what an error means for people. */
export function wordsFor(error: unknown): Words {
  if (error instanceof NoAccess) return { title: t().noAccess, text: t().noAccessText };
  if (error instanceof StorageTrouble) return { title: t().storage[error.kind] ?? error.kind, text: (t().storageText[error.kind] ?? "") + (error.id ? ` (${error.id})` : "") };
  if (!(error instanceof Problem)) return { title: t().unexpected, text: String(error instanceof Error ? error.message : error) };
  const own = t().problems[error.code];
  if (own) return own(error.detail);
  if (error.status === 404 && error.code.startsWith("no_such")) return { title: t().notFound, text: t().notFoundText };
  if (error.status === 403) return { title: t().forbidden, text: error.detail };
  if (error.status >= 500) return { title: t().unexpected, text: `${error.detail} (${error.code}, ${new Date().toISOString().slice(0, 19)}Z)` };
  return { title: error.title || t().unexpected, text: error.detail };
}

export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const words = wordsFor(error);
  const wait = error instanceof Problem && error.status === 503 ? Math.max(error.after, 3) : 0;
  return <Note kind="bad" title={words.title} alert><p>{words.text}</p>
    {error instanceof Problem && error.violations.length > 0 && <ul>{error.violations.map((v, i) => <li key={i}>{v.file ? <><bdi>{v.file}</bdi>: </> : ""}{v.message}</li>)}</ul>}
    {retry && (wait ? <Countdown seconds={wait} then={retry} /> : <p><Button onClick={retry}>{t().tryAgain}</Button></p>)}</Note>;
}

function Countdown({ seconds, then }: { seconds: number; then: () => void }) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const timer = setTimeout(() => { if (left <= 1) then(); else setLeft(left - 1); }, 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return <p>{t().trying(left)} <Button onClick={then}>{t().tryNow}</Button></p>;
}
