// What every lens that can be told where to focus takes in a profile, and how it refuses. Light to import.
import { z } from "zod";
import type { Focusable } from "../task/devices.ts";
import { isWithin, outOfLimits } from "./axis.ts";

export const lensLimits = {
  min_dioptres: z.number().min(0).default(0).describe("0 is far away"),
  max_dioptres: z.number().positive().max(100).default(15).describe("15 is 6.7 cm before the lens"),
};

/** @throws OUT_OF_LIMITS */
export function refuseFocusOutside(
  { name, focusLimits }: Pick<Focusable, "name" | "focusLimits">,
  dioptres: number,
) {
  const { minDioptres: min, maxDioptres: max } = focusLimits;
  if (!isWithin(dioptres, { min, max })) throw outOfLimits(name, dioptres, { min, max, unit: "dioptres" });
}
