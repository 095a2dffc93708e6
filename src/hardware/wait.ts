// Waiting by the clock one was handed, so that it can be given up.
import type { Clock } from "../lib/clock.ts";

/** Resolves after `ms`. @throws the signal's reason as soon as it is aborted */
export async function wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const give = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener("abort", give);
      resolve();
    });
    signal?.addEventListener("abort", give, { once: true });
  });
}
