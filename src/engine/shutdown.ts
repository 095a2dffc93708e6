// The end of the engine: first it takes nothing new, then nothing starts or runs any more, and retention has the last word.
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import { inTime } from "../lib/in-time.ts";
import type { Logger } from "../lib/logger.ts";
import type { TaskLogs } from "./attempt/logs.ts";
import type { Runner } from "./attempt/runner.ts";
import type { Board } from "./board/board.ts";
import type { Entry } from "./board/entry.ts";
import type { Retention } from "./board/retention.ts";
import type { Waiters } from "./board/waiters.ts";
import type { Limits } from "./ports.ts";
import type { Scheduler } from "./queue/scheduler.ts";
import type { DrainOptions } from "./requests.ts";
import type { Delays } from "./triggers/delays.ts";
import { waitsForOwner } from "./triggers/dependencies.ts";

export interface ShutdownDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: () => Limits;
  readonly board: Board;
  readonly waiters: Waiters;
  readonly delays: Delays;
  readonly scheduler: Scheduler;
  readonly runner: Runner;
  readonly logs: TaskLogs;
  readonly retention: Retention;
}

export class Shutdown {
  readonly #deps: ShutdownDeps;
  #isDraining = false;
  #closing: Promise<void> | null = null;

  constructor(deps: ShutdownDeps) {
    this.#deps = deps;
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** What would bring new work is refused. */
  get takesNothing(): boolean {
    return this.isClosing || this.#isDraining;
  }

  /** @throws SHUTTING_DOWN */
  refuseNewWork(): void {
    if (this.takesNothing) throw new RuntimeError("SHUTTING_DOWN");
  }

  /** Takes nothing new; resolves when everything that was accepted has ended or waits for its owner. */
  async drained({ timeoutSeconds }: DrainOptions = {}): Promise<void> {
    this.#isDraining = true;
    const longestMs = timeoutSeconds === undefined ? null : timeoutSeconds * 1000;
    await inTime(this.#allEnded(), longestMs, this.#deps.clock);
  }

  /** Tasks under way may still submit others. */
  async #allEnded(): Promise<void> {
    const { board, waiters } = this.#deps;
    for (;;) {
      const live = [...board.live].filter((entry) => this.#isExpectedToEnd(entry));
      if (live.length === 0 || waiters.isClosed) return;
      await Promise.all(live.map((entry) => waiters.untilEnded(entry)));
    }
  }

  #isExpectedToEnd({ stored: { record } }: Entry): boolean {
    if (record.status === "interrupted") return false;
    const { board } = this.#deps;
    return record.depends_on.length === 0 || !waitsForOwner(record, (id) => board.recordOf(id));
  }

  /** Running tasks are told, get their grace, and are stored as interrupted; then retention is applied. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { delays, scheduler, runner, logs, retention, waiters } = this.#deps;
    delays.close();
    scheduler.close();
    await runner.close();
    await logs.close();
    retention.close();
    waiters.close();
    try {
      if (this.#deps.limits().clearHistoryOnShutdown) await retention.cleanup({});
      else await retention.apply();
    } catch (error) {
      this.#deps.log.warn({ err: error }, "old tasks could not be forgotten");
    }
  }
}
