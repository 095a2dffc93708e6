// Counts the steps of generators that tell one sentence each, as progress.

export class Steps {
  readonly #total: number;
  #done = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** What an earlier attempt has done. */
  skip(steps: number): void {
    this.#done += steps;
  }

  /** Yields the progress of `steps`, and returns what they return. @param data for screens, as in `ProgressUpdate` */
  async *of<Result>(steps: AsyncGenerator<string, Result, void>, data?: Record<string, unknown>) {
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
      yield { current: ++this.#done, total: this.#total, message: step.value, ...(data && { data }) };
    }
  }
}
