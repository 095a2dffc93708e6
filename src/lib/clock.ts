// Time as a thing one is handed, so that the engine can be tested with a clock that stands still.

import { rememberingLatest } from "./remembering-latest.ts";

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970, UTC. Jumps when the owner sets the clock. */
  now(): number;
  /** Milliseconds that only ever grow; for durations. */
  monotonic(): number;
  /** Calls `work` once after `ms`; never keeps the process alive. */
  after(ms: number, work: () => void): Timer;
}

const longestTimeout = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, work) {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      const slice = Math.min(left, longestTimeout);
      timer = setTimeout(() => (left > slice ? arm(left - slice) : work()), slice);
      timer.unref();
    };
    arm(Math.max(0, ms));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** ISO 8601, UTC. Thousands are asked for within one millisecond, so the latest is remembered. */
export const isoTime: (ms: number) => string = rememberingLatest(
  (ms) => new Date(ms).toISOString(),
  (one, other) => one === other,
);
