// Climbs along a line until the peak is between two lower places, and narrows down to it.
import { highestOf, type Line, type Spot, spotAt } from "./line.ts";
import type { Measured } from "./probe.ts";
import { differ } from "./reading.ts";

/** In the order of the line. */
export type Bracket = readonly [low: Spot, middle: Spot, high: Spot];

/**
 * Looks further to both sides until something differs, then climbs.
 * @returns null where nothing does; else the middle is the highest, or one of the ends is and the line ends there
 */
export async function* bracketOf(line: Line): Measured<Bracket | null> {
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

/** By golden sections, until all three are near the top. */
export async function* narrowed(line: Line, begun: Bracket): Measured<Bracket> {
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
