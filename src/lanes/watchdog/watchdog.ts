// Watches the event loop of this process: a pulse in the loop, a thread that listens to it. While the loop is blocked
// the thread logs who runs and where; as soon as it turns again it is reported.
import { Worker } from "node:worker_threads";
import { isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { layout, type RunningTask, SharedNotes } from "./shared-notes.ts";

export interface LoopBlock {
  readonly blocked_ms: number;
  /** ISO; when it turned again. */
  readonly at: string;
  /** The async tasks that ran, or began meanwhile: one of them it was, unless it was the runtime. */
  readonly running: readonly RunningTask[];
  /** `function (file)`, or null where it was not found: in native code, or over too soon. */
  readonly where: string | null;
}

export interface WatchdogOptions {
  /** From this delay on the loop counts as blocked. */
  readonly thresholdMs: number;
  readonly log: Logger;
  /** Whether the thread may log a warning just now. */
  readonly isLogged: () => boolean;
  /** Those that run in the loop just now. */
  readonly running: () => Iterable<RunningTask>;
  readonly onBlocked: (block: LoopBlock) => void;
}

const pulseMs = 200;
/** A block stays in the readiness for this long. */
const worthAWordMs = 300_000;

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #notes = new SharedNotes();
  readonly #pulse: NodeJS.Timeout;
  /** From the first task on: a thread is a tenth of the memory of a runtime at rest. */
  #thread: Worker | null = null;
  #isClosed = false;
  #last: LoopBlock | null = null;
  #pulsedAt = performance.now();

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#pulse = setInterval(() => this.#beat(), pulseMs).unref();
  }

  /** A task begins in the loop. Cheap: every task comes by. */
  started(taskId: string, task: string): void {
    this.#notes.note(taskId, task);
    if (!this.#thread && !this.#isClosed) this.#thread = this.#startThread();
  }

  /** The last time it was blocked, for a while. */
  get recent(): LoopBlock | null {
    return this.#last && Date.now() - Date.parse(this.#last.at) < worthAWordMs ? this.#last : null;
  }

  /** Twice without harm. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#pulse);
    await this.#thread?.terminate();
    this.#thread = null;
  }

  #beat(): void {
    const now = performance.now();
    const lateMs = now - this.#pulsedAt - pulseMs;
    this.#pulsedAt = now;
    if (lateMs >= this.#options.thresholdMs) this.#report(lateMs);
    if (this.#notes.count > 0) {
      this.#notes.clear();
      for (const { task_id, task } of this.#options.running()) this.#notes.note(task_id, task);
    }
    this.#notes.pulse(this.#options.isLogged());
  }

  #report(lateMs: number): void {
    const block: LoopBlock = {
      blocked_ms: Math.round(lateMs),
      at: isoTime(Date.now()),
      running: this.#notes.running(),
      where: this.#notes.where(),
    };
    this.#last = block;
    this.#options.log.warn({ ...block }, "the event loop was blocked");
    this.#options.onBlocked(block);
  }

  #startThread(): Worker {
    const { thresholdMs, log } = this.#options;
    const thread = new Worker(new URL("./thread.mjs", import.meta.url), {
      workerData: {
        memory: this.#notes.memory,
        layout,
        thresholdMs,
        isReadable: process.stderr.isTTY === true,
      },
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    });
    thread.unref();
    thread.once("error", (error) => log.warn({ err: error }, "nobody watches the event loop any more"));
    return thread;
  }
}
