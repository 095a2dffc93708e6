// Keeps a task waiting until those it depends on have ended, and ends it where it cannot run any more.
import { isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Blocker } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import { givenUp } from "../transition.ts";
import { dependencyFailed, type Outlook, outlookOf } from "./dependencies.ts";
import type { Trigger } from "./waiting-room.ts";

export interface DependencyTriggerDeps {
  readonly board: Board;
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  /** Into the waiting room, which asks anew. */
  readonly enter: (entry: Entry) => void;
  readonly leave: (entry: Entry) => void;
}

export class DependencyTrigger implements Trigger {
  readonly #deps: DependencyTriggerDeps;
  readonly #waiting = new Map<Entry, (entry: Entry) => void>();

  constructor(deps: DependencyTriggerDeps) {
    this.#deps = deps;
  }

  holdsBack(entry: Entry, again: (entry: Entry) => void): boolean {
    if (entry.stored.record.depends_on.length === 0) return false;
    const { open, lost } = this.#lookAt(entry);
    if (open.length === 0 && lost.length === 0) return false;
    this.#waiting.set(entry, again);
    if (lost.length > 0) this.#giveUp(entry);
    return true;
  }

  forget(entry: Entry): void {
    this.#waiting.delete(entry);
  }

  reasons(entry: Entry): readonly Blocker[] {
    const { open, lost } = this.#lookAt(entry);
    const since = isoTime(entry.queuedAt);
    return [...lost.map(({ id }) => id), ...open].map((task_id) => ({
      because: "dependency",
      task_id,
      resource: null,
      since,
    }));
  }

  /** The task has ended: those that wait for it are asked anew, and who is free takes its turn before any starts. */
  ended({ id }: Entry): void {
    const dependants = this.#deps.board.dependants.of(id);
    if (dependants.size === 0) return;
    for (const dependant of [...dependants]) this.#waiting.get(dependant)?.(dependant);
    this.#deps.scheduler.tick();
  }

  /** The task runs again: those that depend on it and have not started wait for it once more. */
  reopened({ id }: Entry): void {
    const { board, scheduler, enter } = this.#deps;
    for (const dependant of [...board.dependants.of(id)])
      if (dependant.stored.record.status === "pending" && scheduler.withdraw(dependant.id) !== null)
        enter(dependant);
  }

  #lookAt(entry: Entry): Outlook {
    return outlookOf(entry.stored, (id) => this.#deps.board.recordOf(id));
  }

  #giveUp(entry: Entry): void {
    const { changes, leave, log } = this.#deps;
    const done = entry.serially(async () => {
      // Cancelled, or asked anew, while this waited for its turn.
      if (entry.stored.record.status !== "pending" || !this.#waiting.has(entry)) return;
      const { lost } = this.#lookAt(entry);
      if (lost.length === 0) return;
      // From here on nothing frees it, but it still says why it waits.
      this.#waiting.set(entry, () => undefined);
      const failure = dependencyFailed(lost);
      const to = entry.stored.memo.wishes?.on_dependency_failure === "fail" ? "failed" : "cancelled";
      const event =
        to === "failed"
          ? ({ type: "task_failed", error: failure.message, failure } as const)
          : ({ type: "task_cancelled" } as const);
      await changes.insist(entry, (task, now) => givenUp(task, now, to, failure), event);
      leave(entry);
    });
    done.catch((error) => log.error({ err: error, task: entry.id }, "a task could not be given up"));
  }
}
