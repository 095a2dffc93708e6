// Tasks that gave their slot back while they waited for another one. They come before everybody in the queue: their turn
// has come already.
import { type Deferred, deferred } from "../../lib/deferred.ts";
import { getOrMake } from "../../lib/get-or-make.ts";
import { type AdmissionLimits, hasSlot } from "./admission.ts";
import type { Hold, Holds } from "./holds.ts";

export interface ReturningDeps {
  readonly holds: Holds;
  /** Looks again at who may start. */
  readonly tick: () => void;
}

export class Returning {
  readonly #deps: ReturningDeps;
  /** First come, first served. */
  readonly #waiting = new Map<Hold, Deferred<void>>();

  constructor(deps: ReturningDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** It waits for another task and needs no slot meanwhile; what it claims it keeps. */
  giveSlotBack(id: string): void {
    const { holds, tick } = this.#deps;
    const hold = holds.get(id);
    if (!hold) return;
    // It may wait in another of its branches, too: that one goes on without a slot.
    this.#waiting.get(hold)?.resolve();
    this.#waiting.delete(hold);
    holds.giveSlotBack(hold);
    tick();
  }

  /**
   * Resolves when it has a slot again, before anybody in the queue. Who ended meanwhile waits no longer.
   * @param isToldToStop then at once: it cleans up, whether there is a slot or not
   */
  async takeSlotAgain(id: string, isToldToStop = false): Promise<void> {
    const hold = this.#deps.holds.get(id);
    if (!hold || hold.hasSlot || hold.needs.slot === null) return;
    const returned = getOrMake(this.#waiting, hold, () => deferred()).promise;
    if (isToldToStop) this.hurry(id);
    this.#deps.tick();
    await returned;
  }

  /** It is told to stop: it has its slot again at once, where it waits for one. */
  hurry(id: string): void {
    const hold = this.#deps.holds.get(id);
    const has = hold && this.#waiting.get(hold);
    if (has) this.#let(hold, has);
  }

  /** Hands out what is free. */
  serve(limits: AdmissionLimits): void {
    for (const [hold, has] of this.#waiting) {
      const { slot } = hold.needs;
      if (slot !== null && !hold.isOver && !hasSlot(slot, this.#deps.holds, limits)) continue;
      this.#let(hold, has);
    }
  }

  #let(hold: Hold, has: Deferred<void>): void {
    this.#waiting.delete(hold);
    if (!hold.isOver) this.#deps.holds.takeSlot(hold);
    has.resolve();
  }
}
