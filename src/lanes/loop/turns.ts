// Turns of the event loop, shared by all attempts: an immediate each would cost more than a short task.
import { deferred } from "../../lib/deferred.ts";

/**
 * The part of a turn of the loop that is for tasks. Between `begun` and `over` run the first lines of all that start,
 * up to their first real wait, and nothing else; what was rejected in there and awaited by nobody has come to light at
 * `over`: Node looks between two immediates.
 */
export interface Turn {
  readonly begun: Promise<void>;
  readonly over: Promise<void>;
  readonly isOver: boolean;
}

export class Turns {
  #next: Turn | null = null;

  next(): Turn {
    this.#next ??= this.#make();
    return this.#next;
  }

  /** Resolves when what was rejected up to now has come to light. */
  settled(turn: Turn): Promise<void> {
    return turn.isOver ? this.next().begun : turn.over;
  }

  #make(): Turn {
    const begun = deferred();
    const over = deferred();
    const turn = { begun: begun.promise, over: over.promise, isOver: false };
    setImmediate(() => {
      this.#next = null;
      begun.resolve();
    });
    setImmediate(() => {
      turn.isOver = true;
      over.resolve();
    });
    return turn;
  }
}
