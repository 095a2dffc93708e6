// What zod wanted, in words a person would use.
import type { z } from "zod";

/** Of zod's words those that nobody outside would say. */
const plainWords: Readonly<Record<string, string>> = { record: "object", nonoptional: "a value" };

/** As in `number to be >=1`; undefined where the issue says no such thing, as most messages of schemas themselves. */
export function expectationIn(issue: z.core.$ZodIssue): string | undefined {
  const variants = issue.code === "invalid_union" ? issue.errors.map(([first]) => first) : [];
  const expected = variants.flatMap((first) => (first && expectationIn(first)) ?? []);
  if (expected.length > 0) return [...new Set(expected)].join(" or ");
  const said = /expected (.*?)(?:, received .*)?$/.exec(issue.message)?.[1];
  return (said && plainWords[said]) ?? said;
}
