import { expect, test } from "vitest";
import { chance } from "../../../src/hardware/drivers/simulated/chance.ts";
import { gaussianTop } from "../../../src/services/alignment/parabola.ts";

const gaussian = (at: number, top = 3.2, width = 2): number => 50 * Math.exp(-(((at - top) / width) ** 2));
const points = (values: readonly (readonly [at: number, value: number])[], error = 0.01) =>
  values.map(([at, value]) => ({ at, value, error }));

test("the top of a Gaussian is found exactly, with its value and its half width", () => {
  for (const places of [
    [2, 3, 4],
    [1, 2, 3.5, 4, 6],
  ])
    expect(gaussianTop(points(places.map((at) => [at, gaussian(at)])))).toMatchObject({
      at: expect.closeTo(3.2, 9),
      value: expect.closeTo(50, 7),
      halfWidth: expect.closeTo(2 * Math.sqrt(Math.LN2), 9),
    });
});

test("readings that agree to the last digit are as good as any", () => {
  const exact = [2, 3, 4].map((at) => [at, gaussian(at)] as const);
  expect(gaussianTop(points(exact, 0))).toMatchObject({
    at: expect.closeTo(3.2, 6),
    uncertainty: expect.any(Number),
  });
});

test("numbers far from zero are no trouble", () => {
  const far = [1e6 + 2, 1e6 + 3, 1e6 + 4].map((at) => [at, gaussian(at, 1e6 + 3.2)] as const);
  expect(gaussianTop(points(far))?.at).toBeCloseTo(1e6 + 3.2, 6);
});

test("what is not above its error is left out", () => {
  const lit = [1, 2, 3, 4, 5].map((at) => [at, gaussian(at)] as const);
  expect(gaussianTop(points([[-9, -0.004], ...lit, [20, 0.02]]))?.at).toBeCloseTo(3.2, 9);
});

test.each([
  [
    "two points",
    [
      [1, 5],
      [2, 6],
    ],
  ],
  [
    "a valley",
    [
      [1, 9],
      [2, 4],
      [3, 9],
    ],
  ],
  [
    "a plain",
    [
      [1, 5],
      [2, 5],
      [3, 5],
    ],
  ],
  [
    "darkness",
    [
      [1, 0],
      [2, -0.01],
      [3, 0.01],
    ],
  ],
  [
    "one place three times",
    [
      [1, 5],
      [1, 6],
      [1, 7],
    ],
  ],
] as const)("%s has no top", (_, values) => {
  expect(gaussianTop(points(values))).toBeNull();
});

test("the uncertainty says how far tops scatter, and a plain is of little significance", () => {
  const noise = chance(11);
  const tops = Array.from({ length: 400 }, () => {
    const values = [1, 2, 3, 4, 5].map((at) => [at, gaussian(at) + 0.5 * noise.normal()] as const);
    return gaussianTop(points(values, 0.5));
  });
  const off = tops.map((top) => ((top?.at ?? 0) - 3.2) / (top?.uncertainty ?? 1));
  const deviation = Math.sqrt(off.reduce((sum, one) => sum + one * one, 0) / off.length);
  expect(deviation).toBeGreaterThan(0.85);
  expect(deviation).toBeLessThan(1.15);

  const plains = Array.from({ length: 400 }, () =>
    gaussianTop(
      points(
        [1, 2, 3, 4, 5, 6, 7].map((at) => [at, 50 + 0.5 * noise.normal()] as const),
        0.5,
      ),
    ),
  );
  expect(plains.filter((top) => (top?.significance ?? 0) >= 4).length).toBeLessThanOrEqual(1);
});
