// The microscope's tasks on the microscope of the default profile, over a clock that stands still.
import { readFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";
import { type DeviceProfileInput, loadProfile } from "../../src/hardware/profile.ts";
import { type Trial, tryTask } from "../../src/testing.ts";
import { AdjustFocusTask } from "../../tasks/core/microscope/adjust_focus_task.ts";
import { CaptureImageTask } from "../../tasks/core/microscope/capture_image_task.ts";
import { MoveStageTask } from "../../tasks/core/microscope/move_stage_task.ts";
import { profiles } from "../hardware/machine.ts";
import { below, randomOf } from "../random.ts";

/** Where the default profile's specimen is sharp, at x = 0. */
const sharpAtUm = 1240;

async function trialOf(
  taskClass: unknown,
  parameters: object = {},
  changes: Record<string, object> = {},
): Promise<Trial> {
  const { devices: all } = await loadProfile(profiles, "simulated");
  const own = Object.entries(all).filter(([name]) => name.startsWith("microscope"));
  const devices = Object.fromEntries(
    own.map(([name, options]) => [name, { ...options, ...changes[name] }]),
  ) as DeviceProfileInput["devices"];
  const trial = await tryTask(taskClass, { ...parameters }, { devices });
  onTestFinished(() => trial.close());
  return trial;
}

/** Photos that take less time to draw. */
const small = { microscope_camera: { width: 200, height: 160 } };

const resultOf = async <Result>(trial: Trial): Promise<Result> => {
  const ended = await trial.end();
  expect(ended).toMatchObject({ to: "completed" });
  return (ended as { result: Result }).result;
};

interface Image {
  readonly image_data: string;
  readonly timestamp: string;
  readonly artifact: string;
}

test("a photo comes as a JPEG that fits a record, and whole as an artifact", async () => {
  const inFocus = { microscope_focus: { start_um: sharpAtUm } };
  const trial = await trialOf(CaptureImageTask, { exposure: 100, gain: 1.5 }, inFocus);
  const result = await resultOf<Image>(trial);
  expect(JSON.stringify(result).length).toBeLessThan(65_536);
  expect(result.timestamp).toMatch(/^2026-01-01T00:00:00\.\d{3}Z$/);
  const image = await sharp(Buffer.from(result.image_data, "base64")).metadata();
  expect(image.format).toBe("jpeg");
  const whole = readFileSync(path.join(trial.data, result.artifact));
  expect(whole.byteLength).toBeGreaterThan(65_536);
  expect(await sharp(whole).metadata()).toMatchObject({ format: "jpeg", width: 640, height: 480 });
  expect(trial.told.artifacts).toMatchObject([{ name: "image.jpg", type: "image/jpeg" }]);
});

test("a photo that is small enough is the camera's own bytes", async () => {
  const trial = await trialOf(CaptureImageTask, {}, small);
  const { image_data, artifact } = await resultOf<Image>(trial);
  expect(Buffer.from(image_data, "base64").equals(readFileSync(path.join(trial.data, artifact)))).toBe(true);
});

test.each([
  [{}, 100],
  [{ exposure: 20, gain: 1.5 }, 20],
  [{ exposure_ms: 30 }, 30],
])("%o exposes for so long", async (parameters, exposureMs) => {
  const trial = await trialOf(CaptureImageTask, parameters, small);
  await resultOf(trial);
  expect(trial.clock.monotonic()).toBe(exposureMs);
});

test.each([
  ["capture_image_task", CaptureImageTask, { exposure: 20, exposure_ms: 30 }],
  ["capture_image_task", CaptureImageTask, { gain: 0 }],
  ["move_stage_task", MoveStageTask, { x: 1 }],
  ["adjust_focus_task", AdjustFocusTask, { autofocus: false }],
  ["adjust_focus_task", AdjustFocusTask, { speed: -1 }],
  ["adjust_focus_task", AdjustFocusTask, { step_um: 0.5 }],
  ["adjust_focus_task", AdjustFocusTask, { step_um: 5e-324 }],
])("%s refuses %o", async (_, taskClass, parameters) => {
  await expect(trialOf(taskClass, parameters)).rejects.toMatchObject({ code: "INVALID_PARAMETERS" });
});

test("the stage goes to a place, z to 0 where nothing is said of it, and tells where it is", async () => {
  const trial = await trialOf(MoveStageTask, { x: 1000, y: -500 }, { microscope_z: { start_um: 40 } });
  expect(await resultOf(trial)).toEqual({ new_position: { x: 1000, y: -500, z: 0 } });
  const told = trial.told.progress.map(({ current }) => current);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect([told[0], told.at(-1)]).toEqual([0, 100]);
  expect(trial.told.progress[2]?.data?.position).toEqual({
    x: expect.any(Number),
    y: expect.any(Number),
    z: expect.any(Number),
  });
});

test("a stage that is stopped on its way says where it stands", async () => {
  const trial = await trialOf(MoveStageTask, { x: 9000, y: 9000 });
  await trial.clock.advance(500);
  trial.cancel();
  expect(await trial.end()).toEqual({ to: "cancelled" });
  const { position } = trial.told.partialResult as { position: { x: number } };
  expect(position.x).toBeGreaterThan(0);
  expect(position.x).toBeLessThan(9000);
  expect(trial.devices.state("microscope_x")).toMatchObject({
    is_moving: false,
    position_um: expect.closeTo(position.x, 2),
  });
});

test("the focus goes to a position, as fast as it was told", async () => {
  const trial = await trialOf(AdjustFocusTask, { position: 1100, speed: 50 });
  expect(await resultOf(trial)).toEqual({
    new_position: 1100,
    sharpness: null,
    at_range_end: false,
    photos: 0,
  });
  expect(trial.clock.monotonic()).toBeGreaterThan(2000);
});

test("autofocus finds where nothing is blurred from anywhere in its range", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomOf(seed);
  for (let run = 0; run < 3; run++) {
    const [x, start] = [below(random, 2000) - 1000, sharpAtUm - 450 + below(random, 900)];
    const at = { ...small, microscope_x: { start_um: x }, microscope_focus: { start_um: start } };
    const trial = await trialOf(AdjustFocusTask, {}, at);
    const found = await resultOf<{ new_position: number; sharpness: number }>(trial);
    const best = sharpAtUm + (8 * x) / 1000;
    expect(Math.abs(found.new_position - best), `seed ${seed}, x ${x}, from ${start}`).toBeLessThan(4);
    expect(found.sharpness).toBeGreaterThan(1000);
  }
});

test("about a position it looks only there", async () => {
  const trial = await trialOf(
    AdjustFocusTask,
    { position: 1200, autofocus: true, range_um: 60, step_um: 20 },
    small,
  );
  const found = await resultOf<{ new_position: number; at_range_end: boolean }>(trial);
  expect(Math.abs(found.new_position - sharpAtUm)).toBeLessThan(4);
  expect(found.at_range_end).toBe(false);
  const positions = trial.told.progress.map(({ data }) => data?.position as number);
  expect([Math.min(...positions), Math.max(...positions)]).toEqual([1140, 1260]);
});

test("a focus beyond the range is told apart from one that was found", async () => {
  const trial = await trialOf(
    AdjustFocusTask,
    { position: 1000, autofocus: true, range_um: 100, step_um: 25 },
    small,
  );
  expect(await resultOf(trial)).toMatchObject({ at_range_end: true, new_position: 1100 });
  expect(trial.told.logs).toMatchObject([
    { level: "warn", message: expect.stringContaining("end of the range") },
  ]);
});

test("where nothing is sharper than the rest it says so, and the focus is back where it began", async () => {
  const blank = { microscope_camera: { ...small.microscope_camera, depth_of_field_um: 0.01 } };
  const trial = await trialOf(AdjustFocusTask, { position: 300, autofocus: true, range_um: 100 }, blank);
  expect(await trial.end()).toMatchObject({
    to: "failed",
    failure: {
      code: "NO_FOCUS",
      message: expect.stringContaining("Searched: microscope_focus 200 to 400 µm."),
      remediation: expect.stringContaining("wider range"),
    },
  });
  expect(trial.devices.state("microscope_focus").position_um).toBe(300);
});

test("autofocus that is cancelled stands still, and says where it was and how sharp", async () => {
  const trial = await trialOf(AdjustFocusTask, {}, small);
  while (trial.told.progress.length < 4) await trial.clock.advance(20);
  trial.cancel();
  expect(await trial.end()).toEqual({ to: "cancelled" });
  expect(trial.told.partialResult).toEqual({ position: expect.any(Number), sharpness: expect.any(Number) });
  expect(trial.devices.state("microscope_focus").is_moving).toBe(false);
});
