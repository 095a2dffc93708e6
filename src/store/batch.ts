// Changes that wait for the disk together, and their callers. Knows no disk.
import { type Deferred, deferred } from "../lib/deferred.ts";
import type { Change } from "./journal-line.ts";
import { LineBuffer } from "./line-buffer.ts";

export interface Entry {
  readonly change: Change;
  /** Kept and tried again where the disk refuses it. */
  readonly insisted: boolean;
}

/** Where its line lies among those of the batch. */
interface Kept extends Entry {
  readonly start: number;
  readonly end: number;
}

/** Bytes of memory that are kept from one batch to a later one. */
const mostKept = 1 << 18;

export class Batch {
  readonly #entries: Kept[] = [];
  /** Made when the changes were handed in: what was true then is what is stored. */
  readonly #lines: LineBuffer;
  /** One promise for all that may be refused, one for all that may not: a promise each would cost more than the line. */
  #refusable: Deferred<void> | null = null;
  #insisted: Deferred<void> | null = null;
  #carried: Deferred<void>[] = [];

  /** @param lines an empty one, which belongs to the batch from now on */
  constructor(lines = new LineBuffer()) {
    this.#lines = lines;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get bytes(): Uint8Array {
    return this.#lines.slice();
  }

  /** Resolves with the batch. @param rest of its line, as in `LineBuffer.add` */
  add(seq: number, change: Change, insisted: boolean, rest: string): Promise<void> {
    const start = this.#lines.length;
    this.#lines.add(seq, rest);
    this.#entries.push({ change, insisted, start, end: this.#lines.length });
    if (insisted) {
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

  /** Once it is over: room for the lines of another batch, where it is not too much to keep. */
  room(): LineBuffer | undefined {
    if (this.#lines.capacity > mostKept) return undefined;
    this.#lines.clear();
    return this.#lines;
  }

  reject(error: Error): void {
    this.#refusable?.reject(error);
    for (const waiting of this.#insisting()) waiting.reject(error);
  }

  /** Refuses what may be refused; what is insisted on goes over to `next`, in order. */
  refuse(error: Error, next: Batch): void {
    this.#refusable?.reject(error);
    for (const entry of this.#entries) if (entry.insisted) next.#carry(entry, this.#lines);
    next.#carried.push(...this.#insisting());
  }

  #carry(entry: Kept, lines: LineBuffer): void {
    const start = this.#lines.length;
    this.#lines.addBytes(lines.slice(entry.start, entry.end));
    this.#entries.push({ change: entry.change, insisted: entry.insisted, start, end: this.#lines.length });
  }

  #insisting(): Deferred<void>[] {
    return this.#insisted ? [...this.#carried, this.#insisted] : this.#carried;
  }
}
