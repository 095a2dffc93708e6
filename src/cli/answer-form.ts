// What an answer to a question has to look like, as one would type it.
import type { ParameterSchema } from "./parameters.ts";

/** Of an object with names `'{"name": <string>, "height_mm": <number>}'`, of choices `a | b`, else `<value>`. */
export function answerForm(schema: unknown): string {
  const { properties, enum: choices } = (schema ?? {}) as ParameterSchema;
  if (choices) return choices.join(" | ");
  const names = Object.entries(properties ?? {});
  if (names.length === 0) return "<value>";
  const fields = names.map(([name, { type }]) => `${JSON.stringify(name)}: <${type ?? "value"}>`);
  return `'{${fields.join(", ")}}'`;
}
