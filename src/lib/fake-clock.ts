// A clock that stands still until it is told to go on.
import type { Clock, Timer } from "./clock.ts";

export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers: { at: number; order: number; work: () => void }[] = [];
  #order = 0;
  readonly #calm: () => Promise<void>;

  /** @param calm resolves when everything that was set in motion has run */
  constructor(start = Date.UTC(2026, 0, 1), calm: () => Promise<void> = settled) {
    this.#now = start;
    this.#calm = calm;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, work: () => void): Timer {
    const timer = { at: this.#monotonic + Math.max(0, ms), order: ++this.#order, work };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets `ms` pass; timers fire in their order, each at its time, and what they set in motion runs in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms;
    for (;;) {
      await this.#calm();
      const next = this.#timers
        .filter(({ at }) => at <= until)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#goTo(next.at);
      next.work();
    }
    this.#goTo(until);
    await this.#calm();
  }

  /** When the next timer is due, in milliseconds from now; null where none is. */
  get nextInMs(): number | null {
    if (this.#timers.length === 0) return null;
    return Math.min(...this.#timers.map(({ at }) => at)) - this.#monotonic;
  }

  /** Lets `ms` pass while nothing else can run, as a busy thread does; timers that came due fire later. */
  skip(ms: number): void {
    this.#goTo(this.#monotonic + ms);
  }

  /** The power goes: nothing that was set goes off any more. */
  forgetTimers(): void {
    this.#timers = [];
  }

  /** The owner sets the clock; durations do not notice. */
  set(now: number): void {
    this.#now = now;
  }

  #goTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** Everything that promises have set in motion has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
