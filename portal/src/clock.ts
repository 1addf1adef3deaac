// The time. A person's machine may be hours off; the service's answers say what time it is there.
import { signal } from "@preact/signals";

const much = 60_000;
let ahead = 0; // of this machine's clock, in milliseconds

/** serviceTime is the time at the service, in milliseconds since 1970, as far as its answers told. */
export const serviceTime = () => Date.now() + ahead;

/** now is that time in seconds, by the minute: ages are computed of it. */
export const now = signal(serviceTime() / 1000);
const tick = () => { now.value = serviceTime() / 1000; };

/** goOn keeps now going. */
export const goOn = () => { setInterval(tick, 30_000); };

/** heard takes the time off an answer. What an answer was on its way is no difference. */
export function heard(date: string | null) {
  const off = Date.parse(date ?? "") - Date.now();
  if (Number.isNaN(off)) return;
  const found = Math.abs(off) > much ? off : 0;
  if (Math.abs(found - ahead) <= much) return;
  ahead = found;
  tick();
}
