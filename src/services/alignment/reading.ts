// What a meter says at one place: a mean, and how far it can be trusted.

export interface Reading {
  readonly powerUw: number;
  /** Standard error of the mean. */
  readonly errorUw: number;
}

/** @param leastNoiseUw noise of a single reading (1 sigma); a few readings may agree by chance, so it is at least this */
export function readingOf(values: readonly number[], leastNoiseUw: number): Reading {
  const powerUw = mean(values);
  return { powerUw, errorUw: Math.max(spread(values), leastNoiseUw) / Math.sqrt(values.length) };
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sample standard deviation. */
export function spread(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** Differences below so many standard errors are noise. */
const significance = 4;

export const isSignificantlyAbove = (one: Reading, other: Reading): boolean =>
  one.powerUw - other.powerUw > significance * Math.hypot(one.errorUw, other.errorUw);

export const differ = (one: Reading, other: Reading): boolean =>
  isSignificantlyAbove(one, other) || isSignificantlyAbove(other, one);
