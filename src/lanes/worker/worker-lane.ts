// The lane of blocking tasks: a pool of threads. A thread contains a busy loop and process.exit; memory and native code
// it does not contain, those belong to the isolated lane.
import type { ResourceLimits } from "node:worker_threads";
import type { Lane, LaneRun, Work, WorkEvents } from "../../engine/ports.ts";
import type { Logger } from "../../lib/logger.ts";
import { type Places, startOf } from "../start.ts";
import { WorkerAttempt } from "./attempt.ts";
import { Threads } from "./threads.ts";

export interface WorkerLaneOptions extends Places {
  /** How many at once; a change applies to later starts. */
  readonly workers: () => number;
  readonly log: Logger;
  /** What a thread may use of memory; the default is Node's. */
  readonly resourceLimits?: ResourceLimits;
}

export class WorkerLane implements Lane {
  readonly #options: WorkerLaneOptions;
  readonly #running = new Map<LaneRun, Promise<unknown>>();
  #threads: Threads | null = null;

  constructor(options: WorkerLaneOptions) {
    this.#options = options;
  }

  /** How many tasks hold a thread. */
  busy(): number {
    return this.#running.size;
  }

  /** @throws Error when every thread has a task: waiting is the scheduler's business */
  start(work: Work, events: WorkEvents): LaneRun {
    const count = this.#options.workers();
    if (this.busy() >= count) throw new Error(`all ${count} workers have a task already`);
    const attempt = new WorkerAttempt(work, events, startOf(work, this.#options));
    const ended = attempt.run(this.#threadsFor(count));
    const run = attempt.handle(ended);
    this.#running.set(run, ended);
    void ended.then((ending) => {
      this.#running.delete(run);
      if (ending.how === "threw" && !ending.cancelled)
        this.#options.log.info(
          { task_id: work.taskId, code: ending.failure.code, stack: attempt.stack },
          "the task threw",
        );
    });
    return run;
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const run of this.#running.keys()) run.kill?.();
    await Promise.all(this.#running.values());
    await this.#threads?.retire();
    this.#threads = null;
  }

  #threadsFor(count: number): Threads {
    if (this.#threads?.count === count) return this.#threads;
    const { log, resourceLimits } = this.#options;
    void this.#threads?.retire();
    this.#threads = new Threads({
      count,
      onError: (error) => log.warn({ problem: String(error) }, "a worker without a task failed"),
      ...(resourceLimits && { resourceLimits }),
    });
    return this.#threads;
  }
}
