// The top of a peak that is near: measures about it and fits.
import { highestOf, type Line, type Spot, spotAt } from "./line.ts";
import { gaussianTop, type Top } from "./parabola.ts";
import type { Measured } from "./probe.ts";
import { clamp } from "./range.ts";
import { isSignificantlyAbove, type Reading } from "./reading.ts";

export interface Summit {
  readonly at: number;
  readonly reading: Reading;
  /** Standard error of `at`; null where it still rises at the end of the line. */
  readonly uncertainty: number | null;
}

/** A stretch of the line to look at. */
export interface Window {
  readonly centre: number;
  readonly half: number;
}

export const windowBetween = (from: number, to: number): Window => ({
  centre: (from + to) / 2,
  half: (to - from) / 2,
});

const points = 9;
const passes = 4;
/** Half of the window that is fitted, in halves of the peak's width. */
const widest = 1.5;
/** A parabola that is bent by less than so many standard errors is a straight line. */
const leastSignificance = 4;

/**
 * Measures evenly about a middle and fits; again about the top of the fit until that is in the middle, and wider where no
 * top shows.
 * @returns null where there is none
 */
export async function* topOf(line: Line, window: Window): Measured<Summit | null> {
  let { centre, half } = window;
  let top: Top | null = null;
  const seen: Spot[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const [from, to] = [clamp(centre - half, line), clamp(centre + half, line)];
    seen.push(...(yield* evenly(line, from, to)));
    seen.sort((one, other) => one.at - other.at);
    const spots = seen.filter(({ at }) => at >= from && at <= to);
    const fit = fitOf(spots);
    const best = highestOf(spots).at;
    const aim = fit && clamp(fit.at, line);
    top = fit && fit.significance >= leastSignificance ? fit : null;
    if (top === null || aim === null) {
      [centre, half] = [best, 2 * half];
    } else if (Math.abs(aim - best) > half / 2) {
      // What was measured has another shape than a peak near its top.
      [centre, half] = [best, half / 2];
    } else {
      const isNarrow = half <= widest * top.halfWidth;
      const isCentred = Math.abs(aim - (from + to) / 2) <= half / 4;
      const isAtEnd = aim === best && (aim === line.min || aim === line.max);
      if (isNarrow && (isCentred || isAtEnd)) break;
      [centre, half] = [clamp(aim, { min: from, max: to }), halfOf(top, spots)];
    }
  }
  if (top === null) return null;
  const highest = highestOf(seen);
  const found = yield* spotAt(line, top.at);
  const uncertainty = found.at === top.at ? top.uncertainty : null;
  if (!isSignificantlyAbove(highest.reading, found.reading)) return { ...found, uncertainty };
  return { ...(yield* spotAt(line, highest.at)), uncertainty: half };
}

/** About as wide as the peak, as far as these show it. */
export function windowAbout(spots: readonly Spot[]): Window {
  return { centre: highestOf(spots).at, half: halfOf(fitOf(spots), spots) };
}

/** Half of the window in which the power falls to half; about as wide as what was measured where no peak shows. */
function halfOf(fit: Top | null, spots: readonly Spot[]): number {
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
