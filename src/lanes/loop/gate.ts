// Where a task in the event loop pauses and stops: at a yield and at ctx.checkpoint. Open, it costs two comparisons.
import { type Deferred, deferred } from "../../lib/deferred.ts";
import type { Stop } from "./stop.ts";

/** Who is told the number of the request because of which the task stands here. */
interface Witness {
  paused(request: number): void;
}

export class Gate {
  readonly #stop: Stop;
  readonly #witness: Witness;
  /** The request to pause that holds, or null. One that is taken back before anybody came by is forgotten. */
  #request: number | null = null;
  /** Resolves for every branch of the task that stands here. */
  #changed: Deferred<void> | null = null;

  constructor(stop: Stop, witness: Witness) {
    this.#stop = stop;
    this.#witness = witness;
  }

  pause(request: number): void {
    this.#request = request;
    this.#wake();
  }

  resume(): void {
    this.#request = null;
    this.#wake();
  }

  get isOpen(): boolean {
    return this.#request === null && !this.#stop.isPending;
  }

  get isPausing(): boolean {
    return this.#request !== null;
  }

  /** @throws the reason to stop, once */
  async pass(): Promise<void> {
    this.#stop.throwIfPending();
    while (this.#request !== null && !this.#stop.isOrdered) {
      this.#changed ??= deferred();
      const changed = this.#changed;
      this.#witness.paused(this.#request);
      // Whoever hears that it stands may tell it to stop in the same breath.
      this.#stop.throwIfPending();
      const leave = this.#stop.onOrder(changed.resolve);
      await this.#stop.through(changed.promise).finally(leave);
    }
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = null;
  }
}
