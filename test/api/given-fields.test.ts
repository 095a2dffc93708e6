import { expect, test } from "vitest";
import { z } from "zod";
import { givenFields } from "../../src/api/given-fields.ts";
import { submitNamedSchema, submitSchema } from "../../src/api/submission.ts";

test("what is made of a submit is what its schema makes of it", () => {
  const quick = givenFields(submitSchema);
  for (const body of [
    {},
    { task: "count_task", parameters: { steps: 3, deep: { a: [1, null] } } },
    { action: "count", name: null, priority: -7, timeout_seconds: null, user_context: { any: "thing" } },
    {
      task: "a",
      depends_on: ["b", { task: "c" }],
      retry: { max_attempts: 2, jitter: null },
      group: "night 1",
    },
    { task: "a", webhooks: [{ url: "https://lab.example" }], limits: { memory_mb: 128 }, lane: "isolated" },
  ])
    expect(quick?.(body)).toEqual(submitSchema.parse(body));
});

test("what does not fit is left to the schema", () => {
  const quick = givenFields(submitSchema.optional());
  for (const body of [
    undefined,
    null,
    7,
    "text",
    [],
    { tsak: "a" },
    { task: "" },
    { task: "a", priority: "high" },
  ])
    expect(quick?.(body)).toBeUndefined();
});

test("a schema that has something to say of absent fields, or of several together, is always asked", () => {
  expect(givenFields(submitNamedSchema)).not.toBeNull();
  for (const schema of [
    z.strictObject({ answer: z.unknown() }),
    z.strictObject({ limit: z.int().default(100) }),
    z.strictObject({ from: z.int().optional() }).refine(({ from }) => from !== 7),
    z.object({ from: z.int().optional() }),
    z.array(z.string()),
  ])
    expect(givenFields(schema)).toBeNull();
});
