// Ends what a process has left behind at its end: whoever it started, wherever they went.
import { setImmediate as loopTurn, setTimeout as wait } from "node:timers/promises";
import type { ProcessIdentity } from "./identity.ts";
import { type Ended, endMembers, isDying } from "./table.mjs";

/** So many are looked at before others have a turn of the loop. */
const loopEvery = 10;
/** How long is waited for processes the system will not let go of, in milliseconds. */
const longestSweepMs = 5000;

/**
 * Ends who is left of a child's group and session, or carries its mark. Resolves when nobody is.
 * @param dying those that were told before
 * @returns false for those the system does not let go of
 */
export async function endOthers(
  { pid, started }: ProcessIdentity,
  mark: string,
  dying: readonly Ended[] = [],
): Promise<boolean> {
  const since = Number(started?.split(":")[1] ?? 0);
  const until = performance.now() + longestSweepMs;
  let left = dying;
  for (let pause = 1; performance.now() < until; pause = Math.min(pause * 2, 100)) {
    const found: Ended[] = [];
    let seen = 0;
    for (const other of endMembers(pid, mark, since)) {
      if (other) found.push(other);
      if (++seen % loopEvery === 0) await loopTurn();
    }
    // One that is dying has neither mark nor session for a while.
    left = [...left, ...found].filter(isDying);
    if (found.length === 0 && left.length === 0) return true;
    await wait(pause);
  }
  return false;
}
