// Holds what a file says against its schema, and refuses with evidence: file, key, what was expected, what was found.
import type { z } from "zod";
import { RuntimeError } from "../errors/runtime-error.ts";
import { closestVariant } from "../lib/closest-variant.ts";
import { expectationIn } from "../lib/expectation.ts";
import { fieldPath } from "../lib/field-path.ts";
import { nearest } from "../lib/nearest.ts";
import { withoutPasswords } from "../lib/without-passwords.ts";
import { isSecret, keysOf, namesAt, schemaOf, valueAt } from "./keys.ts";

export interface SettingsIssue {
  /** As in `server.port`. */
  readonly path: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
}

/** @param where the file's name, as a person would write it @throws INVALID_SETTINGS naming every problem at once */
export function parseStrictly<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = check(schema, value);
  if (parsed.issues) throw invalidSettings(where, parsed.issues);
  return parsed.data;
}

type Checked<T> =
  | { readonly data: T; readonly issues?: undefined }
  | { readonly data?: undefined; readonly issues: readonly SettingsIssue[] };

export function check<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { data: parsed.data };
  return { issues: parsed.error.issues.flatMap((issue) => explain(issue, value, schema)) };
}

export function invalidSettings(where: string, errors: readonly SettingsIssue[]): RuntimeError {
  const lines = errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const problem =
    lines.length === 1
      ? `${where}: ${lines[0]}`
      : `${where} has ${lines.length} problems:${lines.map((line) => `\n  ${line}`).join("")}`;
  return new RuntimeError("INVALID_SETTINGS", { problem, file: where, errors });
}

function explain(issue: z.core.$ZodIssue, whole: unknown, schema: z.ZodType): SettingsIssue[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey([...issue.path, key], whole, schema));
  const closest = issue.code === "invalid_union" ? closestVariant(issue) : null;
  if (closest) return closest.flatMap((inner) => explain(inner, whole, schema));
  const path = fieldPath(issue.path);
  // Of a bad name the name is what was found, not what stands under it.
  if (issue.code === "invalid_key") return [misnamed(issue, path)];
  const value = isSecret(schemaOf(schema), issue.path) ? undefined : valueAt(whole, issue.path);
  const expected = expectationIn(issue);
  const found = value === undefined ? hidden(valueAt(whole, issue.path)) : describe(value);
  if (expected === undefined) return [{ path, message: `${issue.message}, found ${found}`, found }];
  const options = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const hint = typeof value === "string" ? didYouMean(nearest(value, options, 1)) : "";
  return [{ path, message: `expected ${expected}, found ${found}${hint}`, expected, found }];
}

function misnamed(issue: z.core.$ZodIssue, path: string): SettingsIssue {
  const expected = expectationIn(issue);
  const found = describe(String(issue.path.at(-1)));
  const sentence = expected === undefined ? issue.message : `expected ${expected}`;
  return { path, message: `${sentence}, found ${found}`, found };
}

function unknownKey(path: readonly PropertyKey[], whole: unknown, schema: z.ZodType): SettingsIssue {
  const node = schemaOf(schema);
  const name = String(path.at(-1));
  const siblings = nearest(name, namesAt(node, path.slice(0, -1)), 1);
  // A right key in the wrong place is as common as a typo.
  const elsewhere = keysOf(node).flatMap((key) => (key.path.split(".").at(-1) === name ? [key.path] : []));
  const hint = didYouMean(elsewhere.length > 0 ? elsewhere : siblings);
  // A secret under a misspelt name is a secret.
  const isHidden = siblings.some((sibling) => isSecret(node, [...path.slice(0, -1), sibling]));
  const found = (isHidden ? hidden : describe)(valueAt(whole, path));
  return { path: fieldPath(path), message: `there is no such key (its value is ${found})${hint}`, found };
}

export const didYouMean = (names: readonly string[]): string =>
  names.length === 0 ? "" : `; did you mean ${names.map((name) => `'${name}'`).join(" or ")}?`;

/** A value that nobody is shown. */
const hidden = (value: unknown): string => (value === undefined ? "nothing" : "a value that is not shown");

/** A value as a person may read it in a sentence. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = withoutPasswords(JSON.stringify(value));
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
