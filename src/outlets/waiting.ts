// The webhooks that wait, on the disk: sent after a restart too.
import { z } from "zod";
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import type { Logger } from "../lib/logger.ts";
import type { Delivery } from "./delivery-queue.ts";

/** What is on the disk. */
export interface WaitingHooks {
  /** Whatever happened before is among the waiting, or settled. Null before the first time. */
  readonly as_of: string | null;
  /** False while a runtime uses it: then something may have happened since. */
  readonly is_whole: boolean;
  readonly waiting: readonly Delivery[];
}

export const noneWaiting: WaitingHooks = { as_of: null, is_whole: true, waiting: [] };

export const waitingSchema: z.ZodType<WaitingHooks> = z.object({
  as_of: z.iso.datetime().nullable(),
  is_whole: z.boolean(),
  waiting: z.array(
    z.object({
      id: z.string(),
      url: z.url(),
      from: z.enum(["settings", "submit"]),
      type: z.string(),
      task_id: z.string().nullable(),
      timestamp: z.iso.datetime(),
      fields: z.record(z.string(), z.unknown()).nullable(),
      attempts: z.int().min(0),
      not_before: z.iso.datetime().nullable(),
    }),
  ),
});

export interface WaitingDocument {
  readonly data: WaitingHooks;
  update(change: () => WaitingHooks): Promise<unknown>;
}

export interface WaitingWriterOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly document: WaitingDocument;
  /** What waits at that moment. */
  readonly waiting: () => WaitingHooks;
}

const betweenWritesMs = 100;
const afterRefusalMs = 2000;

/** Writes down what waits: soon, and not at every change. */
export class WaitingWriter {
  readonly #options: WaitingWriterOptions;
  #isDirty = false;
  #writing: Promise<void> | null = null;
  #pause: { readonly timer: Timer; readonly end: () => void } | null = null;
  #isClosed = false;

  constructor(options: WaitingWriterOptions) {
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
      let pauseMs = betweenWritesMs;
      try {
        await this.#options.document.update(this.#options.waiting);
      } catch (error) {
        this.#options.log.warn({ problem: sentenceOf(error) }, "waiting webhooks are not yet on the disk");
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
