// Character counting: as many lines are on their way as fit into Grbl's receive buffer, and never one more.
import type { Clock, Timer } from "../../../../lib/clock.ts";
import { type Deferred, deferred } from "../../../../lib/deferred.ts";
import { type ControllerError, failed } from "../controller-error.ts";

interface Waiting {
  readonly line: string;
  readonly seconds: number;
  readonly answered: Deferred<void>;
}

export interface CountedFlowOptions {
  readonly clock: Clock;
  write(text: string): void;
  /** A line was not answered in its time. */
  silent(seconds: number): void;
}

export class CountedFlow {
  readonly #options: CountedFlowOptions;
  readonly #waiting: Waiting[] = [];
  /** Written and not yet answered, oldest first. */
  readonly #sent: Waiting[] = [];
  #sentCharacters = 0;
  #patience: Timer | null = null;
  #over: ControllerError | null = null;
  /** Characters that Grbl has room for. */
  capacity = 128;

  constructor(options: CountedFlowOptions) {
    this.#options = options;
  }

  /** Lines that are neither answered nor given up. */
  get length(): number {
    return this.#sent.length + this.#waiting.length;
  }

  /**
   * Resolves with its `ok`.
   * @param seconds how long the answer may take once it is the oldest on its way
   * @throws ControllerError what Grbl answered, or what dropped it
   */
  send(line: string, seconds: number): Promise<void> {
    if (this.#over) return Promise.reject(this.#over);
    if (line.length >= this.capacity)
      return Promise.reject(
        failed(`a line of ${line.length} characters does not fit into the controller`, ""),
      );
    const answered = deferred();
    this.#waiting.push({ line, seconds, answered });
    this.#fill();
    return answered.promise;
  }

  /** The oldest line was answered. @returns false where none was on its way */
  answered(error: ControllerError | null): boolean {
    const oldest = this.#sent.shift();
    if (!oldest) return false;
    this.#sentCharacters -= oldest.line.length + 1;
    if (error) oldest.answered.reject(error);
    else oldest.answered.resolve();
    this.#await();
    this.#fill();
    return true;
  }

  /** None of the lines will be answered: those on their way are lost, the others were never written. */
  drop(error: ControllerError): void {
    const dropped = [...this.#sent.splice(0), ...this.#waiting.splice(0)];
    this.#sentCharacters = 0;
    this.#await();
    for (const { answered } of dropped) answered.reject(error);
  }

  /** The line is gone, for good. */
  end(error: ControllerError): void {
    this.#over = error;
    this.drop(error);
  }

  #fill(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (!next || this.#sentCharacters + next.line.length + 1 > this.capacity) return;
      this.#waiting.shift();
      this.#sent.push(next);
      this.#sentCharacters += next.line.length + 1;
      if (this.#sent.length === 1) this.#await();
      this.#options.write(`${next.line}\n`);
    }
  }

  #await(): void {
    this.#patience?.cancel();
    const [oldest] = this.#sent;
    const { clock, silent } = this.#options;
    this.#patience = oldest ? clock.after(oldest.seconds * 1000, () => silent(oldest.seconds)) : null;
  }
}
