// A Map and a Set for what comes and goes by the thousand. V8 links every table that a Map or Set gives up to the one
// after it. Once one of them has grown old, all the later ones and whatever stood in them are kept until the next full
// collection, and each small one copies them: half of the garbage collector's time in a life of a task. A fresh Map is
// linked to nothing, so these take one from time to time.

/** Besides as many as are in it: so many go before a fresh one is taken. */
const leastGone = 32;

export class TurnoverMap<K, V> {
  #map = new Map<K, V>();
  #gone = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  /** @returns whether it was there */
  delete(key: K): boolean {
    if (!this.#map.delete(key)) return false;
    if (++this.#gone > this.#map.size + leastGone) {
      this.#map = new Map(this.#map);
      this.#gone = 0;
    }
    return true;
  }

  /** In the order they came. While they are looked at none may go. */
  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  /** In the order they came. While they are looked at none may go. */
  values(): IterableIterator<V> {
    return this.#map.values();
  }
}

export class TurnoverSet<T> {
  readonly #items = new TurnoverMap<T, T>();

  get size(): number {
    return this.#items.size;
  }

  has(item: T): boolean {
    return this.#items.has(item);
  }

  add(item: T): void {
    this.#items.set(item, item);
  }

  /** @returns whether it was there */
  delete(item: T): boolean {
    return this.#items.delete(item);
  }

  /** In the order they came. While they are looked at none may go. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }
}
