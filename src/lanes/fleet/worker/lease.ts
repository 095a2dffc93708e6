// A worker's right to a job: the lock in Redis, renewed for as long as the runtime that wants the job is there. Once it
// is not sure any more, it is lost, before anybody else can believe so.
import type { Clock, Timer } from "../../../lib/clock.ts";

export interface LeaseOptions {
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Resolves with why there is no right to it any more, or null. May take as long as Redis does not answer. */
  readonly renew: () => Promise<string | null>;
  /** Told once. */
  readonly onLost: (why: string) => void;
}

const looks = 6;
/** Of the lease; what is left of it is for the process to be ended. */
export const longestSilence = 2 / 3;

export class Lease {
  readonly #options: LeaseOptions;
  #timer: Timer | null = null;
  #isAsking = false;
  #isOver = false;
  /** Monotonic: the lock was asked for then, and was given later. */
  #sureAt: number;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#sureAt = options.clock.monotonic();
    this.#look();
  }

  close(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  #look(): void {
    const { clock, leaseMs } = this.#options;
    if (clock.monotonic() - this.#sureAt > leaseMs * longestSilence) this.#lose("Redis does not answer");
    if (this.#isOver) return;
    if (!this.#isAsking) void this.#ask();
    this.#timer = clock.after(leaseMs / looks, () => this.#look());
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const at = this.#options.clock.monotonic();
    try {
      const why = await this.#options.renew();
      if (why !== null) this.#lose(why);
      this.#sureAt = at;
    } catch {
      // Redis refuses for the moment: the lease says how long that may be.
    } finally {
      this.#isAsking = false;
    }
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onLost(why);
  }
}
