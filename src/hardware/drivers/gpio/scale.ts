// Steps and units. A motor counts whole steps; one turn or one millimetre may well be no whole number of them.
import { wayBetween } from "../../trapezoid.ts";

export interface Scale {
  toUnits(steps: number): number;
  /** The nearest whole step. */
  toSteps(units: number): number;
  /** Of a way, a speed or an acceleration; not rounded. */
  stepsOf(units: number): number;
}

/** @param steps as many as `units`: 3200 for 360 degrees */
export const scaleOf = (steps: number, units: number): Scale => ({
  // Multiplied first: whole turns come out whole.
  toUnits: (counted) => (counted * units) / steps,
  toSteps: (wanted) => Math.round((wanted * steps) / units),
  stepsOf: (wanted) => (wanted * steps) / units,
});

/** From a count of steps to a target: the shorter way on a continuous axis, never over a limit on others. */
export function stepsTo(
  target: number,
  from: number,
  axis: { readonly scale: Scale; readonly min: number; readonly max: number; readonly isContinuous: boolean },
): number {
  const { scale, min, max, isContinuous } = axis;
  const steps = from + Math.round(scale.stepsOf(wayBetween(scale.toUnits(from), target, isContinuous)));
  if (isContinuous) return steps - from;
  // A limit need not be a whole step; that the quotient of two numbers is not quite whole does not count.
  const [lowest, highest] = [Math.ceil(scale.stepsOf(min) - 1e-6), Math.floor(scale.stepsOf(max) + 1e-6)];
  return Math.min(highest, Math.max(lowest, steps)) - from;
}
