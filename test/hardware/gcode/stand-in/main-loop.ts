// The main loop of a Grbl stand-in: a receive buffer that loses what it has no room for, and one line after the other.
import type { Clock } from "../../../../src/lib/clock.ts";

const capacity = 128;

export interface MainLoopOptions {
  readonly clock: Clock;
  /** How long it is busy with a line before it does it, in milliseconds. */
  busyMs(): number;
  /** Does it. @returns an error's number, or null where it is `ok` */
  run(line: string): number | null | Promise<number | null>;
  answer(line: string, error: number | null): void;
}

export class MainLoop {
  readonly #options: MainLoopOptions;
  #received: number[] = [];
  #line = "";
  #isBusy = false;
  /** Counts the resets: what was under way before one is never answered. */
  #epoch = 0;
  /** Characters that found no room. */
  lost = 0;
  /** Nothing is read any more, until `clear`. */
  isHalted = false;

  constructor(options: MainLoopOptions) {
    this.#options = options;
  }

  get room(): number {
    return capacity - this.#received.length;
  }

  take(byte: number): void {
    if (this.room > 0) this.#received.push(byte);
    else this.lost++;
  }

  clear(): void {
    this.#epoch++;
    [this.#received, this.#line, this.#isBusy, this.isHalted] = [[], "", false, false];
  }

  /** Until it is busy, or has nothing more to do. */
  go(): void {
    while (!this.#isBusy && !this.isHalted) {
      const byte = this.#received.shift();
      if (byte === undefined) return;
      if (byte === 10 || byte === 13) this.#begin();
      else this.#line += String.fromCharCode(byte);
    }
  }

  #begin(): void {
    const { clock, busyMs } = this.#options;
    const [line, epoch] = [this.#line, this.#epoch];
    [this.#line, this.#isBusy] = ["", true];
    const ms = busyMs();
    if (ms > 0) clock.after(ms, () => void this.#run(line, epoch));
    else void this.#run(line, epoch);
  }

  async #run(line: string, epoch: number): Promise<void> {
    const isOver = (): boolean => this.#epoch !== epoch || this.isHalted;
    if (isOver()) return;
    const answer = this.#options.run(line);
    const error = answer instanceof Promise ? await answer : answer;
    if (isOver()) return;
    this.#options.answer(line, error);
    this.#isBusy = false;
    this.go();
  }
}
