// Saves what a task wants to continue from. Many states in a row become one write; each caller hears of its own.
import { RuntimeError } from "../errors/runtime-error.ts";
import { isoTime } from "../lib/clock.ts";
import { plainCopy } from "../lib/plain.ts";
import type { Changes } from "./changes.ts";
import type { Entry } from "./entry.ts";
import { amend } from "./transition.ts";

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

  /** Resolves when this state, or a later one, is durable. @throws CHECKPOINT_NOT_SERIALIZABLE at once */
  save(state: unknown): Promise<void> {
    const copy = plainCopy(state, "checkpoint");
    if ("problem" in copy) throw new RuntimeError("CHECKPOINT_NOT_SERIALIZABLE", { ...copy.problem });
    this.#next = copy.plain;
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
