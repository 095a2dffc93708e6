// The top of a peak from points around it, by weighted least squares. Pure.

export interface FitPoint {
  readonly at: number;
  readonly value: number;
  /** Standard error of `value`. */
  readonly error: number;
}

export interface Top {
  readonly at: number;
  readonly value: number;
  /** Standard error of `at`. */
  readonly uncertainty: number;
  /** Distance from the top at which the value has fallen to half. */
  readonly halfWidth: number;
  /** By how many standard errors it is bent: below about 4 it may be no top at all. */
  readonly significance: number;
}

/** Values over their error: readings that agree to the last digit show a meter's resolution, not that there is no error. */
const mostPrecise = 1e4;

/**
 * The Gaussian through the points: a parabola through their logarithms, weighted with what the logarithm makes of their
 * errors (R. A. Caruana et al., Analytical Chemistry 58, 1162 (1986); H. Guo, IEEE Signal Processing Magazine 28, 134 (2011)).
 * Points that are not positive are left out.
 * @returns null where fewer than three are left, or where they have no top
 */
export function gaussianTop(points: readonly FitPoint[]): Top | null {
  const usable = points.filter(({ value, error }) => value > 3 * error);
  if (usable.length < 3) return null;
  const [first, last] = [usable[0] as FitPoint, usable.at(-1) as FitPoint];
  // Numbers about 1 in the middle of the points keep the equations well-conditioned.
  const middle = (first.at + last.at) / 2;
  const scale = Math.abs(last.at - first.at) / 2 || 1;
  const fit = parabolaThrough(
    usable.map(({ at, value, error }) => ({
      x: (at - middle) / scale,
      y: Math.log(value),
      weight: Math.min(value / error, mostPrecise) ** 2,
    })),
  );
  if (!fit || fit.c >= 0) return null;
  const x = -fit.b / (2 * fit.c);
  return {
    at: middle + scale * x,
    value: Math.exp(fit.a + fit.b * x + fit.c * x * x),
    uncertainty: scale * fit.topError(x),
    halfWidth: scale * Math.sqrt(-Math.LN2 / fit.c),
    significance: -fit.c / fit.bendError,
  };
}

interface WeightedPoint {
  readonly x: number;
  readonly y: number;
  /** One over the variance of `y`. */
  readonly weight: number;
}

interface Parabola {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Standard error of `c`. */
  readonly bendError: number;
  /** Standard error of the place of the top at `x`. */
  topError(x: number): number;
}

/** y = a + b x + c x², by the normal equations; null where the points do not determine it. */
function parabolaThrough(points: readonly WeightedPoint[]): Parabola | null {
  const sum = (term: (point: WeightedPoint) => number): number =>
    points.reduce((total, point) => total + point.weight * term(point), 0);
  const [s0, s1, s2, s3, s4] = [0, 1, 2, 3, 4].map((power) => sum(({ x }) => x ** power)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [y0, y1, y2] = [0, 1, 2].map((power) => sum(({ x, y }) => y * x ** power)) as [
    number,
    number,
    number,
  ];
  // Cofactors of the symmetric matrix [[s0, s1, s2], [s1, s2, s3], [s2, s3, s4]].
  const [aa, ab, ac] = [s2 * s4 - s3 * s3, s2 * s3 - s1 * s4, s1 * s3 - s2 * s2];
  const [bb, bc, cc] = [s0 * s4 - s2 * s2, s1 * s2 - s0 * s3, s0 * s2 - s1 * s1];
  const determinant = s0 * aa + s1 * ab + s2 * ac;
  if (!(Math.abs(determinant) > 1e-12 * s0 ** 3)) return null;
  const [a, b, c] = [
    aa * y0 + ab * y1 + ac * y2,
    ab * y0 + bb * y1 + bc * y2,
    ac * y0 + bc * y1 + cc * y2,
  ].map((value) => value / determinant) as [number, number, number];
  // The top is at -b / 2c: how b and c, with their covariances, move it.
  const topError = (x: number): number =>
    Math.sqrt(Math.max(0, bb + 4 * x * bc + 4 * x * x * cc) / determinant) / Math.abs(2 * c);
  return { a, b, c, bendError: Math.sqrt(cc / determinant), topError };
}
