// Looks after what runs: finds the tasks that say nothing for too long. One timer for all of them, none while nothing
// runs; a task that ends before anybody looks costs nothing.
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Limits } from "../ports.ts";

/** A running task, as far as it is watched. */
export interface Watched {
  /** Grows with everything it says. */
  readonly signs: number;
  /** It stands at a pause, waits for an answer or for another task, or was told to stop. */
  readonly isQuietByRight: boolean;
  /** @param forMs how long nothing was heard of it; told once, until it is heard again */
  silent(forMs: number): void;
}

export interface WatchDeps {
  readonly clock: Clock;
  readonly limits: () => Limits;
  readonly running: Iterable<{ readonly pulse: Watched }> & { readonly size: number };
}

interface Seen {
  readonly signs: number;
  /** Monotonic. */
  readonly at: number;
}

/** So many looks fall into the time after which a task counts as silent. */
const looks = 20;
const shortestMs = 250;
const longestMs = 15_000;

export class Watch {
  readonly #deps: WatchDeps;
  #seen = new Map<Watched, Seen>();
  #timer: Timer | null = null;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  /** Something runs. */
  begun(): void {
    if (this.#timer === null) this.#arm();
  }

  /** Another `stall_seconds` may apply. */
  limitsChanged(): void {
    this.close();
    if (this.#deps.running.size > 0) this.#arm();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(): void {
    const { stallSeconds } = this.#deps.limits();
    if (stallSeconds === null) return;
    const everyMs = Math.min(longestMs, Math.max(shortestMs, (stallSeconds * 1000) / looks));
    this.#timer = this.#deps.clock.after(everyMs, () => {
      this.#timer = null;
      this.#look(stallSeconds * 1000);
      if (this.#deps.running.size > 0) this.#arm();
    });
  }

  #look(stallMs: number): void {
    const now = this.#deps.clock.monotonic();
    const seen = new Map<Watched, Seen>();
    for (const { pulse } of this.#deps.running) {
      const before = this.#seen.get(pulse);
      const isHeard = !before || before.signs !== pulse.signs || pulse.isQuietByRight;
      const last = isHeard ? { signs: pulse.signs, at: now } : before;
      seen.set(pulse, last);
      if (now - last.at >= stallMs) pulse.silent(now - last.at);
    }
    this.#seen = seen;
  }
}
