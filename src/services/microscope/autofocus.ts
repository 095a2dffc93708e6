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
/** Of the first pass; hours of photos: more is a step in the wrong unit. */
const mostPhotos = 10_000;
/** Of the least sharpness of a pass: where none is above it all of its photos are alike. */
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
    const photos = (this.#range.max - this.#range.min) / search.stepUm;
    if (photos > mostPhotos)
      throw new Error(
        `A step of ${search.stepUm} µm makes ${Math.round(photos)} photos, more than ${mostPhotos}: ` +
          "choose a larger step or a smaller range.",
      );
    this.#startedAt = clock.monotonic();
  }

  async *run(): AsyncGenerator<FocusStep, FoundFocus, void> {
    const { min, max } = this.#range;
    let [from, to, step] = [min, max, this.#search.stepUm];
    let spots: readonly Spot[] = [];
    let before = 0;
    for (const pass of passes) {
      const seen: Spot[] = [];
      const count = Math.max(2, Math.round((to - from) / step));
      for (let index = 0; index <= count; index++) {
        const at = from + ((to - from) * index) / count;
        seen.push({ at, sharpness: await this.#sharpnessAt(at, pass.width) });
        const percent = 100 * (before + (pass.share * (index + 1)) / (count + 1));
        yield this.#told(pass, percent, seen.at(-1) as Spot);
      }
      if (areAlike(seen)) {
        if (pass === passes[0]) throw await this.#noFocus(seen);
        // Too far from any focus for detail as fine as this.
        break;
      }
      spots = seen;
      const best = sharpestOf(spots).at;
      [from, to] = [clamp(best - step, this.#range), clamp(best + step, this.#range)];
      step *= closer;
      before += pass.share;
    }
    const best = sharpestOf(spots).at;
    const isAtRangeEnd = best === min || best === max;
    const positionUm = isAtRangeEnd ? best : topOf(spots);
    const sharpness = await this.#sharpnessAt(positionUm, fullWidth);
    return { startUm: this.#startUm, positionUm, sharpness, isAtRangeEnd, photos: this.#photos };
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

  async #noFocus(spots: readonly Spot[]): Promise<RuntimeError> {
    await this.#axis.moveTo(this.#startUm);
    const { min, max } = this.#range;
    const { at, sharpness } = sharpestOf(spots);
    return new RuntimeError("NO_FOCUS", {
      searched: `${this.#axis.name} ${Number(min.toPrecision(6))} to ${inUnit(max, "um")}`,
      sharpest: Number(sharpness.toPrecision(3)),
      least: Number(leastOf(spots).toPrecision(3)),
      position_um: at,
    });
  }
}

const leastOf = (spots: readonly Spot[]): number => Math.min(...spots.map(({ sharpness }) => sharpness));

const areAlike = (spots: readonly Spot[]): boolean =>
  sharpestOf(spots).sharpness <= leastContrast * leastOf(spots);

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
