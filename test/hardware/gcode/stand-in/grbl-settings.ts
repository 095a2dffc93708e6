// The settings a Grbl stand-in is shipped with: 50 mm/s, 200 mm/s², 200 mm, homing towards 0.
import type { Axis } from "./planner.ts";

export type GrblSettings = Map<number, number>;

export function settingsWith(axes: number, changes: Readonly<Record<number, number>> = {}): GrblSettings {
  const perAxis = (number: number, value: number) =>
    Array.from({ length: axes }, (_, axis): [number, number] => [number + axis, value]);
  const general: [number, number][] = Object.entries(defaults).map(([key, value]) => [Number(key), value]);
  const changed = Object.entries(changes).map(([key, value]): [number, number] => [Number(key), value]);
  return new Map([
    ...general,
    ...perAxis(100, 100),
    ...perAxis(110, 3000),
    ...perAxis(120, 200),
    ...perAxis(130, 200),
    ...changed,
  ]);
}

const defaults = { 10: 1, 13: 0, 20: 0, 21: 0, 22: 1, 23: 0, 24: 25, 25: 500, 27: 1 };

/** Settings count per minute. */
export const axesOf = (count: number, settings: GrblSettings): Axis[] =>
  Array.from({ length: count }, (_, axis) => ({
    stepsPerUnit: settings.get(100 + axis) ?? 0,
    topSpeed: (settings.get(110 + axis) ?? 0) / 60,
    acceleration: settings.get(120 + axis) ?? 0,
  }));
