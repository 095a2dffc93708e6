// Begins attempts, tells them to pause or stop, and sees them end: between the scheduler, which decides, and the
// lanes, which execute.
import { isRuntimeError, RuntimeError, sentenceOf, toFailure } from "../../errors/runtime-error.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import type { Logger } from "../../lib/logger.ts";
import { TurnoverSet } from "../../lib/turnover.ts";
import type { DependencyOutcome } from "../../task/dependencies.ts";
import type { LaneName } from "../../task/policy.ts";
import type { StoredTask } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Entry, Unwanted } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import { laneOf } from "../intake/submission.ts";
import type { Machine } from "../machine/port.ts";
import type { Ending, FileHashes, Lane, Limits, ResultFiles, TaskType, TaskTypes } from "../ports.ts";
import { claimsFor } from "../queue/claims.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import { ticketOf } from "../queue/turn.ts";
import { amend, attemptBegun, cancelled, failed, transition } from "../transition.ts";
import { noOutcomes, outcomesOf } from "../triggers/outcomes.ts";
import { type Attention, attentionTo } from "./attention.ts";
import { Course, type CourseDeps, type Plan } from "./course.ts";
import { type EndingDeps, settle } from "./ending.ts";
import type { TaskLogs } from "./logs.ts";
import { markCancelling } from "./marks.ts";
import { UnderWay } from "./under-way.ts";
import { Watch } from "./watch.ts";

export interface RunnerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly types: TaskTypes;
  readonly results: ResultFiles;
  readonly random: EndingDeps["random"];
  readonly nextOrder: EndingDeps["nextOrder"];
  readonly enqueue: EndingDeps["enqueue"];
  readonly lanes: Partial<Record<LaneName, Lane>>;
  readonly limits: () => Limits;
  readonly board: Board;
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly answer: CourseDeps["answer"];
  readonly forgetCalls: CourseDeps["forgetCalls"];
  readonly expectedSeconds: CourseDeps["expectedSeconds"];
  readonly hashes: FileHashes;
  readonly machine: Machine;
  readonly logs: TaskLogs;
}

/** At a shutdown: the store tries at least every 2 s, and once more when it is closed. */
const longestLastWriteMs = 5000;

export class Runner {
  readonly #deps: RunnerDeps;
  readonly #courseDeps: CourseDeps;
  readonly #endingDeps: EndingDeps;
  /** What was not yet written, or still runs. */
  readonly #underWay = new UnderWay((error) => this.#tell(error));
  readonly #courses = new TurnoverSet<Course>();
  #still: Deferred<void> | null = null;
  readonly #watch: Watch;
  #closing = false;
  #closed = false;

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
    this.#courseDeps = {
      ...deps,
      track: (work) => this.#underWay.track(work),
      isClosing: () => this.#closing,
      ended: (course, ending) => this.#ended(course, ending),
    };
    this.#endingDeps = { ...deps, isClosed: () => this.#closed };
    this.#watch = new Watch({ ...deps, running: this.#courses });
  }

  /** Of those that run, whom nobody hears and who ignores a cancel. */
  attention(): Attention {
    const running = Array.from(this.#courses, ({ entry: { stored, id }, attempt }) => ({
      id,
      task: stored.record.task,
      isExclusive: stored.record.is_exclusive,
      isBlocking: stored.record.is_blocking,
      stuckSince: attempt.stuckSince,
      silentSince: attempt.silentSince,
    }));
    return attentionTo(running, this.#deps.limits());
  }

  limitsChanged(): void {
    this.#watch.limitsChanged();
  }

  /** Its holds are taken; `started` is written before the first line of `run`. */
  begin(entry: Entry): void {
    entry.cancelledWhileStarting = null;
    this.#underWay.track(entry.serially(() => this.#begin(entry)));
  }

  /** Told now; resolves when the record says so. @throws STORE_UNAVAILABLE when it had not started and cannot be told */
  async cancel(entry: Entry, reason: Unwanted = "user"): Promise<void> {
    if (entry.attempt) entry.attempt.cancel(reason);
    else entry.cancelledWhileStarting ??= reason;
    await markCancelling(entry, reason, this.#deps.changes);
    if (entry.stored.record.status === "pending")
      throw new RuntimeError("STORE_UNAVAILABLE", { problem: "the task is back in the queue." });
  }

  /** No new attempts; those under way are told, get their grace, and are stored as interrupted. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const entry of this.#deps.board.live) entry.attempt?.cancel("shutdown");
    for (const course of [...this.#courses]) course.abandonIfStuck();
    while (this.#courses.size > 0) {
      this.#still = deferred();
      await this.#still.promise;
    }
    this.#watch.close();
    await this.#written();
    this.#closed = true;
  }

  /** The last records are on the disk, or it has taken nothing for so long that nobody waits for it. */
  async #written(): Promise<void> {
    const late = deferred();
    const timer = this.#deps.clock.after(longestLastWriteMs, () => late.resolve());
    await Promise.race([this.#underWay.done(), late.promise]);
    timer.cancel();
  }

  async #begin(entry: Entry): Promise<void> {
    const task = entry.stored;
    // Cancelled at an earlier turn.
    if (task.record.status !== "pending") return this.#deps.scheduler.release(entry.id);
    const type = this.#deps.types.get(task.record.task);
    if (!type || this.#closing) return this.#putBack(entry);
    const name = laneOf(type.policy, task.record.lane);
    const lane = this.#deps.lanes[name];
    if (!lane) return this.#refuse(entry, new RuntimeError("LANE_UNAVAILABLE", { lane: name }));
    const outdated = whyOutdated(task, type);
    if (outdated) return this.#refuse(entry, outdated);
    const dependencies = task.record.depends_on.length === 0 ? noOutcomes : await this.#outcomesFor(task);
    if (isRuntimeError(dependencies)) return this.#refuse(entry, dependencies);
    try {
      if (type.source.hash !== task.record.source.hash && (await this.#standsAside(entry, type))) return;
      await this.#deps.changes.ask(entry, (stored, now) => started(stored, now, type));
    } catch (error) {
      this.#deps.log.warn(
        { err: error, task: entry.id },
        "a task could not be started and is back in the queue",
      );
      return this.#putBack(entry);
    }
    if (this.#closing) return this.#undo(entry, task);
    if (entry.cancelledWhileStarting) return this.#cancelBeforeRun(entry);
    this.#deps.changes.tell(entry, { type: "task_started", attempt: entry.stored.record.attempt });
    try {
      const resumedFrom = task.memo.continues ? task.memo.checkpoint?.value : undefined;
      this.#run(entry, { type, lane, resumedFrom, dependencies });
    } catch (error) {
      const message = `The ${name} lane could not take the task: ${sentenceOf(error)}`;
      await this.#refuse(entry, new RuntimeError("TASK_FAILED", { message, source: type.source.file }));
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

  #run(entry: Entry, plan: Plan): void {
    const course = new Course(entry, plan, this.#courseDeps);
    this.#courses.add(course);
    this.#watch.begun();
  }

  #ended(course: Course, ending: Ending): void {
    try {
      // Whatever the task left moving stands still before anybody else may have it.
      const settling = this.#deps.machine.settle(this.#deps.scheduler.claimants.ownClaims(course.entry.id));
      if (settling) this.#underWay.track(settling.then(() => this.#leave(course, ending)));
      else this.#leave(course, ending);
    } catch (error) {
      this.#tell(error);
    }
  }

  #leave(course: Course, ending: Ending): void {
    const { entry, attempt } = course;
    course.close();
    this.#courses.delete(course);
    if (this.#courses.size === 0) this.#still?.resolve();
    // Holds go free at once, and who waited for them starts before anybody who comes now.
    this.#deps.scheduler.release(entry.id);
    this.#underWay.track(settle(entry, attempt, ending, this.#endingDeps));
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

  #tell(error: unknown): void {
    this.#deps.log.error({ err: error }, "a task's attempt could not be carried through");
  }
}

function started(task: StoredTask, now: number, type: TaskType): StoredTask {
  return transition(task, "running", now, {
    record: {
      attempt: task.record.attempt + 1,
      attempts: attemptBegun(task, now),
      started_at: isoTime(now),
      // As its file has it now.
      source: type.source,
      is_exclusive: type.policy.isExclusive,
      is_blocking: type.policy.isBlocking,
      lane: laneOf(type.policy, task.record.lane),
    },
    // Most continue nothing, and keep the memo they have.
    ...(task.memo.continues && { memo: { continues: false } }),
  });
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
