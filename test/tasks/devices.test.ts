// The tasks of single devices, with real drivers over a clock that stands still.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Trial, type TrialOptions, tryTask } from "../../src/testing.ts";
import { AxisMovementTask } from "../../tasks/core/devices/axis_movement_task.ts";
import { CaptureTask } from "../../tasks/core/devices/capture_task.ts";
import { HomingTask } from "../../tasks/core/devices/homing_task.ts";
import { MeasurementTask } from "../../tasks/core/devices/measurement_task.ts";
import { SwitchTask } from "../../tasks/core/devices/switch_task.ts";

const slide = {
  driver: "simulated_linear_axis",
  min_um: -1000,
  max_um: 1000,
  top_speed_um_per_s: 100,
  acceleration_um_per_s2: 200,
} as const;
const table = {
  driver: "simulated_axis",
  is_continuous: true,
  home_degrees: 0,
  top_speed_degrees_per_s: 90,
  acceleration_degrees_per_s2: 90,
} as const;
const lens = {
  driver: "simulated_axis",
  min_degrees: -5,
  max_degrees: 5,
  home_degrees: 1,
  start_degrees: -3,
} as const;
const meter = { driver: "simulated_power_meter" } as const;
const devices: TrialOptions["devices"] = {
  x: slide,
  table,
  lens,
  power_meter: meter,
  light: { driver: "simulated_light" },
  camera: { driver: "simulated_camera", width: 128, height: 128 },
};

async function trialOf(taskClass: unknown, parameters: object, more: TrialOptions = {}): Promise<Trial> {
  const trial = await tryTask(taskClass, { ...parameters }, { devices, ...more });
  onTestFinished(() => trial.close());
  return trial;
}
const move = (parameters: object, more?: TrialOptions) => trialOf(AxisMovementTask, parameters, more);

test("an axis moves to a place, and its task tells where it is twenty times a second", async () => {
  const trial = await move({ axis: "x", position: 100 });
  expect(await trial.end()).toEqual({
    to: "completed",
    result: { axis: "x", unit: "um", start: 0, position: 100, travelled: 100, requested: 100 },
  });
  // 100 µm at 100 µm/s with 200 µm/s²: 1.5 s.
  expect(trial.clock.monotonic()).toBeCloseTo(1500);
  const told = trial.told.progress.map(({ data }) => data as Record<string, number>);
  expect(told).toHaveLength(31);
  expect(told.map(({ elapsed_time }) => elapsed_time)).toEqual(
    Array.from({ length: 31 }, (_, tick) => expect.closeTo(tick * 0.05, 3)),
  );
  const positions = told.map(({ current_position }) => current_position as number);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(trial.told.progress[15]).toEqual({
    current: 50,
    total: 100,
    message: "x is at 50 of 100 µm",
    data: {
      axis: "x",
      current_position: 50,
      target_position: 100,
      progress_percent: 50,
      elapsed_time: 0.75,
      message: "x is at 50 of 100 µm",
    },
  });
  expect(trial.told.progress.at(-1)).toMatchObject({ current: 100, total: 100 });
});

test("an axis moves by a distance, at the speed that was asked for", async () => {
  const trial = await move({ axis: "x", distance: -50, speed: 10 });
  expect(await trial.end()).toMatchObject({
    result: { start: 0, position: -50, travelled: -50, requested: -50 },
  });
  expect(trial.clock.monotonic()).toBeCloseTo(5050);
});

test("a move to where it stands is over at once, and whole", async () => {
  const trial = await move({ axis: "x", distance: 0 });
  expect(await trial.end()).toMatchObject({ to: "completed", result: { travelled: 0, requested: 0 } });
  expect(trial.told.progress.at(-1)).toMatchObject({ current: 100, total: 100 });
});

test("told to stop in mid-move it brakes, stands still, and says how far it came", async () => {
  const trial = await move({ axis: "x", position: 1000 });
  await trial.clock.advance(2000);
  trial.cancel();
  const braking = await trial.end();
  expect(braking).toEqual({ to: "cancelled" });
  // 0.5 s to speed up (25 µm), 1.5 s at speed (150 µm), and as long to slow down as to speed up (25 µm).
  expect(trial.told.partialResult).toEqual({ start: 0, position: 200, travelled: 200, requested: 1000 });
  expect(trial.clock.monotonic()).toBeCloseTo(2500);
  expect(trial.devices.state("x")).toMatchObject({ is_moving: false, position_um: 200 });
});

test("a move that gets stuck fails, and says how far it came", async () => {
  const trial = await move(
    { axis: "x", position: 100 },
    { devices: { x: { ...slide, faults: { stall_at: 0.5 } } } },
  );
  expect(await trial.end()).toMatchObject({ to: "failed", failure: { code: "DEVICE_TIMEOUT" } });
  expect(trial.told.partialResult).toMatchObject({ position: 50, travelled: 50, requested: 100 });
});

test("a target outside the limits is refused with them, and nothing moves", async () => {
  for (const target of [{ position: 1000.5 }, { distance: -1001 }]) {
    const trial = await move({ axis: "x", ...target });
    expect(await trial.end()).toMatchObject({
      to: "failed",
      failure: { code: "OUT_OF_LIMITS", details: { min_um: -1000, max_um: 1000 } },
    });
    expect(trial.devices.state("x")).toMatchObject({ position_um: 0, is_moving: false });
  }
});

test.each([
  [{ position: 270 }, -90, 270],
  [{ distance: 270 }, 270, 270],
  [{ distance: -180 }, -180, 180],
  [{ distance: 720 }, 720, 0],
  [{ distance: -30 }, -30, 330],
])("a table that turns on and on goes %o", async (target, travelled, position) => {
  const trial = await move({ axis: "table", ...target });
  expect(await trial.end()).toMatchObject({ result: { travelled, requested: travelled } });
  expect(trial.devices.state("table").angle_degrees).toBeCloseTo(position % 360, 3);
});

test.each([1e15, -1e308])("a table may be sent round for ever, and be stopped: %d", async (distance) => {
  const trial = await move({ axis: "table", distance });
  await trial.clock.advance(5000);
  trial.cancel();
  expect(await trial.end()).toEqual({ to: "cancelled" });
  expect(trial.told.partialResult).toMatchObject({ requested: distance, travelled: expect.any(Number) });
});

test("what a turn and a half came to is known when it is stopped", async () => {
  const trial = await move({ axis: "table", distance: 540 });
  while ((trial.told.progress.at(-1)?.current ?? 0) < 60) await trial.clock.advance(50);
  trial.cancel();
  await trial.end();
  const { travelled, position } = trial.told.partialResult as Record<string, number>;
  expect(travelled).toBeGreaterThan(0.6 * 540);
  expect(travelled).toBeLessThan(540);
  expect(position).toBeCloseTo((travelled as number) % 360, 3);
});

test.each([
  [{ axis: "x" }],
  [{ axis: "x", position: 1, distance: 1 }],
  [{ axis: "x", position: 1, speed: 0 }],
  [{ axis: "X 1", position: 1 }],
  [{ position: 1 }],
])("%o is refused", async (parameters) => {
  await expect(move(parameters)).rejects.toMatchObject({ code: "INVALID_PARAMETERS" });
});

test("what cannot move is not moved", async () => {
  const trial = await move({ axis: "light", position: 1 });
  expect(await trial.end()).toMatchObject({ to: "failed", failure: { code: "DEVICE_LACKS" } });
});

test("an axis goes home, and knows it", async () => {
  const trial = await trialOf(HomingTask, { axis: "lens" });
  expect(await trial.end()).toEqual({
    to: "completed",
    result: { axis: "lens", unit: "degrees", position: 1 },
  });
  expect(trial.devices.state("lens")).toMatchObject({ is_homed: true, angle_degrees: 1 });
});

test("a photo is a file of its task, with what the camera says of it", async () => {
  const trial = await trialOf(CaptureTask, { exposure_ms: 20, gain: 2 });
  const ended = await trial.end();
  const [artifact] = trial.told.artifacts;
  const { result } = ended as { result: { photo: string; bytes: number } };
  expect(result).toMatchObject({ camera: "camera", type: "image/jpeg", exposure_ms: 20, gain: 2 });
  const file = readFileSync(path.join(trial.data, result.photo));
  expect([file.byteLength, file.subarray(0, 2).toString("hex")]).toEqual([result.bytes, "ffd8"]);
  expect(artifact).toMatchObject({ name: "camera.jpg" });
});

test("a lamp is switched", async () => {
  const trial = await trialOf(SwitchTask, { device: "light", on: true });
  expect(await trial.end()).toEqual({ to: "completed", result: { device: "light", is_on: true } });
  expect(trial.devices.state("light").is_on).toBe(true);
});

test("power is measured as often as asked, and its noise told", async () => {
  const trial = await trialOf(MeasurementTask, { readings: 50 });
  const { result } = (await trial.end()) as { result: Record<string, number> };
  expect(result).toMatchObject({ device: "power_meter", readings: 50 });
  expect(result.power_uw).toBeGreaterThan(-1);
  expect(result.deviation_uw).toBeGreaterThan(0);
  expect(trial.told.progress).toHaveLength(50);
});

test("paused in mid-move it stands still, and goes on to its target when it is resumed", async () => {
  const trial = await move({ axis: "x", position: 500 });
  await trial.clock.advance(2000);
  trial.pause();
  await trial.clock.advance(550);
  expect(trial.told.isPaused).toBe(true);
  const { position_um: held, is_moving } = trial.devices.state("x");
  expect(is_moving).toBe(false);
  // 175 µm on its way, up to 5 µm until it looks, 25 µm to brake.
  expect(held).toBeGreaterThanOrEqual(200);
  expect(held).toBeLessThanOrEqual(205.1);
  await trial.clock.advance(60_000);
  expect(trial.devices.state("x").position_um).toBe(held);
  trial.resume();
  expect(await trial.end()).toMatchObject({
    to: "completed",
    result: { start: 0, position: 500, travelled: 500, requested: 500 },
  });
});

test("told to stop while it is paused it stays where it was held", async () => {
  const trial = await move({ axis: "table", distance: 540 });
  await trial.clock.advance(3000);
  trial.pause();
  await trial.clock.advance(2000);
  const held = trial.devices.state("table").angle_degrees as number;
  trial.cancel();
  expect(await trial.end()).toEqual({ to: "cancelled" });
  expect((trial.told.partialResult as { position: number }).position).toBeCloseTo(held, 3);
});

test("the way home is held and gone on with, too", async () => {
  const trial = await trialOf(HomingTask, { axis: "lens" });
  await trial.clock.advance(20);
  trial.pause();
  await trial.clock.advance(1000);
  expect([trial.told.isPaused, trial.devices.state("lens").is_homed]).toEqual([true, false]);
  trial.resume();
  expect(await trial.end()).toMatchObject({ to: "completed", result: { position: 1 } });
});
