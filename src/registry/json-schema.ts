// The JSON Schema of an author's zod schema, as strict as the runtime checks it.
import { z } from "zod";

type Schema =
  | { readonly ok: true; readonly schema: object }
  | { readonly ok: false; readonly problem: string; readonly schema: null };

export function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): Schema {
  try {
    const made = z.toJSONSchema(schema, {
      io,
      // As strict as validate() is; z.toJSONSchema leaves it open for input.
      override: ({ zodSchema, jsonSchema }) => {
        const { def } = zodSchema._zod;
        if (def.type === "object" && def.catchall === undefined) jsonSchema.additionalProperties = false;
      },
    });
    return { ok: true, schema: made };
  } catch (error) {
    return { ok: false, schema: null, problem: error instanceof Error ? error.message : String(error) };
  }
}
