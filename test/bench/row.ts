// One line of the table: what was measured, the ceiling measured in the same run, and the goal. Knows no measurement.

export interface Row {
  /** What was measured, as in `tasks accepted, 16 connections`. */
  readonly what: string;
  readonly measured: number;
  /** As in `/s` or `ms`. */
  readonly unit: string;
  /** What it is held against; null where the goal is a plain number. */
  readonly ceiling: { readonly what: string; readonly value: number } | null;
  readonly goal: Goal | null;
  /** What one must know to read it right. */
  readonly note?: string;
}

export interface Goal {
  /** Of the ratio to the ceiling, or of the number itself. */
  readonly of: "ratio" | "measured";
  readonly bound: "at least" | "at most" | "below";
  readonly value: number;
}

/** A row that this machine cannot measure, and why. */
export interface Skipped {
  readonly what: string;
  readonly skipped: string;
}

export const ratioAtLeast = (value: number): Goal => ({ of: "ratio", bound: "at least", value });
export const ratioAtMost = (value: number): Goal => ({ of: "ratio", bound: "at most", value });

/** Measured by ceiling, or null without one. */
export const ratioOf = ({ measured, ceiling }: Row): number | null =>
  ceiling === null ? null : measured / ceiling.value;

/** Null without a goal. */
export function isMet(row: Row): boolean | null {
  if (row.goal === null) return null;
  const { of, bound, value } = row.goal;
  const found = of === "ratio" ? ratioOf(row) : row.measured;
  if (found === null) throw new Error(`${row.what} has a goal for a ratio and no ceiling`);
  if (bound === "at least") return found >= value;
  return bound === "at most" ? found <= value : found < value;
}
