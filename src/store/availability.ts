// Whether the disk takes changes, since when not, and when to ask it again. Knows no files.
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

export type StoreHealth =
  | { readonly ok: true }
  /** `since` in milliseconds since 1970. */
  | { readonly ok: false; readonly problem: string; readonly since: number };

const firstDelayMs = 100;
const longestDelayMs = 2_000;

export class Availability {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tell: (health: StoreHealth) => void;
  #health: StoreHealth = { ok: true };
  #delayMs = firstDelayMs;
  #timer: Timer | null = null;

  /** @param tell is told of every change */
  constructor(clock: Clock, logger: Logger, tell: (health: StoreHealth) => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#tell = tell;
  }

  get health(): StoreHealth {
    return this.#health;
  }

  down(error: unknown): void {
    const before = this.#health;
    const since = before.ok ? this.#clock.now() : before.since;
    this.#health = { ok: false, problem: sentenceOf(error), since };
    if (!before.ok) return;
    this.#logger.error({ problem: this.#health.problem }, "the disk refuses; no new work is taken");
    this.#tell(this.#health);
  }

  up(): void {
    this.#delayMs = firstDelayMs;
    if (this.#health.ok) return;
    this.#health = { ok: true };
    this.#logger.info({}, "the disk takes changes again");
    this.#tell(this.#health);
  }

  /** Calls `work` after a while that doubles each time, until the disk is up. */
  later(work: () => void): void {
    this.#timer = this.#clock.after(this.#delayMs, work);
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs);
  }

  stop(): void {
    this.#timer?.cancel();
  }
}

export const unavailable = (problem: string): RuntimeError =>
  new RuntimeError("STORE_UNAVAILABLE", { problem });
