// Ping-pong: one numbered line with its checksum is on its way; what arrived broken is sent again.
import type { Clock, Timer } from "../../../../lib/clock.ts";
import { type Deferred, deferred } from "../../../../lib/deferred.ts";
import { type ControllerError, failed } from "../controller-error.ts";
import { numbered } from "./text.ts";

interface Waiting {
  readonly line: string;
  readonly seconds: number;
  readonly answered: Deferred<void>;
  /** Null for one that leaves without waiting for its turn. */
  number: number | null;
}

export interface NumberedFlowOptions {
  readonly clock: Clock;
  write(text: string): void;
  /** It cannot go on: an answer is late, or what is asked for is long gone. */
  gone(error: ControllerError | number): void;
}

export class NumberedFlow {
  readonly #options: NumberedFlowOptions;
  readonly #waiting: Waiting[] = [];
  readonly #sent: Waiting[] = [];
  #number = 0;
  #isBroken = false;
  /** What it said about the line it has not answered yet. */
  #problem: string | null = null;
  #patience: Timer | null = null;
  #over: ControllerError | null = null;

  constructor(options: NumberedFlowOptions) {
    this.#options = options;
  }

  /** Resolves with its `ok`. @param seconds how long that may take, from the last sign of life */
  send(line: string, seconds: number): Promise<void> {
    const answered = deferred();
    this.#waiting.push({ line, seconds, answered, number: null });
    this.#next();
    return answered.promise;
  }

  /** Leaves at once, before what waits. */
  urgent(line: string, seconds: number): Promise<void> {
    const answered = deferred();
    this.#leave({ line, seconds, answered, number: null });
    return answered.promise;
  }

  /** @returns false where no line was on its way */
  answered(): boolean {
    const oldest = this.#sent.shift();
    if (!oldest) return false;
    const problem = this.#problem;
    this.#problem = null;
    if (this.#isBroken) {
      this.#isBroken = false;
      this.#sent.unshift(oldest);
      this.#write(oldest);
    } else if (problem === null) oldest.answered.resolve();
    else
      oldest.answered.reject(
        failed(`the controller says: ${problem}`, "Look it up in Marlin's documentation."),
      );
    this.await();
    this.#next();
    return true;
  }

  refused(problem: string): void {
    this.#problem = problem;
  }

  /** It asks for this line; its `ok` is still to come. */
  resend(number: number): void {
    const waits = this.#sent.find((line) => line.number !== null);
    // The next one: it has the line that is on its way, only its answer was lost.
    if (!waits || waits.number === number - 1) return;
    if (waits.number === number) this.#isBroken = true;
    else
      this.#options.gone(failed(`the controller asks for line ${number}, which is gone`, "Check its cable."));
  }

  /** The line is gone, for good: what waits fails, and what comes. */
  end(error: ControllerError): void {
    this.#over = error;
    const dropped = [...this.#sent.splice(0), ...this.#waiting.splice(0)];
    this.await();
    for (const { answered } of dropped) answered.reject(error);
  }

  /** A sign of life: the answer may take as long again. */
  await(): void {
    this.#patience?.cancel();
    const [oldest] = this.#sent;
    const { clock, gone } = this.#options;
    this.#patience = oldest ? clock.after(oldest.seconds * 1000, () => gone(oldest.seconds)) : null;
  }

  #next(): void {
    if (this.#sent.length > 0) return;
    const next = this.#waiting.shift();
    if (!next) return;
    next.number = ++this.#number;
    this.#leave(next);
  }

  #leave(line: Waiting): void {
    if (this.#over) {
      line.answered.reject(this.#over);
      return;
    }
    this.#sent.push(line);
    if (this.#sent.length === 1) this.await();
    this.#write(line);
  }

  #write({ number, line }: Waiting): void {
    this.#options.write(`${number === null ? line : numbered(number, line)}\n`);
  }
}
