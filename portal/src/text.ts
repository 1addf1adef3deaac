// The texts of the page in the reader's language. One file is one language; English is the whole list.
import { signal } from "@preact/signals";
import { de } from "./text/de";
import { en, type Texts } from "./text/en";

export type Language = "en" | "de";
const kept = localStorage.getItem("airlock.language");
export const language = signal<Language>(kept === "de" || kept === "en" ? kept : navigator.language.startsWith("de") ? "de" : "en");

export function speak(l: Language) {
  language.value = l;
  localStorage.setItem("airlock.language", l);
  document.documentElement.lang = l;
}

export const t = (): Texts => language.value === "de" ? de : en;
export const locale = () => language.value === "de" ? "de-DE" : "en-GB";
