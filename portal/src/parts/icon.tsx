// Line drawings of 20 by 20; they are decoration, the word stands beside them.
const drawings: Record<string, string> = {
  info: "M10 9v5M10 6v.5M10 18a8 8 0 1 1 0-16 8 8 0 0 1 0 16",
  good: "M5.5 10.5l3 3 6-7M10 18a8 8 0 1 1 0-16 8 8 0 0 1 0 16",
  warn: "M10 7v4.5M10 14v.5M10 2.5l8 14.5H2z",
  bad: "M7 7l6 6M13 7l-6 6M10 18a8 8 0 1 1 0-16 8 8 0 0 1 0 16",
  copy: "M7 7V3h10v10h-4M3 7h10v10H3z",
  empty: "M3 11l3-7h8l3 7v6H3zM3 11h4l1 2h4l1-2h4",
  import: "M10 3v10M6 9l4 4 4-4M3 17h14",
  export: "M10 13V3M6 7l4-4 4 4M3 17h14",
  draft: "M4 16l1-4 9-9 3 3-9 9z",
  moving: "M16 6.5A7 7 0 1 0 17 10M16 2.5v4h-4",
  review: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10M10 12.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5",
  returned: "M7 5L3 9l4 4M3 9h9a5 5 0 0 1 5 5v2",
  ended: "M4 10h12",
  file: "M5 2.5h7l4 4v11H5zM12 2.5v4h4",
  folder: "M2.5 5h5l1.5 2h8.5v9h-15z",
  upload: "M10 14V4M6 8l4-4 4 4M4 17h12",
  pause: "M7 4v12M13 4v12",
  play: "M6 4l10 6-10 6z",
  menu: "M3 6h14M3 10h14M3 14h14",
  comment: "M3 4h14v10h-8l-4 3v-3H3z",
  check: "M4 10.5l4 4 8-9",
  ring: "M10 14a4 4 0 1 1 0-8 4 4 0 0 1 0 8",
  print: "M6 7V3h8v4M4 14H3V7h14v7h-1M6 11h8v6H6z",
};

export const Icon = ({ name }: { name: string }) =>
  <svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d={drawings[name] ?? drawings.ring} /></svg>;
