// Keeps the queue and the holds, and says who starts. It never asks which lane executes.
import { type Clock, isoTime, type Timer } from "../lib/clock.ts";
import type { Blocker } from "../task/record.ts";
import { admit, type Because, type Needs, needsOf } from "./admission.ts";
import { Holds } from "./holds.ts";
import type { Limits, QueuePause, TaskTypes } from "./ports.ts";
import { Queue, type Waiting } from "./queue.ts";
import { blockersOf } from "./queue-pauses.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly limits: () => Limits;
  /** Called for each task that may start; its holds are taken already. */
  readonly start: (id: string) => void;
}

const holdOffMs = 250;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #queue = new Queue();
  readonly #holds = new Holds();
  readonly #since = new Map<string, number>();
  /** Nothing starts before `setPause` has been called the first time. */
  #pause: QueuePause | null | undefined;
  #closed = false;
  #holdOff: Timer | null = null;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get running(): number {
    return this.#holds.size;
  }

  get busyWorkers(): number {
    return this.#holds.blocking;
  }

  setPause(pause: QueuePause | null): void {
    this.#pause = pause;
    this.tick();
  }

  /** Nothing starts any more. */
  close(): void {
    this.#closed = true;
    this.#holdOff?.cancel();
  }

  add(ticket: Waiting, taskName: string): void {
    const type = this.#options.types.get(taskName);
    this.#queue.add(ticket, type ? needsOf(type.policy) : null);
  }

  /** Takes a waiting task out; null where it does not wait (any more). */
  withdraw(id: string): Waiting | null {
    return this.#queue.delete(id);
  }

  /** Whether it is under way: on its way to a start, running, or not yet really ended. */
  isHolding(id: string): boolean {
    return this.#since.has(id);
  }

  inOrder(): Waiting[] {
    return this.#queue.inOrder();
  }

  /** The work has really ended: what it held is free, and those who waited for it start now, before anybody else. */
  release(id: string): void {
    this.#holds.release(id);
    this.#since.delete(id);
    this.tick();
  }

  /** The disk refused a start: back to its turn, and nothing starts for a moment. */
  putBack(ticket: Waiting, taskName: string): void {
    this.#holds.release(ticket.id);
    this.#since.delete(ticket.id);
    this.add(ticket, taskName);
    this.#holdOff ??= this.#options.clock.after(holdOffMs, () => {
      this.#holdOff = null;
      this.tick();
    });
  }

  tick(): void {
    if (this.#closed || this.#pause !== null || this.#holdOff !== null || this.#queue.size === 0) return;
    const limits = this.#options.limits();
    const starting: string[] = [];
    this.#queue.offer((ticket, needs, reserved) => {
      if (!admit(needs, this.#holds, reserved, limits).admit) return false;
      this.#hold(ticket.id, needs);
      starting.push(ticket.id);
      return true;
    });
    for (const id of starting) this.#options.start(id);
  }

  /** Why it waits, and its place in the queue; null where it does not wait. */
  standingOf(id: string, queuedAt: number): { blockedBy: Blocker[]; position: number } | null {
    const standing = this.#queue.standingOf(id);
    if (!standing) return null;
    const { needs, reserved, position } = standing;
    const blocker = (because: Because, taskId: string | null, since: number): Blocker => ({
      because,
      task_id: taskId,
      resource: resources[because] ?? null,
      since: isoTime(Math.max(queuedAt, since)),
    });
    if (needs === null) return { blockedBy: [blocker("TASK_TYPE_GONE", null, queuedAt)], position };
    if (this.#pause) return { blockedBy: blockersOf(this.#pause, queuedAt), position };
    const decision = admit(needs, this.#holds, reserved, this.#options.limits());
    if (decision.admit) return { blockedBy: [], position };
    const tasks = decision.because === "tasks_running" ? this.#holds.ids() : [decision.taskId];
    const blockedBy = tasks.map((taskId) =>
      blocker(decision.because, taskId, taskId ? (this.#since.get(taskId) ?? 0) : 0),
    );
    return { blockedBy, position };
  }

  /** Its type came, changed or went: it waits in another line, at the same turn. */
  lineUpAnew(ticket: Waiting, taskName: string): void {
    this.#queue.delete(ticket.id);
    this.add(ticket, taskName);
  }

  #hold(id: string, needs: Needs): void {
    this.#holds.take(id, needs);
    this.#since.set(id, this.#options.clock.now());
  }
}

const resources: Partial<Record<Because, string>> = {
  concurrency_limit: "max_concurrent_tasks",
  workers_busy: "blocking_workers",
};
