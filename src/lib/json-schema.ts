// Checks a plain value against a JSON Schema, with the place and reason of each misfit. Knows no task.
import { z } from "zod";

export interface Misfit {
  /** Dotted; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** @param schema as `z.toJSONSchema` makes it */
export function misfits(schema: object, value: unknown): readonly Misfit[] {
  const checked = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
  if (checked.success) return [];
  return checked.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
}
