// The JSON of immutable values, made once for the two who need it at the same time: the disk and the answer.
import { TurnoverMap } from "./turnover.ts";

export class FreshJson {
  readonly #texts = new TurnoverMap<object, string>();
  readonly #keep: number;

  /** @param keep how many of the latest texts are remembered */
  constructor(keep = 256) {
    this.#keep = keep;
  }

  /** Makes and remembers it. @param value never changed afterwards */
  make(value: object): string {
    const text = JSON.stringify(value);
    this.#texts.set(value, text);
    if (this.#texts.size > this.#keep) {
      for (const oldest of this.#texts.keys()) {
        this.#texts.delete(oldest);
        break;
      }
    }
    return text;
  }

  /** The text that was made of it, which is forgotten then, or a new one. */
  take(value: object): string {
    const text = this.#texts.get(value);
    if (text === undefined) return JSON.stringify(value);
    this.#texts.delete(value);
    return text;
  }
}
