// Those who wait for the end of a task: as long as it takes, or for a time; at a shutdown nobody waits any longer.
import type { Clock } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import type { Board } from "./board.ts";
import type { Entry } from "./entry.ts";

export interface WaitersDeps {
  readonly clock: Clock;
  readonly board: Board;
}

export class Waiters {
  readonly #deps: WaitersDeps;
  #isClosed = false;

  constructor(deps: WaitersDeps) {
    this.#deps = deps;
  }

  /** Nothing ends any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves when it has ended, waits for its owner, or the time is over; null where there is nothing to wait for. */
  untilEnded(entry: Entry, timeoutSeconds?: number): Promise<void> | null {
    if (entry.isSettled || this.#isClosed) return null;
    const waiter = deferred();
    entry.waiters.add(waiter);
    return timeoutSeconds === undefined ? waiter.promise : this.#inTime(entry, waiter, timeoutSeconds);
  }

  async #inTime(entry: Entry, waiter: Deferred<void>, timeoutSeconds: number): Promise<void> {
    const timer = this.#deps.clock.after(timeoutSeconds * 1000, () => waiter.resolve());
    await waiter.promise;
    timer.cancel();
    entry.waiters.delete(waiter);
  }

  close(): void {
    this.#isClosed = true;
    for (const entry of this.#deps.board.live) entry.wakeWaiters();
  }
}
