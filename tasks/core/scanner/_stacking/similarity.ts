// How a refocused photo lies over the one in the middle of its stack: larger or smaller, turned, shifted. Arithmetic only.

/**
 * From a place in the middle photo to the same thing in this one, both from the photo's centre:
 * x' = (1 + grow) x - turn y + dx, y' = turn x + (1 + grow) y + dy.
 * `dx` and `dy` are shares of the photo's width, so that it holds at every size of it; `grow` and `turn` have no unit, and
 * for small ones `turn` is the angle in radians. A lens that is refocused magnifies alike in all directions: there is no
 * shear.
 */
export interface Similarity {
  readonly grow: number;
  readonly turn: number;
  readonly dx: number;
  readonly dy: number;
}

export const identity: Similarity = { grow: 0, turn: 0, dx: 0, dy: 0 };

/** First `inner`, then `outer`. */
export function compose(outer: Similarity, inner: Similarity): Similarity {
  const [a, b] = [1 + outer.grow, outer.turn];
  const [c, d] = [1 + inner.grow, inner.turn];
  return {
    grow: a * c - b * d - 1,
    turn: b * c + a * d,
    dx: a * inner.dx - b * inner.dy + outer.dx,
    dy: b * inner.dx + a * inner.dy + outer.dy,
  };
}

/** How far a corner moves at most from one to the other, in pixels of a photo of this size. */
export function apart(one: Similarity, other: Similarity, width: number, height: number): number {
  const scaling = Math.hypot(one.grow - other.grow, one.turn - other.turn) * Math.hypot(width, height) * 0.5;
  return scaling + Math.hypot(one.dx - other.dx, one.dy - other.dy) * width;
}

/** The median of each of the four: one stack that went wrong of three does no harm. */
export function medianOf(several: readonly Similarity[]): Similarity {
  const middle = (pick: (one: Similarity) => number): number => {
    const sorted = several.map(pick).sort((a, b) => a - b);
    const half = sorted.length >> 1;
    const upper = sorted[half] as number;
    return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
  };
  return {
    grow: middle(({ grow }) => grow),
    turn: middle(({ turn }) => turn),
    dx: middle(({ dx }) => dx),
    dy: middle(({ dy }) => dy),
  };
}

/** The same in pixels from the upper left corner of a photo of this size: x' = a x - b y + x0, y' = b x + a y + y0. */
export interface PixelMap {
  readonly a: number;
  readonly b: number;
  readonly x0: number;
  readonly y0: number;
}

export function inPixels({ grow, turn, dx, dy }: Similarity, width: number, height: number): PixelMap {
  const [a, b] = [1 + grow, turn];
  // The centre of a pixel is half a pixel from its corner.
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  return { a, b, x0: dx * width + cx - a * cx + b * cy, y0: dy * width + cy - b * cx - a * cy };
}
