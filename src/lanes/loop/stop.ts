// Being told to stop: the reason is thrown exactly once; afterwards waits and devices work, so that `finally` can clean up.
import { getEventListeners } from "node:events";
import { comesFrom } from "../failure.ts";

export class Stop {
  // Controllers are made when somebody asks: most tasks end without one, and three of them cost more than a short task.
  #signal: { readonly watched: AbortSignal; abort(reason: unknown): void } | null = null;
  #devices: AbortController | null = null;
  /** What devices are given once the reason was thrown: clean-up moves are not aborted. */
  #cleanUp: AbortController | null = null;
  #waiting: Set<() => void> | null = null;
  #reason: Error | null = null;
  #thrown = false;
  #seen = false;
  /** The listeners of the signal are being called. */
  #telling = false;
  /** Somebody may have joined the signal with others: `AbortSignal.any` looks at it, and passes its reason on unseen. */
  #mayBeJoined = false;
  /** For the rest of this turn of the loop: who runs now was rejected with the reason by what it had given the signal to. */
  #passedOn = false;

  /** What `ctx.signal` is: real, but it notices who looks at it. */
  get signal(): AbortSignal {
    if (!this.#signal) {
      const controller = this.#controller();
      const watched = this.#watch(controller.signal);
      this.#signal = { watched, abort: (reason) => controller.abort(reason) };
    }
    return this.#signal.watched;
  }

  /** The first reason counts. Who waits here is told first, then devices, then whoever has the signal. */
  order(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const wake of [...(this.#waiting ?? [])]) wake();
    const listened = this.#signal?.watched;
    if (listened && (getEventListeners(listened, "abort").length > 0 || listened.onabort)) this.#seen = true;
    this.#passedOn = this.#mayBeJoined;
    this.#devices?.abort(reason);
    this.#telling = true;
    this.#signal?.abort(reason);
    this.#telling = false;
    if (this.#passedOn) afterThisTurn(() => (this.#passedOn = false));
  }

  get isOrdered(): boolean {
    return this.#reason !== null;
  }

  /** The task knows: it looked, it was called, or the reason was thrown. */
  get wasSeen(): boolean {
    return this.#seen;
  }

  /** The reason has yet to be thrown. */
  get isPending(): boolean {
    if (this.#passedOn) this.take();
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

  /** Waits to the end, and throws the reason if the order came meanwhile. */
  async through<T>(wait: Promise<T>): Promise<T> {
    let told = false;
    const leave = this.onOrder(() => {
      if (this.isPending) told = this.take() !== null;
    });
    const [outcome] = await Promise.allSettled([wait]);
    leave();
    if (told) throw this.#reason;
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  }

  /** The answer to "shall I stop?". */
  look(): boolean {
    if (this.#reason) this.#seen = true;
    return this.#reason !== null;
  }

  /** Something the task awaited was rejected; if it was for our reason, that was the once. */
  notice(rejection: unknown): void {
    if (this.#reason && comesFrom(rejection, this.#reason)) this.take();
  }

  /** For a device call that begins now. */
  signalForDevices(): AbortSignal {
    if (this.isOrdered && !this.isPending) {
      this.#cleanUp ??= new AbortController();
      return this.#cleanUp.signal;
    }
    this.#devices ??= this.#controller();
    return this.#devices.signal;
  }

  /** Calls `wake` when the order comes. Returns how to leave. */
  onOrder(wake: () => void): () => void {
    this.#waiting ??= new Set();
    const waiting = this.#waiting.add(wake);
    return () => waiting.delete(wake);
  }

  #controller(): AbortController {
    const controller = new AbortController();
    if (this.#reason) controller.abort(this.#reason);
    return controller;
  }

  #watch(signal: AbortSignal): AbortSignal {
    const real = <Name extends "aborted" | "reason">(name: Name): AbortSignal[Name] =>
      Reflect.get(AbortSignal.prototype, name, signal);
    Object.defineProperties(signal, {
      aborted: {
        get: () => {
          const aborted = real("aborted");
          if (!aborted) this.#mayBeJoined = true;
          else if (!this.#telling) this.#seen = true;
          return aborted;
        },
      },
      reason: {
        get: () => {
          // A listener left behind by a request that is long over reads it, too: it rejects nobody.
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

/** When what was rejected just now has run on to its next wait: all microtasks, and the few ticks streams put between. */
function afterThisTurn(work: () => void, ticks = 3): void {
  queueMicrotask(() => process.nextTick(ticks > 1 ? () => afterThisTurn(work, ticks - 1) : work));
}
