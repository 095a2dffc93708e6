// When to decide again who starts: a moment after the disk has refused a start, and after others had a turn where many start.
import type { Clock, Timer } from "../../lib/clock.ts";

export interface PaceDeps {
  readonly clock: Clock;
  /** Looks again at who may start. */
  readonly tick: () => void;
}

const holdOffMs = 250;
/** Decisions in a row before everybody else has a turn: a fraction of a millisecond. */
export const mostAtOnce = 500;

export class Pace {
  readonly #deps: PaceDeps;
  #holdOff: Timer | null = null;
  #rest: Timer | null = null;

  constructor(deps: PaceDeps) {
    this.#deps = deps;
  }

  get isHeldOff(): boolean {
    return this.#holdOff !== null;
  }

  /** The disk has refused a start: nothing starts for a moment. */
  holdOff(): void {
    const { clock, tick } = this.#deps;
    this.#holdOff ??= clock.after(holdOffMs, () => {
      this.#holdOff = null;
      tick();
    });
  }

  /** Whoever else may start is looked at when others have had a turn. */
  rest(): void {
    const { clock, tick } = this.#deps;
    this.#rest ??= clock.after(0, () => {
      this.#rest = null;
      tick();
    });
  }

  close(): void {
    this.#holdOff?.cancel();
    this.#rest?.cancel();
  }
}
