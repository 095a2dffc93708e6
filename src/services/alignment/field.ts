// Where to look for light when there is none: from the middle outwards, so that what is near is found soon. Pure.
import { clamp, type Range } from "./range.ts";

/** An axis in the field, and where it stands. */
export interface FieldAxis {
  readonly name: string;
  readonly start: number;
  readonly range: Range;
}

/** The places to look at, in their order: on a line for one axis, on a square grid for two. */
export function placesOf(axes: readonly FieldAxis[], pitch: number): Record<string, number>[] {
  const reach = Math.max(...axes.map(({ start, range }) => Math.max(start - range.min, range.max - start)));
  const offsets = axes.length === 1 ? toAndFro(reach, pitch) : spiral(reach, pitch);
  return offsets
    .map((offset) => axes.map(({ start }, index) => start + (offset[index] as number)))
    .filter((place) =>
      axes.every(({ range }, index) => clamp(place[index] as number, range) === place[index]),
    )
    .map((place) => Object.fromEntries(axes.map(({ name }, index) => [name, place[index] as number])));
}

/** How many steps of a pitch a reach has, whatever floating point makes of it. */
const stepsIn = (reach: number, pitch: number): number => Math.floor(reach / pitch + 1e-9);

/** 0, 1, -1, 2, -2 … times the pitch. */
function toAndFro(reach: number, pitch: number): number[][] {
  const steps = Array.from({ length: stepsIn(reach, pitch) }, (_, index) => (index + 1) * pitch);
  return [[0], ...steps.flatMap((step) => [[step], [-step]])];
}

/** Ring by ring; each place is one pitch from the one before. */
function spiral(reach: number, pitch: number): number[][] {
  const places = [[0, 0]];
  let [x, y] = [0, 0];
  const go = (dx: number, dy: number, steps: number): void => {
    for (let step = 0; step < steps; step++) {
      [x, y] = [x + dx, y + dy];
      places.push([x * pitch, y * pitch]);
    }
  };
  for (let ring = 1; ring <= stepsIn(reach, pitch); ring++) {
    go(1, 0, 1);
    go(0, 1, 2 * ring - 1);
    go(-1, 0, 2 * ring);
    go(0, -1, 2 * ring);
    go(1, 0, 2 * ring);
  }
  return places;
}
