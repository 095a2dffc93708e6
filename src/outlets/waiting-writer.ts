// Writes down what waits to be told, so that it is told after a restart too.
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import type { Logger } from "../lib/logger.ts";

export interface WaitingWriterOptions<T> {
  readonly clock: Clock;
  readonly log: Logger;
  readonly document: { update(change: () => T): Promise<unknown> };
  /** What waits at that moment. */
  readonly waiting: () => T;
  /** As in "webhooks". */
  readonly what: string;
  readonly betweenWritesMs: number;
}

const afterRefusalMs = 2000;

/** Writes down what waits: soon, and not at every change. */
export class WaitingWriter<T> {
  readonly #options: WaitingWriterOptions<T>;
  #isDirty = false;
  #writing: Promise<void> | null = null;
  #pause: { readonly timer: Timer; readonly end: () => void } | null = null;
  #isClosed = false;

  constructor(options: WaitingWriterOptions<T>) {
    this.#options = options;
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pause?.timer.cancel();
    this.#pause?.end();
    await this.#writing;
  }

  /** Soon on the disk, however much changes meanwhile. */
  note(): void {
    this.#isDirty = true;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  async #write(): Promise<void> {
    await null; // what is told in the same breath goes along
    while (this.#isDirty && !this.#isClosed) {
      this.#isDirty = false;
      let pauseMs = this.#options.betweenWritesMs;
      try {
        await this.#options.document.update(this.#options.waiting);
      } catch (error) {
        const { log, what } = this.#options;
        log.warn({ problem: sentenceOf(error) }, `waiting ${what} are not yet on the disk`);
        this.#isDirty = true;
        pauseMs = afterRefusalMs;
      }
      const pause = deferred();
      const timer = this.#options.clock.after(pauseMs, () => pause.resolve());
      this.#pause = { timer, end: () => pause.resolve() };
      await pause.promise;
    }
  }
}
