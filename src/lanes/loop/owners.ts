// Whose code runs just now, also behind awaits and timers; for errors that nobody awaits.
import { AsyncLocalStorage } from "node:async_hooks";

const nobody = null;

/**
 * Before Node 24 following contexts makes every promise of the process dearer, those of requests and of the disk too: a
 * quarter of a short life. So they are followed only while somebody's code runs. What was made then stays marked.
 */
export class Owners<Owner extends object> {
  readonly #context = new AsyncLocalStorage<Owner | typeof nobody>();
  #followed = 0;

  /** @param work all it starts belongs to `owner`; call `over` when it has ended */
  run<T>(owner: Owner, work: () => T): T {
    this.#followed++;
    return this.#context.run(owner, work);
  }

  over(): void {
    this.#followed--;
    this.#restIfAlone();
  }

  /** In a handler of errors: whoever made what failed. */
  current(): Owner | null {
    // While nobody is followed getStore answers nothing, whatever is marked; run begins to follow.
    this.#context.run(nobody, () => nobody);
    const owner = this.#context.getStore() ?? nobody;
    this.#restIfAlone();
    return owner;
  }

  #restIfAlone(): void {
    if (this.#followed === 0) this.#context.disable();
  }
}
