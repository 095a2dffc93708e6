// How long an answer waits for a disk that takes nothing, and for a task's turn behind its earlier changes.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { deferred } from "../../lib/deferred.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";

export interface PatienceDeps {
  readonly clock: Clock;
  readonly board: Board;
}

/** What reaches the work at once, as a cancel does, reaches it all the same. */
const longestAnswerMs = 2000;

export class Patience {
  readonly #deps: PatienceDeps;

  constructor(deps: PatienceDeps) {
    this.#deps = deps;
  }

  /**
   * At its turn among the changes of this task; given up when the disk keeps an earlier one waiting.
   * @throws UNKNOWN_TASK where it is forgotten by then, STORE_UNAVAILABLE, what `work` throws
   */
  async inTurn(entry: Entry, work: () => Promise<void>): Promise<void> {
    let state: "waiting" | "begun" | "given up" = "waiting";
    const done = entry.serially(async () => {
      if (state === "given up") return;
      state = "begun";
      if (!this.#deps.board.has(entry)) throw new RuntimeError("UNKNOWN_TASK", { id: entry.id });
      await work();
    });
    await this.#within(done, "an earlier change of this task is not yet on the disk.", () => {
      if (state === "waiting") state = "given up";
      return state === "given up";
    });
  }

  /** Goes on behind the answer. @param problem what the answer says then @throws STORE_UNAVAILABLE, what `work` throws */
  inTime(work: Promise<void>, problem: string): Promise<void> {
    return this.#within(work, problem, () => true);
  }

  /** @param giveUp whether the answer may be given before the work is done */
  async #within(work: Promise<void>, problem: string, giveUp: () => boolean): Promise<void> {
    const late = deferred<never>();
    const timer = this.#deps.clock.after(longestAnswerMs, () => {
      if (giveUp()) late.reject(new RuntimeError("STORE_UNAVAILABLE", { problem }));
    });
    try {
      await Promise.race([work, late.promise]);
    } finally {
      timer.cancel();
    }
  }
}
