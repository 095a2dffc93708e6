// Runs attempts, tells them to stop, and sees them end: between the scheduler, which decides, and the lanes, which execute.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import { inTime } from "../../lib/in-time.ts";
import type { Logger } from "../../lib/logger.ts";
import { TurnoverSet } from "../../lib/turnover.ts";
import { UnderWay } from "../../lib/under-way.ts";
import type { Board } from "../board/board.ts";
import type { Entry, Unwanted } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Machine } from "../machine/port.ts";
import type { Ending, FileHashes, Limits, ResultFiles } from "../ports.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import { type Attention, attentionTo } from "./attention.ts";
import { Course, type CourseDeps, type Plan } from "./course.ts";
import { type EndingDeps, settle } from "./ending.ts";
import type { TaskLogs } from "./logs.ts";
import { markCancelling } from "./marks.ts";
import { Watch } from "./watch.ts";

export interface RunnerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly results: ResultFiles;
  readonly random: EndingDeps["random"];
  readonly nextOrder: EndingDeps["nextOrder"];
  readonly enqueue: EndingDeps["enqueue"];
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

  get isClosing(): boolean {
    return this.#closing;
  }

  /** Work that nobody awaits: what fails is logged, and a shutdown waits for it. */
  track(work: Promise<void>): void {
    this.#underWay.track(work);
  }

  /** A shutdown waits for what comes, until what this returns is called. */
  expect(): () => void {
    return this.#underWay.expect();
  }

  /** It is stored as started, and its holds are taken. @throws what the lane throws when it cannot take the work */
  run(entry: Entry, plan: Plan): void {
    const course = new Course(entry, plan, this.#courseDeps);
    this.#courses.add(course);
    this.#watch.begun();
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
    await inTime(this.#underWay.done(), longestLastWriteMs, this.#deps.clock);
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

  #tell(error: unknown): void {
    this.#deps.log.error({ err: error }, "a task's attempt could not be carried through");
  }
}
