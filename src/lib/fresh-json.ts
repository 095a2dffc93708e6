// The JSON of immutable values, made once for all who need it at the same time: the disk, the answer, the clients.

export class FreshJson {
  readonly #texts = new Map<object, string>();
  readonly #keep: number;

  /** @param keep how many of the latest texts are remembered */
  constructor(keep = 256) {
    this.#keep = keep;
  }

  /** @param value never changed afterwards */
  readonly of = (value: object): string => {
    let text = this.#texts.get(value);
    if (text !== undefined) return text;
    text = JSON.stringify(value);
    this.#texts.set(value, text);
    if (this.#texts.size > this.#keep) {
      for (const oldest of this.#texts.keys()) {
        this.#texts.delete(oldest);
        break;
      }
    }
    return text;
  };
}
