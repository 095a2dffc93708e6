// A task's schema as the runtime reads it: unknown keys are errors at every depth, null means absent before a default.
import { z } from "zod";

type Schema = z.core.$ZodTypes;

/** The same schema with every plain z.object made strict; z.looseObject and .catchall stay as the author wrote them. */
export function strictly(schema: z.ZodType): z.ZodType {
  const made = new Map<Schema, Schema>();
  const strict = (one: z.core.$ZodType): Schema => {
    const original = one as Schema;
    let copy = made.get(original);
    if (copy === undefined) {
      copy = rebuilt(original, strict);
      made.set(original, copy);
    }
    return copy;
  };
  return strict(schema) as unknown as z.ZodType;
}

function rebuilt(schema: Schema, strict: (inner: z.core.$ZodType) => Schema): Schema {
  const { def } = schema._zod;
  const copy = (changes: object): Schema => z.clone(schema, { ...def, ...changes } as typeof def) as Schema;
  switch (def.type) {
    case "object":
      return copy({ shape: lazily(def.shape, strict), catchall: def.catchall ?? z.never() });
    case "optional":
    case "nullable":
    case "nonoptional":
    case "default":
    case "prefault":
    case "readonly":
    case "catch":
      return copy({ innerType: strict(def.innerType) });
    case "array":
      return copy({ element: strict(def.element) });
    case "union":
      return copy({ options: def.options.map(strict) });
    default:
      return schema;
  }
}

/** Fields are looked at when they are first needed: a schema may contain itself. */
function lazily(shape: z.core.$ZodShape, strict: (inner: z.core.$ZodType) => Schema): z.core.$ZodShape {
  const fields: z.core.$ZodShape = {};
  for (const key of Object.keys(shape)) {
    Object.defineProperty(fields, key, {
      enumerable: true,
      get: () => strict(shape[key] as z.core.$ZodType),
    });
  }
  return fields;
}

/** Leaves out every null that stands where the schema has a default and does not itself take null. */
export function withoutNulls(schema: z.core.$ZodType, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { def } = unwrapped(schema)._zod;
  if (def.type === "array" && Array.isArray(value)) return value.map((one) => withoutNulls(def.element, one));
  if (def.type !== "object" || Array.isArray(value)) return value;
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const field = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
    if (field === undefined) return [[key, inner]];
    return inner === null && isAbsence(field as Schema) ? [] : [[key, withoutNulls(field, inner)]];
  });
  return Object.fromEntries(kept);
}

function isAbsence(schema: Schema): boolean {
  const chain = wrappers(schema);
  return chain.some((type) => type === "default" || type === "prefault") && !chain.includes("nullable");
}

function wrappers(schema: Schema): string[] {
  const inner = innerOf(schema);
  return [schema._zod.def.type, ...(inner === null ? [] : wrappers(inner))];
}

function unwrapped(schema: z.core.$ZodType): Schema {
  const inner = innerOf(schema as Schema);
  return inner === null ? (schema as Schema) : unwrapped(inner);
}

function innerOf(schema: Schema): Schema | null {
  const { def } = schema._zod;
  return "innerType" in def ? (def.innerType as Schema) : null;
}
