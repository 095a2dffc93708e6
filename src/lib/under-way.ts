// Work that somebody has to see through though nobody awaits it: what fails is told, and one may wait until all is done.
import { type Deferred, deferred } from "./deferred.ts";

export class UnderWay {
  readonly #tell: (error: unknown) => void;
  #count = 0;
  #quiet: Deferred<void> | null = null;

  /** @param tell of what was rejected */
  constructor(tell: (error: unknown) => void) {
    this.#tell = tell;
  }

  track(work: Promise<void>): void {
    work.then(this.expect(), this.#failed);
  }

  /** @returns what is to be called once, when it is over */
  expect(): () => void {
    this.#count++;
    return this.#over;
  }

  /** Resolves when nothing is under way, also of what was begun meanwhile. */
  async done(): Promise<void> {
    while (this.#count > 0) {
      this.#quiet ??= deferred();
      await this.#quiet.promise;
    }
  }

  readonly #over = (): void => {
    if (--this.#count > 0) return;
    this.#quiet?.resolve();
    this.#quiet = null;
  };

  readonly #failed = (error: unknown): void => {
    this.#tell(error);
    this.#over();
  };
}
