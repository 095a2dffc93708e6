// Tasks that are due later. One timer wakes for the earliest of them, and once a minute: the owner may have set the
// clock. A `not_before` follows the wall clock; a delay counts real time, whatever the clock says.
import { type Clock, isoTime, type Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Blocker } from "../../task/record.ts";
import type { Entry } from "../board/entry.ts";
import { SortedList } from "../board/sorted-list.ts";
import type { Changes } from "../changes.ts";
import { amend } from "../transition.ts";
import type { Trigger } from "./waiting-room.ts";

export interface DelaysDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly changes: Changes;
  /** Some that waited take part now. */
  readonly onDue: () => void;
}

interface Wait {
  readonly entry: Entry;
  readonly again: (entry: Entry) => void;
  /** Milliseconds, of the wall clock or of the one that only grows. */
  readonly at: number;
}

/** The end of a delay on the clock that only grows, and how it is called in the memo. */
interface Deadline {
  readonly at: number;
  notBefore: string;
}

const byTime = (a: Wait, b: Wait): number => a.at - b.at || a.entry.created - b.entry.created;

const lookEveryMs = 60_000;
/** Less is the clock being corrected as it goes. */
const smallestJumpMs = 1000;

export class Delays implements Trigger {
  readonly #deps: DelaysDeps;
  readonly #waits = new Map<string, Wait>();
  readonly #byWallClock = new SortedList<Wait>(byTime);
  readonly #byStopwatch = new SortedList<Wait>(byTime);
  /** A task that is changed while it waits goes on waiting for the same end. */
  readonly #deadlines = new WeakMap<Entry, Deadline>();
  #timer: Timer | null = null;
  #wakesAt = Number.POSITIVE_INFINITY;
  /** How far the wall clock was ahead of the other one at the last look. */
  #ahead: number;
  #closed = false;

  constructor(deps: DelaysDeps) {
    this.#deps = deps;
    this.#ahead = this.#aheadNow();
  }

  /** A delay runs from now on, whatever else the task waits for. */
  begin(entry: Entry): void {
    if (isDelay(entry)) this.#endOf(entry);
  }

  holdsBack(entry: Entry, again: (entry: Entry) => void): boolean {
    if (entry.stored.memo.not_before === undefined || this.#closed) return false;
    this.#noticeJump();
    const wait = { entry, again, at: this.#endOf(entry) };
    if (wait.at <= this.#timeFor(entry)) return false;
    this.#waits.set(entry.id, wait);
    this.#listOf(entry).add(wait);
    this.#arm();
    return true;
  }

  forget(entry: Entry): void {
    const wait = this.#waits.get(entry.id);
    if (!wait) return;
    this.#waits.delete(entry.id);
    // What it waits for may have changed since.
    if (!this.#byWallClock.delete(wait)) this.#byStopwatch.delete(wait);
  }

  reasons(entry: Entry): readonly Blocker[] {
    const wait = this.#waits.get(entry.id);
    if (!wait) return [];
    const { not_before = "" } = entry.stored.memo;
    const end = this.#deps.clock.now() + wait.at - this.#timeFor(entry);
    // The memo follows the clock with a delay of its own.
    const resource = Math.abs(end - Date.parse(not_before)) < smallestJumpMs ? not_before : isoTime(end);
    return [{ because: "not_before", task_id: null, resource, since: isoTime(entry.queuedAt) }];
  }

  /** Nobody is let go any more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #listOf(entry: Entry): SortedList<Wait> {
    return isDelay(entry) ? this.#byStopwatch : this.#byWallClock;
  }

  #timeFor(entry: Entry): number {
    return isDelay(entry) ? this.#deps.clock.monotonic() : this.#deps.clock.now();
  }

  #endOf(entry: Entry): number {
    const { not_before: notBefore = "", delay_seconds } = entry.stored.memo;
    const end = Date.parse(notBefore);
    if (delay_seconds === undefined) return end;
    const known = this.#deadlines.get(entry);
    if (known?.notBefore === notBefore) return known.at;
    // After a boot the wall clock is all there is, and it may have been set: never longer than the whole delay.
    const left = Math.min(Math.max(0, end - this.#deps.clock.now()), delay_seconds * 1000);
    const at = this.#deps.clock.monotonic() + left;
    this.#deadlines.set(entry, { at, notBefore });
    return at;
  }

  #arm(): void {
    if (this.#waits.size === 0) return;
    const { clock } = this.#deps;
    const left = Math.min(
      lookEveryMs,
      (this.#byWallClock.first?.at ?? Number.POSITIVE_INFINITY) - clock.now(),
      (this.#byStopwatch.first?.at ?? Number.POSITIVE_INFINITY) - clock.monotonic(),
    );
    const wakesAt = clock.monotonic() + left;
    if (this.#timer !== null && this.#wakesAt <= wakesAt) return;
    this.#timer?.cancel();
    this.#wakesAt = wakesAt;
    // Rounded up: timers drop the fraction, and one that is early finds nobody due.
    this.#timer = clock.after(Math.ceil(left), () => this.#wake());
  }

  #wake(): void {
    this.#timer = null;
    this.#noticeJump();
    const { clock, onDue } = this.#deps;
    const due = [
      ...takeUntil(this.#byWallClock, clock.now()),
      ...takeUntil(this.#byStopwatch, clock.monotonic()),
    ];
    for (const { entry, again } of due) {
      this.#waits.delete(entry.id);
      entry.queuedAt = clock.now();
      again(entry);
    }
    this.#arm();
    if (due.length > 0) onDue();
  }

  #aheadNow(): number {
    return this.#deps.clock.now() - this.#deps.clock.monotonic();
  }

  /** A delay ends when it was going to; by the wall clock that is another time now, and the next boot must know it. */
  #noticeJump(): void {
    const jump = this.#aheadNow() - this.#ahead;
    this.#ahead += jump;
    if (Math.abs(jump) < smallestJumpMs) return;
    for (const { entry } of this.#byStopwatch)
      this.#rewrite(entry).catch((error) =>
        this.#deps.log.warn({ err: error, task: entry.id }, "the end of a delay could not be written anew"),
      );
  }

  #rewrite(entry: Entry): Promise<void> {
    return entry.serially(async () => {
      const { record, memo } = entry.stored;
      const deadline = this.#deadlines.get(entry);
      const isSame = deadline !== undefined && deadline.notBefore === memo.not_before;
      if (!isSame || record.status !== "pending") return;
      const { clock, changes } = this.#deps;
      const not_before = isoTime(clock.now() + deadline.at - clock.monotonic());
      await changes.insist(entry, (task, now) => amend(task, now, { memo: { not_before } }));
      deadline.notBefore = not_before;
    });
  }
}

const isDelay = ({ stored }: Entry): boolean => stored.memo.delay_seconds !== undefined;

function takeUntil(list: SortedList<Wait>, time: number): Wait[] {
  const taken: Wait[] = [];
  for (let first = list.first; first && first.at <= time; first = list.first) {
    list.delete(first);
    taken.push(first);
  }
  return taken;
}
