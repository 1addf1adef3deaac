// The small parts that every page is made of.
import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { now } from "../clock";
import { ago, count, exact, short, size, utc, visible, when } from "../format";
import { say } from "../state";
import { t } from "../text";
import { Icon } from "./icon";

type Children = { children?: ComponentChildren };

/** Page is the frame of a page: its heading gets the focus when the page opens. */
export function Page({ title, crumbs, lead, actions, wide, children }: Children & { title: string; crumbs?: [string, string][]; lead?: ComponentChildren; actions?: ComponentChildren; wide?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = `${visible(title)} · Airlock`; }, [title]);
  useEffect(() => { heading.current?.focus({ preventScroll: true }); scrollTo(0, 0); }, []);
  return <main id="content" class={wide ? "page wide" : "page"}>
    {crumbs && crumbs.length > 0 && <nav class="crumbs" aria-label={t().where}><ol>{crumbs.map(([name, href]) => <li key={href}><a href={href}><bdi>{visible(name)}</bdi></a></li>)}</ol></nav>}
    <div class="head"><div><h1 ref={heading} tabIndex={-1}><bdi>{visible(title)}</bdi></h1>{lead && <div class="lead">{lead}</div>}</div>{actions && <div class="actions">{actions}</div>}</div>
    {children}
  </main>;
}

/** Waiting says that something is on its way, the longer the more clearly. */
export function Waiting() {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    const timers = [300, 5000, 10000].map((ms, i) => setTimeout(() => setStage(i + 1), ms));
    return () => timers.forEach(clearTimeout);
  }, []);
  return <div class="waiting" aria-busy="true">{stage > 0 && <><div class="bone" /><div class="bone" /><div class="bone" /></>}
    <p class="quiet">{stage === 2 ? t().stillLoading : stage === 3 ? t().starting : ""}</p></div>;
}

/** Note is a box that says something: its kind is an icon and a word, then a colour. */
export function Note({ kind, title, children, alert }: Children & { kind: "info" | "good" | "warn" | "bad"; title?: ComponentChildren; alert?: boolean }) {
  return <div class={`note ${kind}`} role={alert ? "alert" : undefined}><Icon name={kind} /><div>{title && <p class="note-title">{title}</p>}{children}</div></div>;
}

export function Button({ children, kind = "plain", busy, onClick, type = "button", ...rest }: Children & { kind?: "plain" | "primary" | "danger" | "quiet"; busy?: boolean; onClick?: (e: MouseEvent) => void; type?: "button" | "submit" } & Omit<ButtonHTMLAttributes<HTMLButtonElement>, "onClick" | "type">) {
  return <button {...(rest as object)} type={type} class={`button ${kind}`} aria-busy={busy ? "true" : undefined} onClick={(e: MouseEvent) => { if (busy) e.preventDefault(); else onClick?.(e); }}>{children}</button>;
}

export const Time = ({ at, aged }: { at: number; aged?: boolean }) =>
  <time dateTime={new Date(at * 1000).toISOString()} title={utc(at)}>{when(at)}{aged && <span class="quiet"> ({ago(at, now.value)})</span>}</time>;

export const Bytes = ({ n }: { n: number }) => <span title={exact(n)} class="number">{size(n)}</span>;

export const Name = ({ children }: { children: string }) => <bdi class="name">{visible(children)}</bdi>;

export function Hash({ value, label }: { value: string; label: string }) {
  const [copied, setCopied] = useState(false);
  return <span class="hash"><code class="screen" title={value}>{short(value)}</code><code class="print">{value}</code>
    <button type="button" class="copy" aria-label={`${t().copy} ${label}`} onClick={() => { void navigator.clipboard.writeText(value).then(() => { setCopied(true); say(t().copied); setTimeout(() => setCopied(false), 2000); }); }}>
      <Icon name={copied ? "good" : "copy"} /></button></span>;
}

/** Dialog is open while it is shown; the focus goes back to where it came from. */
export function Dialog({ title, onClose, children, footer, wide }: Children & { title: string; onClose: () => void; footer?: ComponentChildren; wide?: boolean }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    element.current?.showModal();
    return () => { element.current?.close(); if (before?.isConnected) before.focus(); };
  }, []);
  return <dialog ref={element} class={wide ? "wide" : undefined} aria-labelledby={id} onCancel={(e) => { e.preventDefault(); onClose(); }}>
    <h2 id={id}>{title}</h2><div class="dialog-body">{children}</div>{footer && <div class="dialog-foot">{footer}</div>}
  </dialog>;
}

/** Field is a labelled input with its help, its count and what is wrong with it. */
export function Field({ label, help, error, max, value, onInput, rows, required, id, type = "text" }: {
  label: string; help?: string | undefined; error?: string | undefined; max?: number; value: string; onInput: (v: string) => void; rows?: number; required?: boolean; id?: string; type?: string;
}) {
  const own = useId();
  const name = id ?? own;
  const described = [help ? `${name}-help` : "", error ? `${name}-error` : "", max ? `${name}-count` : ""].filter(Boolean).join(" ");
  const common = { id: name, value, "aria-invalid": error ? true : undefined, "aria-describedby": described || undefined, "aria-required": required || undefined };
  return <div class={error ? "field wrong" : "field"}>
    <div class="label-line"><label for={name}>{label}{required && <span class="must" aria-hidden="true"> *</span>}</label>
      {max && <span class="count" id={`${name}-count`}>{count([...value].length)} / {count(max)}</span>}</div>
    {help && <p class="help" id={`${name}-help`}>{help}</p>}
    {rows ? <textarea {...common} rows={rows} onInput={(e) => onInput(e.currentTarget.value)} /> : <input {...common} type={type as "text"} autoComplete="off" onInput={(e) => onInput(e.currentTarget.value)} />}
    {error && <p class="error" id={`${name}-error`}><Icon name="bad" />{error}</p>}
  </div>;
}

/** Tabs are shown one at a time; arrows move between them. */
export function Tabs({ label, tabs, value, onChange }: { label: string; tabs: { id: string; name: string }[]; value: string; onChange: (id: string) => void }) {
  const move = (e: KeyboardEvent) => {
    const i = tabs.findIndex((x) => x.id === value);
    const n = e.key === "ArrowRight" ? i + 1 : e.key === "ArrowLeft" ? i - 1 : e.key === "Home" ? 0 : e.key === "End" ? tabs.length - 1 : -1;
    const next = tabs[(n + tabs.length) % tabs.length];
    if (n === -1 && e.key !== "ArrowLeft" || !next) return;
    e.preventDefault();
    onChange(next.id);
    (e.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>{tabs.map((x) =>
    <button key={x.id} type="button" role="tab" data-tab={x.id} id={`tab-${x.id}`} aria-selected={x.id === value} aria-controls={x.id === value ? `panel-${x.id}` : undefined} tabIndex={x.id === value ? 0 : -1} onClick={() => onChange(x.id)}>{x.name}</button>)}</div>;
}

/** useSome is the beginning of a long list and a way to more of it: a page that draws a thousand rows holds people up. */
export function useSome<T>(list: T[], step = 50): [T[], ComponentChildren] {
  const [n, setN] = useState(step);
  return [list.slice(0, n), list.length > n && <p><Button onClick={() => setN(n + step)}>{t().showMore(Math.min(step, list.length - n), list.length)}</Button></p>];
}

export const Empty = ({ title, children }: Children & { title: string }) => <div class="empty"><Icon name="empty" /><p class="empty-title">{title}</p>{children}</div>;
