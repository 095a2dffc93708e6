// From a task's turn to its first line: it is stored as started before it runs, and whatever keeps it from that is seen.
import { isRuntimeError, RuntimeError, sentenceOf, toFailure } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { DependencyOutcome } from "../../task/dependencies.ts";
import type { LaneName } from "../../task/policy.ts";
import type { StoredTask } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import { laneOf } from "../intake/submission.ts";
import type { Lane, ResultFiles, TaskType, TaskTypes } from "../ports.ts";
import { claimsFor } from "../queue/claims.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import { ticketFor, ticketOf } from "../queue/turn.ts";
import { amend, cancelled, failed, started, transition } from "../transition.ts";
import { noOutcomes, outcomesOf } from "../triggers/outcomes.ts";
import type { Runner } from "./runner.ts";

export interface StarterDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly types: TaskTypes;
  readonly results: ResultFiles;
  readonly lanes: Partial<Record<LaneName, Lane>>;
  readonly board: Board;
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly runner: Runner;
  /** Where pending tasks wait. */
  readonly enqueue: (entry: Entry) => void;
}

/** What is to run, and where. */
interface Start {
  readonly type: TaskType;
  readonly lane: Lane;
  readonly laneName: LaneName;
  readonly dependencies: readonly DependencyOutcome[];
}

export class Starter {
  readonly #deps: StarterDeps;

  constructor(deps: StarterDeps) {
    this.#deps = deps;
  }

  /** Its holds are taken; `started` is written before the first line of `run`. */
  begin(entry: Entry): void {
    entry.cancelledWhileStarting = null;
    this.#deps.runner.track(entry.serially(() => this.#begin(entry)));
  }

  /**
   * Stores a new task as started at once, where nothing keeps it from that: it has one line, and waits for one sync,
   * where one that waits in the queue has two. Resolves when it is accepted; null where it has to wait.
   * @throws STORE_UNAVAILABLE
   */
  create(task: StoredTask): Promise<Entry> | null {
    const { clock, lanes, types, changes, scheduler, runner } = this.#deps;
    const { record, memo } = task;
    if (memo.not_before !== undefined || record.depends_on.length > 0) return null;
    const type = types.get(record.task);
    const lane = lanes[record.lane];
    const now = clock.now();
    // Its file has changed since it was submitted: it is looked at anew at its turn.
    if (type?.source.hash !== record.source.hash) return null;
    if (!lane || !scheduler.takeAtOnce(ticketFor(task, now))) return null;
    const next = started(task, now, type, record.lane);
    const start = { type, lane, laneName: record.lane, dependencies: noOutcomes };
    const over = runner.expect();
    return changes.create(task, {
      written: next,
      added: (entry) => {
        runner.track(entry.serially(() => this.#created(entry, next, start)));
        over();
      },
      refused: () => {
        scheduler.release(record.id);
        over();
      },
    });
  }

  /** The disk has it as started. Where nothing may start any more, it takes that back, and waits. */
  #created(entry: Entry, next: StoredTask, start: Start): void | Promise<void> {
    const task = entry.stored;
    if (this.#deps.scheduler.standsStill) return this.#lineUpAgain(entry);
    this.#deps.changes.take(entry, next);
    return this.#launch(entry, task, start);
  }

  async #lineUpAgain(entry: Entry): Promise<void> {
    const { changes, scheduler, enqueue } = this.#deps;
    scheduler.release(entry.id);
    await changes.insist(entry, (task) => task);
    enqueue(entry);
    scheduler.tick();
  }

  async #begin(entry: Entry): Promise<void> {
    const { types, lanes, runner, scheduler, changes } = this.#deps;
    const task = entry.stored;
    // Cancelled at an earlier turn.
    if (task.record.status !== "pending") return scheduler.release(entry.id);
    const type = types.get(task.record.task);
    if (!type || runner.isClosing) return this.#putBack(entry);
    const laneName = laneOf(type.policy, task.record.lane);
    const lane = lanes[laneName];
    if (!lane) return this.#refuse(entry, new RuntimeError("LANE_UNAVAILABLE", { lane: laneName }));
    const outdated = whyOutdated(task, type);
    if (outdated) return this.#refuse(entry, outdated);
    const dependencies = task.record.depends_on.length === 0 ? noOutcomes : await this.#outcomesFor(task);
    if (isRuntimeError(dependencies)) return this.#refuse(entry, dependencies);
    try {
      if (type.source.hash !== task.record.source.hash && (await this.#standsAside(entry, type))) return;
      await changes.ask(entry, (stored, now) => started(stored, now, type, laneName));
    } catch (error) {
      this.#deps.log.warn(
        { err: error, task: entry.id },
        "a task could not be started and is back in the queue",
      );
      return this.#putBack(entry);
    }
    await this.#launch(entry, task, { type, lane, laneName, dependencies });
  }

  /** It is stored as started; `task` is what it was before. */
  #launch(entry: Entry, task: StoredTask, start: Start): void | Promise<void> {
    const { runner, changes } = this.#deps;
    if (runner.isClosing) return this.#undo(entry, task);
    if (entry.cancelledWhileStarting) return this.#cancelBeforeRun(entry);
    changes.tell(entry, { type: "task_started", attempt: entry.stored.record.attempt });
    const { type, lane, laneName, dependencies } = start;
    try {
      const resumedFrom = task.memo.continues ? task.memo.checkpoint?.value : undefined;
      runner.run(entry, { type, lane, resumedFrom, dependencies });
    } catch (error) {
      const message = `The ${laneName} lane could not take the task: ${sentenceOf(error)}`;
      return this.#refuse(entry, new RuntimeError("TASK_FAILED", { message, source: type.source.file }));
    }
  }

  /** Or why it cannot be told of them. */
  async #outcomesFor(task: StoredTask): Promise<readonly DependencyOutcome[] | RuntimeError> {
    try {
      return await outcomesOf(task, this.#deps.board, this.#deps.results);
    } catch (error) {
      if (isRuntimeError(error)) return error;
      throw error;
    }
  }

  /** Where its file has changed since, it may need something else now: then it waits for that, at its turn. */
  async #standsAside(entry: Entry, type: TaskType): Promise<boolean> {
    const { record, memo } = entry.stored;
    const claims = await claimsFor(type, record.parameters).then(
      (kept) => kept.claims,
      (error: RuntimeError) => error,
    );
    if (claims instanceof RuntimeError) {
      await this.#refuse(entry, new RuntimeError("PARAMETERS_OUTDATED", claims.details));
      return true;
    }
    if (JSON.stringify(claims) !== JSON.stringify(memo.claims))
      await this.#deps.changes.ask(entry, (task, now) => amend(task, now, { memo: { claims } }));
    return !entry.cancelledWhileStarting && this.#deps.scheduler.lineUpIfOther(ticketOf(entry));
  }

  /** It cannot run as it is, and fails. */
  async #refuse(entry: Entry, error: RuntimeError): Promise<void> {
    this.#deps.scheduler.release(entry.id);
    const failure = toFailure(error);
    const event = { type: "task_failed", error: failure.message, failure } as const;
    await this.#deps.changes.insist(entry, (task, now) => failed(task, now, failure), event);
  }

  async #cancelBeforeRun(entry: Entry): Promise<void> {
    const memo = { cancel_reason: entry.cancelledWhileStarting };
    entry.cancelledWhileStarting = null;
    this.#deps.scheduler.release(entry.id);
    await this.#deps.changes.insist(
      entry,
      (task, now) => cancelled(transition(task, "cancelling", now, { memo }), now),
      { type: "task_cancelled" },
    );
  }

  #putBack(entry: Entry): void {
    entry.cancelledWhileStarting = null;
    this.#deps.scheduler.putBack(ticketOf(entry));
  }

  /** The runtime closed while `started` was being written: as if it had never begun. */
  async #undo(entry: Entry, { record, memo }: StoredTask): Promise<void> {
    const { attempt, attempts, started_at } = record;
    await this.#deps.changes.insist(entry, (task, now) =>
      transition(task, "pending", now, { record: { attempt, attempts, started_at }, memo }),
    );
  }
}

/** The code may have changed since the task was submitted or saved its checkpoint. */
function whyOutdated({ record, memo }: StoredTask, type: TaskType): RuntimeError | null {
  if (type.source.hash === record.source.hash) return null;
  const checked = type.validate(record.parameters);
  if (!checked.ok)
    return new RuntimeError("PARAMETERS_OUTDATED", { task: type.name, errors: checked.issues });
  if (memo.continues && memo.checkpoint?.hash !== type.source.hash)
    return new RuntimeError("CHECKPOINT_OUTDATED", { task: type.name, id: record.id });
  return null;
}
