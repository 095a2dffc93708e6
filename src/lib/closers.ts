// Whatever starts can close: last in, first out, twice without harm, one failure does not spare the rest.

export class Closers {
  #steps: { name: string; close: () => unknown }[] = [];
  #closing: Promise<void> | null = null;

  add(name: string, close: () => unknown): void {
    this.#steps.push({ name, close });
  }

  /** @throws AggregateError naming every step that failed, after all were tried */
  close(): Promise<void> {
    this.#closing ??= this.#run();
    return this.#closing;
  }

  async #run(): Promise<void> {
    const failures: Error[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step.close();
      } catch (error) {
        failures.push(new Error(`closing ${step.name} failed`, { cause: error }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
  }
}
