// Parameters against an author's schema, in the process that has it, and where only its JSON Schema is known.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { FieldIssue } from "../../src/engine/ports.ts";
import { jsonValidatorFor } from "../../src/registry/json-parameters.ts";
import { jsonSchemaOf } from "../../src/registry/json-schema.ts";
import { validatorFor } from "../../src/registry/parameters.ts";

type Validate = ReturnType<typeof validatorFor>;

const byJson = (schema: z.ZodObject | null): Validate =>
  jsonValidatorFor(schema && jsonSchemaOf(schema, "input").schema);

const issuesOf = (parameters: Record<string, unknown>, check: Validate): readonly FieldIssue[] => {
  const result = check(parameters);
  return result.ok ? [] : result.issues;
};

describe.each([
  { by: "the author's zod object", validatorOf: validatorFor },
  { by: "its JSON Schema alone", validatorOf: byJson },
])("by $by", ({ validatorOf }) => {
  const validate = validatorOf(
    z.object({
      steps: z.int().min(1).max(1000).default(10),
      label: z.string().nullable().default(null),
      mode: z.enum(["fast", "slow"]).default("fast"),
      exposure_ms: z.number().optional(),
      region: z.object({ left: z.number(), top: z.number().default(0) }).optional(),
      points: z.array(z.object({ x: z.number() })).default([]),
    }),
  );

  test("defaults are filled in", () => {
    expect(validate({ region: { left: 1 } })).toEqual({
      ok: true,
      parameters: { steps: 10, label: null, mode: "fast", region: { left: 1, top: 0 }, points: [] },
    });
  });

  test("an unknown key is an issue with its path and the nearest known key", () => {
    expect(issuesOf({ stpes: 3 }, validate)).toEqual([
      {
        path: "parameters.stpes",
        message: "unknown key 'stpes'; did you mean 'steps'?",
        expected: "steps, label, mode, exposure_ms, region, points",
        found: "stpes",
      },
    ]);
  });

  test("what was found is said beside what was expected", () => {
    expect(issuesOf({ steps: 0, mode: "quick", exposure_ms: "long" }, validate)).toMatchObject([
      { path: "parameters.steps", message: "expected number to be >=1, found 0" },
      { path: "parameters.mode", message: 'expected one of "fast"|"slow", found "quick"' },
      { path: "parameters.exposure_ms", message: 'expected number, found "long"' },
    ]);
  });

  test("what a schema says in its own words is left as it is", () => {
    const own = z.object({
      step: z.number().refine((step) => step < 6, "expected a step, 0 to 5, found another"),
    });
    expect(issuesOf({ step: 6 }, validatorFor(own))).toMatchObject([
      { path: "parameters.step", message: "expected a step, 0 to 5, found another", found: "6" },
    ]);
  });

  test("unknown keys are found at every depth", () => {
    expect(
      issuesOf({ region: { left: 1, lft: 2 }, points: [{ x: 1 }, { x: 2, y: 3 }] }, validate),
    ).toMatchObject([
      {
        path: "parameters.region.lft",
        message: "unknown key 'lft'; did you mean 'left'?",
        expected: "left, top",
      },
      { path: "parameters.points[1].y", expected: "x" },
    ]);
  });

  test("an author's z.looseObject and .catchall stay open", () => {
    const open = validatorOf(z.object({ extra: z.looseObject({ a: z.int() }) }).catchall(z.string()));
    expect(open({ extra: { a: 1, b: 2 }, more: "text" })).toMatchObject({
      ok: true,
      parameters: { more: "text" },
    });
    expect(issuesOf({ extra: { a: 1 }, more: 3 }, open)).toMatchObject([{ path: "parameters.more" }]);
  });

  test("null counts as absent where there is a default, at every depth, and stays null where null is allowed", () => {
    expect(validate({ steps: null, label: null, region: { left: 1, top: null } })).toMatchObject({
      ok: true,
      parameters: { steps: 10, label: null, region: { left: 1, top: 0 } },
    });
    expect(issuesOf({ exposure_ms: null }, validate)).toMatchObject([
      { path: "parameters.exposure_ms", found: "null" },
    ]);
  });

  test("issues say where, what was expected and what was found", () => {
    expect(
      issuesOf({ steps: 0, mode: "quick", region: { top: 1 }, points: [{ x: "one" }] }, validate),
    ).toEqual([
      { path: "parameters.steps", message: expect.any(String), expected: ">= 1", found: "0" },
      { path: "parameters.mode", message: expect.any(String), expected: '"fast" | "slow"', found: '"quick"' },
      { path: "parameters.region.left", message: "is required", expected: "number", found: "nothing" },
      { path: "parameters.points[0].x", message: expect.any(String), expected: "number", found: '"one"' },
    ]);
  });

  test("what was validated once is valid again and stays the same", () => {
    const once = validate({ steps: 3, label: null, region: { left: 1 } });
    if (!once.ok) throw new Error("not valid");
    expect(validate(once.parameters)).toEqual(once);
  });

  test("a schema that contains itself is made strict as well", () => {
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree).default([]);
      },
    });
    const check = validatorOf(tree);
    expect(check({ name: "a", children: [{ name: "b" }] }).ok).toBe(true);
    expect(issuesOf({ name: "a", children: [{ name: "b", nam: 1 }] }, check)).toMatchObject([
      { path: "parameters.children[0].nam" },
    ]);
  });

  test("variants of a union are strict, each for itself", () => {
    const check = validatorOf(
      z.object({
        path: z.discriminatedUnion("kind", [
          z.object({ kind: z.literal("line"), length: z.number() }),
          z.object({ kind: z.literal("arc"), radius: z.number() }),
        ]),
      }),
    );
    expect(check({ path: { kind: "arc", radius: 2 } }).ok).toBe(true);
    expect(issuesOf({ path: { kind: "arc", radius: 2, length: 3 } }, check)).toMatchObject([
      { path: "parameters.path.length" },
    ]);
  });

  test("an issue in a union is that of the variant that nearly fits, or names all kinds", () => {
    const check = validatorOf(
      z.object({ at: z.union([z.object({ x: z.number(), y: z.number() }), z.object({ name: z.string() })]) }),
    );
    expect(issuesOf({ at: { nam: "home" } }, check)).toMatchObject([
      { path: "parameters.at.name", message: "is required" },
      { path: "parameters.at.nam" },
    ]);
    const kinds = validatorOf(z.object({ at: z.union([z.string(), z.number()]) }));
    expect(issuesOf({ at: true }, kinds)).toMatchObject([
      { path: "parameters.at", expected: "string | number", found: "true" },
    ]);
  });

  test("without a schema any plain object is taken", () => {
    expect(validatorOf(null)({ anything: [1] })).toEqual({ ok: true, parameters: { anything: [1] } });
  });

  test("keys that every object has are unknown keys like others", () => {
    expect(issuesOf(JSON.parse('{"__proto__": {"steps": 1}}'), validate)).toMatchObject([
      { path: "parameters.__proto__" },
    ]);
    expect(issuesOf({ constructor: 1 }, validate)).toMatchObject([{ path: "parameters.constructor" }]);
  });
});

test("the author's refinements hold, and one that throws is an issue, not a crash", () => {
  const picky = validatorFor(
    z.object({ steps: z.int() }).refine(({ steps }) => {
      if (steps === 13) throw new Error("unlucky");
      return steps % 2 === 0;
    }, "steps must be even"),
  );
  expect(picky({ steps: 4 }).ok).toBe(true);
  expect(issuesOf({ steps: 3 }, picky)).toMatchObject([
    { path: "parameters", message: "steps must be even" },
  ]);
  expect(issuesOf({ steps: 13 }, picky)).toMatchObject([{ message: "the schema itself failed: unlucky" }]);
});

test("what JSON Schema cannot say is left to the process that runs the task", () => {
  const schema = z.object({
    even: z.int().refine((value) => value % 2 === 0, "must be even"),
    word: z.string().transform((text) => text.length),
  });
  expect(byJson(schema)({ even: 3, word: "three" })).toEqual({
    ok: true,
    parameters: { even: 3, word: "three" },
  });
  expect(issuesOf({ even: 3, word: 3 }, byJson(schema))).toMatchObject([{ path: "parameters.word" }]);
});

test("a pattern that takes for ever on some text holds nothing up where its file is not trusted", () => {
  const check = byJson(z.object({ text: z.string().regex(/^(a+)+$/) }));
  expect(check({ text: "aaa" }).ok).toBe(true);
  expect(issuesOf({ text: "aab" }, check)).toMatchObject([{ path: "parameters.text" }]);
  expect(issuesOf({ text: `${"a".repeat(60)}b` }, check)).toMatchObject([
    { path: "parameters", message: expect.stringContaining("a pattern of the schema is too slow") },
  ]);
});
