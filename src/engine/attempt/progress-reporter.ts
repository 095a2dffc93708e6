// Between a task that may report 100 000 times a second and those who look: at most 30 events a second, and at most
// one write in two seconds, and that only after a change of five percent.
import type { Clock, Timer } from "../../lib/clock.ts";
import { type Progress, type ProgressUpdate, toProgress, withExpected } from "../../task/progress.ts";

export interface ProgressHooks {
  elapsedSeconds(): number;
  /** How long such a task took lately, or null. */
  expectedSeconds(): number | null;
  emit(progress: Progress): void;
  persist(): void;
}

/** Rounded up: timers drop the fraction, and thirty frames a second are the most. */
const frameMs = Math.ceil(1000 / 30);
const writeMs = 2000;
const writePercent = 5;

export class ProgressReporter {
  readonly #clock: Clock;
  readonly #hooks: ProgressHooks;
  readonly #stepsBefore: number;
  #update: ProgressUpdate | null = null;
  #latest: Progress;
  #frame: Timer | null = null;
  #written: { at: number; percent: number | null };

  /** @param from where an earlier attempt left off */
  constructor(clock: Clock, from: Progress, hooks: ProgressHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
    this.#latest = from;
    this.#stepsBefore = from.current;
    this.#written = { at: Number.NEGATIVE_INFINITY, percent: from.percent };
  }

  report(update: ProgressUpdate): void {
    this.#update = update;
    if (this.#frame === null) this.#show();
  }

  get latest(): Progress {
    if (this.#update !== null) {
      const elapsed = this.#hooks.elapsedSeconds();
      const progress = toProgress(this.#update, elapsed, this.#stepsBefore);
      this.#latest = withExpected(progress, elapsed, this.#hooks.expectedSeconds());
      this.#update = null;
    }
    return this.#latest;
  }

  /** Shows what has not been shown yet and ends; returns the last. */
  close(): Progress {
    this.#frame?.cancel();
    if (this.#update !== null) this.#hooks.emit(this.latest);
    return this.#latest;
  }

  #show(): void {
    const progress = this.latest;
    this.#hooks.emit(progress);
    this.#persistIfDue(progress);
    this.#frame = this.#clock.after(frameMs, () => {
      this.#frame = null;
      if (this.#update !== null) this.#show();
    });
  }

  #persistIfDue(progress: Progress): void {
    const now = this.#clock.monotonic();
    if (now - this.#written.at < writeMs) return;
    const before = this.#written.percent;
    const changed =
      progress.percent === null || before === null || Math.abs(progress.percent - before) >= writePercent;
    if (!changed) return;
    this.#written = { at: now, percent: progress.percent };
    this.#hooks.persist();
  }
}
