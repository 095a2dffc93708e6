// What the tasks under way have taken; the scheduler's book.
import type { Needs, Taken } from "./admission.ts";

export class Holds implements Taken {
  readonly #held = new Map<string, Needs>();
  #exclusive: string | null = null;
  #count = { async: 0, blocking: 0 };

  get exclusive(): string | null {
    return this.#exclusive;
  }

  get async(): number {
    return this.#count.async;
  }

  get blocking(): number {
    return this.#count.blocking;
  }

  get size(): number {
    return this.#held.size;
  }

  ids(): string[] {
    return [...this.#held.keys()];
  }

  take(id: string, needs: Needs): void {
    this.#held.set(id, needs);
    this.#count[needs.slot]++;
    if (needs.exclusive) this.#exclusive = id;
  }

  release(id: string): void {
    const needs = this.#held.get(id);
    if (!needs) return;
    this.#held.delete(id);
    this.#count[needs.slot]--;
    if (needs.exclusive) this.#exclusive = null;
  }
}
