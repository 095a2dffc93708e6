import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { z } from "armature/task";
import { expect, test } from "vitest";
import type { Devices } from "../../src/hardware/devices.ts";
import type { Faultable } from "../../src/hardware/drivers/simulated/faults.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Capturing, Focusable, Homeable, RotaryAxis, Switchable } from "../../src/task/devices.ts";
import { ScanTask } from "../../tasks/core/scanner/scan_task.ts";
import { open, photoDirectory, temporary } from "../hardware/machine.ts";
import { asyncContext } from "./context.ts";
import { flowerpot, testWithFlowerpot } from "./flowerpot.ts";

const definition = ScanTask as unknown as {
  parameters: z.ZodObject;
  result: z.ZodObject;
  uses: Record<string, "exclusive">;
};

/** Fast enough for a test on the real clock. */
const fast = { top_speed_degrees_per_s: 1e5, acceleration_degrees_per_s2: 1e7 };
const quick = { rotor: fast, turntable: fast, light: { switch_ms: 0 } };

async function scanner(directory: string) {
  const dataDirectory = await temporary();
  const camera = { directory, exposure_ms: 0.1 };
  const devices = await open("replay", { ...quick, camera }, systemClock, "/");
  return { dataDirectory, devices };
}

function begin(machine: { dataDirectory: string; devices: Devices }, given: object, resumedFrom?: unknown) {
  const parameters = definition.parameters.parse({
    project: "pot",
    path_method: "turntable",
    exposure_ms: 0.1,
    ...given,
  });
  const ctx = asyncContext({ ...machine, clock: systemClock, uses: definition.uses, resumedFrom });
  const task = new (ScanTask as unknown as new () => ScanTask)();
  return { ctx, steps: task.run(parameters as never, ctx as never) };
}

type Steps = ReturnType<typeof begin>["steps"];
type Step = Exclude<Awaited<ReturnType<Steps["next"]>>["value"], undefined>;

async function finish(steps: Steps): Promise<{ yields: Step[]; result: unknown }> {
  const yields: Step[] = [];
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return { yields, result: value };
    yields.push(value);
  }
}

const isParked = (devices: Devices): boolean => {
  const axes = ["rotor", "turntable"].map((name) => devices.get(name) as RotaryAxis & Homeable);
  return (
    axes.every((axis) => axis.angleDegrees === axis.homeDegrees) && !(devices.get("light") as Switchable).isOn
  );
};

testWithFlowerpot("a turntable scan over 36 real photos yields all of them, byte for byte", async () => {
  const machine = await scanner(flowerpot);
  const { yields, result } = await finish(begin(machine, { points: 36 }).steps);
  expect(result).toEqual({ project: "pot", scan_index: 1, photos: 36, directory: "projects/pot/scan01" });
  definition.result.parse(result);
  const folder = path.join(machine.dataDirectory, "projects/pot/scan01");
  const [originals, photos] = [await readdir(flowerpot), await readdir(folder)].map((names) =>
    names.filter((name) => name.endsWith(".jpg")).sort(),
  ) as [string[], string[]];
  expect(photos).toHaveLength(36);
  for (const [step, name] of photos.entries()) {
    const [photo, original] = await Promise.all([
      readFile(path.join(folder, name)),
      readFile(path.join(flowerpot, originals[step] as string)),
    ]);
    expect([name, photo.equals(original)]).toEqual([name, true]);
  }
  expect(yields.map((y) => (y as { current: number }).current)).toEqual(
    Array.from({ length: 36 }, (_, i) => i + 1),
  );
  expect(isParked(machine.devices)).toBe(true);
});

test("every photo has its metadata: where the axes stood and how it was taken", async () => {
  const machine = await scanner(await photoDirectory(4));
  await finish(begin(machine, { points: 4, rotor_angle: 40 }).steps);
  const file = path.join(machine.dataDirectory, "projects/pot/scan01/metadata/scan01_003.json");
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
    step: 3,
    file: "scan01_003.jpg",
    position: { theta_degrees: 40, phi_degrees: 270 },
    task_id: "a-task",
    exposure_ms: 0.1,
    type: "image/jpeg",
  });
});

test("what a checkpoint says is on the disk already, at every photo", async () => {
  const machine = await scanner(await photoDirectory(6));
  const { steps } = begin(machine, { points: 6 });
  for (let next = await steps.next(); !next.done; next = await steps.next()) {
    const { next_step } = next.value.checkpoint as { next_step: number };
    const names = await readdir(path.join(machine.dataDirectory, "projects/pot/scan01"));
    for (let step = 0; step < next_step; step++) expect(names).toContain(`scan01_00${step}.jpg`);
  }
});

test("where a scan continues is saved before its first exposure", async () => {
  const machine = await scanner(await photoDirectory(4));
  (machine.devices.get("camera") as unknown as Faultable).setFaults({ fail: "sensor gone" });
  const { steps, ctx } = begin(machine, { points: 4 });
  await expect(steps.next()).rejects.toThrow("sensor gone");
  expect(ctx.saved).toEqual([{ scan_index: 1, next_step: 0 }]);
});

test("a scan that continues opens the same scan and exposes nothing again that is durable", async () => {
  const machine = await scanner(await photoDirectory(8));
  const first = begin(machine, { points: 8 });
  let checkpoint: unknown;
  for (let taken = 0; taken < 5; taken++)
    checkpoint = ((await first.steps.next()).value as { checkpoint: unknown }).checkpoint;
  // As after a power cut: the generator never ends. The fifth photo is durable, its checkpoint is not.
  await expect
    .poll(() => readdir(path.join(machine.dataDirectory, "projects/pot/scan01")))
    .toContain("scan01_004.jpg");
  expect(checkpoint).toEqual({ scan_index: 1, next_step: 4 });

  const again = await open(
    "replay",
    { ...quick, camera: { directory: await photoDirectory(8), exposure_ms: 0.1 } },
    systemClock,
    "/",
  );
  const camera = again.get("camera") as Capturing;
  const capture = camera.capture.bind(camera);
  let exposures = 0;
  camera.capture = (options) => {
    exposures++;
    return capture(options);
  };
  const { result } = await finish(begin({ ...machine, devices: again }, { points: 8 }, checkpoint).steps);
  expect([exposures, result]).toEqual([3, expect.objectContaining({ scan_index: 1, photos: 8 })]);
});

test("a cancel in the middle of a move brakes, brings the machine home and keeps the photos", async () => {
  const machine = await scanner(await photoDirectory(4));
  const slow = await open(
    "replay",
    { camera: { directory: await photoDirectory(4), exposure_ms: 0.1 }, light: { switch_ms: 0 } },
    systemClock,
    "/",
  );
  const { steps, ctx } = begin({ ...machine, devices: slow }, { points: 4, rotor_angle: 90 });
  await steps.next();
  const next = steps.next();
  await expect.poll(() => slow.state("turntable").is_moving).toBe(true);
  ctx.abort.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
  expect(isParked(slow)).toBe(true);
  expect(await readdir(path.join(machine.dataDirectory, "projects/pot/scan01"))).toContain("scan01_000.jpg");
});

test("after an emergency stop nothing goes home", async () => {
  const machine = await scanner(await photoDirectory(4));
  const { steps } = begin(machine, { points: 4, rotor_angle: 30 });
  await steps.next();
  await machine.devices.stopAll();
  await expect(steps.next()).rejects.toMatchObject({ code: "STOPPED" });
  expect(machine.devices.state("rotor").angle_degrees).toBe(30);
  expect(machine.devices.state("light").is_on).toBe(false);
});

test("a camera that fails fails the scan, and the machine comes home", async () => {
  const machine = await scanner(await photoDirectory(4));
  (machine.devices.get("camera") as unknown as Faultable).setFaults({ fail: "sensor gone", after_calls: 2 });
  await expect(finish(begin(machine, { points: 4 }).steps)).rejects.toThrow("camera failed: sensor gone");
  expect(isParked(machine.devices)).toBe(true);
  expect(
    (await readdir(path.join(machine.dataDirectory, "projects/pot/scan01"))).filter((n) => n.endsWith("jpg")),
  ).toHaveLength(2);
});

test("a Fibonacci scan with the simulated camera leaves as many different photos as points", async () => {
  const dataDirectory = await temporary();
  const devices = await open(
    "simulated",
    { ...quick, camera: { width: 256, height: 192 } },
    systemClock,
    "/",
  );
  const { steps } = begin({ dataDirectory, devices }, { points: 6, path_method: "fibonacci" });
  const { result } = await finish(steps);
  expect(result).toMatchObject({ photos: 6 });
  const folder = path.join(dataDirectory, "projects/pot/scan01");
  const photos = (await readdir(folder)).filter((name) => name.endsWith(".jpg"));
  const contents = await Promise.all(photos.map((name) => readFile(path.join(folder, name), "base64")));
  expect(new Set(contents).size).toBe(6);
});

const small = { width: 128, height: 128, exposure_ms: 0.1 };
const stacked = { points: 2, focus_stacks: 3, focus_range_dioptres: [10, 15] };

async function focusing(changes: object = {}) {
  const machine = {
    dataDirectory: await temporary(),
    devices: await open(
      "simulated",
      { ...quick, camera: { ...small, focus: { move_ms: 0, ...changes } } },
      systemClock,
      "/",
    ),
  };
  const camera = machine.devices.get("camera") as Capturing & Focusable & Faultable;
  const folder = path.join(machine.dataDirectory, "projects/pot/scan01");
  const photos = async () => (await readdir(folder)).filter((name) => name.endsWith(".jpg")).sort();
  return { machine, camera, folder, photos };
}

test("a focus stack is one photo per pose and place of the focus, and the camera has its focus back", async () => {
  const { machine, camera, folder, photos } = await focusing();
  await camera.focusAt(7);
  const moves: number[] = [];
  const turntable = machine.devices.get("turntable") as RotaryAxis;
  const moveTo = turntable.moveTo.bind(turntable);
  turntable.moveTo = (angle, options) => {
    moves.push(angle);
    return moveTo(angle, options);
  };
  const { yields, result } = await finish(begin(machine, stacked).steps);
  expect(result).toMatchObject({ photos: 6 });
  expect(await photos()).toEqual(
    [0, 1].flatMap((step) => [0, 1, 2].map((focus) => `scan01_00${step}_fs0${focus}.jpg`)),
  );
  for (const [index, dioptres] of [10, 12.5, 15].entries())
    expect(
      JSON.parse(await readFile(path.join(folder, `metadata/scan01_001_fs0${index}.json`), "utf8")),
    ).toMatchObject({ step: 1, focus_dioptres: dioptres, position: { phi_degrees: 180 } });
  expect(yields.map((y) => (y as { current: number }).current)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(moves).toEqual([0, 180]);
  expect(camera.focusDioptres).toBe(7);
});

test("without a stack the focus stays as it is, and the metadata says where", async () => {
  const { machine, camera, folder, photos } = await focusing();
  await camera.focusAt(12);
  await finish(begin(machine, { points: 1 }).steps);
  expect(await photos()).toEqual(["scan01_000.jpg"]);
  const about = await readFile(path.join(folder, "metadata/scan01_000.json"), "utf8");
  expect(JSON.parse(about)).toMatchObject({ focus_dioptres: 12 });
  expect(camera.focusDioptres).toBe(12);
});

test("a scan that continues within a stack takes what is missing of it, and nothing twice", async () => {
  const { machine, photos } = await focusing();
  const first = begin(machine, stacked);
  let checkpoint: unknown;
  for (let taken = 0; taken < 5; taken++)
    checkpoint = ((await first.steps.next()).value as { checkpoint: unknown }).checkpoint;
  // As after a power cut: the generator never ends. The fifth photo is durable, its checkpoint is not.
  await expect.poll(photos).toContain("scan01_001_fs01.jpg");
  expect(checkpoint).toEqual({ scan_index: 1, next_step: 1 });

  const again = (await focusing()).machine.devices;
  const camera = again.get("camera") as Capturing & Focusable;
  const capture = camera.capture.bind(camera);
  const exposedAt: (number | null)[] = [];
  camera.capture = (options) => {
    exposedAt.push(camera.focusDioptres);
    return capture(options);
  };
  const { result } = await finish(begin({ ...machine, devices: again }, stacked, checkpoint).steps);
  expect(exposedAt).toEqual([15]);
  expect(result).toMatchObject({ scan_index: 1, photos: 6 });
  expect(camera.focusDioptres).toBeNull();
});

test("a camera that cannot be told where to focus refuses a stack before anything moves or is made", async () => {
  const machine = await scanner(await photoDirectory(2));
  const { steps, ctx } = begin(machine, { ...stacked, rotor_angle: 30 });
  await expect(steps.next()).rejects.toMatchObject({ code: "DEVICE_LACKS" });
  expect(ctx.saved).toEqual([]);
  expect(machine.devices.state("rotor")).toMatchObject({ angle_degrees: 90, is_homed: false });
  expect(await readdir(machine.dataDirectory)).not.toContain("projects");
});

test("a focus the lens does not reach is refused before anything moves or is made", async () => {
  const { machine } = await focusing({ max_dioptres: 12 });
  await expect(begin(machine, { ...stacked, rotor_angle: 30 }).steps.next()).rejects.toThrow(
    "camera cannot go to 12.5 dioptres: its limits are 0 to 12 dioptres.",
  );
  expect(machine.devices.state("rotor")).toMatchObject({ angle_degrees: 90, is_homed: false });
  expect(await readdir(machine.dataDirectory)).not.toContain("projects");
});

test("a scan that is cancelled or fails within a stack gives the camera its focus back", async () => {
  const cancelled = await focusing();
  const { steps, ctx } = begin(cancelled.machine, { ...stacked, exposure_ms: 100 });
  await steps.next();
  await steps.next();
  const next = steps.next();
  await expect.poll(() => cancelled.machine.devices.state("camera").doing).toBe("taking a photo");
  ctx.abort.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
  expect(cancelled.camera.focusDioptres).toBeNull();
  expect(await cancelled.photos()).toEqual(["scan01_000_fs00.jpg", "scan01_000_fs01.jpg"]);

  const failing = await focusing();
  const capture = failing.camera.capture.bind(failing.camera);
  failing.camera.capture = (options) =>
    failing.camera.focusDioptres === 12.5 ? Promise.reject(new Error("sensor gone")) : capture(options);
  await expect(finish(begin(failing.machine, stacked).steps)).rejects.toThrow("sensor gone");
  expect(failing.camera.focusDioptres).toBeNull();
  expect(isParked(failing.machine.devices)).toBe(true);
});

test("a scan from a later step leaves out the poses before it, and keeps the numbers of the others", async () => {
  const { machine, photos } = await focusing();
  const { yields, result } = await finish(begin(machine, { points: 4, start_from_step: 2 }).steps);
  expect(await photos()).toEqual(["scan01_002.jpg", "scan01_003.jpg"]);
  expect(yields.map((y) => (y as { current: number }).current)).toEqual([3, 4]);
  expect(result).toMatchObject({ photos: 2 });
});

test("what a project's name may be is said in words, and a bad count does not accuse the step", () => {
  const problems = (given: object) =>
    definition.parameters
      .safeParse({ project: "pot", ...given })
      .error?.issues.map((issue: z.core.$ZodIssue) => [issue.path[0], issue.message]);
  expect(problems({ project: "../pot" })).toEqual([
    ["project", expect.stringMatching(/^expected a plain folder name \(.*\), found "\.\.\/pot"$/)],
  ]);
  expect(problems({ points: 0 })).toEqual([["points", expect.any(String)]]);
});

test("parameters are held against the schema", () => {
  const { parameters } = definition;
  expect(parameters.parse({ project: "pot" })).toMatchObject({
    points: 130,
    path_method: "fibonacci",
    min_theta: 12,
    max_theta: 125,
  });
  for (const bad of [
    {},
    { project: "../pot" },
    { project: "pot." },
    { project: "pot " },
    { project: "花".repeat(70) },
    { project: "pot", points: 36, start_from_step: 36 },
    { project: "pot", start_from_step: 1, min_theta: 60, max_theta: 60, min_phi: 0, max_phi: 0 },
    { project: "pot", start_from_step: -1 },
    { project: "pot", focus_stacks: 0 },
    { project: "pot", focus_stacks: 100 },
    { project: "pot", focus_range_dioptres: [15, 10] },
    { project: "pot", focus_range_dioptres: [10] },
    { project: "pot", focus_range_dioptres: [-1, 10] },
    { project: "pot", points: 1000 },
    { project: "pot", min_theta: 90, max_theta: 30 },
  ])
    expect(parameters.safeParse(bad).success).toBe(false);
  const messages = [{ focus_range_dioptres: [15, 10] }, { start_from_step: 130 }].map(
    (bad) => parameters.safeParse({ project: "pot", ...bad }).error?.issues[0]?.message,
  );
  expect(messages).toEqual([
    "expected the smaller one first, found 15 before 10",
    "expected a step of the path, 0 to 129, found 130",
  ]);
});
