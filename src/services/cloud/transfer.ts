// Work on bytes that can be held, begun anew, and broken off, and that says how far it is. Knows no network.
import type { Clock } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import type { CloudTransfer } from "../../task/cloud.ts";

/** How the work says how far it is; each call replaces what was said before. */
export interface Counting {
  bytes: number;
  totalBytes: number | null;
}

/** Ends soon after its signal is aborted, and may then be called again. */
export type Work = (signal: AbortSignal, count: Counting) => Promise<void>;

/** Why a run of the work ends that somebody has held or broken off. */
const held = new Error("The transfer is held.");
const aborted = new Error("The transfer was broken off.");

export class Transfer implements CloudTransfer {
  readonly #clock: Clock;
  readonly #count: Counting;
  readonly #ended: Promise<void>;
  #isOver = false;
  #run = new AbortController();
  #hold: { readonly still: Deferred<void>; readonly goesOn: Deferred<void> } | null = null;

  /** It begins at once. @param totalBytes where it is known already */
  constructor(clock: Clock, totalBytes: number | null, work: Work) {
    this.#clock = clock;
    this.#count = { bytes: 0, totalBytes };
    this.#ended = this.#work(work).finally(() => {
      this.#isOver = true;
    });
    // Whoever looks at it first and awaits it later has not let it go.
    this.#ended.catch(() => undefined);
  }

  get bytes(): number {
    return this.#count.bytes;
  }

  get totalBytes(): number | null {
    return this.#count.totalBytes;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async glance(ms: number): Promise<void> {
    const due = deferred();
    const timer = this.#clock.after(ms, () => due.resolve());
    await Promise.race([due.promise, this.#settled()]);
    timer.cancel();
  }

  async hold(): Promise<void> {
    this.#hold ??= { still: deferred(), goesOn: deferred() };
    this.#run.abort(held);
    await Promise.race([this.#hold.still.promise, this.#settled()]);
  }

  async goOn(): Promise<void> {
    if (!this.#hold || this.#run.signal.reason === aborted) return;
    this.#run = new AbortController();
    this.#hold.goesOn.resolve();
    this.#hold = null;
  }

  finish(): Promise<void> {
    return this.#ended;
  }

  async abort(): Promise<void> {
    if (this.#run.signal.reason === held) this.#run = new AbortController();
    this.#run.abort(aborted);
    this.#hold?.goesOn.resolve();
    await this.#settled();
  }

  async #work(work: Work): Promise<void> {
    for (;;) {
      const { signal } = this.#run;
      try {
        signal.throwIfAborted();
        return await work(signal, this.#count);
      } catch (error) {
        // What ends while it is held ends because it is held, whatever it says.
        if (signal.reason !== held) throw signal.aborted ? signal.reason : error;
        this.#count.bytes = 0;
        this.#hold?.still.resolve();
        await this.#hold?.goesOn.promise;
      }
    }
  }

  #settled(): Promise<void> {
    return this.#ended.catch(() => undefined);
  }
}
