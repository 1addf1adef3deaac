// A file beside one of an earlier request. Texts are held against each other line by line; anything else is shown twice.
import { useEffect, useState } from "preact/hooks";
import type { AirlockRequest, Envelope, RequestFile, Workspace } from "../api";
import { visible } from "../format";
import { looksLikeText } from "../preview/kinds";
import { t } from "../text";
import { FileLinks } from "../upload/storage";
import { Button, Note, Time, Waiting } from "./base";
import { Frame, type Facts, type Shown } from "./frame";
import { beginning, Preview, Said } from "./preview";
import { since, statusWord } from "./status";
import { Trouble } from "./trouble";

/** compared is how much of each text is held against the other. */
const compared = 2 * 2 ** 20;

/** Earlier is an ended request as a list shows it to the caller, and the link that they may have. */
export interface Earlier { request: AirlockRequest; link: Envelope["link"]; }

/** Against is the file of an earlier request that somebody wants to see beside the present one. */
export interface Against { earlier: Earlier; file: RequestFile; }

/** whyNot says why the bytes of an earlier request cannot be shown, "" if they can. */
export function whyNot({ request, link }: Earlier): string {
  if (request.dataDeletedWhen) return t().bytesGone;
  if (link === "read") return "";
  return request.status === "approved" ? t().bytesNotYours : t().bytesOutOfReach;
}

export function SideBySide({ r, file, links, against, place, close }: { r: AirlockRequest; file: RequestFile; links: FileLinks; against: Against; place: Workspace | undefined; close: () => void }) {
  const { request: o } = against.earlier;
  const refused = against.file.withheld ? t().bytesWithheld : whyNot(against.earlier);
  return <section class="beside" aria-label={t().sideBySide}><p class="row"><span class="wrap">{t().besideOf} <strong><bdi>{visible(against.file.name)}</bdi></strong> · <bdi>{visible(o.title)}</bdi> · {statusWord(o.status)} <Time at={since(o)} /></span><Button kind="quiet" onClick={close}>{t().showAlone}</Button></p>
    {refused ? <><Note kind="info"><p>{refused}</p></Note><Preview links={links} file={file} r={r} place={place} /></> : <Both r={r} file={file} links={links} against={against} place={place} />}</section>;
}

function Both({ r, file, links, against, place }: { r: AirlockRequest; file: RequestFile; links: FileLinks; against: Against; place: Workspace | undefined }) {
  const { earlier: { request: o }, file: old } = against;
  const [oldLinks] = useState(() => new FileLinks(o.workspaceId, o.id));
  const [both, setBoth] = useState<Shown | "twice" | null>(null);
  const [facts, setFacts] = useState<Facts | null>(null);
  const [error, setError] = useState<unknown>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setError(undefined);
    Promise.all([beginning(oldLinks, old, compared, stop.signal), beginning(links, file, compared, stop.signal)]).then(([then, bytes]) => {
      if (stop.signal.aborted) return;
      const texts = [then, bytes].every((b) => looksLikeText(new Uint8Array(b)));
      setBoth(texts ? { name: file.name, total: file.size, bytes, then: { total: old.size, bytes: then } } : "twice");
    }, (e: unknown) => { if (!stop.signal.aborted) setError(e); });
    return () => stop.abort();
  }, [tries]);
  if (error !== undefined) return <><Trouble error={error} retry={() => setTries(tries + 1)} /><Preview links={links} file={file} r={r} place={place} /></>;
  if (both === null) return <Waiting />;
  if (both === "twice") return <div class="twice"><div><h3>{t().preview.thenWord}</h3><Preview links={oldLinks} file={old} r={o} place={place} what="download" /></div><div><h3>{t().preview.nowWord}</h3><Preview links={links} file={file} r={r} place={place} /></div></div>;
  return <div class="preview"><Said facts={facts} /><Frame file={both} title={t().contentOf(visible(file.name))} told={setFacts} /></div>;
}
