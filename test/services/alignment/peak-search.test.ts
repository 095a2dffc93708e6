// The search for light against the model of the beam: no clock, no motor, a hundred random starts at a time.
import { expect, test } from "vitest";
import { createAlignment } from "../../../src/services/alignment/alignment.ts";
import type { FoundPeak, PeakSearch, SearchAxis, SearchStep } from "../../../src/task/alignment.ts";
import type { Device, RotaryAxis } from "../../../src/task/devices.ts";
import { FakeClock } from "../../fake-clock.ts";
import { randomOf } from "../../random.ts";
import { type AxisName, type Place, peak, powerAt, Stage, type StageOptions } from "./bench.ts";
import { missedBy, randomStart, stated } from "./searches.ts";

const { findPeak } = createAlignment(new FakeClock());

async function found(search: PeakSearch): Promise<{ peak: FoundPeak; steps: SearchStep[] }> {
  const running = findPeak(search);
  const steps: SearchStep[] = [];
  for (;;) {
    const next = await running.next();
    if (next.done) return { peak: next.value, steps };
    steps.push(next.value);
  }
}

const starts = 100;

test.each(Object.entries(stated))(
  "%s alignment reaches the peak from everywhere it says",
  async (_, claim) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = randomOf(seed);
    const missed: string[] = [];
    for (let run = 0; run < starts; run++) {
      const stage = new Stage({ start: randomStart(claim, random), seed: Math.floor(random() * 2 ** 31) });
      const { peak: result } = await found(claim.search(stage));
      const by = missedBy(claim, stage.place);
      if (by.length > 0) missed.push(`start ${run}: ${by.join(", ")}, settled: ${result.isSettled}`);
    }
    expect(missed.length, `seed ${seed}: ${missed.join("; ")}`).toBeLessThanOrEqual(2);
  },
);

/** Off by so much from the peak, on every axis that is not named exactly there. */
function stageAt(away: Partial<Place>, options: Partial<StageOptions> = {}): Stage {
  const start = Object.fromEntries(
    Object.entries(peak).map(([name, best]) => [name, best + (away[name as AxisName] ?? 0)]),
  ) as Place;
  return new Stage({ start, seed: 5, ...options });
}

const refusal = async (search: PeakSearch): Promise<unknown> =>
  found(search).catch((error: unknown) => error);

test("in the dark it looks over the whole field, says what was the most, and goes back", async () => {
  const stage = stageAt({ x: -3, y: 4 }, { isDark: true });
  const start = { ...stage.place };
  const error = await refusal(stated.flat.search(stage));
  expect(error).toMatchObject({
    code: "NO_SIGNAL",
    details: {
      best_power_uw: expect.any(Number),
      noise_uw: expect.closeTo(0.01, 2),
      best_positions: { x: expect.any(Number), y: expect.any(Number) },
      searched: "x -91 to 109 µm, y -104 to 96 µm",
    },
  });
  expect(stage.place).toEqual(start);
  // 13 × 13 places, 15 µm apart, to 90 µm on both sides.
  expect(stage.moves).toBeGreaterThan(169);
});

test.each([
  ["two axes", 1e-9, (stage: Stage) => stated.flat.search(stage)],
  ["two axes, hardly too many", 0.1, (stage: Stage) => stated.flat.search(stage)],
  ["two axes, without end", 5e-324, (stage: Stage) => stated.flat.search(stage)],
  ["one axis", 1e-9, (stage: Stage) => stated.focus.search(stage)],
] as const)("a grid without end is refused before anything moves: %s", async (_, pitch, searchOf) => {
  const stage = stageAt({ x: 80, z: 200 }, { isDark: true });
  const search = searchOf(stage);
  const axes = search.field?.axes ?? [];
  await expect(async () => found({ ...search, field: { axes, pitch } })).rejects.toThrow(
    /places, more than 1000000: choose a larger pitch or a smaller range\.$/,
  );
  expect([stage.moves, stage.readings]).toEqual([0, 0]);
});

test("without a field it does not wander: one axis in the dark is told at once", async () => {
  const stage = stageAt({ x: 60 });
  const { field: _, ...search } = stated.flat.search(stage);
  expect(await refusal({ ...search, field: null })).toMatchObject({ code: "NO_SIGNAL" });
  expect(stage.moves).toBe(0);
});

test("light that shines everywhere is not taken for the peak", async () => {
  const stage = stageAt({ x: 70, y: -40 }, { strayUw: 5 });
  await found(stated.flat.search(stage));
  expect(missedBy(stated.flat, stage.place)).toEqual([]);

  const blind = stageAt({ x: 70, y: -40 }, { strayUw: 5, isDark: true });
  expect(await refusal(stated.flat.search(blind))).toMatchObject({ code: "NO_SIGNAL" });
});

test("a bright flash during the search of the field does not end it", async () => {
  const stage = stageAt({ x: 80, y: 10 });
  const { meter } = stage;
  const read = meter.readPowerUw.bind(meter);
  let readings = 0;
  meter.readPowerUw = async () => (++readings > 100 && readings <= 108 ? 3 : read());
  await found(stated.flat.search(stage));
  expect(missedBy(stated.flat, stage.place)).toEqual([]);
});

test("what counts as light can be said", async () => {
  const stage = stageAt({ x: 14 });
  const search = stated.flat.search(stage);
  const most = powerAt(stage.place);
  expect(most).toBeGreaterThan(0.1);
  const { steps } = await found({ ...search, thresholdUw: 100 });
  const brightest = steps.filter(({ phase }) => phase === "SearchingField").at(-1);
  expect(brightest?.powerUw).toBeGreaterThan(100);
});

test("a peak beyond the range is told, and the axis stands at the range's end", async () => {
  const stage = stageAt({ x: -12 });
  const search = stated.flat.search(stage);
  const near = { ...search, axes: search.axes.map((one) => ({ ...one, range: 6 })) };
  const { peak: result } = await found(near);
  expect(result.atRangeEnd).toEqual(["x"]);
  expect(stage.place.x).toBe(peak.x - 6);
});

test("the axes across the beam follow a turn, however long the lever is", async () => {
  const stage = stageAt({ x: 4, y: -3, tx: 1.5, ty: -1.5 }, { leverUm: 500 });
  await found(stated.angle.search(stage));
  for (const name of ["tx", "ty"] as const)
    expect(Math.abs(stage.place[name] - peak[name])).toBeLessThan(0.05);
  for (const name of ["x", "y"] as const) expect(Math.abs(stage.place[name] - peak[name])).toBeLessThan(0.5);
  expect(powerAt(stage.place, 500)).toBeGreaterThan(999);
});

test("an axis that goes round is followed through 0", async () => {
  const stage = stageAt({ tz: -3 });
  const turntable = stage.axis("tz") as RotaryAxis;
  const { moveTo, travel } = turntable;
  // It stands at 359 where the stage has −1, and peaks at 2.
  const wrapped = (degrees: number): number => ((degrees % 360) + 360) % 360;
  const round = {
    ...turntable,
    travel: { ...travel, isContinuous: true },
    moveTo: (to: number) => moveTo(to > 180 ? to - 360 : to),
  };
  Object.defineProperty(round, "angleDegrees", { get: () => wrapped(stage.place.tz) });
  const search = stated.flat.search(stage);
  await found({
    ...search,
    field: null,
    axes: [{ device: round as Device, range: 8, step: 1, tolerance: 0.2 }],
  });
  expect(Math.abs(stage.place.tz - peak.tz)).toBeLessThan(1);
});

test("an axis at its limit is not sent beyond", async () => {
  const stage = new Stage({ start: { ...peak, tx: 4.5, ty: -4.8 }, seed: 9 });
  const search = stated.angle.search(stage);
  await found({ ...search, axes: search.axes.map((one) => (one.range === 4 ? { ...one, range: 8 } : one)) });
  expect(missedBy(stated.angle, stage.place)).toEqual([]);
});

test("an axis that makes no difference stays where it was", async () => {
  const stage = stageAt({ x: 3 });
  const still = stage.axis("tz") as Device & { angleDegrees: number };
  const search = stated.flat.search(stage);
  const steady = { ...still, name: "tz", moveTo: async () => undefined };
  Object.defineProperty(steady, "angleDegrees", { value: 1.25 });
  const { peak: result } = await found({
    ...search,
    axes: [...search.axes, { device: steady, range: 4, step: 1, tolerance: 0.1 }],
  });
  expect(result.positions.tz).toBe(1.25);
  expect(result.uncertainties).toEqual({ x: expect.any(Number), y: expect.any(Number), tz: null });
  expect(result.atRangeEnd).toEqual([]);
});

test("it says how well it knows the place, and that is true", async () => {
  const errors: number[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const stage = stageAt({ x: 5, y: -4 }, { seed, relativeNoise: 0.02 });
    const { peak: result } = await found(stated.flat.search(stage));
    errors.push((stage.place.x - peak.x) / (result.uncertainties.x as number));
  }
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
  expect(deviation).toBeGreaterThan(0.3);
  expect(deviation).toBeLessThan(2);
});

test("the elapsed time and the best place so far come with every step", async () => {
  const stage = stageAt({ x: 5 });
  const { peak: result, steps } = await found(stated.flat.search(stage));
  let best = Number.NEGATIVE_INFINITY;
  for (const step of steps) {
    best = Math.max(best, step.powerUw);
    expect(step.best.powerUw).toBe(best);
    expect(step.elapsedSeconds).toBeGreaterThanOrEqual(0);
  }
  expect(result.points).toBe(steps.length);
});

test("a field of other axes is refused", async () => {
  const search = stated.flat.search(stageAt({}));
  expect(await refusal({ ...search, field: { axes: ["x", "z"], pitch: 15 } })).toMatchObject({
    message: "The field names z, which is none of the axes.",
  });
});

test("what is no axis, or no meter, is refused", async () => {
  const stage = stageAt({});
  const search = stated.flat.search(stage);
  expect(await refusal({ ...search, meter: stage.axis("x") })).toMatchObject({ code: "DEVICE_LACKS" });
  const [first] = search.axes;
  expect(
    await refusal({ ...search, axes: [{ ...(first as SearchAxis), device: stage.meter }] }),
  ).toMatchObject({
    code: "DEVICE_LACKS",
  });
});
