// Who waits for whom: running tasks that wait for others, without a slot meanwhile, and never for one that cannot end.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import { getOrMake } from "../../lib/get-or-make.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Call } from "../ports.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import { lineOf } from "./ancestry.ts";
import { type Groups, wayToDeadlock } from "./deadlock.ts";

export interface WaitsDeps {
  readonly clock: Clock;
  readonly board: Board;
  readonly scheduler: Scheduler;
}

interface Wait {
  readonly on: Entry;
  /** It ends by itself after a while. */
  readonly isTimed: boolean;
  /** Begun after the task was told to stop: it waits under its grace. */
  readonly isCleanUp: boolean;
  readonly end: Deferred<void>;
}

/** Who waits without end looks this often whether it still can end: others may have come in between. */
const lookAgainMs = 1000;

export class Waits {
  readonly #deps: WaitsDeps;
  /** By the task that waits: those of its attempt. */
  readonly #waits = new Map<Entry, Set<Wait>>();
  /** By the task that others wait for. */
  readonly #awaited = new Map<Entry, Set<Entry>>();

  constructor(deps: WaitsDeps) {
    this.#deps = deps;
  }

  /** @throws WOULD_DEADLOCK */
  refuseDeadlock(waiter: Entry, id: string): void {
    const held = new Set(lineOf(waiter, this.#deps.board).map((entry) => entry.id));
    const way = wayToDeadlock(id, held, (other) => this.#waitsFor(other));
    if (!way) return;
    throw new RuntimeError("WOULD_DEADLOCK", { id, reason: reasonOf(waiter.id, way), way });
  }

  /**
   * Resolves when the other one has ended or the time is over, and the waiter has its slot again.
   * @throws WOULD_DEADLOCK, CALL_ABANDONED
   */
  async until(waiter: Entry, other: Entry, timeoutSeconds: number | null): Promise<void> {
    const { scheduler } = this.#deps;
    const waits = getOrMake(this.#waits, waiter, () => new Set<Wait>());
    const wait: Wait = {
      on: other,
      isTimed: timeoutSeconds !== null,
      isCleanUp: waiter.attempt?.reason !== null,
      end: deferred(),
    };
    waits.add(wait);
    getOrMake(this.#awaited, other, () => new Set<Entry>()).add(waiter);
    scheduler.returning.giveSlotBack(waiter.id);
    try {
      await this.#end(waiter, wait, timeoutSeconds);
    } finally {
      waits.delete(wait);
      this.#waitsNoMore(waiter, other);
      const isOver = this.#waits.get(waiter) !== waits;
      const isToldToStop = wait.isCleanUp || waiter.attempt?.reason !== null;
      if (waits.size === 0 && !isOver) await scheduler.returning.takeSlotAgain(waiter.id, isToldToStop);
    }
  }

  /** It was told to stop: it waits no longer, but for its clean-up, and has its slot at once. */
  told(waiter: Entry): void {
    for (const { isCleanUp, end } of this.#of(waiter)) if (!isCleanUp) end.reject(abandoned("wait"));
    this.#deps.scheduler.returning.hurry(waiter.id);
  }

  /** Its attempt has ended. Who waits for nobody else is about to go on, in the slot that is free now. */
  ended(entry: Entry): void {
    for (const waiter of this.#awaited.get(entry) ?? [])
      if (this.#of(waiter).every(({ on }) => on === entry))
        void this.#deps.scheduler.returning.takeSlotAgain(waiter.id);
    const waits = this.#of(entry);
    this.#waits.delete(entry);
    for (const { end } of waits) end.reject(abandoned("wait"));
  }

  /** It has another attempt to come: who waits for it waits on. */
  goesOn(entry: Entry): void {
    for (const waiter of this.#awaited.get(entry) ?? [])
      if (waiter.attempt?.reason === null) this.#deps.scheduler.returning.giveSlotBack(waiter.id);
  }

  async #end(waiter: Entry, { on: other, end }: Wait, timeoutSeconds: number | null): Promise<void> {
    const { clock } = this.#deps;
    const look = (): void => {
      try {
        this.refuseDeadlock(waiter, other.id);
        timer = clock.after(lookAgainMs, look);
      } catch (error) {
        end.reject(error);
      }
    };
    let timer =
      timeoutSeconds === null
        ? clock.after(lookAgainMs, look)
        : clock.after(timeoutSeconds * 1000, () => end.resolve());
    other.waiters.add(end);
    try {
      await end.promise;
    } finally {
      timer.cancel();
      other.waiters.delete(end);
    }
  }

  #of(waiter: Entry): Wait[] {
    return [...(this.#waits.get(waiter) ?? [])];
  }

  #waitsNoMore(waiter: Entry, other: Entry): void {
    const waiting = this.#awaited.get(other);
    if (!waiting || this.#of(waiter).some(({ on }) => on === other)) return;
    waiting.delete(waiter);
    if (waiting.size === 0) this.#awaited.delete(other);
  }

  #waitsFor(id: string): Groups {
    const entry = this.#deps.board.get(id);
    if (!entry || entry.isSettled) return [];
    if (entry.stored.record.status !== "pending")
      return this.#of(entry).flatMap(({ on, isTimed }) => (isTimed ? [] : [[on.id]]));
    const dependencies = entry.stored.record.depends_on.map(({ task }) => [task]);
    return [...dependencies, ...this.#deps.scheduler.standings.waitsFor(id)];
  }
}

export const abandoned = (call: Call["to"]): RuntimeError => new RuntimeError("CALL_ABANDONED", { call });

function reasonOf(waiter: string, [first = "", ...others]: readonly string[]): string {
  if (first === waiter) return "it is the task itself";
  if (others.length === 0) return "it is above this task, and ends after it";
  const last = others.at(-1) === waiter ? "this task" : others.at(-1);
  return ["it", ...others.slice(0, -1), last].join(" waits for ");
}
