// Looks for the sharpest photo: over the whole range by coarse detail, then closer by finer, then the top of the curve.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { axisOf, inUnit } from "../../hardware/axis.ts";
import type { Clock } from "../../lib/clock.ts";
import { demand } from "../../task/capabilities.ts";
import type { Axis, Capturing } from "../../task/devices.ts";
import type { FocusSearch, FocusStep, FoundFocus } from "../../task/microscope.ts";
import { gaussianTop } from "../alignment/parabola.ts";
import { clamp, type Range, rangeAbout } from "../alignment/range.ts";
import { fullWidth, sharpnessOf } from "./photo.ts";

interface Spot {
  readonly at: number;
  readonly sharpness: number;
}

/** Blur takes fine detail first: seen small, a photo far from the focus still says which way it lies. */
const passes = [
  { phase: "CoarseFocus", description: "Looking over the whole range", width: 48, share: 0.5 },
  { phase: "FineFocus", description: "Looking closer", width: 192, share: 0.25 },
  { phase: "FinestFocus", description: "Looking closest", width: fullWidth, share: 0.25 },
] as const;
/** Each pass goes in steps of this share of the one before, a step of that to either side. */
const closer = 1 / 4;
/** Of the least sharpness of a range: below it all of its photos are alike. */
const leastContrast = 1.1;

export class Autofocus {
  readonly #search: FocusSearch;
  readonly #clock: Clock;
  readonly #axis: Axis;
  readonly #camera: Capturing;
  readonly #range: Range;
  readonly #startUm: number;
  readonly #startedAt: number;
  #photos = 0;

  constructor(search: FocusSearch, clock: Clock) {
    this.#search = search;
    this.#clock = clock;
    this.#axis = axisOf(search.device);
    this.#camera = demand(search.camera, "capturing");
    this.#range = rangeAbout(this.#axis, search.rangeUm);
    this.#startUm = this.#axis.position;
    this.#startedAt = clock.monotonic();
  }

  async *run(): AsyncGenerator<FocusStep, FoundFocus, void> {
    let { min: from, max: to } = this.#range;
    let step = this.#search.stepUm;
    let spots: Spot[] = [];
    let before = 0;
    for (const pass of passes) {
      spots = [];
      const count = Math.max(2, Math.round((to - from) / step));
      for (let index = 0; index <= count; index++) {
        const at = from + ((to - from) * index) / count;
        const sharpness = await this.#sharpnessAt(at, pass.width);
        spots.push({ at, sharpness });
        const percent = 100 * (before + (pass.share * (index + 1)) / (count + 1));
        yield this.#told(pass, percent, { at, sharpness });
      }
      if (pass === passes[0]) await this.#refuseAlike(spots);
      const best = sharpestOf(spots).at;
      [from, to] = [clamp(best - step, this.#range), clamp(best + step, this.#range)];
      step *= closer;
      before += pass.share;
    }
    const positionUm = topOf(spots);
    const sharpness = await this.#sharpnessAt(positionUm, fullWidth);
    const { min, max } = this.#range;
    return {
      ...{ startUm: this.#startUm, positionUm, sharpness, photos: this.#photos },
      isAtRangeEnd: positionUm - min < step || max - positionUm < step,
    };
  }

  async #sharpnessAt(at: number, width: number): Promise<number> {
    const { speedUmPerS: speed, exposureMs, gain } = this.#search;
    if (this.#axis.position !== at) await this.#axis.moveTo(at, speed === undefined ? {} : { speed });
    this.#photos++;
    const { bytes } = await this.#camera.capture({
      ...(exposureMs !== undefined && { exposureMs }),
      ...(gain !== undefined && { gain }),
    });
    return sharpnessOf(bytes, width);
  }

  #told(pass: (typeof passes)[number], percent: number, { at, sharpness }: Spot): FocusStep {
    const { phase, description } = pass;
    const elapsedSeconds = (this.#clock.monotonic() - this.#startedAt) / 1000;
    return { phase, description, elapsedSeconds, percent, positionUm: at, sharpness };
  }

  /** @throws NO_FOCUS */
  async #refuseAlike(spots: readonly Spot[]): Promise<void> {
    const least = Math.min(...spots.map(({ sharpness }) => sharpness));
    const { at, sharpness } = sharpestOf(spots);
    if (sharpness > leastContrast * least) return;
    await this.#axis.moveTo(this.#startUm);
    const { min, max } = this.#range;
    throw new RuntimeError("NO_FOCUS", {
      searched: `${this.#axis.name} ${Number(min.toPrecision(6))} to ${inUnit(max, "um")}`,
      sharpest: Number(sharpness.toPrecision(3)),
      least: Number(least.toPrecision(3)),
      position_um: at,
    });
  }
}

const sharpestOf = (spots: readonly Spot[]): Spot =>
  spots.reduce((best, spot) => (spot.sharpness > best.sharpness ? spot : best));

/** Of the curve through the photos; the sharpest of them where it has no top between them. */
function topOf(spots: readonly Spot[]): number {
  const best = sharpestOf(spots);
  const top = gaussianTop(
    spots.map(({ at, sharpness }) => ({ at, value: sharpness, error: best.sharpness / 100 })),
  );
  const [first, last] = [spots[0] as Spot, spots.at(-1) as Spot];
  return top && top.at >= first.at && top.at <= last.at ? top.at : best.at;
}
