// Saves what a task wants to continue from. Many states in a row become one write; each caller hears of its own.
import { isoTime } from "../../lib/clock.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import { amend } from "../transition.ts";

export class Checkpoints {
  readonly #entry: Entry;
  readonly #hash: string;
  readonly #changes: Changes;
  #next: unknown = null;
  #scheduled: Promise<void> | null = null;

  /** @param hash of the code that writes them */
  constructor(entry: Entry, hash: string, changes: Changes) {
    this.#entry = entry;
    this.#hash = hash;
    this.#changes = changes;
  }

  /** Resolves when this state, or a later one, is durable. */
  save(state: unknown): Promise<void> {
    this.#next = state;
    this.#scheduled ??= this.#entry.serially(() => this.#write());
    return this.#scheduled;
  }

  #write(): Promise<void> {
    const value = this.#next;
    const progress = this.#entry.progress?.latest ?? this.#entry.stored.record.progress;
    this.#scheduled = null;
    return this.#changes.insist(this.#entry, (task, now) =>
      amend(task, now, {
        record: { progress },
        memo: { checkpoint: { value, hash: this.#hash, saved_at: isoTime(now) } },
      }),
    );
  }
}
