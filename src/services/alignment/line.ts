// A line to look along: a number, and what is read at it. Knows neither axes nor meters.
import type { Measured } from "./probe.ts";
import { clamp } from "./range.ts";
import type { Reading } from "./reading.ts";

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

export interface Spot {
  readonly at: number;
  readonly reading: Reading;
}

/** Inside the line. */
export async function* spotAt(line: Line, at: number): Measured<Spot> {
  const within = clamp(at, line);
  return { at: within, reading: yield* line.measure(within) };
}

export const highestOf = (spots: readonly Spot[]): Spot =>
  spots.reduce((best, spot) => (spot.reading.powerUw > best.reading.powerUw ? spot : best));
