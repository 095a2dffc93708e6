// Keeper of the threads: Piscina, and what it does not tell: when a thread that was ended is really gone.
import { fileURLToPath } from "node:url";
import type { ResourceLimits } from "node:worker_threads";
import type { Piscina } from "piscina";
import { beginningOf } from "../../lib/joined/joined.mjs";
import type { Assignment } from "./executor.ts";

/** How long an idle thread stays warm, in milliseconds; it costs about 40 MB. */
const idleMs = 60_000;

export interface ThreadsOptions {
  /** At most this many; they are started when they are needed. */
  readonly count: number;
  readonly resourceLimits?: ResourceLimits;
  /** Told what goes wrong in a thread that has no task. */
  readonly onError: (error: unknown) => void;
}

/** A thread on its way to, or at, one assignment. */
export interface Hold {
  /** Resolves when the thread is free again. Rejects when it could not finish: then it is gone, or going. */
  readonly released: Promise<void>;
  /** Ends the thread. Resolves when it is gone. */
  kill(): Promise<void>;
}

export class Threads {
  readonly #options: ThreadsOptions;
  readonly #exits = new Map<number, Promise<unknown>>();
  #pool: Promise<Piscina<Assignment, void>> | null = null;
  #holds = 0;
  #retired = false;

  constructor(options: ThreadsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#options.count;
  }

  /** Never more at once than `count`: waiting is the scheduler's business. */
  assign(assignment: Assignment): Hold {
    const killed = new AbortController();
    this.#holds++;
    this.#pool ??= this.#open();
    const opened = this.#pool;
    const released = opened
      .then((pool) =>
        pool.run(assignment, {
          transferList: [assignment.port],
          signal: killed.signal,
        }),
      )
      .finally(() => {
        this.#holds--;
        if (this.#retired) return this.#destroy();
      });
    return {
      released,
      kill: async () => {
        const pool = await opened;
        const before = pool.threads;
        killed.abort();
        const ended = before.filter((thread) => !pool.threads.includes(thread));
        await Promise.all(ended.map((thread) => this.gone(thread.threadId)));
      },
    };
  }

  /** Resolves when there is no thread with this id (any more). */
  async gone(id: number): Promise<void> {
    await this.#exits.get(id);
  }

  /** Lets the threads go that are free now, and the others when they have done. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.#destroy();
  }

  async #destroy(): Promise<void> {
    if (this.#holds > 0 || !this.#pool) return;
    await (await this.#pool).destroy();
  }

  /** Piscina is loaded here, with the first blocking task. */
  async #open(): Promise<Piscina<Assignment, void>> {
    const { Piscina } = await import("piscina");
    const pool = new Piscina<Assignment, void>({
      filename: fileURLToPath(await beginningOf(new URL("./entry.mjs", import.meta.url))),
      minThreads: 0,
      maxThreads: this.#options.count,
      concurrentTasksPerWorker: 1,
      atomics: "disabled",
      idleTimeout: idleMs,
      recordTiming: false,
      execArgv: [],
      ...(this.#options.resourceLimits && { resourceLimits: this.#options.resourceLimits }),
    });
    pool.on("error", this.#options.onError);
    // What the executor says outside of any assignment.
    pool.on("message", this.#options.onError);
    pool.on("workerCreate", ({ id }: { id: number }) => {
      const worker = pool.threads.find((thread) => thread.threadId === id);
      if (!worker) return;
      const exit = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
      this.#exits.set(
        id,
        exit.then(() => this.#exits.delete(id)),
      );
    });
    return pool;
  }
}
