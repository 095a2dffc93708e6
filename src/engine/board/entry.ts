// One task in memory: its latest durable record, and what is going on with it right now.
import { type Deferred, deferred } from "../../lib/deferred.ts";
import { isSettled } from "../../task/lifecycle.ts";
import type { StoredTask } from "../../task/record.ts";
import type { CancelReason } from "../../task/steering.ts";
import type { Attempt } from "../attempt/attempt.ts";
import type { ProgressReporter } from "../attempt/progress-reporter.ts";

const idle = Promise.resolve();

/** Why nobody wants it any more: somebody cancelled it, or what it was part of has ended. */
export type Unwanted = Extract<CancelReason, "user" | "dependency">;

export class Entry {
  /** As the disk has it. Replaced only by the board. */
  stored: StoredTask;
  /** Grows with every task ever created: the order of lists. */
  readonly created: number;
  /** Grows with every end: the order of the history. 0 while it lives. */
  finished = 0;
  /** Milliseconds; when it came into the queue the last time. */
  queuedAt: number;
  attempt: Attempt | null = null;
  progress: ProgressReporter | null = null;
  partialResult: unknown = null;
  /** A cancel that came while `started` was on its way to the disk: its reason. */
  cancelledWhileStarting: Unwanted | null = null;
  // Made when somebody asks: thousands of tasks are kept, and most never need them.
  #waiters: Set<Deferred<void>> | null = null;
  #toldToStop: Deferred<void> | null = null;
  #isToldToStop = false;
  #tail: Promise<unknown> = idle;

  constructor(stored: StoredTask, created: number, queuedAt: number) {
    this.stored = stored;
    this.created = created;
    this.queuedAt = queuedAt;
  }

  get id(): string {
    return this.stored.record.id;
  }

  /** It has ended, or waits for its owner. */
  get isSettled(): boolean {
    return isSettled(this.stored.record.status);
  }

  /** Changes of one task follow each other, so that each sees what the one before has written. */
  serially<T>(work: () => T | Promise<T>): Promise<T> {
    const next = this.#tail.then(work, work);
    this.#tail = next;
    return next;
  }

  /** An attempt begins: what was told to the one before does not count. */
  begin(): void {
    this.partialResult = null;
    this.#toldToStop = null;
    this.#isToldToStop = false;
  }

  /** Resolves when the attempt is told to stop. */
  get toldToStop(): Promise<void> {
    this.#toldToStop ??= deferred();
    if (this.#isToldToStop) this.#toldToStop.resolve();
    return this.#toldToStop.promise;
  }

  tellToStop(): void {
    this.#isToldToStop = true;
    this.#toldToStop?.resolve();
  }

  get waiters(): Set<Deferred<void>> {
    this.#waiters ??= new Set();
    return this.#waiters;
  }

  wakeWaiters(): void {
    if (!this.#waiters) return;
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters = null;
  }
}
