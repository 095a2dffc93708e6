// The highest place along a line: climbs until the peak is behind, narrows down to it, and fits its top. Knows neither
// axes nor meters: a line is a number, and `measure` says what is read there.

import { gaussianTop, type Top } from "./parabola.ts";
import type { Measured } from "./probe.ts";
import { clamp } from "./range.ts";
import { differ, isSignificantlyAbove, type Reading } from "./reading.ts";

export interface Line {
  readonly start: number;
  readonly min: number;
  readonly max: number;
  /** The first step of the climb. */
  readonly step: number;
  /** Closer than this nobody looks. */
  readonly tolerance: number;
  measure(at: number): Measured<Reading>;
}

export interface Summit {
  readonly at: number;
  readonly reading: Reading;
  /** Standard error of `at`; null where it still rises at the end of the line. */
  readonly uncertainty: number | null;
}

interface Spot {
  readonly at: number;
  readonly reading: Reading;
}

/** In the order of the line. */
type Bracket = readonly [low: Spot, middle: Spot, high: Spot];

/** @returns null where nothing along the line differs by more than the noise */
export async function* summitOf(line: Line): Measured<Summit | null> {
  const bracket = yield* bracketOf(line);
  // No two points differ; many together may.
  if (bracket === null) return yield* topOf(line, windowBetween(line.min, line.max));
  const [low, middle, high] = bracket;
  const highest = highestOf(bracket);
  if (highest === middle) {
    const near = yield* narrowed(line, bracket);
    return yield* topOf(line, { centre: near[1].at, half: windowOf(fitOf(near), near) });
  }
  // It rises to the end of the line, or one point there was high by chance.
  if (!isSignificantlyAbove(highest.reading, middle.reading))
    return yield* topOf(line, windowBetween(low.at, high.at));
  return { at: highest.at, reading: yield* line.measure(highest.at), uncertainty: null };
}

interface Window {
  readonly centre: number;
  readonly half: number;
}

const windowBetween = (from: number, to: number): Window => ({
  centre: (from + to) / 2,
  half: (to - from) / 2,
});

async function* spotAt(line: Line, at: number): Measured<Spot> {
  const within = clamp(at, line);
  return { at: within, reading: yield* line.measure(within) };
}

/** Looks further to both sides until something differs, then climbs. */
async function* bracketOf(line: Line): Measured<Bracket | null> {
  const middle = yield* spotAt(line, line.start);
  for (let step = line.step; ; step *= 2) {
    const low = yield* spotAt(line, line.start - step);
    const high = yield* spotAt(line, line.start + step);
    if (differ(low.reading, middle.reading) || differ(high.reading, middle.reading))
      return yield* climbed(line, [low, middle, high], step);
    if (low.at === line.min && high.at === line.max) return null;
  }
}

/** Goes uphill in growing steps, until it goes down again or the line ends. */
async function* climbed(line: Line, begun: Bracket, firstStep: number): Measured<Bracket> {
  let [low, middle, high] = begun;
  for (let step = 2 * firstStep; ; step *= 2) {
    const highest = highestOf([low, middle, high]);
    if (highest === middle || highest.at === line.min || highest.at === line.max) return [low, middle, high];
    if (highest === high) [low, middle, high] = [middle, high, yield* spotAt(line, high.at + step)];
    else [low, middle, high] = [yield* spotAt(line, low.at - step), low, middle];
  }
}

/** Beneath this share of the middle, the ends of a bracket are too far away for a parabola. */
const nearTop = 0.4;
/** 2 minus the golden ratio: J. Kiefer, Proceedings of the AMS 4, 502 (1953). */
const golden = (3 - Math.sqrt(5)) / 2;

async function* narrowed(line: Line, begun: Bracket): Measured<Bracket> {
  let [low, middle, high] = begun;
  const isWide = (): boolean =>
    Math.min(low.reading.powerUw, high.reading.powerUw) < nearTop * middle.reading.powerUw &&
    high.at - low.at > 4 * line.tolerance;
  while (isWide()) {
    const isAbove = high.at - middle.at > middle.at - low.at;
    const side = isAbove ? high : low;
    const next = yield* spotAt(line, middle.at + golden * (side.at - middle.at));
    if (next.reading.powerUw > middle.reading.powerUw)
      [low, middle, high] = isAbove ? [middle, next, high] : [low, next, middle];
    else if (isAbove) high = next;
    else low = next;
  }
  return [low, middle, high];
}

const points = 9;
const passes = 4;
/** A parabola that is bent by less than so many standard errors is a straight line. */
const leastSignificance = 4;

/**
 * Measures evenly about a middle and fits; again about the top of the fit until that is in the middle, and wider where no
 * top shows.
 * @returns null where there is none
 */
async function* topOf(line: Line, window: Window): Measured<Summit | null> {
  let { centre, half } = window;
  let top: Top | null = null;
  const seen: Spot[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const [from, to] = [clamp(centre - half, line), clamp(centre + half, line)];
    seen.push(...(yield* evenly(line, from, to)));
    seen.sort((one, other) => one.at - other.at);
    const spots = seen.filter(({ at }) => at >= from && at <= to);
    const fit = fitOf(spots);
    top = fit && fit.significance >= leastSignificance ? fit : null;
    const next = clamp(top?.at ?? highestOf(spots).at, { min: from, max: to });
    if (top && Math.abs(next - (from + to) / 2) <= half / 4) break;
    centre = next;
    half = top ? windowOf(top, spots) : 2 * half;
  }
  if (top === null) return null;
  const highest = highestOf(seen);
  const found = yield* spotAt(line, top.at);
  if (!isSignificantlyAbove(highest.reading, found.reading))
    return { ...found, uncertainty: top.uncertainty };
  return { ...(yield* spotAt(line, highest.at)), uncertainty: half };
}

/** Half of the window in which the power falls to half; about as wide as what was measured where no peak shows. */
function windowOf(fit: Top | null, spots: readonly Spot[]): number {
  const measured = ((spots.at(-1) as Spot).at - (spots[0] as Spot).at) / 2;
  return fit ? clamp(fit.halfWidth, { min: measured / 8, max: 2 * measured }) : measured;
}

async function* evenly(line: Line, from: number, to: number): Measured<Spot[]> {
  const [first, last] = [clamp(from, line), clamp(to, line)];
  const spots: Spot[] = [];
  for (let step = 0; step < points; step++)
    spots.push(yield* spotAt(line, first + ((last - first) * step) / (points - 1)));
  return spots;
}

function fitOf(spots: readonly Spot[]): Top | null {
  // Noise grows with the light, and a few readings know it badly: what all points say of it counts, too.
  const shares = spots
    .map(({ reading }) => reading.errorUw / Math.abs(reading.powerUw))
    .sort((a, b) => a - b);
  const share = shares[Math.floor(shares.length / 2)] as number;
  return gaussianTop(
    spots.map(({ at, reading: { powerUw, errorUw } }) => ({
      at,
      value: powerUw,
      error: Math.max(errorUw, share * Math.abs(powerUw)),
    })),
  );
}

const highestOf = (spots: readonly Spot[]): Spot =>
  spots.reduce((best, spot) => (spot.reading.powerUw > best.reading.powerUw ? spot : best));
