// Steps and units. A motor counts whole steps; one turn or one millimetre may well be no whole number of them.

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
