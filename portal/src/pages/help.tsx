import { Page } from "../parts/base";
import { t } from "../text";

export const HelpPage = () => <Page title={t().help}>{t().helpParts.map(([title, lines]) => <section key={title}><h2>{title}</h2>{lines.map((l) => <p key={l}>{l}</p>)}</section>)}</Page>;
