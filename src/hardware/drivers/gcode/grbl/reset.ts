// A soft reset and the welcome that answers it. A welcome that nobody expects is a controller that began anew by itself.
import type { Clock } from "../../../../lib/clock.ts";
import { type Deferred, deferred } from "../../../../lib/deferred.ts";
import { within } from "../../../within.ts";
import { type ControllerError, noAnswer } from "../controller-error.ts";
import { realTime } from "./text.ts";

/** A board that was just powered, or that resets when its port is opened, hears nothing for a second or two. */
const againMs = 1000;
/** One that listens answers sooner. */
const longestMs = 1000;

export class Reset {
  readonly #clock: Clock;
  readonly #write: (text: string) => void;
  #welcome: Deferred<void> | null = null;

  constructor(clock: Clock, write: (text: string) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  get isExpected(): boolean {
    return this.#welcome !== null;
  }

  expect(): Promise<void> {
    if (!this.#welcome) {
      this.#welcome = deferred();
      // Not everybody who expects it waits for it.
      this.#welcome.promise.catch(() => undefined);
    }
    return this.#welcome.promise;
  }

  /** Resolves with the welcome. @throws DEVICE_TIMEOUT where there is none after `mostMs` */
  async now(mostMs = longestMs): Promise<void> {
    const welcome = this.expect();
    let again = { cancel: (): void => undefined };
    const ask = (): void => {
      this.#write(realTime.softReset);
      again = this.#clock.after(againMs, ask);
    };
    ask();
    try {
      const began = await within(this.#clock, mostMs, () => welcome);
      if (began.isLate) throw noAnswer(mostMs / 1000);
    } finally {
      again.cancel();
    }
  }

  /** @returns whether somebody has expected it */
  welcomed(): boolean {
    const welcome = this.#welcome;
    this.#welcome = null;
    welcome?.resolve();
    return welcome !== null;
  }

  end(error: ControllerError): void {
    this.#welcome?.reject(error);
  }
}
