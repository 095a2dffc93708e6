// Where a blocking task stops, pauses, sleeps and saves: it blocks its thread until the bell of its orders rings.
import { Cancelled } from "../../task/steering.ts";
import { receivedError } from "../sent-failure.ts";
import type { Orders } from "./orders.ts";
import type { Outbox } from "./outbox.ts";

export class Desk {
  readonly #orders: Orders;
  readonly #outbox: Outbox;
  #reason: Cancelled | null = null;
  #thrown = false;
  #seen = false;
  #checkpoints = 0;

  constructor(orders: Orders, outbox: Outbox) {
    this.#orders = orders;
    this.#outbox = outbox;
  }

  /** The task knows of its cancel: it looked, or it was thrown. */
  get wasSeen(): boolean {
    return this.#seen;
  }

  get isOrdered(): boolean {
    return this.#orders.cancelReason !== null;
  }

  /** The answer to "shall I stop?". */
  look(): boolean {
    // Looked at once: an order that comes between two looks would be answered but not remembered.
    const ordered = this.isOrdered;
    if (ordered) this.#seen = true;
    return ordered;
  }

  /** The reason to stop, once there is one; who takes it is not told again. */
  take(): Cancelled | undefined {
    const reason = this.#orders.cancelReason;
    if (!reason) return undefined;
    this.#thrown = true;
    this.#seen = true;
    this.#reason ??= new Cancelled(reason);
    return this.#reason;
  }

  /** Stops, or pauses until the task may go on. @throws Cancelled, once */
  pass(): void {
    for (;;) {
      const { bell } = this.#orders;
      this.#throwIfPending();
      const request = this.#orders.pauseRequest;
      if (request === null || this.#thrown) return;
      this.#outbox.send({ type: "paused", request });
      this.#orders.waitForBell(bell);
    }
  }

  /** @throws Cancelled, once */
  sleep(ms: number): void {
    this.#outbox.flush();
    const end = performance.now() + ms;
    for (;;) {
      const { bell } = this.#orders;
      this.#throwIfPending();
      const left = end - performance.now();
      if (!(left > 0)) return;
      this.#orders.waitForBell(bell, left);
    }
  }

  /** Returns when the state is durable. @throws what the store says */
  save(state: unknown): void {
    const number = ++this.#checkpoints;
    this.#outbox.send({ type: "checkpoint", number, state });
    for (;;) {
      const { bell } = this.#orders;
      for (let post = this.#outbox.receive(); post; post = this.#outbox.receive()) {
        if (post.type !== "saved" || post.number !== number) continue;
        if (post.failure) throw receivedError(post.failure);
        return;
      }
      this.#orders.waitForBell(bell);
    }
  }

  #throwIfPending(): void {
    if (!this.#thrown && this.#orders.cancelReason) throw this.take();
  }
}
