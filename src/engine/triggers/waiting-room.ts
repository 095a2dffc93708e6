// Pending tasks that do not take part yet: one that is due later, or that waits for others. It asks each trigger in
// turn; a task that nothing holds back goes on into the queue.
import type { Blocker } from "../../task/record.ts";
import type { Entry } from "../board/entry.ts";

/** One thing a pending task may have to wait for before it takes part. */
export interface Trigger {
  /** True where the task has to wait; `again` is called with it, once, when that may have changed. */
  holdsBack(entry: Entry, again: (entry: Entry) => void): boolean;
  /** It waits no longer: cancelled, or about to be asked anew. */
  forget(entry: Entry): void;
  /** Why it waits; empty where this does not hold it back. */
  reasons(entry: Entry): readonly Blocker[];
}

export class WaitingRoom {
  readonly #triggers: readonly { readonly trigger: Trigger; readonly again: (entry: Entry) => void }[];
  readonly #takePart: (entry: Entry) => void;
  readonly #waiting = new Map<string, Trigger>();

  /** @param takePart puts a task that nothing holds back into the queue */
  constructor(triggers: readonly Trigger[], takePart: (entry: Entry) => void) {
    this.#triggers = triggers.map((trigger) => ({
      trigger,
      again: (entry) => {
        if (this.#waiting.get(entry.id) === trigger) this.enter(entry);
      },
    }));
    this.#takePart = takePart;
  }

  get size(): number {
    return this.#waiting.size;
  }

  ids(): string[] {
    return [...this.#waiting.keys()];
  }

  /** Every pending task comes through here on its way to the queue. */
  enter(entry: Entry): void {
    this.leave(entry);
    for (const { trigger, again } of this.#triggers) {
      if (!trigger.holdsBack(entry, again)) continue;
      this.#waiting.set(entry.id, trigger);
      return;
    }
    this.#takePart(entry);
  }

  /** True where it was waiting here. */
  leave(entry: Entry): boolean {
    this.#waiting.get(entry.id)?.forget(entry);
    return this.#waiting.delete(entry.id);
  }

  /** Why it does not take part yet, or null where it does not wait here. */
  reasonsOf(entry: Entry): readonly Blocker[] | null {
    return this.#waiting.get(entry.id)?.reasons(entry) ?? null;
  }
}
