// Checks parameters against a task's zod object: strictly, with the path, the finding and the nearest known key.
import { z } from "zod";
import type { FieldIssue, Validated } from "../engine/ports.ts";
import { closestVariant } from "../lib/closest-variant.ts";
import { expectationIn } from "../lib/expectation.ts";
import { fieldPath } from "../lib/field-path.ts";
import { nearest } from "../lib/nearest.ts";
import { strictly, withoutNulls } from "./strictly.ts";

type Parameters = Readonly<Record<string, unknown>>;
type Issue = z.core.$ZodIssue;

/** Without a schema any plain object is taken as it is. */
export function validatorFor(schema: z.ZodObject | null): (parameters: Parameters) => Validated {
  if (schema === null) return (parameters) => ({ ok: true, parameters: { ...parameters } });
  const strict = strictly(schema);
  return (parameters) => {
    const given = hasNull(parameters) ? withoutNulls(schema, parameters) : parameters;
    try {
      const parsed = strict.safeParse(given);
      if (parsed.success) return { ok: true, parameters: parsed.data as Record<string, unknown> };
      return { ok: false, issues: parsed.error.issues.flatMap((issue) => fieldIssues(issue, given, schema)) };
    } catch (error) {
      // The author's own refinement threw, or is asynchronous, which zod refuses here.
      const message = `the schema itself failed: ${error instanceof Error ? error.message : String(error)}`;
      return { ok: false, issues: [{ path: "parameters", message }] };
    }
  };
}

const hasNull = (value: unknown): boolean =>
  value === null || (typeof value === "object" && Object.values(value).some(hasNull));

function fieldIssues(issue: Issue, given: unknown, schema: z.ZodObject): FieldIssue[] {
  const path = fieldPath(["parameters", ...issue.path]);
  const value = valueAt(given, issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => unknownKey(`${path}.${key}`, key, known));
  }
  if (issue.code === "invalid_union") {
    const closest = closestVariant(issue);
    if (closest) return closest.flatMap((inner) => fieldIssues(inner, given, schema));
  }
  const expected = expectation(issue);
  const found = describe(value);
  return [
    { path, message: sentence(issue, value, found), ...(expected === null ? {} : { expected }), found },
  ];
}

/** What a schema says in its own words stays as its author wrote it. */
function sentence(issue: Issue, value: unknown, found: string): string {
  if (value === undefined && issue.code === "invalid_type") return "is required";
  const wanted = issue.code === "custom" ? undefined : expectationIn(issue);
  return wanted === undefined ? issue.message : `expected ${wanted}, found ${found}`;
}

function unknownKey(path: string, key: string, known: readonly string[]): FieldIssue {
  const [near] = nearest(key, known, 1);
  const hint = near === undefined ? "" : `; did you mean '${near}'?`;
  return {
    path,
    message: `unknown key '${key}'${hint}`,
    ...(known.length === 0 ? {} : { expected: known.join(", ") }),
    found: key,
  };
}

function expectation(issue: Issue): string | null {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected;
    case "invalid_union":
      return (
        issue.errors.map(([first]) => (first && expectation(first)) ?? "another value").join(" | ") || null
      );
    case "too_small":
      return `${issue.inclusive === false ? ">" : ">="} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive === false ? "<" : "<="} ${issue.maximum}`;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value) ?? String(value)).join(" | ");
    case "invalid_format":
      return issue.format;
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    default:
      return null;
  }
}

const longest = 60;

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** The keys the schema knows at this path; read from its JSON Schema, which has looked through every wrapper. */
function knownKeys(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(schema.shape);
  let at: z.core.JSONSchema.BaseSchema | undefined = z.toJSONSchema(schema, {
    io: "input",
    reused: "inline",
  });
  for (const key of path) {
    const next: unknown = typeof key === "number" ? at?.items : at?.properties?.[String(key)];
    at = typeof next === "object" && next !== null ? (next as z.core.JSONSchema.BaseSchema) : undefined;
  }
  return Object.keys(at?.properties ?? {});
}
