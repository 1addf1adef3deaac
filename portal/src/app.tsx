import { useEffect, useRef, useState } from "preact/hooks";
import { call, workspaces, type AirlockRequest } from "./api";
import * as auth from "./auth";
import { newer } from "./build";
import { zone } from "./format";
import { HelpPage } from "./pages/help";
import { HistoryPage } from "./pages/history";
import { MinePage } from "./pages/mine";
import { NewPage } from "./pages/new";
import { OperationsPage } from "./pages/operations";
import { PolicyPage } from "./pages/policy";
import { QueuePage } from "./pages/queue";
import { RequestPage } from "./pages/request";
import { ReviewPage } from "./pages/review";
import { SignedOut } from "./pages/signedout";
import { AllRequestsPage, WorkspacePage, WorkspacesPage } from "./pages/workspaces";
import { Button, Dialog, Empty, Page } from "./parts/base";
import { go, route, to } from "./router";
import { online, said, told, useLoad } from "./state";
import { language, speak, t } from "./text";

export function App({ trouble }: { trouble: unknown }) {
  const who = auth.account.value;
  useEffect(() => { document.documentElement.lang = language.value; });
  return <>
    <a class="skip" href="#content" onClick={(e) => { e.preventDefault(); document.querySelector<HTMLElement>("main h1")?.focus(); }}>{t().skip}</a>
    {who && !trouble ? <Inside name={who.name ?? who.username} /> : <><Top /><SignedOut trouble={trouble} /></>}
    <p class="said" role="status" aria-live="polite">{said.value}</p>
    {told.value && <p class="told" aria-hidden="true">{told.value}</p>}
  </>;
}

function Inside({ name }: { name: string }) {
  const waiting = useLoad((signal) => call<AirlockRequest[]>("/requests?airlock_manager=true", { signal, tagged: true }), "waiting", () => 60_000);
  const all = useLoad(() => workspaces(), "workspaces");
  const offered = useNewer();
  const reviewable = waiting.value?.filter((r) => r.reviewable) ?? [];
  // A decision leads to another page: the number in the menu is asked for anew there.
  const visited = useRef("");
  useEffect(() => {
    const here = [route.value.name, ...route.value.args].join("/");
    if (visited.current && visited.current !== here) waiting.reload();
    visited.current = here;
  }, [route.value]);
  const admin = all.value?.some((w) => w.document) ?? false;
  const r = route.value;
  const page = r.name === "home" && (waiting.value || waiting.error) ? (reviewable.length > 0 ? "queue" : "mine") : r.name;
  return <>
    <Top name={name} page={page} waiting={(waiting.value?.length ?? 0) > 0 ? reviewable.length : null} admin={admin} />
    {!online.value && <p class="strip warn" role="status">{t().offline}</p>}
    {offered && <p class="strip" role="status">{t().newVersion} <Button onClick={() => location.reload()}>{t().reload}</Button></p>}
    <Body page={page} args={r.args} />
    {auth.over.value && <Dialog title={t().sessionOver} onClose={() => undefined} footer={<Button kind="primary" onClick={() => void auth.signAgain()}>{t().signInAgain}</Button>}><p>{t().sessionOverText}</p></Dialog>}
    <footer class="foot"><a href={to.help}>{t().help}</a> <span>·</span> <Languages /> <span>·</span> <span>{t().zone(zone())}</span></footer>
  </>;
}

/** useNewer tells when the service has another build of the page: asked every five minutes, and when a tab is seen again. */
function useNewer(): boolean {
  const [offered, setOffered] = useState(false);
  useEffect(() => {
    const look = () => { if (!document.hidden) void newer().then((yes) => { if (yes) setOffered(true); }); };
    const timer = setInterval(look, 300_000);
    document.addEventListener("visibilitychange", look);
    return () => { clearInterval(timer); document.removeEventListener("visibilitychange", look); };
  }, []);
  return offered;
}

function Body({ page, args }: { page: string; args: string[] }) {
  const [w, r] = [args[0] ?? "", args[1] ?? ""];
  const key = [page, ...args].join("/");
  switch (page) {
    case "home": return <main id="content" class="page" />;
    case "mine": return <MinePage key={key} />;
    case "new": return <NewPage key={key} workspace={w} type={r === "import" || r === "export" ? r : null} />;
    case "queue": return <QueuePage key={key} />;
    case "workspaces": return <WorkspacesPage key={key} />;
    case "workspace": return <WorkspacePage key={key} id={w} />;
    case "policy": return <PolicyPage key={key} id={w} />;
    case "all": return <AllRequestsPage key={key} id={w} />;
    case "request": return <RequestPage key={key} workspace={w} request={r} />;
    case "review": return <ReviewPage key={key} workspace={w} request={r} />;
    case "history": return <HistoryPage key={key} workspace={w} request={r} />;
    case "operations": return <OperationsPage key={key} />;
    case "help": return <HelpPage key={key} />;
    default: return <Page title={t().noPage}><Empty title={t().noPageText}><p><a href={to.home}>{t().start}</a></p></Empty></Page>;
  }
}

function Top({ name, page, waiting, admin }: { name?: string; page?: string; waiting?: number | null; admin?: boolean }) {
  const entry = (href: string, word: string, pages: string[], count?: number) =>
    <a href={href} aria-current={page && pages.includes(page) ? "page" : undefined}>{word}{count ? <span class="badge">{count}<span class="hidden"> {t().waitForYou}</span></span> : null}</a>;
  return <header class="top"><div class="bar">
    <a class="brand" href={to.home}><span class="mark" aria-hidden="true" />Airlock</a>
    {name && <nav aria-label={t().main}>
      {entry(to.mine, t().myRequests, ["mine", "new"])}
      {waiting !== null && waiting !== undefined && entry(to.queue, t().toReview, ["queue", "review"], waiting)}
      {entry(to.workspaces, t().workspaces, ["workspaces", "workspace", "policy", "all"])}
      {admin && entry(to.operations, t().operations, ["operations"])}
    </nav>}
    {name && <div class="who"><span class="who-name"><bdi>{name}</bdi></span><Button kind="quiet" onClick={() => { go(to.home, true); void auth.signOut(); }}>{t().signOut}</Button></div>}
  </div></header>;
}

export const Languages = () => <span class="languages" role="group" aria-label={t().language}>{(["en", "de"] as const).map((l) =>
  <button key={l} type="button" lang={l} aria-pressed={language.value === l} onClick={() => speak(l)}>{l === "en" ? "English" : "Deutsch"}</button>)}</span>;
