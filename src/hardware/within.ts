// A wait that hardware cannot make endless.
import type { Clock } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";

export type Within<T> = { readonly isLate: false; readonly value: T } | { readonly isLate: true };

/** What `work` resolves with, or that it is late; what it does after that nobody hears. @throws what `work` throws in time */
export async function within<T>(clock: Clock, ms: number, work: () => Promise<T>): Promise<Within<T>> {
  const late = deferred<Within<T>>();
  const timer = clock.after(ms, () => late.resolve({ isLate: true }));
  const done = work().then((value): Within<T> => ({ isLate: false, value }));
  try {
    return await Promise.race([done, late.promise]);
  } finally {
    timer.cancel();
  }
}
