// Asks Grbl how it is: often while somebody waits for an answer, now and then to see that it is still there.
import type { Clock, Timer } from "../../../../lib/clock.ts";
import { type Deferred, deferred } from "../../../../lib/deferred.ts";
import { within } from "../../../within.ts";
import type { ControllerError } from "../controller-error.ts";
import type { Status } from "./text.ts";

/** Grbl's own advice is 5 to 10 a second; 20 are what clients are shown of a move. */
const busyMs = 50;
const idleMs = 1000;
/** A question that was lost is asked again. */
const againMs = 1000;
const longestSilenceMs = 3000;

interface Waiter {
  /** Answers to questions asked before this one say nothing new. */
  readonly after: number;
  readonly is: (status: Status) => boolean;
  readonly found: Deferred<Status>;
}

export interface StatusWatchOptions {
  readonly clock: Clock;
  ask(): void;
  silent(seconds: number): void;
}

export class StatusWatch {
  readonly #options: StatusWatchOptions;
  #waiters: Waiter[] = [];
  #asked = 0;
  #heard = 0;
  #askedAt = 0;
  #silentSince: number | null = null;
  #timer: Timer | null = null;
  #limit: Timer | null = null;
  #isResting = true;
  #over: ControllerError | null = null;

  constructor(options: StatusWatchOptions) {
    this.#options = options;
  }

  /** The first report, asked for from now on, that is as it should be. */
  until(is: (status: Status) => boolean): Promise<Status> {
    if (this.#over) return Promise.reject(this.#over);
    const found = deferred<Status>();
    this.#waiters.push({ after: this.#asked, is, found });
    this.wake();
    return found.promise;
  }

  /** @returns whether there was such a report in time */
  async within(ms: number, is: (status: Status) => boolean): Promise<boolean> {
    return !(await within(this.#options.clock, ms, () => this.until(is))).isLate;
  }

  /** Whoever waits now, waits so long and no longer. */
  limit(seconds: number): void {
    this.#limit?.cancel();
    const { clock, silent } = this.#options;
    this.#limit = clock.after(seconds * 1000, () => silent(seconds));
  }

  wake(): void {
    if (this.#over) return;
    this.#isResting = false;
    this.#look();
  }

  /** Nothing is asked until `wake`: Grbl has no answers while it homes or begins. */
  rest(): void {
    this.#isResting = true;
    this.#silentSince = null;
    this.#heard = this.#asked;
    this.#timer?.cancel();
  }

  heard(status: Status): void {
    this.#silentSince = null;
    this.#heard = Math.min(this.#heard + 1, this.#asked);
    const found = this.#waiters.filter(({ after, is }) => this.#heard > after && is(status));
    this.#waiters = this.#waiters.filter((waiter) => !found.includes(waiter));
    if (this.#waiters.length === 0) this.#limit?.cancel();
    for (const waiter of found) waiter.found.resolve(status);
  }

  end(error: ControllerError): void {
    this.#over = error;
    this.#limit?.cancel();
    this.rest();
    for (const { found } of this.#waiters.splice(0)) found.reject(error);
  }

  #look(): void {
    this.#timer?.cancel();
    if (this.#isResting) return;
    const { clock, silent } = this.#options;
    const now = clock.monotonic();
    if (this.#silentSince !== null && now - this.#silentSince >= longestSilenceMs) {
      silent(longestSilenceMs / 1000);
      return;
    }
    if (this.#heard === this.#asked) this.#ask(now);
    else if (now - this.#askedAt >= againMs) {
      this.#heard = this.#asked;
      this.#ask(now);
    }
    this.#timer = clock.after(this.#waiters.length > 0 ? busyMs : idleMs, () => this.#look());
  }

  #ask(now: number): void {
    this.#asked++;
    this.#askedAt = now;
    this.#silentSince ??= now;
    this.#options.ask();
  }
}
