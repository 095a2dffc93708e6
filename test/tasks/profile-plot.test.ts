// The picture of a profile, as numbers in an SVG.
import sharp from "sharp";
import { expect, test } from "vitest";
import { profileAsSvg } from "../../tasks/core/stage/_profile-plot.ts";

const profile = {
  points: [-2, -1, 0, 1, 2].map((position) => ({ position, powerUw: 100 - 20 * position * position })),
  peak: { position: 0, powerUw: 100 },
  fullWidthHalfMaximum: 3.16,
};

test("it says what was measured, in which units, and where the peak is", () => {
  const svg = profileAsSvg("z", "um", profile);
  for (const words of [
    "<title>Power along z: peak 100 µW at 0 µm, full width at half maximum 3.16 µm</title>",
    ">z position (µm)<",
    ">power (µW)<",
    ">−2<",
    ">80<",
  ])
    expect(svg).toContain(words);
  expect(profileAsSvg("tx", "degrees", profile)).toContain(">tx position (°)<");
  expect(profileAsSvg("z", "um", { ...profile, fullWidthHalfMaximum: null })).toContain(
    "does not fall to half",
  );
});

test("it can be drawn, also where all powers are the same, or there are thousands of points", async () => {
  const flat = profile.points.map(({ position }) => ({ position, powerUw: 0 }));
  const many = Array.from({ length: 5000 }, (_, index) => ({
    position: index,
    powerUw: Math.sin(index / 900) - 0.2,
  }));
  for (const points of [profile.points, flat, many]) {
    const svg = profileAsSvg("x", "um", { ...profile, points });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(await sharp(Buffer.from(svg)).metadata()).toMatchObject({
      format: "svg",
      width: 800,
      height: 500,
    });
  }
});

test("every mark lies inside the frame", () => {
  const svg = profileAsSvg("x", "um", profile);
  const marks = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(marks).toHaveLength(6);
  for (const [x, y] of marks as [number, number][]) {
    expect(x).toBeGreaterThanOrEqual(90);
    expect(x).toBeLessThanOrEqual(770);
    expect(y).toBeGreaterThanOrEqual(70);
    expect(y).toBeLessThanOrEqual(430);
  }
});
