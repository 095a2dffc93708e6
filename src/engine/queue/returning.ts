// Tasks that gave their slot back while they waited for another one. They come before everybody in the queue: their turn
// has come already.

import { type Deferred, deferred } from "../../lib/deferred.ts";
import { getOrMake } from "../../lib/get-or-make.ts";
import { type AdmissionLimits, hasSlot } from "./admission.ts";
import type { Hold, Holds } from "./holds.ts";

export class Returning {
  readonly #holds: Holds;
  /** First come, first served. */
  readonly #waiting = new Map<Hold, Deferred<void>>();

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves once it has a slot again. Who ended meanwhile waits no longer. */
  enter(hold: Hold): Promise<void> {
    return getOrMake(this.#waiting, hold, () => deferred()).promise;
  }

  /** Hands out what is free. */
  serve(limits: AdmissionLimits): void {
    for (const [hold, has] of this.#waiting) {
      const { slot } = hold.needs;
      if (slot !== null && !hold.isOver && !hasSlot(slot, this.#holds, limits)) continue;
      this.#let(hold, has);
    }
  }

  /** It waits for another task again, in another of its branches: this one goes on without a slot. */
  leave(hold: Hold): void {
    this.#waiting.get(hold)?.resolve();
    this.#waiting.delete(hold);
  }

  /** It is told to stop and cleans up at once, whether there is a slot or not. */
  hurry(hold: Hold): void {
    const has = this.#waiting.get(hold);
    if (has) this.#let(hold, has);
  }

  #let(hold: Hold, has: Deferred<void>): void {
    this.#waiting.delete(hold);
    if (!hold.isOver) this.#holds.takeSlot(hold);
    has.resolve();
  }
}
