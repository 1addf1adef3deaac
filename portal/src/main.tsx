import { render } from "preact";
import { open } from "./api";
import { App } from "./app";
import * as auth from "./auth";
import { buildId } from "./build";
import { goOn } from "./clock";
import { follow } from "./router";
import { language } from "./text";

async function main() {
  const root = document.getElementById("root")!;
  document.documentElement.lang = language.value;
  buildId();
  goOn();
  let trouble: unknown;
  try { await auth.start(await open<auth.Bootstrap>("/.metadata")); } catch (e) { trouble = e; }
  follow();
  root.replaceChildren();
  render(<App trouble={trouble} />, root);
}

void main();
