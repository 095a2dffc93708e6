// Keeper of the children: one for each attempt, and perhaps one that waits, warm, for the next.
import type { Clock, Timer } from "../../lib/clock.ts";
import { type Child, type ChildOptions, startChild } from "../../lib/processes/child.ts";
import type { ProcessNotes } from "../../lib/processes/notes.ts";

export interface ProcessesOptions {
  /** Opens its channel and waits for a start. */
  readonly entry: URL;
  readonly env: NodeJS.ProcessEnv;
  /** How many wait for the next attempt: 0 or 1. */
  readonly warm: () => number;
  readonly notes: ProcessNotes;
  readonly clock: Clock;
}

/** A child that has no attempt yet. */
export interface Prepared {
  readonly child: Child;
  /** Who has the attempt hears it from here on. */
  listen(listeners: Listeners): void;
}

type Listeners = Pick<ChildOptions, "onMessage" | "onLine">;

interface Warm {
  readonly heapMb: number | null;
  readonly prepared: Promise<Prepared>;
  readonly tooLong: Timer;
}

/** How long one waits for an attempt that does not come, in milliseconds; it costs memory. */
const idleMs = 600_000;

export class Processes {
  readonly #options: ProcessesOptions;
  readonly #ending = new Set<Promise<unknown>>();
  #warm: Warm | null = null;
  #isClosed = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** @throws Error where the system refuses another process */
  take(heapMb: number | null): Promise<Prepared> {
    const warm = this.#warm;
    if (warm?.heapMb !== heapMb) return this.#start(heapMb);
    warm.tooLong.cancel();
    this.#warm = null;
    // One that could not be started is no reason for the attempt to fail.
    return warm.prepared.catch(() => this.#start(heapMb));
  }

  /** To be called once an attempt has begun, so that its start is not slowed down: the next will want the same. */
  prepare(heapMb: number | null): void {
    if (this.#isClosed) return;
    if (this.#warm?.heapMb === heapMb && this.#options.warm() > 0) return;
    this.#letGo();
    if (this.#options.warm() === 0) return;
    const prepared = this.#start(heapMb);
    const tooLong = this.#options.clock.after(idleMs, () => this.#letGo());
    const warm = { heapMb, prepared, tooLong };
    this.#warm = warm;
    const forget = (): void => {
      if (this.#warm === warm) this.#warm = null;
    };
    prepared.then(({ child }) => child.ended).then(forget, forget);
  }

  /** Ends the one that waits. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#letGo();
    await Promise.all(this.#ending);
  }

  #letGo(): void {
    const warm = this.#warm;
    if (!warm) return;
    this.#warm = null;
    warm.tooLong.cancel();
    const gone = warm.prepared
      .then(({ child }) => {
        child.kill();
        return child.ended;
      })
      .catch(() => undefined)
      .finally(() => this.#ending.delete(gone));
    this.#ending.add(gone);
  }

  async #start(heapMb: number | null): Promise<Prepared> {
    const { entry, env, notes } = this.#options;
    let listeners: Listeners = { onMessage: () => undefined };
    const child = await startChild({
      entry,
      heapMb,
      env,
      onMessage: (message) => listeners.onMessage(message),
      onLine: (line, stream) => listeners.onLine?.(line, stream),
    });
    notes.write(child);
    void child.ended.then(() => notes.remove(child));
    return {
      child,
      listen: (others) => {
        listeners = others;
      },
    };
  }
}
