// Orders to a thread that may never look up from its work: three numbers in shared memory. Both sides use this file.
import { type CancelReason, cancelReasons } from "../../task/steering.ts";

const cancelled = 0; // 0, or 1 + the place of the reason
const pauseRequest = 1; // 0, or the number of the request
const bell = 2; // grows with every order and every message, so that a sleeping thread wakes

/** A number to be set in the memory of a child, which its parent cannot reach. */
export interface Order {
  readonly place: number;
  readonly value: number;
}

/** Only the first may be given. */
export const cancelOrder = (reason: CancelReason): Order => ({
  place: cancelled,
  value: 1 + cancelReasons.indexOf(reason),
});

/** @param request null takes the last one back */
export const pauseOrder = (request: number | null): Order => ({ place: pauseRequest, value: request ?? 0 });

/** Requests to pause are numbered from 1. */
export class Orders {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** The first reason counts. */
  cancel(reason: CancelReason): void {
    const { place, value } = cancelOrder(reason);
    Atomics.compareExchange(this.#cells, place, 0, value);
    this.ring();
  }

  /** null takes the last request back. */
  pause(request: number | null): void {
    const { place, value } = pauseOrder(request);
    Atomics.store(this.#cells, place, value);
    this.ring();
  }

  /** Wakes the thread, so that it looks at its orders and its post. */
  ring(): void {
    Atomics.add(this.#cells, bell, 1);
    Atomics.notify(this.#cells, bell);
  }

  get cancelReason(): CancelReason | null {
    return cancelReasons[Atomics.load(this.#cells, cancelled) - 1] ?? null;
  }

  get pauseRequest(): number | null {
    return Atomics.load(this.#cells, pauseRequest) || null;
  }

  /** To be read before looking at orders and post: `waitForBell` returns at once when it has rung since. */
  get bell(): number {
    return Atomics.load(this.#cells, bell);
  }

  /** Blocks the thread. */
  waitForBell(since: number, ms = Number.POSITIVE_INFINITY): void {
    Atomics.wait(this.#cells, bell, since, ms);
  }
}
