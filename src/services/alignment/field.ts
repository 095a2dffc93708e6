// Where to look for light when there is none: from the middle outwards, so that what is near is found soon. Pure.
import { clamp, type Range } from "./range.ts";

/** An axis in the field, and where it stands. */
export interface FieldAxis {
  readonly name: string;
  readonly start: number;
  readonly range: Range;
}

/** Days of looking: more is a pitch in the wrong unit. */
const mostPlaces = 1_000_000;

export interface FieldPlace {
  readonly place: Record<string, number>;
  /** How much of the field lies before it, 0 to 1. */
  readonly share: number;
}

/** Made one by one, however many there are: nobody waits for all of them. */
export class Field {
  readonly #axes: readonly FieldAxis[];
  readonly #pitch: number;
  readonly #rings: number;

  /** @throws Error for a grid that nobody would live to see searched */
  constructor(axes: readonly FieldAxis[], pitch: number) {
    const reach = Math.max(...axes.map(({ start, range }) => Math.max(start - range.min, range.max - start)));
    this.#axes = axes;
    this.#pitch = pitch;
    // Whatever floating point makes of it.
    this.#rings = Math.floor(reach / pitch + 1e-9);
    if (this.#size > mostPlaces)
      throw new Error(
        `Looking for light at a pitch of ${pitch} up to ${Number(reach.toPrecision(6))} away makes ` +
          `${this.#size} places, more than ${mostPlaces}: choose a larger pitch or a smaller range.`,
      );
  }

  /** In their order: on a line for one axis, on a square grid for two. */
  *places(): Generator<FieldPlace> {
    const offsets = this.#axes.length === 1 ? toAndFro(this.#rings) : spiral(this.#rings);
    let seen = 0;
    for (const offset of offsets) {
      const share = seen++ / this.#size;
      const at = this.#axes.map(({ start }, index) => start + (offset[index] as number) * this.#pitch);
      const isInside = this.#axes.every(
        ({ range }, index) => clamp(at[index] as number, range) === at[index],
      );
      if (isInside)
        yield {
          place: Object.fromEntries(this.#axes.map(({ name }, index) => [name, at[index] as number])),
          share,
        };
    }
  }

  get #size(): number {
    const across = 2 * this.#rings + 1;
    return this.#axes.length === 1 ? across : across ** 2;
  }
}

/** 0, 1, -1, 2, -2 … */
function* toAndFro(rings: number): Generator<readonly number[]> {
  yield [0];
  for (let step = 1; step <= rings; step++) {
    yield [step];
    yield [-step];
  }
}

/** Ring by ring; each place is one step from the one before. */
function* spiral(rings: number): Generator<readonly number[]> {
  let [x, y] = [0, 0];
  yield [x, y];
  for (let ring = 1; ring <= rings; ring++) {
    const sides = [
      [1, 0, 1],
      [0, 1, 2 * ring - 1],
      [-1, 0, 2 * ring],
      [0, -1, 2 * ring],
      [1, 0, 2 * ring],
    ] as const;
    for (const [dx, dy, steps] of sides)
      for (let step = 0; step < steps; step++) {
        [x, y] = [x + dx, y + dy];
        yield [x, y];
      }
  }
}
