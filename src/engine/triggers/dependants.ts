// Who needs whom: from a task to those that depend on it and have not ended. What is needed is not forgotten.
import type { Entry } from "../board/entry.ts";

const nobody: ReadonlySet<Entry> = new Set();

export class Dependants {
  readonly #of = new Map<string, Set<Entry>>();
  /** How many tasks on their way to the disk depend on it. */
  readonly #expected = new Map<string, number>();
  /** Being forgotten, as many as go together: nothing new may depend on them. */
  readonly #leaving = new Set<readonly string[]>();

  of(id: string): ReadonlySet<Entry> {
    return this.#of.get(id) ?? nobody;
  }

  /** It must stay: a task that has not ended depends on it. */
  isNeeded(id: string): boolean {
    return this.#of.has(id) || this.#expected.has(id);
  }

  isLeaving(id: string): boolean {
    for (const ids of this.#leaving) if (ids.includes(id)) return true;
    return false;
  }

  add(entry: Entry): void {
    for (const { task } of entry.stored.record.depends_on) {
      const dependants = this.#of.get(task);
      if (dependants) dependants.add(entry);
      else this.#of.set(task, new Set([entry]));
    }
  }

  delete(entry: Entry): void {
    for (const { task } of entry.stored.record.depends_on) {
      const dependants = this.#of.get(task);
      dependants?.delete(entry);
      if (dependants?.size === 0) this.#of.delete(task);
    }
  }

  /** Tasks that depend on these are on their way to the disk. @returns what to call once they are there, or refused */
  expect(ids: readonly string[]): () => void {
    for (const id of ids) this.#expected.set(id, (this.#expected.get(id) ?? 0) + 1);
    return () => {
      for (const id of ids) {
        const left = (this.#expected.get(id) ?? 0) - 1;
        if (left > 0) this.#expected.set(id, left);
        else this.#expected.delete(id);
      }
    };
  }

  /** They are about to be forgotten. @returns what to call once they are, or the disk refused */
  leave(ids: readonly string[]): () => void {
    this.#leaving.add(ids);
    return () => this.#leaving.delete(ids);
  }
}
