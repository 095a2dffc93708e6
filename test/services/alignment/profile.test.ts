// The shape of a profile, on light that the test makes.
import { expect, test } from "vitest";
import { createAlignment } from "../../../src/services/alignment/alignment.ts";
import type { Profile } from "../../../src/task/alignment.ts";
import type { Device, Measuring } from "../../../src/task/devices.ts";
import { FakeClock } from "../../fake-clock.ts";
import { peak, Stage } from "./bench.ts";

/** Along x of a stage whose light is what the test says. */
async function profileOf(light: (x: number) => number, from = -10, to = 10, points = 41): Promise<Profile> {
  const stage = new Stage({ start: { ...peak, x: 0 }, seed: 1 });
  const meter: Measuring = { ...stage.meter, readPowerUw: async () => light(stage.place.x) };
  const { measureProfile } = createAlignment(new FakeClock());
  const running = measureProfile({
    ...{ device: stage.axis("x"), from, to, points, readings: 3 },
    meter: meter as Device,
  });
  for (;;) {
    const next = await running.next();
    if (next.done) return next.value;
  }
}

const bell = (x: number, top: number, height = 100, width = 3): number =>
  height * Math.exp(-(((x - top) / width) ** 2));

test("the peak lies between the points, and the width is that of half the peak", async () => {
  const profile = await profileOf((x) => bell(x, 1.3));
  expect(profile.points).toHaveLength(41);
  expect(profile.points.map(({ position }) => position).slice(0, 3)).toEqual([-10, -9.5, -9]);
  expect(profile.peak.position).toBeCloseTo(1.3, 2);
  expect(profile.peak.powerUw).toBeCloseTo(100, 1);
  expect(profile.fullWidthHalfMaximum).toBeCloseTo(2 * 3 * Math.sqrt(Math.LN2), 1);
});

test("of two peaks the higher one counts, alone", async () => {
  const profile = await profileOf((x) => bell(x, -6, 80, 1.5) + bell(x, 5, 100, 1.5));
  expect(profile.peak.position).toBeCloseTo(5, 2);
  expect(profile.fullWidthHalfMaximum).toBeCloseTo(2 * 1.5 * Math.sqrt(Math.LN2), 1);
});

test("it may be measured downwards", async () => {
  const profile = await profileOf((x) => bell(x, 1.3), 10, -10);
  expect(profile.peak.position).toBeCloseTo(1.3, 2);
  expect(profile.fullWidthHalfMaximum).toBeCloseTo(4.995, 1);
});

test("a peak that does not fall to half on both sides has no width, and one at the end is where the end is", async () => {
  expect((await profileOf((x) => bell(x, 0, 100, 40))).fullWidthHalfMaximum).toBeNull();
  const rising = await profileOf((x) => bell(x, 30, 100, 20));
  expect(rising.peak.position).toBe(10);
  expect(rising.fullWidthHalfMaximum).toBeNull();
});

test("darkness has a highest point and no width", async () => {
  const profile = await profileOf(() => 0);
  expect(profile.peak.powerUw).toBe(0);
  expect(profile.fullWidthHalfMaximum).toBeNull();
});

test("a range beyond the axis' limits is refused before anything moves", async () => {
  let reads = 0;
  await expect(profileOf(() => ++reads, 990, 1010)).rejects.toMatchObject({
    code: "OUT_OF_LIMITS",
    details: { device: "x", min_um: -1000, max_um: 1000 },
  });
  expect(reads).toBe(0);
});
