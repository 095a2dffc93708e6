// Time that passes when the test says so.
import type { Clock } from "../../../src/lib/clock.ts";

export interface ManualClock extends Clock {
  /** The waits that are pending, in milliseconds. */
  waits(): number[];
  /** Resolves when something waits. */
  armed(): Promise<void>;
  /** Ends all pending waits. */
  pass(): void;
}

export function manualClock(): ManualClock {
  let now = Date.parse("2026-11-01T00:00:00Z");
  let tellArmed = (): void => undefined;
  let timers: { ms: number; work: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    after(ms, work) {
      const timer = { ms, work };
      timers.push(timer);
      tellArmed();
      return {
        cancel: () => {
          timers = timers.filter((other) => other !== timer);
        },
      };
    },
    waits: () => timers.map(({ ms }) => ms),
    async armed() {
      if (timers.length > 0) return;
      await new Promise<void>((resolve) => {
        tellArmed = resolve;
      });
    },
    pass() {
      const due = timers;
      timers = [];
      now += Math.max(0, ...due.map(({ ms }) => ms));
      for (const { work } of due) work();
    },
  };
}
