// A stretch of an axis.
import type { Axis } from "../../task/devices.ts";

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The nearest place inside. */
export const clamp = (at: number, { min, max }: Range): number => Math.min(max, Math.max(min, at));

/** So far to either side of where the axis stands, within its limits. */
export function rangeAbout({ position, limits, isContinuous }: Axis, reach: number): Range {
  if (isContinuous) return { min: position - reach, max: position + reach };
  return { min: Math.max(limits.min, position - reach), max: Math.min(limits.max, position + reach) };
}
