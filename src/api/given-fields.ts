// Of the two dozen fields a body may have most have two: only those that are given are looked at. Where one of them does
// not fit, or none has that name, the whole schema says what is wrong.
import { z } from "zod";

/**
 * What zod would make of a value of this schema, or undefined where the schema itself is to be asked. Null for a schema
 * that may say something of fields that are not there, or of several together.
 */
export function givenFields(schema: z.ZodType): ((value: unknown) => object | undefined) | null {
  const bare = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (!(bare instanceof z.ZodObject) || !takesFieldsAlone(bare)) return null;
  const fields = new Map<string, z.ZodType>(Object.entries(bare.shape));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const made: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const parsed = fields.get(name)?.safeParse((value as typeof made)[name]);
      if (!parsed?.success) return undefined;
      made[name] = parsed.data;
    }
    return made;
  };
}

function takesFieldsAlone(schema: z.ZodObject): boolean {
  const { catchall, checks = [] } = schema.def;
  if (!(catchall instanceof z.ZodNever) || checks.length > 0) return false;
  const empty = schema.safeParse({});
  return empty.success && Object.keys(empty.data).length === 0;
}
