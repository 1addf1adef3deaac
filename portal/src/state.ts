// Hooks that pages share: answers that stay fresh, texts that survive.
import { signal } from "@preact/signals";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** said is what the page announces to those who do not see it. */
export const said = signal("");
export const say = (text: string) => { said.value = ""; setTimeout(() => { said.value = text; }, 50); };

/** told is what a step came to, shown for a while to those who see the page and said to those who do not. */
export const told = signal("");
let telling = 0;
export const tell = (text: string) => {
  say(text);
  told.value = text;
  clearTimeout(telling);
  telling = window.setTimeout(() => { told.value = ""; }, 8000);
};

export const online = signal(navigator.onLine);
addEventListener("online", () => { online.value = true; });
addEventListener("offline", () => { online.value = false; });

export interface Loaded<T> { value: T | undefined; error: unknown; reload: () => void; set: (v: T) => void; }

/**
 * useLoad asks for something and, if every says so, again and again: every returns milliseconds, or 0 to stop. A hidden
 * page does not ask; one that is shown again does at once. The last good answer stays when a later one fails.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, key: string, every?: (value: T | undefined, round: number) => number): Loaded<T> {
  const [value, setValue] = useState<T | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const [round, setRound] = useState(0);
  const fresh = useRef(load);
  fresh.current = load;
  useEffect(() => { setValue(undefined); setError(undefined); }, [key]);
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0, count = 0, last: T | undefined;
    const schedule = () => {
      const wait = every ? every(last, count) : 0;
      if (wait > 0 && !stop.signal.aborted && !document.hidden) timer = window.setTimeout(ask, wait);
    };
    const ask = () => {
      window.clearTimeout(timer);
      fresh.current(stop.signal).then((v) => { if (!stop.signal.aborted) { last = v; count++; setValue(v); setError(undefined); } },
        (e: unknown) => { if (!stop.signal.aborted) { count++; setError(e); } }).finally(schedule);
    };
    const seen = () => { if (!document.hidden && every && every(last, 0) > 0) { count = 0; ask(); } };
    document.addEventListener("visibilitychange", seen);
    addEventListener("online", seen);
    ask();
    return () => { stop.abort(); window.clearTimeout(timer); document.removeEventListener("visibilitychange", seen); removeEventListener("online", seen); };
  }, [key, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  return { value, error, reload, set: setValue };
}

/** useKept is a text that survives a reload and a new sign-in, in this tab only. */
export function useKept(key: string, initial = ""): [string, (v: string) => void] {
  const name = `airlock.text.${key}`;
  const [value, setValue] = useState(() => sessionStorage.getItem(name) ?? initial);
  const set = (v: string) => {
    setValue(v);
    if (v === "") sessionStorage.removeItem(name); else sessionStorage.setItem(name, v);
  };
  return [value, set];
}

export const forget = (key: string) => sessionStorage.removeItem(`airlock.text.${key}`);
