// A waiting task taken out of the line, so that it does not start while the disk is asked what becomes of it.
import type { Entry } from "../board/entry.ts";
import type { Changes, Draft } from "../changes.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import type { WaitingRoom } from "../triggers/waiting-room.ts";

export interface WithdrawalDeps {
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly waitingRoom: WaitingRoom;
  readonly enqueue: (entry: Entry) => void;
}

export class Withdrawal {
  readonly #deps: WithdrawalDeps;

  constructor(deps: WithdrawalDeps) {
    this.#deps = deps;
  }

  /** Out of the queue and the waiting room; false where it waits in neither (any more). */
  take(entry: Entry): boolean {
    const { waitingRoom, scheduler } = this.#deps;
    return waitingRoom.leave(entry) || scheduler.withdraw(entry.id) !== null;
  }

  /** Of one that is taken out: back at its turn if it still waits afterwards. @throws STORE_UNAVAILABLE */
  async ask(entry: Entry, draft: Draft, type?: "task_cancelled"): Promise<void> {
    const { changes, scheduler, enqueue } = this.#deps;
    try {
      await changes.ask(entry, draft, type && { type });
    } finally {
      if (entry.stored.record.status === "pending" && !scheduler.isHolding(entry.id)) enqueue(entry);
      scheduler.tick();
    }
  }
}
