// The portal as people use it: Debian's Chromium, the built handler under the local cloud, real storage. Run by
// `make portal-test`. Every test ends with `innocent`: no error, no violation of the page's policy, no request to
// anybody else, no link lying about.
import "./stories/researcher.mjs";
import "./stories/reviewer.mjs";
import "./stories/findings.mjs";
import "./stories/keyboard.mjs";
import "./stories/hostile.mjs";
import "./stories/operator.mjs";
import "./stories/everywhere.mjs";
import "./stories/pages.mjs";
