import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type ParameterSchema, readParameters } from "../../src/cli/parameters.ts";

const schema = z.toJSONSchema(
  z.object({
    points: z.int().default(10),
    exposure: z.number().nullable(),
    is_fast: z.boolean(),
    title: z.string(),
    method: z.enum(["fibonacci", "turntable"]),
    photos: z.array(z.string()),
    angles: z.array(z.number()),
    light: z.object({ level: z.number(), colour: z.string() }),
    either: z.union([z.number(), z.string()]),
  }),
  { io: "input" },
) as ParameterSchema;

const read = (line: string): unknown => JSON.parse(JSON.stringify(readParameters(line.split(" "), schema)));

test.each([
  ["--points 12", { points: 12 }],
  ["--points=12", { points: 12 }],
  ["--exposure -0.5", { exposure: -0.5 }],
  ["--exposure null", { exposure: null }],
  ["--title 12", { title: "12" }],
  ["--title null", { title: "null" }],
  ["--title=a=b", { title: "a=b" }],
  ["--method turntable", { method: "turntable" }],
  ["--is_fast", { is_fast: true }],
  ["--is-fast --points 3", { is_fast: true, points: 3 }],
  ["--is-fast false", { is_fast: false }],
  ["--no-is-fast", { is_fast: false }],
  ["--photos a.jpg", { photos: ["a.jpg"] }],
  ["--photos a.jpg --photos b.jpg", { photos: ["a.jpg", "b.jpg"] }],
  ["--angles 1 --angles 2", { angles: [1, 2] }],
  ["--angles [1,2]", { angles: [1, 2] }],
  ["--light.level 3 --light.colour 7", { light: { level: 3, colour: "7" } }],
  ['--light {"level":3}', { light: { level: 3 } }],
  ["--either 4", { either: 4 }],
  ["--either four", { either: "four" }],
])("%s", (line, parameters) => {
  expect(read(line)).toEqual(parameters);
});

test("what is no number goes as it is: the server says what it expected", () => {
  expect(read("--points many")).toEqual({ points: "many" });
});

test("where the schema is silent, what looks like JSON is JSON", () => {
  const words = ["--a", "1", "--b", "x", "--c", "[true]"];
  expect({ ...readParameters(words, null) }).toEqual({ a: 1, b: "x", c: [true] });
});

test("a value may hold line breaks", () => {
  expect({ ...readParameters(["--title=a\nb"], schema) }).toEqual({ title: "a\nb" });
});

test("`__proto__` is a name like any other", () => {
  readParameters(["--__proto__.polluted", "1"], null);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

describe("refused with a sentence", () => {
  test.each([
    ["12", "'12' belongs to no parameter."],
    ["--points", "--points has no value."],
    ["--points 1 --points 2", "--points is given 2 times."],
    ["--light {level", "--light is not JSON"],
    ["--light.level 1 --light 3", "--light is given as a whole and in parts."],
    ["--points 1 --points.x 2", "--points is given as a whole and in parts."],
  ])("%s", (line, sentence) => {
    expect(() => read(line)).toThrow(sentence);
  });
});
