// Where the network does not reach the files: not an error, but a place to go to.
import { useEffect, useRef } from "preact/hooks";
import { Problem, type AirlockRequest, type Workspace } from "../api";
import { online } from "../state";
import { t } from "../text";
import { Button, Hash, Note } from "./base";
import { Trouble } from "./trouble";

export function NotFromHere({ r, place, what, retry }: { r: AirlockRequest; place: Workspace | undefined; what: "upload" | "preview" | "download"; retry: () => void }) {
  const before = useRef(online.value);
  useEffect(() => {
    if (online.value && !before.current) retry();
    before.current = online.value;
  }, [online.value]);
  if (!online.value) return <Trouble error={new Problem(0, "offline", "", "")} />; // who has no network is not elsewhere
  const name = place?.properties.display_name ?? "";
  return <Note kind="info" title={t().notFromHere}>
    <p>{t().notHere(what, r.storage?.from ?? (r.type === "import" ? what === "upload" ? "internet" : what === "preview" ? "review" : "workspace" : what === "download" ? "internet" : "workspace"), name)}</p>
    <p>{t().openThere} <code class="address">{location.href}</code> <Hash value={location.href} label={t().address} /></p>
    <p>{t().orCommand} <code>airlock {what === "upload" ? "upload" : "download"} {r.id}{what === "upload" ? " FILE" : ""}</code></p>
    <p><Button onClick={retry}>{t().tryAgain}</Button></p></Note>;
}
