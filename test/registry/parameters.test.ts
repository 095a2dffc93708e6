import { expect, test } from "vitest";
import { z } from "zod";
import type { FieldIssue } from "../../src/engine/ports.ts";
import { validatorFor } from "../../src/registry/parameters.ts";

const validate = validatorFor(
  z.object({
    steps: z.int().min(1).max(1000).default(10),
    label: z.string().nullable().default(null),
    mode: z.enum(["fast", "slow"]).default("fast"),
    exposure_ms: z.number().optional(),
    region: z.object({ left: z.number(), top: z.number().default(0) }).optional(),
    points: z.array(z.object({ x: z.number() })).default([]),
  }),
);

const issuesOf = (parameters: Record<string, unknown>, check = validate): readonly FieldIssue[] => {
  const result = check(parameters);
  return result.ok ? [] : result.issues;
};

test("defaults are filled in", () => {
  expect(validate({ region: { left: 1 } })).toEqual({
    ok: true,
    parameters: { steps: 10, label: null, mode: "fast", region: { left: 1, top: 0 }, points: [] },
  });
});

test("an unknown key is an issue with its path and the nearest known key", () => {
  expect(issuesOf({ stpes: 3 })).toEqual([
    {
      path: "parameters.stpes",
      message: "unknown key 'stpes'; did you mean 'steps'?",
      expected: "steps, label, mode, exposure_ms, region, points",
      found: "stpes",
    },
  ]);
});

test("unknown keys are found at every depth", () => {
  expect(issuesOf({ region: { left: 1, lft: 2 }, points: [{ x: 1 }, { x: 2, y: 3 }] })).toMatchObject([
    {
      path: "parameters.region.lft",
      message: "unknown key 'lft'; did you mean 'left'?",
      expected: "left, top",
    },
    { path: "parameters.points.1.y", expected: "x" },
  ]);
});

test("an author's z.looseObject and .catchall stay open", () => {
  const open = validatorFor(z.object({ extra: z.looseObject({ a: z.int() }) }).catchall(z.string()));
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
  expect(issuesOf({ exposure_ms: null })).toMatchObject([{ path: "parameters.exposure_ms", found: "null" }]);
});

test("issues say where, what was expected and what was found", () => {
  expect(issuesOf({ steps: 0, mode: "quick", region: { top: 1 }, points: [{ x: "one" }] })).toEqual([
    { path: "parameters.steps", message: expect.any(String), expected: ">= 1", found: "0" },
    { path: "parameters.mode", message: expect.any(String), expected: '"fast" | "slow"', found: '"quick"' },
    { path: "parameters.region.left", message: "is required", expected: "number", found: "nothing" },
    { path: "parameters.points.0.x", message: expect.any(String), expected: "number", found: '"one"' },
  ]);
});

test("what was validated once is valid again and stays the same", () => {
  const once = validate({ steps: 3, label: null, region: { left: 1 } });
  if (!once.ok) throw new Error("not valid");
  expect(validate(once.parameters)).toEqual(once);
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

test("a schema that contains itself is made strict as well", () => {
  const tree = z.object({
    name: z.string(),
    get children() {
      return z.array(tree).default([]);
    },
  });
  const check = validatorFor(tree);
  expect(check({ name: "a", children: [{ name: "b" }] }).ok).toBe(true);
  expect(issuesOf({ name: "a", children: [{ name: "b", nam: 1 }] }, check)).toMatchObject([
    { path: "parameters.children.0.nam" },
  ]);
});

test("variants of a union are strict, each for itself", () => {
  const check = validatorFor(
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
  const check = validatorFor(
    z.object({ at: z.union([z.object({ x: z.number(), y: z.number() }), z.object({ name: z.string() })]) }),
  );
  expect(issuesOf({ at: { nam: "home" } }, check)).toMatchObject([
    { path: "parameters.at.name", message: "is required" },
    { path: "parameters.at.nam" },
  ]);
  const kinds = validatorFor(z.object({ at: z.union([z.string(), z.number()]) }));
  expect(issuesOf({ at: true }, kinds)).toMatchObject([
    { path: "parameters.at", expected: "string | number", found: "true" },
  ]);
});

test("without a schema any plain object is taken", () => {
  expect(validatorFor(null)({ anything: [1] })).toEqual({ ok: true, parameters: { anything: [1] } });
});

test("keys that every object has are unknown keys like others", () => {
  expect(issuesOf(JSON.parse('{"__proto__": {"steps": 1}}'))).toMatchObject([
    { path: "parameters.__proto__" },
  ]);
  expect(issuesOf({ constructor: 1 })).toMatchObject([{ path: "parameters.constructor" }]);
});
