// What an owner may do with a task that is there: pause, resume, restart, change, remove. How it is cancelled says
// cancellation.ts.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ProgressUpdate } from "../../task/progress.ts";
import type { StoredTask, Wishes } from "../../task/record.ts";
import type { Runner } from "../attempt/runner.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import { type Changes, type Draft, scheduled } from "../changes.ts";
import { validParameters } from "../intake/submission.ts";
import type { Demands } from "../machine/demands.ts";
import type { TaskType, TaskTypes } from "../ports.ts";
import { claimsFor } from "../queue/claims.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import type { ChangeRequest } from "../requests.ts";
import { amend, type Change, requeued, transition } from "../transition.ts";
import { dueOf } from "../triggers/due.ts";
import type { WaitingRoom } from "../triggers/waiting-room.ts";
import { Cancellation } from "./cancellation.ts";
import { Patience } from "./patience.ts";
import { Withdrawal } from "./withdrawal.ts";
import { wrongState } from "./wrong-state.ts";

export interface ControlDeps {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly board: Board;
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  readonly waitingRoom: WaitingRoom;
  readonly runner: Runner;
  readonly demands: Demands;
  readonly nextOrder: () => number;
  readonly enqueue: (entry: Entry) => void;
  /** Its owner lets it run again; others may depend on it. */
  readonly reopened: (entry: Entry) => void;
  /** @throws BUSY, SHUTTING_DOWN */
  readonly refuseNewWork: () => void;
}

/** A stop after the step is taken back. */
const goesOn = { stops_after_step: undefined };

/** Of many tasks that stand in the way an error names so many. */
const mostNamed = 10;

export class Control {
  readonly #deps: ControlDeps;
  readonly #patience: Patience;
  readonly #withdrawal: Withdrawal;
  readonly cancellation: Cancellation;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
    this.#patience = new Patience(deps);
    this.#withdrawal = new Withdrawal(deps);
    const patience = this.#patience;
    const withdrawal = this.#withdrawal;
    this.cancellation = new Cancellation({ ...deps, patience, withdrawal });
  }

  pause(entry: Entry): Promise<void> {
    return this.#patience.inTurn(entry, async () => {
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
    return this.#patience.inTurn(entry, async () => {
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
    return this.#patience.inTurn(entry, async () => {
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
    return this.#patience.inTurn(entry, async () => {
      if (entry.stored.record.status !== "pending") throw wrongState(entry, "be changed", "pending");
      const given = parameters === undefined ? {} : await this.#checked(entry.stored, parameters);
      const due = dueOf({ not_before, delay_seconds }, this.#deps.clock.now());
      if (!this.#withdrawal.take(entry)) throw wrongState(entry, "be changed", "pending");
      await this.#withdrawal.ask(entry, (task, now) =>
        amend(task, now, { record: { ...fields, ...given.record }, memo: { ...due, ...given.memo } }),
      );
    });
  }

  remove(entry: Entry): Promise<void> {
    return this.#patience.inTurn(entry, async () => {
      if (!entry.isSettled)
        throw wrongState(entry, "be removed", "completed, failed, cancelled or interrupted");
      this.#refuseNeeded(entry);
      await this.#deps.changes.forget([entry]);
    });
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
