// Changes that wait for the disk together, and their callers. Knows no disk.
import { type Deferred, deferred } from "../lib/deferred.ts";
import type { Change } from "./journal-line.ts";

export interface Entry {
  readonly seq: number;
  /** The line, made when the change was handed in: what was true then is what is stored. */
  readonly line: Uint8Array;
  readonly change: Change;
  /** Kept and tried again where the disk refuses it. */
  readonly insisted: boolean;
}

export class Batch {
  readonly #entries: Entry[] = [];
  /** One promise for all that may be refused, one for all that may not: a promise each would cost more than the line. */
  #refusable: Deferred<void> | null = null;
  #insisted: Deferred<void> | null = null;
  #carried: Deferred<void>[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#entries.map((entry) => entry.line));
  }

  /** Resolves with the batch. */
  add(entry: Entry): Promise<void> {
    this.#entries.push(entry);
    if (entry.insisted) {
      this.#insisted ??= deferred();
      return this.#insisted.promise;
    }
    this.#refusable ??= deferred();
    return this.#refusable.promise;
  }

  resolve(): void {
    this.#refusable?.resolve();
    for (const waiting of this.#insisting()) waiting.resolve();
  }

  reject(error: Error): void {
    this.#refusable?.reject(error);
    for (const waiting of this.#insisting()) waiting.reject(error);
  }

  /** Refuses what may be refused; what is insisted on goes over to `next`, in order. */
  refuse(error: Error, next: Batch): void {
    this.#refusable?.reject(error);
    for (const entry of this.#entries) if (entry.insisted) next.#entries.push(entry);
    next.#carried.push(...this.#insisting());
  }

  #insisting(): Deferred<void>[] {
    return this.#insisted ? [...this.#carried, this.#insisted] : this.#carried;
  }
}
