// What an owner may do with a task that is there: cancel, pause, resume, restart, change, remove.
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import { hasEnded } from "../task/lifecycle.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { StoredTask, Wishes } from "../task/record.ts";
import { markStopping } from "./attempt/marks.ts";
import type { Runner } from "./attempt/runner.ts";
import type { Board } from "./board/board.ts";
import type { Entry, Unwanted } from "./board/entry.ts";
import { type Changes, type Draft, scheduled } from "./changes.ts";
import { validParameters } from "./intake/submission.ts";
import type { Demands } from "./machine/demands.ts";
import type { TaskType, TaskTypes } from "./ports.ts";
import { claimsFor } from "./queue/claims.ts";
import type { Scheduler } from "./queue/scheduler.ts";
import type { ChangeRequest } from "./requests.ts";
import { amend, type Change, cancelled, requeued, transition } from "./transition.ts";
import { dueOf } from "./triggers/due.ts";

export interface ControlDeps {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly board: Board;
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly runner: Runner;
  readonly demands: Demands;
  readonly nextOrder: () => number;
  readonly enqueue: (entry: Entry) => void;
  /** Its owner lets it run again; others may depend on it. */
  readonly reopened: (entry: Entry) => void;
  /** Out of the queue and the waiting room; false where it waits in neither (any more). */
  readonly withdraw: (entry: Entry) => boolean;
  /** @throws BUSY, SHUTTING_DOWN */
  readonly refuseNewWork: () => void;
}

/** A stop after the step is taken back. */
const goesOn = { stops_after_step: undefined };

/** How long an answer waits for a disk that takes nothing. A cancel reaches the work at once all the same. */
const longestAnswerMs = 2000;

/** Of many tasks that stand in the way an error names so many. */
const mostNamed = 10;

export class Control {
  readonly #deps: ControlDeps;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
  }

  async cancel(entry: Entry): Promise<void> {
    const { scheduler, runner } = this.#deps;
    const { status } = entry.stored.record;
    // One that is being stopped for its time is tried again unless its owner cancels it, too.
    if (status === "cancelling") return entry.attempt?.cancel("user");
    if (hasEnded(status)) throw wrongState(entry, "be cancelled", "pending, running, paused or interrupted");
    if (!entry.attempt && !scheduler.isHolding(entry.id))
      return this.#inTurn(entry, () => this.#cancelWaiting(entry));
    await this.#within(runner.cancel(entry), "the cancel is under way but not yet on the disk.", () => true);
  }

  /** Lets it go on to its next checkpoint, and cancels it there; at once where no step is under way. */
  async stopAfterStep(entry: Entry): Promise<void> {
    const { attempt } = entry;
    const { status } = entry.stored.record;
    if (!attempt || attempt.reason !== null || (status !== "running" && status !== "pausing"))
      return this.cancel(entry);
    attempt.stopAfterStep();
    const written = markStopping(entry, this.#deps.changes);
    await this.#within(written, "the stop is under way but not yet on the disk.", () => true);
  }

  /** In an emergency: told before this returns, never refused, and written whenever the disk takes it. */
  async stop(entry: Entry, reason: Unwanted = "user"): Promise<void> {
    const { scheduler, runner } = this.#deps;
    if (entry.attempt || scheduler.isHolding(entry.id))
      await Promise.allSettled([runner.cancel(entry, reason)]);
    await entry.serially(async () => {
      if (entry.stored.record.status !== "pending" || !this.#deps.board.has(entry)) return;
      this.#deps.withdraw(entry);
      const unwanted: Draft = (task, now) =>
        cancelled(amend(task, now, { memo: { cancel_reason: reason } }), now);
      await this.#deps.changes.insist(entry, unwanted, { type: "task_cancelled" });
    });
  }

  pause(entry: Entry): Promise<void> {
    return this.#inTurn(entry, async () => {
      const { status } = entry.stored.record;
      if (status === "pausing" || status === "paused") return;
      const { attempt } = entry;
      if (status !== "running" || !attempt || attempt.reason !== null)
        throw wrongState(entry, "be paused", "running");
      const pausing: Draft = (task, now) => transition(task, "pausing", now);
      await this.#deps.changes.ask(entry, pausing, { type: "task_pausing", stops_after_step: false });
      attempt.pause();
    });
  }

  resume(entry: Entry): Promise<void> {
    return this.#inTurn(entry, async () => {
      const { status } = entry.stored.record;
      if (entry.stored.record.question !== null) throw new RuntimeError("QUESTION_OPEN", { id: entry.id });
      if (status === "paused" || status === "pausing") return this.#goOn(entry);
      if (status !== "interrupted" && status !== "failed" && status !== "cancelled")
        throw wrongState(entry, "be resumed", "pausing, paused, interrupted, failed or cancelled");
      this.#refuseUntrusted(entry.stored);
      await this.#requeue(entry, true);
    });
  }

  restart(entry: Entry): Promise<void> {
    return this.#inTurn(entry, async () => {
      const { status } = entry.stored.record;
      if (status !== "failed" && status !== "cancelled" && status !== "interrupted")
        throw wrongState(entry, "be restarted", "failed, cancelled or interrupted");
      this.#typeOf(entry.stored);
      await this.#requeue(entry, false);
    });
  }

  /** As if the task had reported it. @throws WRONG_STATE */
  reportFor(entry: Entry, update: ProgressUpdate): void {
    if (!entry.progress) throw wrongState(entry, "report progress", "running, pausing, paused or cancelling");
    entry.progress.report(update);
  }

  change(entry: Entry, { parameters, not_before, delay_seconds, ...fields }: ChangeRequest): Promise<void> {
    return this.#inTurn(entry, async () => {
      if (entry.stored.record.status !== "pending") throw wrongState(entry, "be changed", "pending");
      const given = parameters === undefined ? {} : await this.#checked(entry.stored, parameters);
      const due = dueOf({ not_before, delay_seconds }, this.#deps.clock.now());
      if (!this.#deps.withdraw(entry)) throw wrongState(entry, "be changed", "pending");
      await this.#whileWithdrawn(entry, (task, now) =>
        amend(task, now, { record: { ...fields, ...given.record }, memo: { ...due, ...given.memo } }),
      );
    });
  }

  remove(entry: Entry): Promise<void> {
    return this.#inTurn(entry, async () => {
      const { status } = entry.stored.record;
      if (!hasEnded(status) && status !== "interrupted")
        throw wrongState(entry, "be removed", "completed, failed, cancelled or interrupted");
      this.#refuseNeeded(entry);
      await this.#deps.changes.forget([entry]);
    });
  }

  async #cancelWaiting(entry: Entry): Promise<void> {
    const { status } = entry.stored.record;
    if (status === "cancelled") return;
    if (hasEnded(status)) throw wrongState(entry, "be cancelled", "pending, running, paused or interrupted");
    this.#deps.withdraw(entry);
    await this.#whileWithdrawn(entry, cancelled, "task_cancelled");
  }

  /** Out of the queue while the disk is asked; back at its turn if it still waits. */
  async #whileWithdrawn(entry: Entry, draft: Draft, type?: "task_cancelled"): Promise<void> {
    try {
      await this.#deps.changes.ask(entry, draft, type && { type });
    } finally {
      const { scheduler, enqueue } = this.#deps;
      if (entry.stored.record.status === "pending" && !scheduler.isHolding(entry.id)) enqueue(entry);
      scheduler.tick();
    }
  }

  /** At its turn among the changes of this task; given up when the disk keeps an earlier one waiting. */
  async #inTurn(entry: Entry, work: () => Promise<void>): Promise<void> {
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

  async #goOn(entry: Entry): Promise<void> {
    const running: Draft = (task, now) => transition(task, "running", now, { memo: goesOn });
    await this.#deps.changes.ask(entry, running, { type: "task_resumed" });
    entry.attempt?.resume();
  }

  async #requeue(entry: Entry, continues: boolean): Promise<void> {
    this.#deps.refuseNewWork();
    const order = this.#deps.nextOrder();
    await this.#deps.changes.ask(entry, (task, now) =>
      requeued(task, now, order, continues, {
        failures: undefined,
        // Whoever runs it again wants it for itself.
        wishes: withoutParent(entry.stored.memo.wishes),
        ...(isParked(entry) && { crashes: undefined }),
      }),
    );
    entry.queuedAt = this.#deps.clock.now();
    this.#deps.changes.tell(entry, scheduled(entry.stored));
    this.#deps.enqueue(entry);
    this.#deps.reopened(entry);
    this.#deps.scheduler.tick();
  }

  #refuseNeeded({ id }: Entry): void {
    const { dependants } = this.#deps.board;
    if (!dependants.isNeeded(id)) return;
    const ids = Array.from(dependants.of(id), (dependant) => dependant.id);
    throw new RuntimeError("TASK_NEEDED", { id, dependants: ids.slice(0, mostNamed) });
  }

  /** New parameters, and what a task with them claims. */
  async #checked(task: StoredTask, given: Readonly<Record<string, unknown>>): Promise<Change> {
    const type = this.#typeOf(task);
    const parameters = validParameters(type, given);
    this.#deps.demands.check(type, parameters);
    return { record: { parameters }, memo: await claimsFor(type, parameters) };
  }

  #refuseUntrusted(task: StoredTask): void {
    const { record, memo } = task;
    if (!memo.checkpoint) throw new RuntimeError("NO_CHECKPOINT", { id: record.id });
    if (memo.checkpoint.hash !== this.#typeOf(task).source.hash)
      throw new RuntimeError("CHECKPOINT_OUTDATED", { id: record.id, task: record.task });
  }

  #typeOf({ record }: StoredTask): TaskType {
    const type = this.#deps.types.get(record.task);
    if (!type) throw new RuntimeError("TASK_TYPE_GONE", { task: record.task });
    return type;
  }
}

/** Its owner decided that it may run again. */
const isParked = ({ stored }: Entry): boolean => stored.record.failure?.code === "PARKED";

function withoutParent({ parent: _, ...wishes }: Wishes = {}): Wishes | undefined {
  return Object.keys(wishes).length > 0 ? wishes : undefined;
}

function wrongState(entry: Entry, verb: string, allowed: string): RuntimeError {
  const { id, status } = entry.stored.record;
  const hint = {
    completed: " POST /tasks with the same body runs it again as a new task.",
    failed: ` POST /tasks/${id}/restart runs it again.`,
    cancelled: ` POST /tasks/${id}/restart runs it again.`,
  }[status as string];
  return new RuntimeError("WRONG_STATE", {
    id,
    status,
    verb,
    allowed: allowed.split(/, | or /),
    hint: hint ?? "",
  });
}
