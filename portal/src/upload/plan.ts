// Which blocks a file is sent in. Pure, so that the same file makes the same blocks after a pause or a reload.

const MiB = 2 ** 20;

export interface Block { id: string; from: number; to: number; }

/** plan cuts a file: 8 MiB to 1 GiB, 16 MiB above; at most 3,200 blocks for 50 GiB. Ids have one length, as storage demands. */
export function plan(size: number): Block[] {
  const step = size > 1024 * MiB ? 16 * MiB : 8 * MiB;
  const blocks: Block[] = [];
  for (let from = 0; from < size; from += step) blocks.push({ id: btoa("al" + String(blocks.length).padStart(8, "0")), from, to: Math.min(from + step, size) });
  return blocks;
}

/** litter are files that computers leave in folders; they are shown as left out. */
export const litter = (name: string) => /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|~\$[^/]*|\._[^/]*)$/i.test(name);

/** pauseBefore is how long the n-th try waits, in milliseconds. */
export const pauseBefore = (n: number, random: number) => Math.min(16_000, 1000 * 2 ** (n - 1)) * (0.75 + random / 2);

export const tries = 5;
