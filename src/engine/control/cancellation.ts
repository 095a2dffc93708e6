// How tasks are cancelled, waiting or running: at once, after their step, or in an emergency.
import { hasEnded } from "../../task/lifecycle.ts";
import { markStopping } from "../attempt/marks.ts";
import type { Runner } from "../attempt/runner.ts";
import type { Board } from "../board/board.ts";
import type { Entry, Unwanted } from "../board/entry.ts";
import type { Changes, Draft } from "../changes.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import { amend, cancelled } from "../transition.ts";
import type { Patience } from "./patience.ts";
import type { Withdrawal } from "./withdrawal.ts";
import { wrongState } from "./wrong-state.ts";

export interface CancellationDeps {
  readonly board: Board;
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly runner: Runner;
  readonly patience: Patience;
  readonly withdrawal: Withdrawal;
}

export class Cancellation {
  readonly #deps: CancellationDeps;

  constructor(deps: CancellationDeps) {
    this.#deps = deps;
  }

  async cancel(entry: Entry): Promise<void> {
    const { scheduler, runner, patience } = this.#deps;
    const { status } = entry.stored.record;
    // One that is being stopped for its time is tried again unless its owner cancels it, too.
    if (status === "cancelling") return entry.attempt?.cancel("user");
    if (hasEnded(status)) throw wrongState(entry, "be cancelled", "pending, running, paused or interrupted");
    if (!entry.attempt && !scheduler.isHolding(entry.id))
      return patience.inTurn(entry, () => this.#cancelWaiting(entry));
    await patience.inTime(runner.cancel(entry), "the cancel is under way but not yet on the disk.");
  }

  /** Lets it go on to its next checkpoint, and cancels it there; at once where no step is under way. */
  async stopAfterStep(entry: Entry): Promise<void> {
    const { attempt } = entry;
    const { status } = entry.stored.record;
    if (!attempt || attempt.reason !== null || (status !== "running" && status !== "pausing"))
      return this.cancel(entry);
    attempt.stopAfterStep();
    const written = markStopping(entry, this.#deps.changes);
    await this.#deps.patience.inTime(written, "the stop is under way but not yet on the disk.");
  }

  /** In an emergency: told before this returns, never refused, and written whenever the disk takes it. */
  async stop(entry: Entry, reason: Unwanted = "user"): Promise<void> {
    const { scheduler, runner } = this.#deps;
    if (entry.attempt || scheduler.isHolding(entry.id))
      await Promise.allSettled([runner.cancel(entry, reason)]);
    await entry.serially(async () => {
      if (entry.stored.record.status !== "pending" || !this.#deps.board.has(entry)) return;
      this.#deps.withdrawal.take(entry);
      const unwanted: Draft = (task, now) =>
        cancelled(amend(task, now, { memo: { cancel_reason: reason } }), now);
      await this.#deps.changes.insist(entry, unwanted, { type: "task_cancelled" });
    });
  }

  async #cancelWaiting(entry: Entry): Promise<void> {
    const { status } = entry.stored.record;
    if (status === "cancelled") return;
    if (hasEnded(status)) throw wrongState(entry, "be cancelled", "pending, running, paused or interrupted");
    this.#deps.withdrawal.take(entry);
    await this.#deps.withdrawal.ask(entry, cancelled, "task_cancelled");
  }
}
