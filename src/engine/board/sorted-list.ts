// A list kept in order. Most things arrive at the end and leave at the front: both cost nothing here.

/** @typeParam K what the order looks at; a bare K serves to look for a place */
export class SortedList<T extends K, K = T> {
  readonly #compare: (a: K, b: K) => number;
  #items: T[] = [];
  /** What lies before has left. */
  #head = 0;

  /** @param compare total: 0 only for the same item */
  constructor(compare: (a: K, b: K) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  get last(): T | undefined {
    return this.size === 0 ? undefined : this.#items.at(-1);
  }

  add(item: T): void {
    if (this.size === 0 || this.#compare(this.#items.at(-1) as T, item) < 0) this.#items.push(item);
    else this.#items.splice(this.#head + this.countBefore(item), 0, item);
  }

  /** @returns whether it was there */
  delete(item: T): boolean {
    const index = this.#head + this.countBefore(item);
    const found = this.#items[index];
    if (found === undefined || this.#compare(found, item) !== 0) return false;
    if (index === this.#head) this.#dropFirst();
    else this.#items.splice(index, 1);
    return true;
  }

  /** How many come before `item`, which need not be in the list. */
  countBefore(item: K): number {
    let low = this.#head;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#items[middle] as T, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low - this.#head;
  }

  /** In order, from the one at `index` on. */
  *from(index: number): Generator<T> {
    for (let at = this.#head + index; at < this.#items.length; at++) yield this.#items[at] as T;
  }

  /** In reverse, from the one before `index` on. */
  *backFrom(index: number): Generator<T> {
    for (let at = this.#head + index - 1; at >= this.#head; at--) yield this.#items[at] as T;
  }

  [Symbol.iterator](): Generator<T> {
    return this.from(0);
  }

  #dropFirst(): void {
    this.#items[this.#head++] = undefined as T;
    if (this.#head < 1024 || this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
