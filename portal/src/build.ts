// Which build of the portal this page is, read off the address its script came from.
const source = (document.currentScript as HTMLScriptElement | null)?.src ?? "";

/** buildId is the id of this page's build. */
export const buildId = () => /\/api\/ui\/([0-9a-f-]{36})\//.exec(source)?.[1] ?? "";

/** previewAddress is the document in which a file is shown. */
export const previewAddress = (document: "preview" | "pdf") => `/api/ui/${buildId()}/${document}.html`;

/** newer asks whether the service has another build than this page. */
export async function newer(): Promise<boolean> {
  try {
    const answer = await fetch("/api/ui", { method: "HEAD", cache: "no-cache" });
    const tag = answer.headers.get("ETag");
    return answer.ok && tag !== null && tag !== "" && !tag.includes(buildId());
  } catch { return false; }
}
