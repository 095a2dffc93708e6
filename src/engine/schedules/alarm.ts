// One timer for all schedules: it wakes those that are due, the earliest first, and sees when the clock was set.
// Knows nothing of what they do when they are awake.
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { SortedList } from "../board/sorted-list.ts";
import { clockJumpMs } from "./rules.ts";

export interface Sleeper {
  /** Among those that wake at the same time the lowest is first. */
  readonly created: number;
  /** When it is woken, by the clock; null while it does not sleep here. The alarm's own. */
  wakeAt: number | null;
}

export interface AlarmOptions<T extends Sleeper> {
  readonly clock: Clock;
  readonly log: Logger;
  /** By the clock as it shows now; null: never. */
  readonly wakingTimeOf: (sleeper: T) => number | null;
  readonly wake: (sleeper: T) => void;
}

/** How long the timer sleeps at most: then it looks at the clock. */
const longestSleepMs = 30_000;
/** Woken in one turn of the event loop. */
const batch = 20;

const byWaking = (a: Sleeper, b: Sleeper): number =>
  (a.wakeAt ?? 0) - (b.wakeAt ?? 0) || a.created - b.created;

export class Alarm<T extends Sleeper> {
  readonly #options: AlarmOptions<T>;
  #sleepers = new SortedList<T, Sleeper>(byWaking);
  #timer: Timer | null = null;
  #isOn = false;
  #offset: number;

  constructor(options: AlarmOptions<T>) {
    this.#options = options;
    this.#offset = this.offset;
  }

  /** By how much the clock is ahead of the time that passes: it changes when the owner sets the clock. */
  get offset(): number {
    const { clock } = this.#options;
    return clock.now() - clock.monotonic();
  }

  /** Nobody is woken before. */
  begin(): void {
    this.#isOn = true;
    this.#arm();
  }

  close(): void {
    this.#isOn = false;
    this.#timer?.cancel();
  }

  /** @param soonest not before */
  set(sleeper: T, soonest = 0): void {
    this.clear(sleeper);
    const time = this.#options.wakingTimeOf(sleeper);
    if (time === null) return;
    sleeper.wakeAt = Math.max(time, soonest);
    this.#sleepers.add(sleeper);
    if (this.#sleepers.first === sleeper) this.#arm();
  }

  clear(sleeper: T): void {
    if (sleeper.wakeAt === null) return;
    this.#sleepers.delete(sleeper);
    sleeper.wakeAt = null;
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const wakeAt = this.#sleepers.first?.wakeAt ?? null;
    if (!this.#isOn || wakeAt === null) return;
    const { clock } = this.#options;
    const sleepMs = Math.min(longestSleepMs, Math.max(0, wakeAt - clock.now()));
    this.#timer = clock.after(sleepMs, () => this.#look());
  }

  #look(): void {
    this.#seeClock();
    const now = this.#options.clock.now();
    for (let woken = 0; woken < batch; woken++) {
      const sleeper = this.#sleepers.first;
      if (!sleeper || (sleeper.wakeAt ?? 0) > now) break;
      this.clear(sleeper);
      this.#options.wake(sleeper);
    }
    this.#arm();
  }

  /** Where the clock was set, everybody is lined up anew. */
  #seeClock(): void {
    const jumped = this.offset - this.#offset;
    this.#offset = this.offset;
    if (Math.abs(jumped) < clockJumpMs) return;
    this.#options.log.warn({ seconds: Math.round(jumped / 1000) }, "the clock was set; schedules follow it");
    const sleepers = [...this.#sleepers];
    this.#sleepers = new SortedList<T, Sleeper>(byWaking);
    for (const sleeper of sleepers) sleeper.wakeAt = this.#options.wakingTimeOf(sleeper);
    for (const sleeper of sleepers.sort(byWaking)) if (sleeper.wakeAt !== null) this.#sleepers.add(sleeper);
  }
}
