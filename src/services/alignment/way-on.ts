// Where a round of single axes leads. Where axes depend on each other the peak lies along a slope across them, and rounds
// come nearer in ever smaller steps; the way of the last one shows the direction (M. J. D. Powell, The Computer Journal 7,
// 155 (1964)). Pure.
import type { Line } from "./line.ts";
import type { Positions } from "./probe.ts";
import type { Searched } from "./searched.ts";

/** A line through all axes that moved: at 1 it has gone as far again as in the round. */
interface WayOn extends Omit<Line, "measure"> {
  placeAt(part: number): Positions;
}

/** @returns null where fewer than two axes have moved by more than their tolerance */
export function wayOn(axes: readonly Searched[], from: Positions, here: Positions): WayOn | null {
  const moved = axes.flatMap(({ name, range, tolerance }) => {
    const at = here[name] as number;
    const by = at - (from[name] as number);
    if (Math.abs(by) <= tolerance) return [];
    const ends = [(range.min - at) / by, (range.max - at) / by];
    return [{ name, at, by, min: Math.min(...ends), max: Math.max(...ends) }];
  });
  if (moved.length < 2) return null;
  return {
    ...{ start: 0, step: 0.5, tolerance: 0.02 },
    min: Math.max(...moved.map(({ min }) => min)),
    max: Math.min(...moved.map(({ max }) => max)),
    placeAt: (part) => Object.fromEntries(moved.map(({ name, at, by }) => [name, at + part * by])),
  };
}
