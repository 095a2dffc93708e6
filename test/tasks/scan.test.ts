import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { z } from "armature/task";
import { expect, test } from "vitest";
import type { Devices } from "../../src/hardware/devices.ts";
import type { Faultable } from "../../src/hardware/drivers/simulated/faults.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Capturing, Homeable, RotaryAxis, Switchable } from "../../src/task/devices.ts";
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
    { project: "pot", points: 1000 },
    { project: "pot", min_theta: 90, max_theta: 30 },
  ])
    expect(parameters.safeParse(bad).success).toBe(false);
});
