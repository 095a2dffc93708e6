// Being told to stop: the reason is thrown exactly once; afterwards waits and devices work, so that `finally` can clean up.
import { getEventListeners } from "node:events";

export class Stop {
  /** What `ctx.signal` is: real, but it notices who looks at it. */
  readonly signal: AbortSignal;
  readonly #signal = new AbortController();
  readonly #devices = new AbortController();
  /** What devices are given once the reason was thrown: clean-up moves are not aborted. */
  readonly #cleanUp = new AbortController();
  readonly #waiting = new Set<() => void>();
  #reason: Error | null = null;
  #thrown = false;
  #seen = false;
  #telling = false;
  /** The reason was read while listeners were told: whoever runs next in this turn of the loop was rejected with it. */
  #passedOn = false;

  constructor() {
    this.signal = this.#watch(this.#signal.signal);
  }

  /** The first reason counts. */
  order(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const wake of [...this.#waiting]) wake();
    this.#devices.abort(reason);
    if (getEventListeners(this.signal, "abort").length > 0 || this.signal.onabort) this.#seen = true;
    this.#telling = true;
    this.#signal.abort(reason);
    this.#telling = false;
    if (this.#passedOn) setImmediate(() => (this.#passedOn = false));
  }

  get isOrdered(): boolean {
    return this.#reason !== null;
  }

  /** The task knows: it looked, it was called, or the reason was thrown. */
  get wasSeen(): boolean {
    return this.#seen;
  }

  get isPending(): boolean {
    if (this.#passedOn) this.#thrown = true;
    return this.#reason !== null && !this.#thrown;
  }

  /** The reason, to be thrown at once. */
  take(): unknown {
    this.#thrown = true;
    this.#seen = true;
    return this.#reason;
  }

  throwIfPending(): void {
    if (this.isPending) throw this.take();
  }

  /** The answer to "shall I stop?". */
  look(): boolean {
    if (this.#reason) this.#seen = true;
    return this.#reason !== null;
  }

  /** Something the task awaited was rejected; if it was for our reason, that was the once. */
  notice(rejection: unknown, isReason: (rejection: unknown, reason: unknown) => boolean): void {
    if (this.#reason && isReason(rejection, this.#reason)) this.take();
  }

  /** For a device call that begins now. */
  signalForDevices(): AbortSignal {
    return this.isOrdered && !this.isPending ? this.#cleanUp.signal : this.#devices.signal;
  }

  /** Calls `wake` when the order comes. Returns how to leave. */
  onOrder(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  #watch(signal: AbortSignal): AbortSignal {
    const real = <Name extends "aborted" | "reason">(name: Name): AbortSignal[Name] =>
      Reflect.get(AbortSignal.prototype, name, signal);
    Object.defineProperties(signal, {
      aborted: {
        get: () => {
          if (real("aborted")) this.#seen = true;
          return real("aborted");
        },
      },
      reason: {
        get: () => {
          // A listener left behind by a request that is long over reads it, too: only this turn's reader was rejected.
          if (this.#telling) this.#passedOn = true;
          else if (real("aborted")) this.take();
          return real("reason");
        },
      },
      throwIfAborted: {
        value: () => {
          if (real("aborted")) throw this.take();
        },
      },
    });
    return signal;
  }
}
