// Views of one file of which one is seen at a time.
import { button, el } from "./dom";

export type View = [name: string, make: () => HTMLElement];

/** tabbed puts a choice of views, and what stands beside it, into a box; the first is shown. It returns a way to draw the present one anew. */
export function tabbed(root: HTMLElement, views: View[], beside: HTMLElement | null = null): () => void {
  const panel = el("div", "panel");
  panel.id = "panel";
  panel.setAttribute("role", "tabpanel");
  const tabs = el("div", "tabs");
  let present = 0;
  tabs.setAttribute("role", "tablist");
  const choose = (i: number) => {
    present = i;
    [...tabs.children].forEach((b, j) => { b.setAttribute("aria-selected", String(i === j)); (b as HTMLElement).tabIndex = i === j ? 0 : -1; });
    panel.setAttribute("aria-label", views[i]![0]);
    panel.replaceChildren(views[i]![1]());
  };
  views.forEach(([word], i) => {
    const b = button(word, () => choose(i));
    b.setAttribute("role", "tab");
    b.setAttribute("aria-controls", panel.id);
    tabs.append(b);
  });
  tabs.onkeydown = (e) => {
    const n = e.key === "ArrowRight" ? present + 1 : e.key === "ArrowLeft" ? present - 1 : -1;
    if (n >= 0 && n < views.length) { choose(n); (tabs.children[n] as HTMLElement).focus(); }
  };
  addEventListener("keydown", (e) => { const i = Number(e.key) - 1; if (i >= 0 && i < views.length && !(e.target instanceof HTMLInputElement)) choose(i); });
  root.append(el("div", "bar", tabs, ...(beside ? [beside] : [])), panel);
  choose(0);
  return () => choose(present);
}
