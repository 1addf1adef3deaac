// A notebook: what its cells say, and what they put out. Markup of outputs is shown as its source first.
import { button, el, fill, type Words } from "./dom";
import { imageKind, mostPicture } from "./kinds";
import { decoded, page } from "./page";

interface Cell { cell_type?: string; source?: string | string[]; outputs?: Output[]; }
interface Output { output_type?: string; text?: string | string[]; data?: Record<string, string | string[]>; traceback?: string[]; ename?: string; }

const joined = (t: string | string[] | undefined) => Array.isArray(t) ? t.map(String).join("") : String(t ?? "");

export function notebook(root: HTMLElement, body: string, words: Words, warnings: string[]) {
  const cells = ((JSON.parse(body) as { cells?: Cell[] }).cells ?? []).slice(0, 2000);
  let outputs = 0;
  for (const c of cells) {
    const box = el("section", c.cell_type === "code" ? "cell code" : "cell", el("pre", "", joined(c.source)));
    for (const o of (c.outputs ?? []).slice(0, 50)) {
      outputs++;
      box.append(el("p", "quiet", words.output), ...show(o, words));
    }
    root.append(box);
  }
  if (outputs > 0) warnings.push(fill(words.hasOutputs, outputs));
}

function show(o: Output, words: Words): Node[] {
  const data = o.data ?? {};
  const picture = data["image/png"] ? "image/png" : data["image/jpeg"] ? "image/jpeg" : "";
  if (picture) {
    const img = document.createElement("img");
    img.alt = words.output;
    const bytes = decoded(joined(data[picture]));
    const { media, megapixels } = imageKind(bytes);
    if (media && megapixels > mostPicture) return [el("p", "warn", words.tooLarge)];
    if (!media) return [el("pre", "out", joined(data[picture]).slice(0, 10_000))];
    img.src = URL.createObjectURL(new Blob([bytes], { type: media }));
    return [img];
  }
  if (data["text/html"]) return markup(joined(data["text/html"]), words);
  const text = joined(o.text) || joined(data["text/plain"]) || (o.traceback ?? []).map(String).join("\n") || String(o.ename ?? "");
  return [el("pre", "out", text || JSON.stringify(data).slice(0, 10_000))];
}

/** markup is the source of an output, and on demand the output as a page. */
function markup(source: string, words: Words): Node[] {
  const box = el("div", "", el("pre", "out", source));
  let drawn = false;
  const turn = button(words.pageTab, () => {
    drawn = !drawn;
    const left: string[] = [];
    box.replaceChildren(drawn ? page(source, words, left) : el("pre", "out", source), ...left.map((l) => el("p", "warn", l)));
    turn.replaceChildren(drawn ? words.source : words.pageTab);
  });
  return [el("p", "quiet", words.htmlOutput), turn, box];
}
