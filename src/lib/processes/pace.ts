// Holds a stream back that brings more than anybody can take, so that whoever floods us waits, and nobody else.
import type { Readable } from "node:stream";

export class Pace {
  readonly #stream: Readable;
  readonly #perSecond: number;
  readonly #burst: number;
  #allowance: number;
  #countedAt = performance.now();
  #isHeldBack = false;
  #isOver = false;

  /** @param burst so much may come at once, and then `perSecond` */
  constructor(stream: Readable, perSecond: number, burst: number) {
    this.#stream = stream;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#allowance = burst;
  }

  took(amount: number): void {
    this.#count();
    this.#allowance -= amount;
    if (this.#allowance < 0 && !this.#isHeldBack && !this.#isOver) this.#holdBack();
  }

  /** The source has ended: what is left of it is not held back. */
  finish(): void {
    this.#isOver = true;
    this.#stream.resume();
  }

  /** What has arrived already still comes, and makes it longer. */
  #holdBack(): void {
    this.#isHeldBack = true;
    this.#stream.pause();
    const goOn = (): void => {
      this.#count();
      this.#isHeldBack = this.#allowance < 0 && !this.#isOver;
      if (this.#isHeldBack) this.#holdBack();
      else this.#stream.resume();
    };
    setTimeout(goOn, Math.ceil((-this.#allowance / this.#perSecond) * 1000)).unref();
  }

  #count(): void {
    const now = performance.now();
    const grown = this.#allowance + ((now - this.#countedAt) * this.#perSecond) / 1000;
    this.#allowance = Math.min(this.#burst, grown);
    this.#countedAt = now;
  }
}
