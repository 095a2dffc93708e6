import type { Clock } from "./clock.ts";
import { deferred } from "./deferred.ts";

/** Whether `work` was done before the time, in milliseconds, was over; null waits for ever. @throws what `work` throws by then */
export async function inTime(work: Promise<unknown>, ms: number | null, clock: Clock): Promise<boolean> {
  const late = deferred<boolean>();
  const timer = ms === null ? null : clock.after(ms, () => late.resolve(false));
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    timer?.cancel();
  }
}
