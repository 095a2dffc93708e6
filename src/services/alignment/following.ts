// An axis that turns takes the end of the fibre along a circle: at each of its places the axes across the beam go after
// the light, so that what is compared is the turn alone. How far they have to go is learned on the way.
import type { Searched } from "./axes.ts";
import { gaussianTop } from "./parabola.ts";
import type { Measured, Positions, Probe } from "./probe.ts";
import { clamp } from "./range.ts";
import { isSignificantlyAbove, type Reading } from "./reading.ts";

interface Centre {
  readonly at: number;
  readonly positions: Positions;
}

export class Following {
  readonly #probe: Probe;
  readonly #turn: string;
  readonly #followers: readonly Searched[];
  /** Where the light was: at the beginning, and last. Between them, and beyond, it lies on a straight line. */
  readonly #first: Centre;
  #last: Centre;

  constructor(probe: Probe, turn: string, followers: readonly Searched[]) {
    this.#probe = probe;
    this.#turn = turn;
    this.#followers = followers;
    const { positions } = probe;
    this.#first = { at: positions[turn] as number, positions };
    this.#last = this.#first;
  }

  /** The power with the axis at this place and the others in the light; where there is none, where it should be. */
  async *at(at: number): Measured<Reading> {
    const place: Record<string, number> = { ...this.#expected(at), [this.#turn]: at };
    let here = yield* this.#probe.at(place);
    let isCentred = true;
    for (const follower of this.#followers) {
      const centre = yield* this.#centreOf(follower, place[follower.name] as number, here);
      if (centre === null) isCentred = false;
      place[follower.name] = centre ?? (place[follower.name] as number);
      here = yield* this.#probe.at(place);
    }
    if (isCentred) this.#learn({ at, positions: place });
    return here;
  }

  /** @returns null where three points do not show it */
  async *#centreOf({ name, step, range }: Searched, from: number, here: Reading): Measured<number | null> {
    const spots = [{ at: from, reading: here }];
    for (const side of [-step, step]) {
      const at = clamp(from + side, range);
      spots.push({ at, reading: yield* this.#probe.at({ [name]: at }) });
    }
    spots.sort((one, other) => one.at - other.at);
    const top = gaussianTop(
      spots.map(({ at, reading: { powerUw, errorUw } }) => ({ at, value: powerUw, error: errorUw })),
    );
    if (top && top.uncertainty < step && Math.abs(top.at - from) < 3 * step) return clamp(top.at, range);
    const best = spots.reduce((one, other) =>
      isSignificantlyAbove(other.reading, one.reading) ? other : one,
    );
    return best.at === from ? null : best.at;
  }

  #expected(at: number): Positions {
    const [first, last] = [this.#first, this.#last];
    const span = last.at - first.at;
    const share = span === 0 ? 0 : (at - first.at) / span;
    return Object.fromEntries(
      this.#followers.map(({ name, range }) => {
        const [one, other] = [first.positions[name] as number, last.positions[name] as number];
        return [name, clamp(one + share * (other - one), range)];
      }),
    );
  }

  /** The longer the way between them, the better two places show the line. */
  #learn(centre: Centre): void {
    if (Math.abs(centre.at - this.#first.at) >= Math.abs(this.#last.at - this.#first.at)) this.#last = centre;
  }
}
