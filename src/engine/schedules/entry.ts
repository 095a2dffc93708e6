// One schedule in memory: what it says, when it wakes, and whose turn it is to change it.
import type { Schedule } from "./record.ts";

/** After a firing that the runtime could not take just now; the pause doubles each time. */
const firstRetryMs = 5000;
const longestRetryMs = 60_000;

export class Entry {
  /** As its times were written down when the clock had this offset. */
  schedule: Schedule;
  offset: number;
  readonly created: number;
  wakeAt: number | null = null;
  isGone = false;
  #retryMs = firstRetryMs;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(schedule: Schedule, offset: number, created: number) {
    this.schedule = schedule;
    this.offset = offset;
    this.created = created;
  }

  /** Changes of one schedule follow each other. */
  serially(work: () => Promise<void>): Promise<void> {
    const next = this.#tail.then(work, work);
    this.#tail = next.catch(() => "its caller was told");
    return next;
  }

  /** When to try again what the runtime could not take. */
  retryAt(now: number): number {
    const at = now + this.#retryMs;
    this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
    return at;
  }

  taken(): void {
    this.#retryMs = firstRetryMs;
  }
}
