// Checkpoints that were sent elsewhere to be saved, until the answer with their number comes.
import { type Deferred, deferred } from "../lib/deferred.ts";
import type { Saved } from "./protocol.ts";
import { receivedError } from "./sent-failure.ts";

export class Saves {
  readonly #open = new Map<number, Deferred<void>>();
  #last = 0;

  /** The number to send it with; `saved` settles when that is answered. */
  open(): { readonly number: number; readonly saved: Deferred<void> } {
    const number = ++this.#last;
    const saved = deferred();
    this.#open.set(number, saved);
    return { number, saved };
  }

  answered({ number, failure }: Saved): void {
    const saved = this.#open.get(number);
    this.#open.delete(number);
    if (failure) saved?.reject(receivedError(failure));
    else saved?.resolve();
  }
}
