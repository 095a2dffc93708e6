// The highest place along a line.
import { bracketOf, narrowed } from "./climb.ts";
import { highestOf, type Line, type Spot } from "./line.ts";
import type { Measured } from "./probe.ts";
import { isSignificantlyAbove } from "./reading.ts";
import { type Summit, topOf, windowAbout, windowBetween } from "./top.ts";

/** @returns null where nothing along the line differs by more than the noise */
export async function* summitOf(line: Line): Measured<Summit | null> {
  const bracket = yield* bracketOf(line);
  // No two points differ; many together may.
  if (bracket === null) return yield* topOf(line, windowBetween(line.min, line.max));
  const highest = highestOf(bracket);
  if (highest === bracket[1] && !isEnd(line, highest)) {
    return yield* topOf(line, windowAbout(yield* narrowed(line, bracket)));
  }
  const top = yield* topOf(line, windowBetween(bracket[0].at, bracket[2].at));
  // No shape of a peak, but a rise to the end.
  const rises = bracket.every(
    (spot) => spot.at === highest.at || isSignificantlyAbove(highest.reading, spot.reading),
  );
  if (top !== null || !rises) return top;
  return { at: highest.at, reading: yield* line.measure(highest.at), uncertainty: null };
}

const isEnd = ({ min, max }: Line, { at }: Spot): boolean => at === min || at === max;
