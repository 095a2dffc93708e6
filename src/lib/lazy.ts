// Something that is made when it is first asked for, once; a failure is forgotten, so that the next one tries again.

export class Lazy<T> {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | null = null;
  #value: T | null = null;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  get(): Promise<T> {
    if (!this.#made) {
      const made = this.#make();
      this.#made = made;
      made.then(
        (value) => {
          this.#value = value;
        },
        () => {
          this.#made = null;
        },
      );
    }
    return this.#made;
  }

  /** Null until it is made. */
  get value(): T | null {
    return this.#value;
  }

  /** Null where nobody has asked for it. */
  get ifMade(): Promise<T> | null {
    return this.#made;
  }
}
