// Two people changed the same text: what each of them made of what was there before.

export type Texts = Record<string, unknown>;

export interface Merged { value: Texts; taken: string[]; conflicts: string[]; }

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/**
 * threeWay takes what only one side changed, and keeps mine where both did: those are the conflicts, for people to decide.
 * taken are the members that only the other side changed.
 */
export function threeWay(before: Texts, mine: Texts, theirs: Texts): Merged {
  const merged: Merged = { value: {}, taken: [], conflicts: [] };
  for (const name of new Set([...Object.keys(before), ...Object.keys(mine), ...Object.keys(theirs)])) {
    const untouched = same(mine[name], before[name]);
    merged.value[name] = untouched ? theirs[name] : mine[name];
    if (same(mine[name], theirs[name])) continue;
    if (untouched) merged.taken.push(name);
    else if (!same(theirs[name], before[name])) merged.conflicts.push(name);
  }
  return merged;
}
