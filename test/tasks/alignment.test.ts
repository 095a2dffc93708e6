// The alignment stage's tasks on the stage of the default profile, over a clock that stands still.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { DeviceProfileInput } from "../../src/hardware/profile.ts";
import { loadProfile } from "../../src/hardware/profile.ts";
import { type Trial, tryTask } from "../../src/testing.ts";
import { AngleAdjustmentTask } from "../../tasks/core/stage/angle_adjustment_task.ts";
import { FlatAlignmentTask } from "../../tasks/core/stage/flat_alignment_task.ts";
import { FocusAlignmentTask } from "../../tasks/core/stage/focus_alignment_task.ts";
import { ProfileMeasurementTask } from "../../tasks/core/stage/profile_measurement_task.ts";
import { profiles } from "../hardware/machine.ts";

type Devices = DeviceProfileInput["devices"];
const stageNames = ["x", "y", "z", "tx", "ty", "tz", "power_meter"];

/** @param start where axes stand at power on, micrometres or degrees @param changes of single devices */
async function stage(
  start: Record<string, number> = {},
  changes: Record<string, object> = {},
): Promise<Devices> {
  const { devices } = await loadProfile(profiles, "simulated");
  return Object.fromEntries(
    stageNames.map((name) => {
      const at = start[name];
      const begun = at === undefined ? {} : { [name.length > 1 ? "start_degrees" : "start_um"]: at };
      return [name, { ...devices[name], ...begun, ...changes[name] }];
    }),
  ) as Devices;
}

async function trialOf(taskClass: unknown, parameters: object = {}, devices?: Devices): Promise<Trial> {
  const trial = await tryTask(taskClass, { ...parameters }, { devices: devices ?? (await stage()) });
  onTestFinished(() => trial.close());
  return trial;
}

interface Found {
  readonly positions: Record<string, number>;
  readonly power_uw: number;
  readonly start: { readonly positions: Record<string, number>; readonly power_uw: number };
  readonly is_settled: boolean;
  readonly points: number;
}

const resultOf = async <Result = Found>(trial: Trial): Promise<Result> => {
  const ended = await trial.end();
  expect(ended).toMatchObject({ to: "completed" });
  return (ended as { result: Result }).result;
};

/** Where the default profile's power meter has its peak. */
const peak = { x: 12, y: -8, z: 30, tx: 0.8, ty: -0.5, tz: 2 };

test("flat alignment finds light from far away and stands at the peak", async () => {
  const trial = await trialOf(FlatAlignmentTask, {}, await stage({ ...peak, x: 80, y: -90 }));
  const found = await resultOf(trial);
  expect(Math.abs((found.positions.x as number) - peak.x)).toBeLessThan(0.1);
  expect(Math.abs((found.positions.y as number) - peak.y)).toBeLessThan(0.1);
  expect(found.power_uw).toBeGreaterThan(990);
  expect(found).toMatchObject({
    is_settled: true,
    at_range_end: [],
    start: { positions: { x: 80, y: -90 } },
  });
  expect(trial.devices.state("x").position_um).toBeCloseTo(found.positions.x as number, 2);
});

test("focus alignment stands at the peak along the beam", async () => {
  const trial = await trialOf(FocusAlignmentTask, {}, await stage({ ...peak, z: -200 }));
  const found = await resultOf(trial);
  expect(Math.abs((found.positions.z as number) - peak.z)).toBeLessThan(1);
});

test("angle adjustment stands at the peak of all angles, and takes the axes across the beam with it", async () => {
  const trial = await trialOf(AngleAdjustmentTask);
  const { positions } = await resultOf(trial);
  expect(Math.abs((positions.tx as number) - peak.tx)).toBeLessThan(0.05);
  expect(Math.abs((positions.ty as number) - peak.ty)).toBeLessThan(0.05);
  expect(Math.abs((positions.tz as number) - peak.tz)).toBeLessThan(1);
  expect(Object.keys(positions)).toEqual(["x", "y", "tx", "ty", "tz"]);
});

test("one after the other they bring the stage from where it stands at power on to the peak of all axes", async () => {
  let standing: Record<string, number> = {};
  for (const taskClass of [FlatAlignmentTask, FocusAlignmentTask, AngleAdjustmentTask, FocusAlignmentTask]) {
    const { positions } = await resultOf(await trialOf(taskClass, {}, await stage(standing)));
    standing = { ...standing, ...positions };
  }
  const last = await resultOf(await trialOf(FlatAlignmentTask, {}, await stage(standing)));
  expect(last.power_uw).toBeGreaterThan(995);
  const tolerance = { x: 0.1, y: 0.1, z: 1, tx: 0.05, ty: 0.05, tz: 1 };
  for (const [name, most] of Object.entries(tolerance)) {
    const away = Math.abs((standing[name] as number) - peak[name as keyof typeof peak]);
    expect(away, name).toBeLessThan(most);
  }
});

test("each phase is told in the words of the reference system, and the percents never fall", async () => {
  const trial = await trialOf(AngleAdjustmentTask);
  await trial.end();
  const told = trial.told.progress.map(({ data }) => data as Record<string, number | string>);
  const tilting = told.find(({ phase }) => phase === "AdjustingTx");
  expect(tilting).toMatchObject({
    phase_description: "Adjusting Tx axis",
    message: "Phase: AdjustingTx",
    elapsed_time: expect.any(Number),
    progress_percent: expect.any(Number),
  });
  const percents = told.map(({ progress_percent }) => progress_percent as number);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
  expect(new Set(told.map(({ phase }) => phase))).toEqual(
    new Set([
      "MeasuringNoise",
      ...["X", "Y", "Tx", "Ty", "Tz"].map((name) => `Adjusting${name}`),
      "Confirming",
    ]),
  );
});

test("cancelled in mid-phase the axes stand still, and the task says where and how bright it was", async () => {
  const trial = await trialOf(AngleAdjustmentTask);
  while (trial.told.progress.at(-1)?.data?.phase !== "AdjustingTx") await trial.clock.advance(50);
  trial.cancel();
  expect(await trial.end()).toEqual({ to: "cancelled" });
  for (const name of ["x", "y", "tx", "ty", "tz"]) expect(trial.devices.state(name).is_moving).toBe(false);
  const { best, positions, power_uw } = trial.told.partialResult as Found & { best: Found };
  expect(best.power_uw).toBeGreaterThanOrEqual(power_uw);
  expect(Object.keys(positions)).toEqual(["x", "y", "tx", "ty", "tz"]);
});

test("where there is no light it says so, and the stage is back where it began", async () => {
  const dark = { peak: { ...inWords(peak), x_um: 600 } };
  const trial = await trialOf(FlatAlignmentTask, {}, await stage({ x: 5, y: 7 }, { power_meter: dark }));
  const ended = await trial.end();
  expect(ended).toMatchObject({
    to: "failed",
    failure: {
      code: "NO_SIGNAL",
      message: expect.stringMatching(
        /^No light was found: the most was [\d.]+ µW, where the noise is 0\.0\d+ µW\. Searched: x -95 to 105 µm, y -93 to 107 µm\.$/,
      ),
      details: {
        best_power_uw: expect.any(Number),
        noise_uw: expect.any(Number),
        best_positions: expect.anything(),
      },
      remediation: expect.stringContaining("search a wider range"),
    },
  });
  expect([trial.devices.state("x").position_um, trial.devices.state("y").position_um]).toEqual([5, 7]);
});

test("it pauses between two points, with the axes standing still, and goes on", async () => {
  const trial = await trialOf(FlatAlignmentTask);
  while (trial.told.progress.length < 12) await trial.clock.advance(20);
  trial.pause();
  while (!trial.told.isPaused) await trial.clock.advance(20);
  const told = trial.told.progress.length;
  await trial.clock.advance(60_000);
  expect(trial.told.progress).toHaveLength(told);
  expect([trial.devices.state("x").is_moving, trial.devices.state("y").is_moving]).toEqual([false, false]);
  trial.resume();
  expect((await resultOf(trial)).power_uw).toBeGreaterThan(850);
});

test("a meter that fails ends it, and the axes stand still", async () => {
  const broken = { faults: { fail: "no light sensor", after_calls: 60 } };
  const trial = await trialOf(FlatAlignmentTask, {}, await stage({}, { power_meter: broken }));
  expect(await trial.end()).toMatchObject({ to: "failed", failure: { code: "DEVICE_FAILED" } });
  expect(trial.devices.state("x").is_moving).toBe(false);
  expect(trial.told.partialResult).toMatchObject({ best: { power_uw: expect.any(Number) } });
});

test("an axis that does not arrive ends it, and no other goes on", async () => {
  const stuck = { faults: { stall_at: 0.5, after_calls: 10 } };
  const trial = await trialOf(FlatAlignmentTask, {}, await stage({}, { y: stuck }));
  expect(await trial.end()).toMatchObject({ to: "failed", failure: { code: "DEVICE_TIMEOUT" } });
  expect(trial.devices.state("x").is_moving).toBe(false);
});

test.each([
  ["flat_alignment_task", FlatAlignmentTask, { axes: [] }],
  ["flat_alignment_task", FlatAlignmentTask, { axes: ["x", "x"] }],
  ["flat_alignment_task", FlatAlignmentTask, { axes: ["x", "y", "z"] }],
  ["flat_alignment_task", FlatAlignmentTask, { range_um: 0 }],
  ["flat_alignment_task", FlatAlignmentTask, { range_um: 10_000, field_pitch_um: 1 }],
  ["focus_alignment_task", FocusAlignmentTask, { field_pitch_um: 1e-9 }],
  ["focus_alignment_task", FocusAlignmentTask, { readings: 2 }],
  ["angle_adjustment_task", AngleAdjustmentTask, { field_pitch_um: 0.1 }],
  ["angle_adjustment_task", AngleAdjustmentTask, { axes: ["tx"], recentre_axes: ["tx"] }],
  ["profile_measurement_task", ProfileMeasurementTask, { return_to: "moon" }],
])("%s refuses %o", async (_, taskClass, parameters) => {
  await expect(trialOf(taskClass, parameters)).rejects.toMatchObject({ code: "INVALID_PARAMETERS" });
});

test("angles alone are adjusted where nothing is to follow", async () => {
  const trial = await trialOf(AngleAdjustmentTask, { recentre_axes: [], axes: ["tx", "ty"] });
  const { positions, power_uw, start } = await resultOf(trial);
  expect(Object.keys(positions)).toEqual(["tx", "ty"]);
  expect(power_uw).toBeGreaterThan(start.power_uw);
  expect(trial.devices.state("x").position_um).toBe(0);
});

test("a profile ends at its peak if it is told to, and refuses more points than anybody reads", async () => {
  const trial = await trialOf(ProfileMeasurementTask, { axis: "tx", return_to: "peak" }, await stage(peak));
  const {
    position,
    peak: top,
    unit,
  } = await resultOf<{ position: number; peak: { position: number }; unit: string }>(trial);
  expect([unit, position]).toEqual(["degrees", expect.closeTo(top.position, 2)]);

  const endless = await trialOf(ProfileMeasurementTask, { axis: "x", step: 0.0001 });
  expect(await endless.end()).toMatchObject({
    to: "failed",
    failure: { message: expect.stringContaining("points are more than") },
  });
});

test("a profile is points, a peak, a width and a picture", async () => {
  const trial = await trialOf(ProfileMeasurementTask, { axis: "x" }, await stage(peak));
  const profile = await resultOf<{
    points: { position: number; power_uw: number }[];
    peak: { position: number; power_uw: number };
    width_fwhm: number;
    plot: string;
  }>(trial);
  expect(profile).toMatchObject({ axis: "x", unit: "um", position: peak.x });
  expect(profile.points).toHaveLength(61);
  expect(profile.points[0]?.position).toBe(peak.x - 20);
  expect(profile.points.at(-1)?.position).toBe(peak.x + 20);
  expect(profile.peak.position).toBeCloseTo(peak.x, 1);
  // A Gaussian of mode field radius w falls to half at w sqrt(ln 2) on either side.
  expect(profile.width_fwhm).toBeCloseTo(2 * 5.2 * Math.sqrt(Math.LN2), 1);
  const svg = readFileSync(path.join(trial.data, profile.plot), "utf8");
  expect(svg).toMatch(/^<svg [^>]*viewBox/);
  for (const words of ["x position (µm)", "power (µW)", "Power along x"]) expect(svg).toContain(words);
  expect(trial.told.artifacts).toMatchObject([{ name: "profile_x.svg", type: "image/svg+xml" }]);
});

const inWords = ({ x, y, z, tx, ty, tz }: typeof peak) => ({
  ...{ x_um: x, y_um: y, z_um: z, tx_degrees: tx, ty_degrees: ty, tz_degrees: tz },
});
