import { expect, test } from "vitest";
import type { RuntimeError } from "../../src/errors/runtime-error.ts";
import type { Faultable } from "../../src/hardware/drivers/simulated/faults.ts";
import { type DeviceOptions, parseProfile } from "../../src/hardware/profile.ts";
import type {
  Capturing,
  LinearAxis,
  Measuring,
  RotaryAxis,
  Stoppable,
  Switchable,
} from "../../src/task/devices.ts";
import { settled } from "../fake-clock.ts";
import { machine, photoDirectory, temporary } from "./machine.ts";

test("a device looks on the wire as its profile and its state say", async () => {
  const { devices } = await machine("simulated");
  expect(devices.state("rotor")).toEqual({
    name: "rotor",
    driver: "simulated_axis",
    capabilities: ["movable", "homeable", "stoppable"],
    state: "ready",
    doing: null,
    angle_degrees: 90,
    position_um: null,
    limits: { min_degrees: 0, max_degrees: 140, is_continuous: false },
    home_degrees: 90,
    home_um: null,
    top_speed_degrees_per_s: 120,
    top_speed_um_per_s: null,
    is_homed: false,
    is_moving: false,
    is_on: null,
    focus_dioptres: null,
    power_uw: null,
    problem: null,
    remedy: null,
  });
  expect(devices.list().map(({ name }) => name)).toEqual([
    ...["rotor", "turntable", "light", "camera"],
    ...["x", "y", "z", "tx", "ty", "tz", "power_meter"],
    ...["x", "y", "z", "focus", "camera"].map((name) => `microscope_${name}`),
  ]);
});

test("a device that does not open is listed with reason and remedy, and the rest works", async () => {
  const { devices, clock } = await machine("simulated", { camera: { faults: { open: "no such lens" } } });
  expect(devices.state("camera")).toMatchObject({
    state: "failed",
    problem: "no such lens",
    remedy: expect.any(String),
  });
  expect(() => devices.get("camera")).toThrow("camera failed: no such lens");
  expect(devices.state("camera").remedy).toBe("Check the device and its entry in the device profile.");
  const on = (devices.get("light") as Switchable).turnOn();
  await clock.advance(100);
  await on;
  expect(devices.state("light").is_on).toBe(true);
});

test("a replay camera without photos is listed as failed with a remedy that names the directory", async () => {
  const empty = await temporary();
  for (const directory of [empty, `${empty}/missing`]) {
    const { devices } = await machine("replay", { camera: { directory } });
    const { state, problem, remedy } = devices.state("camera");
    expect([state, problem, remedy]).toEqual([
      "failed",
      expect.stringMatching(/there are no photos|cannot be read/),
      expect.stringContaining(directory),
    ]);
    expect(devices.state("rotor").state).toBe("ready");
  }
});

test("a replay camera serves the photo nearest to the turntable's angle", async () => {
  const { devices, clock } = await machine("replay", { camera: { directory: await photoDirectory(36) } });
  const turntable = devices.get("turntable") as RotaryAxis;
  const camera = devices.get("camera") as Capturing;
  for (const [angle, photo] of [
    [0, 0],
    [10, 1],
    [184, 18],
    [186, 19],
    [350, 35],
    [356, 0],
  ] as const) {
    const moved = turntable.moveTo(angle);
    await clock.advance(10_000);
    await moved;
    const captured = camera.capture();
    await clock.advance(1000);
    expect([angle, [...(await captured).bytes]]).toEqual([angle, [photo]]);
  }
});

test("an unknown device is refused with the nearest name", async () => {
  const { devices } = await machine("simulated");
  expect(() => devices.get("rotr")).toThrow("There is no device 'rotr'.");
  const bound = devices.bind({ turntabel: "exclusive" }, () => new AbortController().signal);
  expect(() => bound.turntabel?.name).toThrow(
    expect.objectContaining({
      code: "UNKNOWN_DEVICE",
      details: expect.objectContaining({ nearest: ["turntable"] }),
    }),
  );
});

test("a bound device is ended by the signal of the moment, and by the one its caller passes", async () => {
  const { devices, clock } = await machine("simulated");
  let current = new AbortController();
  const { rotor } = devices.bind({ rotor: "exclusive" }, () => current.signal) as { rotor: RotaryAxis };
  const first = rotor.moveTo(10).catch((error: unknown) => error);
  await clock.advance(100);
  current.abort(new Error("the first"));
  await clock.advance(1000);
  expect(await first).toMatchObject({ message: "the first" });
  await expect(rotor.moveTo(20)).rejects.toThrow("the first");
  current = new AbortController();
  const own = new AbortController();
  const second = rotor.moveTo(20, { signal: own.signal }).catch((error: unknown) => error);
  await clock.advance(50);
  own.abort(new Error("its own"));
  await clock.advance(1000);
  expect(await second).toMatchObject({ message: "its own" });
  const third = rotor.moveTo(20, { signal: new AbortController().signal }).catch((error: unknown) => error);
  await clock.advance(50);
  current.abort(new Error("the moment's"));
  await clock.advance(1000);
  expect(await third).toMatchObject({ message: "the moment's" });
  expect(rotor.angleDegrees).toBe(devices.state("rotor").angle_degrees);
});

test("changes are told with the fields that changed, at most twenty times a second while something moves", async () => {
  const { devices, clock, told } = await machine("simulated");
  const moved = (devices.get("rotor") as RotaryAxis).moveTo(10); // 1 s: up to speed, on, and down
  await clock.advance(500);
  expect(told.length).toBe(1 + 500 / 62.5);
  await clock.advance(10_000);
  await moved;
  expect(told[0]?.changed.sort()).toEqual(["doing", "is_moving", "state"]);
  expect(told.at(-1)).toMatchObject({ state: { state: "ready", angle_degrees: 10, is_moving: false } });
  const between = told.slice(1, -1);
  expect(between.every(({ changed }) => changed.join() === "angle_degrees")).toBe(true);
});

const faultable = (device: unknown): Faultable => device as Faultable;

test("a device told to fail fails with its problem, from the call it was told", async () => {
  const { devices, clock } = await machine("simulated", {
    rotor: { faults: { fail: "coil open", after_calls: 1 } },
  });
  const rotor = devices.get("rotor") as RotaryAxis;
  const good = rotor.moveTo(80);
  await clock.advance(5000);
  await good;
  await expect(rotor.moveTo(70)).rejects.toMatchObject({
    code: "DEVICE_FAILED",
    message: "rotor failed: coil open",
  });
  faultable(rotor).setFaults({});
  const mended = rotor.moveTo(70);
  await clock.advance(5000);
  await mended;
});

test("a slow axis takes as many times as long, within its timeout", async () => {
  const { devices, clock } = await machine("simulated");
  const rotor = devices.get("rotor") as RotaryAxis;
  faultable(rotor).setFaults({ slow_factor: 3 });
  const moved = rotor.moveTo(30); // 0.5 s of cruising and two ramps of a third of a second
  await clock.advance(2400);
  expect(rotor.isMoving).toBe(true);
  await clock.advance(200);
  await moved;
});

test("a hang ends in DEVICE_TIMEOUT within the limit, and the device is free again", async () => {
  const { devices, clock } = await machine("simulated", {
    rotor: { timeout_seconds: 2 },
    camera: { timeout_seconds: 2 },
    light: { timeout_seconds: 2 },
  });
  const rotor = devices.get("rotor") as RotaryAxis;
  const camera = devices.get("camera") as Capturing;
  const light = devices.get("light") as Switchable;
  for (const device of [rotor, camera, light]) faultable(device).setFaults({ hang: true });
  const ends = Promise.allSettled([rotor.moveTo(91), camera.capture(), light.turnOn()]);
  await clock.advance(3000);
  for (const end of await ends) expect(end).toMatchObject({ reason: { code: "DEVICE_TIMEOUT" } });
  expect(rotor.angleDegrees).toBe(90);
  for (const device of [rotor, camera, light]) faultable(device).setFaults({});
  const after = Promise.all([rotor.moveTo(91), camera.capture(), light.turnOn()]);
  await clock.advance(3000);
  await after;
});

test("an axis that a task has stopped itself moves again for the next one, unless everything is stopped", async () => {
  const { devices, clock } = await machine("simulated");
  const { rotor } = devices.bind({ rotor: "exclusive" }, () => new AbortController().signal) as {
    rotor: Rotor;
  };
  await rotor.stop();
  expect(devices.state("rotor").state).toBe("stopped");
  await devices.settle(["rotor"]);
  const moved = rotor.moveTo(91);
  await clock.advance(3000);
  await moved;

  await devices.stopAll();
  await devices.settle(["rotor"]);
  await expect(rotor.moveTo(90)).rejects.toMatchObject({ code: "STOPPED" });
});

test("a device keeps its methods, whatever a task writes on it", async () => {
  const { devices, clock } = await machine("simulated");
  const { light } = devices.bind({ light: "exclusive" }, () => new AbortController().signal);
  const forged = { value: () => "forged" };
  expect(Reflect.defineProperty(light as object, "turnOn", forged)).toBe(false);
  expect(Reflect.set(light as object, "turnOn", forged.value)).toBe(false);
  expect(Reflect.deleteProperty(light as object, "turnOn")).toBe(false);
  expect(Reflect.setPrototypeOf(light as object, null)).toBe(false);
  const switched = (devices.get("light") as Switchable).turnOn();
  await clock.advance(3000);
  await switched;
  expect(devices.state("light").is_on).toBe(true);
});

test("closing stops what moves, tells nothing more, and may be done twice", async () => {
  const { devices, clock, told } = await machine("simulated");
  const moved = (devices.get("rotor") as RotaryAxis).moveTo(10).catch((error: unknown) => error);
  await settled();
  const closed = Promise.all([devices.close(), devices.close()]);
  const before = told.length;
  await clock.advance(5000);
  await closed;
  expect(await moved).toMatchObject({ code: "STOPPED" });
  expect([told.length, clock.pending]).toEqual([before, 0]);
});

test("a meter that is read all the time is told of twenty times a second, and its last reading, too", async () => {
  const { devices, clock, told } = await machine("simulated");
  const meter = devices.get("power_meter") as Measuring;
  for (let count = 0; count < 500; count++) {
    const reading = meter.readPowerUw();
    await clock.advance(2);
    await reading;
  }
  expect(told.length).toBeGreaterThan(10);
  expect(told.length).toBeLessThanOrEqual(21);
  await clock.advance(100);
  expect(told.at(-1)?.state).toMatchObject({ state: "ready", power_uw: meter.powerUw });
});

test("a device that does not answer a task is marked until it answers again", async () => {
  const { devices, clock } = await machine("simulated", { camera: { timeout_seconds: 2 } });
  const { camera } = devices.bind({ camera: "exclusive" }, () => new AbortController().signal);
  const photo = async (): Promise<unknown> => {
    const taken = (camera as Capturing).capture().catch((error: unknown) => error);
    await clock.advance(5000);
    return taken;
  };
  faultable(devices.get("camera")).setFaults({ hang: true });
  expect(await photo()).toMatchObject({ code: "DEVICE_TIMEOUT" });
  expect(devices.state("camera")).toMatchObject({
    state: "failed",
    problem: expect.stringContaining("camera did not answer within 2.05 seconds"),
    remedy: expect.any(String),
  });
  faultable(devices.get("camera")).setFaults({});
  await photo();
  expect(devices.state("camera")).toMatchObject({ state: "ready", problem: null, remedy: null });
});

type Rotor = RotaryAxis & Stoppable;

const entry = (options: object): DeviceOptions =>
  parseProfile(JSON.stringify({ devices: { it: options } }), "test.json").devices.it as DeviceOptions;

test("a device is opened again as the profile has it now", async () => {
  const { devices, told } = await machine("simulated", { camera: { faults: { open: "no such lens" } } });
  const failed = await devices.reconnect(
    "camera",
    entry({ driver: "simulated_camera", faults: { open: "still none" } }),
  );
  expect(failed).toMatchObject({ state: "failed", problem: "still none" });
  expect(await devices.reconnect("camera", entry({ driver: "simulated_camera", width: 640 }))).toMatchObject({
    state: "ready",
    capabilities: ["capturing", "focusable"],
    problem: null,
  });
  expect(devices.get("camera").name).toBe("camera");
  await settled();
  expect(told.at(-1)?.state).toMatchObject({ name: "camera" });
  await expect(devices.reconnect("camra", entry({ driver: "simulated_camera" }))).rejects.toMatchObject({
    code: "UNKNOWN_DEVICE",
  });
});

test("a lost connection is mended by connecting again, and what is connected while all is stopped stands still", async () => {
  const { devices, clock } = await machine("simulated", { x: { faults: { disconnect_at: 0 } } });
  const lost = (devices.get("x") as LinearAxis).moveTo(100).catch((error: unknown) => error);
  await clock.advance(1000);
  expect(await lost).toMatchObject({ code: "DEVICE_FAILED" });
  await devices.stopAll();
  expect(await devices.reconnect("x", entry({ driver: "simulated_linear_axis" }))).toMatchObject({
    state: "stopped",
  });
  devices.release();
  const moved = (devices.get("x") as LinearAxis).moveTo(100);
  await clock.advance(1000);
  await moved;
});

test("another profile takes the place of the one before: old devices are let go of and told as gone", async () => {
  const { devices, clock, told } = await machine("scanner");
  const moved = (devices.get("rotor") as RotaryAxis).moveTo(10).catch((error: unknown) => error);
  const switched = devices.switchTo(
    parseProfile(
      JSON.stringify({
        devices: { light: { driver: "simulated_light" }, x: { driver: "simulated_linear_axis" } },
      }),
      "test.json",
    ),
  );
  await clock.advance(5000);
  await switched;
  expect(await moved).toMatchObject({ code: "STOPPED" });
  expect(devices.list().map(({ name, state }) => [name, state])).toEqual([
    ["light", "ready"],
    ["x", "ready"],
  ]);
  expect(told.filter(({ state }) => state.state === "gone").map(({ state }) => state.name)).toEqual([
    "rotor",
    "turntable",
    "camera",
  ]);
  expect(told.find(({ state }) => state.name === "x")?.state.state).toBe("ready");
});

test.each([1000.0000001, -1000.0000000000001, 1001])(
  "a refused target is never shown as one that is allowed: %d",
  async (target) => {
    const m = await machine({ x: { driver: "simulated_linear_axis" } });
    const x = m.devices.get("x") as LinearAxis;
    const { details } = (await x.moveTo(target).catch((error: unknown) => error)) as RuntimeError;
    expect(Math.abs(Number.parseFloat(details.target as string))).toBeGreaterThan(1000);
  },
);

test.each([
  ["x", "moveTo", ["12"], /^x\.moveTo: expected a place as a number, found "12"$/],
  ["x", "moveTo", [], /expected a place as a number, found undefined/],
  ["x", "moveTo", [null], /expected a place as a number, found object/],
  ["x", "moveTo", [5, 7], /expected options as an object, found 7/],
  ["x", "moveTo", [5, { speedUmPerS: "fast" }], /expected speedUmPerS as a number above 0, found "fast"/],
  ["x", "moveTo", [5, { speedUmPerS: 0 }], /expected speedUmPerS as a number above 0, found 0/],
  ["x", "moveTo", [5, { speedUmPerS: -1 }], /found -1/],
  ["x", "moveTo", [5, { speedUmPerS: Number.NaN }], /found NaN/],
  ["camera", "capture", [{ exposureMs: Number.POSITIVE_INFINITY }], /exposureMs .* found Infinity/],
  ["camera", "capture", [{ gain: -1 }], /^camera\.capture: expected gain as a number above 0, found -1$/],
] as const)(
  "a task's %s.%s(%j) is refused before its driver sees it",
  async (name, method, given, problem) => {
    const m = await machine("simulated");
    const bound = m.devices.bind({ [name]: "exclusive" }, () => new AbortController().signal);
    const before = m.devices.state(name);
    const call = Reflect.get(bound[name] as object, method) as (...values: unknown[]) => Promise<unknown>;
    await expect(call(...given)).rejects.toThrow(problem);
    expect(m.devices.state(name)).toEqual(before);
  },
);
