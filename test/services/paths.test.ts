import { expect, test } from "vitest";
import { travelSeconds } from "../../src/hardware/trapezoid.ts";
import { planPath } from "../../src/services/paths.ts";
import type { PolarPoint, ScanAxes, ScanPathOptions } from "../../src/task/services.ts";

const options: ScanPathOptions = {
  method: "fibonacci",
  points: 130,
  minThetaDegrees: 12,
  maxThetaDegrees: 125,
  minPhiDegrees: 0,
  maxPhiDegrees: 360,
  rotorDegrees: 60,
  optimize: false,
};

const axis = (name: string, isContinuous: boolean, maxDegrees: number, angleDegrees: number) => ({
  name,
  angleDegrees,
  limits: { minDegrees: 0, maxDegrees },
  travel: { topSpeedDegreesPerS: 60, accelerationDegreesPerS2: 120, isContinuous },
});
const axes: ScanAxes = { rotor: axis("rotor", false, 140, 90), turntable: axis("turntable", true, 360, 0) };

const z = ({ thetaDegrees }: PolarPoint): number => Math.cos((thetaDegrees * Math.PI) / 180);

test("a Fibonacci path runs in equal steps of height from the lowest view to the highest", () => {
  const path = planPath(options);
  expect(path).toHaveLength(130);
  expect([path[0]?.thetaDegrees, path.at(-1)?.thetaDegrees]).toEqual([
    expect.closeTo(125),
    expect.closeTo(12),
  ]);
  const step = (z(path[129] as PolarPoint) - z(path[0] as PolarPoint)) / 129;
  for (let i = 1; i < 130; i++)
    expect(z(path[i] as PolarPoint) - z(path[i - 1] as PolarPoint)).toBeCloseTo(step, 9);
});

test("its angles follow the golden fraction, within the span and over 0 where the span goes that way", () => {
  const path = planPath({ ...options, minPhiDegrees: 300, maxPhiDegrees: 60 });
  path.forEach(({ phiDegrees }, i) => {
    expect(phiDegrees).toBeCloseTo((300 + 120 * ((i * 0.6180339887) % 1)) % 360, 9);
  });
  expect(path.every(({ phiDegrees }) => phiDegrees >= 300 || phiDegrees <= 60)).toBe(true);
});

test("one point lies in the middle, a fixed angle stays fixed, and where both are fixed there is one point", () => {
  const [only] = planPath({ ...options, points: 1 });
  expect(z(only as PolarPoint)).toBeCloseTo(
    (Math.cos((125 * Math.PI) / 180) + Math.cos((12 * Math.PI) / 180)) / 2,
  );
  const fixedPhi = planPath({ ...options, points: 9, minPhiDegrees: 40, maxPhiDegrees: 40 });
  expect(new Set(fixedPhi.map(({ phiDegrees }) => phiDegrees))).toEqual(new Set([40]));
  const point = { minThetaDegrees: 50, maxThetaDegrees: 50, minPhiDegrees: 40, maxPhiDegrees: 40 };
  expect(planPath({ ...options, ...point })).toEqual([{ thetaDegrees: 50, phiDegrees: 40 }]);
});

test("no rounding takes a point outside the limits that were asked for", () => {
  for (let theta = 0; theta <= 180; theta++) {
    const path = planPath({ ...options, points: 3, minThetaDegrees: theta, maxThetaDegrees: theta });
    expect(path.map(({ thetaDegrees }) => thetaDegrees)).toEqual([theta, theta, theta]);
  }
});

test("a turntable path is one turn in equal steps with the rotor fixed", () => {
  const path = planPath({ ...options, method: "turntable", points: 36 });
  expect(path).toEqual(Array.from({ length: 36 }, (_, i) => ({ thetaDegrees: 60, phiDegrees: i * 10 })));
});

const seconds = (path: readonly PolarPoint[]): number => {
  let total = 0;
  let [theta, phi] = [90, 0];
  for (const { thetaDegrees, phiDegrees } of path) {
    total += Math.max(
      travelSeconds(theta, thetaDegrees, axes.rotor.travel),
      travelSeconds(phi, phiDegrees, axes.turntable.travel),
    );
    [theta, phi] = [thetaDegrees, phiDegrees];
  }
  return total;
};

test("the optimised path has the same points in less than two thirds of the time", () => {
  const plain = planPath(options, axes);
  const quick = planPath({ ...options, optimize: true }, axes);
  const byPlace = (a: PolarPoint, b: PolarPoint) =>
    a.thetaDegrees - b.thetaDegrees || a.phiDegrees - b.phiDegrees;
  expect([...quick].sort(byPlace)).toEqual([...plain].sort(byPlace));
  expect(seconds(quick)).toBeLessThan((seconds(plain) * 2) / 3);
});

test("each step of the optimised path goes to the nearest that is left", () => {
  const path = planPath({ ...options, points: 40, optimize: true }, axes);
  for (let i = 1; i < path.length; i++) {
    const from = path[i - 1] as PolarPoint;
    const costs = path
      .slice(i)
      .map((to) =>
        Math.max(
          travelSeconds(from.thetaDegrees, to.thetaDegrees, axes.rotor.travel),
          travelSeconds(from.phiDegrees, to.phiDegrees, axes.turntable.travel),
        ),
      );
    expect(costs[0]).toBe(Math.min(...costs));
  }
});

test("999 points are ordered without holding up the event loop", () => {
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now();
    planPath({ ...options, points: 999, optimize: true }, axes);
    return performance.now() - began;
  });
  expect(Math.min(...times)).toBeLessThan(50);
});

test("a path the rotor cannot reach is refused before anything moves", () => {
  expect(() => planPath({ ...options, maxThetaDegrees: 160 }, axes)).toThrow(
    "rotor cannot go to 160 degrees: its limits are 0 to 140 degrees.",
  );
});
