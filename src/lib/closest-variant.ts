// What is wrong with a value that may be one of several things: said of the one it nearly is.
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** What is wrong with the variant that nearly fits; null where the value is of another kind than all of them. */
export function closestVariant(issue: z.core.$ZodIssueInvalidUnion): Issue[] | null {
  const deeper = issue.errors.filter((issues) =>
    issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0),
  );
  const [closest] = deeper.sort((a, b) => a.length - b.length);
  return closest?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? null;
}
