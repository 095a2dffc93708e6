// How the photos of one stack lie over the one in their middle: from coarse to fine, from neighbour to neighbour.
import { correlationStep } from "./correlation.ts";
import { halve, type Plane, smooth } from "./plane.ts";
import { compose, identity, type Similarity } from "./similarity.ts";

/** Finest first. */
export type Pyramid = readonly Plane[];

/** The smallest level's long side is at most twice this, in pixels. */
const coarsest = 32;

export function pyramidOf(plane: Plane): Pyramid {
  // Noise and the last pixel of sharpness are not what two photos of different focus have in common.
  const levels = [smooth(plane, 1)];
  for (;;) {
    const finest = levels.at(-1) as Plane;
    if (Math.max(finest.width, finest.height) < 2 * coarsest) return levels;
    levels.push(halve(finest));
  }
}

export interface Alignment {
  readonly similarity: Similarity;
  /** The enhanced correlation coefficient: 1 is alike but for brightness and contrast. */
  readonly correlation: number;
}

const mostSteps = 50;
/** A step that does not raise the correlation by more was the last. */
const leastRise = 1e-5;
/** Less is a coincidence. */
const leastCorrelation = 0.5;
/** Beyond these it is not the same camera refocused, but something that happens to look alike. */
const mostGrow = 0.25;
const mostTurn = 0.1;
const mostShift = 0.25;

interface Way {
  readonly start: Similarity;
  /** The levels to go through, the finest first. */
  readonly levels: readonly number[];
}

/** @returns null where it does not converge, or to something that no lens does */
export function align(reference: Pyramid, photo: Pyramid, way?: Way): Alignment | null {
  const { start, levels } = way ?? { start: identity, levels: [...reference.keys()] };
  let similarity = start;
  let found: Alignment | null = null;
  for (const level of levels.toReversed()) {
    // A coarse level may have lost what there is to see; the finest must converge.
    found = climb(reference[level] as Plane, photo[level] as Plane, similarity);
    if (found) ({ similarity } = found);
  }
  return found && found.correlation >= leastCorrelation ? found : null;
}

function climb(reference: Plane, photo: Plane, start: Similarity): Alignment | null {
  let best: Alignment = { similarity: start, correlation: -1 };
  let similarity = start;
  for (let step = 0; step < mostSteps; step++) {
    const { correlation, next } = correlationStep(reference, photo, similarity);
    const rise = correlation - best.correlation;
    if (rise > 0) best = { similarity, correlation };
    if (rise < leastRise) return best;
    if (!next || !isOfALens(next)) return null;
    similarity = next;
  }
  return null;
}

const isOfALens = ({ grow, turn, dx, dy }: Similarity): boolean =>
  Math.abs(grow) < mostGrow && Math.abs(turn) < mostTurn && Math.hypot(dx, dy) < mostShift;

/**
 * The photos on one side of the middle, the one beside it first. Neighbours are blurred almost alike, so each is aligned
 * to the one before it, without the finest level; that link begins the search over the middle photo itself, so that small
 * errors do not add up.
 */
export class Chain {
  readonly #middle: Pyramid;
  #before: Pyramid;
  #similarity = identity;

  constructor(middle: Pyramid) {
    this.#middle = middle;
    this.#before = middle;
  }

  /** @returns null where neither the neighbour nor the middle says where it lies */
  next(photo: Pyramid): Alignment | null {
    const levels = [...this.#middle.keys()];
    const link = align(this.#before, photo, {
      start: identity,
      levels: levels.length > 1 ? levels.slice(1) : levels,
    });
    const found =
      (link &&
        align(this.#middle, photo, {
          start: compose(link.similarity, this.#similarity),
          levels: levels.slice(0, 2),
        })) ??
      align(this.#middle, photo);
    if (!found) return null;
    this.#before = photo;
    this.#similarity = found.similarity;
    return found;
  }
}
