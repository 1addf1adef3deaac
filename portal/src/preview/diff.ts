// Which lines of two texts are the same (E. W. Myers, An O(ND) Difference Algorithm, 1986). Nothing here touches the page.

/** Row is a line of either text, or of both: their indices, -1 where there is none. */
export interface Row { a: number; b: number; same: boolean; }

const mostSteps = 1500;

/** rowsOf puts two texts side by side. matched is false where they differ so much that lines are only counted off against each other. */
export function rowsOf(a: string[], b: string[]): { rows: Row[]; matched: boolean } {
  let head = 0, tail = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const steps = trace(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const rows: Row[] = [];
  for (let i = 0; i < head; i++) rows.push({ a: i, b: i, same: true });
  let gone: number[] = [], come: number[] = [];
  const settle = () => { // what went and what came at the same place are versions of each other
    for (let i = 0; i < Math.max(gone.length, come.length); i++) rows.push({ a: gone[i] ?? -1, b: come[i] ?? -1, same: false });
    gone = []; come = [];
  };
  if (steps) {
    for (const s of steps) {
      if (s.a >= 0 && s.b >= 0) { settle(); rows.push({ a: s.a + head, b: s.b + head, same: true }); } else if (s.a >= 0) gone.push(s.a + head); else come.push(s.b + head);
    }
  } else {
    for (let i = head; i < Math.max(a.length, b.length) - tail; i++) {
      const [x, y] = [i < a.length - tail ? i : -1, i < b.length - tail ? i : -1];
      if (x >= 0 && y >= 0 && a[x] === b[y]) { settle(); rows.push({ a: x, b: y, same: true }); } else { if (x >= 0) gone.push(x); if (y >= 0) come.push(y); }
    }
  }
  settle();
  for (let i = tail; i > 0; i--) rows.push({ a: a.length - i, b: b.length - i, same: true });
  return { rows, matched: steps !== null };
}

/** trace is the shortest way from one text to the other, line by line; null if it is longer than anybody would read. */
function trace(a: string[], b: string[]): { a: number; b: number }[] | null {
  const most = Math.min(a.length + b.length, mostSteps), middle = most + 1;
  const reach = new Int32Array(2 * most + 3), kept: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    kept.push(reach.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || k !== d && reach[middle + k - 1]! < reach[middle + k + 1]! ? reach[middle + k + 1]! : reach[middle + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return back(kept, d, a.length, b.length);
    }
  }
  return null;
}

function back(kept: Int32Array[], steps: number, x: number, y: number): { a: number; b: number }[] {
  const way: { a: number; b: number }[] = [];
  for (let d = steps; d > 0; d--) {
    const at = kept[d]!, of = (k: number) => at[k + d + 1]!, k = x - y;
    const down = k === -d || k !== d && of(k - 1) < of(k + 1);
    const px = down ? of(k + 1) : of(k - 1), py = px - (down ? k + 1 : k - 1);
    const [toX, toY] = down ? [px, py + 1] : [px + 1, py]; // where the step led; the rest are equal lines
    while (x > toX && y > toY) way.push({ a: --x, b: --y });
    if (down) way.push({ a: -1, b: --y }); else way.push({ a: --x, b: -1 });
  }
  while (x > 0 && y > 0) way.push({ a: --x, b: --y });
  return way.reverse();
}
