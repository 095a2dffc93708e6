import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { Devices } from "../../../src/hardware/devices.ts";
import { type DeviceOptions, parseProfile } from "../../../src/hardware/profile.ts";
import { wrap } from "../../../src/hardware/trapezoid.ts";
import { identityOf, isAlive } from "../../../src/lib/processes/identity.ts";
import { demand } from "../../../src/task/capabilities.ts";
import type { Homeable, LinearAxis, RotaryAxis, Stoppable } from "../../../src/task/devices.ts";
import { below, randomOf } from "../../random.ts";
import { machine, realMachine } from "../machine.ts";
import {
  type Chip,
  chipOf,
  pins,
  standin,
  testWithStandin as test,
  type Version,
  type Wiring,
} from "./standin.ts";

type Rotor = RotaryAxis & Homeable & Stoppable;
const rotorOf = (devices: Devices): Rotor => demand(devices.get("rotor"), "movable") as Rotor;

/** Half a degree is a whole step; up to a thousand of them a second. */
const rotor = (chip: Chip, version: Version, more: object = {}): object => ({
  ...{ driver: "gpio_axis", chip: chip.path, library: standin(version) },
  ...{ step_pin: pins.step, direction_pin: pins.direction, enable_pin: pins.enable, steps_per_turn: 720 },
  ...{ min_degrees: 0, max_degrees: 180, home_degrees: 90 },
  ...{ top_speed_degrees_per_s: 500, acceleration_degrees_per_s2: 10_000, ...more },
});

/** Its motor stands at 90 degrees, as the axis believes, unless `wiring` says otherwise. */
async function scanner(version: Version, more: object = {}, wiring: Wiring = {}) {
  const chip = chipOf({ position: 180, ...wiring });
  const m = await realMachine({ rotor: rotor(chip, version, more) });
  expect(m.devices.state("rotor").problem).toBe(null);
  return { ...m, chip, axis: rotorOf(m.devices), stepping: chip.owner(pins.step) };
}

/** Slow enough to be met on its way. */
const slow = { top_speed_degrees_per_s: 15, acceleration_degrees_per_s2: 150 };

describe.each<Version>([1, 2])("libgpiod %i", (version) => {
  test("the motor stands where the axis says, and made no step too many", async () => {
    const { axis, chip } = await scanner(version);
    for (const target of [120, 60.5, 60.5, 180, 0]) {
      await axis.moveTo(target);
      expect([axis.angleDegrees, chip.position]).toEqual([target, target * 2]);
    }
    const steps = 60 + 119 + 239 + 360;
    expect(chip.edges(pins.step).length).toBe(2 * steps);
  });

  test("a direction that is the wrong way round can be turned", async () => {
    const { axis, chip } = await scanner(version, { is_direction_inverted: true });
    await axis.moveTo(100);
    expect([axis.angleDegrees, chip.position]).toEqual([100, 160]);
  });

  test("the motor has its current from the opening to the closing, and its pins are free afterwards", async () => {
    const { chip, devices, stepping } = await scanner(version);
    const process = identityOf(stepping);
    expect([chip.level(pins.enable), isAlive(process)]).toEqual([0, true]);
    await devices.close();
    expect([chip.level(pins.enable), isAlive(process)]).toEqual([1, false]);
    expect([pins.step, pins.direction, pins.enable].map((pin) => chip.owner(pin))).toEqual([0, 0, 0]);
  });

  test("an end switch ends a motion at the very step; only the way back is open then", async () => {
    const { axis, chip } = await scanner(
      version,
      { max_switch: { pin: pins.max_switch } },
      { max_switch: pins.max_switch, max_at: 240 },
    );
    await expect(axis.moveTo(180)).rejects.toMatchObject({
      code: "LIMIT_HIT",
      details: { position: "120 degrees" },
    });
    expect([chip.position, axis.angleDegrees, axis.isHomed]).toEqual([240, 120, false]);
    await expect(axis.moveTo(130)).rejects.toMatchObject({ code: "LIMIT_HIT" });
    expect(chip.position).toBe(240);
    await axis.moveTo(30);
    expect(chip.position).toBe(60);
  });

  test("homing finds where the axis really stands", async () => {
    const homing = { toward: "min", at_degrees: -5, speed_degrees_per_s: 200, back_off_degrees: 3 };
    const { axis, chip } = await scanner(
      version,
      { min_switch: { pin: pins.min_switch }, homing },
      // It was turned by hand: the axis believes 90 degrees.
      { min_switch: pins.min_switch, min_at: -10, position: 87 },
    );
    await axis.home();
    expect([axis.isHomed, axis.angleDegrees, chip.position]).toEqual([true, 90, 180]);
    await axis.moveTo(10);
    expect(chip.position).toBe(20);
  });

  test("a turntable that turns for ever finds a switch on its way, and passes it afterwards", async () => {
    const homing = { toward: "max", at_degrees: 40, speed_degrees_per_s: 300 };
    const { axis, chip } = await scanner(
      version,
      { is_continuous: true, home_degrees: 0, home_switch: { pin: pins.home_switch }, homing },
      { home_switch: pins.home_switch, home_from: 140, home_to: 144, position: 0 },
    );
    await axis.home();
    expect([axis.isHomed, axis.angleDegrees, chip.position]).toEqual([true, 0, 60]);
    await axis.moveTo(90);
    expect([axis.angleDegrees, chip.position]).toEqual([90, 240]);
    await axis.moveTo(350);
    expect([axis.angleDegrees, chip.position]).toEqual([350, 40]);
  });

  test("a switch that never closes fails the homing, and nothing turns any more", async () => {
    const homing = { toward: "min", at_degrees: 0, speed_degrees_per_s: 400 };
    const { axis, chip } = await scanner(
      version,
      { min_switch: { pin: pins.min_switch }, homing, acceleration_degrees_per_s2: 20_000 },
      { min_switch: pins.min_switch, min_at: 0, stuck: 1 },
    );
    await expect(axis.home()).rejects.toMatchObject({
      code: "DEVICE_FAILED",
      message: "rotor failed: its min switch did not close within 227 degrees",
    });
    expect([axis.isMoving, axis.isHomed]).toEqual([false, false]);
    const edges = chip.edges(pins.step).length;
    expect(edges).toBe(2 * 454);
  });

  test("a switch without a pull-up would read as closed: its bias reaches the pin", async () => {
    const wiring = { max_switch: pins.max_switch, max_at: 5000 };
    const floating = await scanner(
      version,
      { max_switch: { pin: pins.max_switch, bias: "disabled" } },
      wiring,
    );
    await expect(floating.axis.moveTo(100)).rejects.toMatchObject({ code: "LIMIT_HIT" });
    const pulled = await scanner(version, { max_switch: { pin: pins.max_switch } }, wiring);
    await pulled.axis.moveTo(100);
    expect(pulled.chip.position).toBe(200);
  });

  test("pins that another device has are refused with who to ask, and the rest works", async () => {
    const chip = chipOf();
    const { devices } = await realMachine({
      rotor: rotor(chip, version),
      light: { driver: "gpio_switch", chip: chip.path, library: standin(version), pins: [3] },
    });
    expect(devices.state("rotor").state).toBe("ready");
    const second = await realMachine({
      rotor: rotor(chip, version, { enable_pin: 7 }),
      light: { driver: "gpio_switch", chip: chip.path, library: standin(version), pins: [40] },
      lamp: { driver: "gpio_switch", chip: chip.path, library: standin(version), pins: [4] },
    });
    expect(second.devices.state("rotor")).toMatchObject({
      state: "failed",
      problem: `pin 6 of ${chip.path} is in use`,
      remedy: expect.stringContaining("gpioinfo"),
    });
    expect(second.devices.state("light").problem).toBe(
      `there is no pin 40 of ${chip.path}, or it cannot be used so`,
    );
    expect(second.devices.state("lamp").state).toBe("ready");
  });
});

test.each(["stop", "abort", "close"])(
  "%s in mid-flight: the motor brakes, stands still, and the axis knows where",
  async (how) => {
    const { axis, chip, devices, until } = await scanner(2, slow);
    const abort = new AbortController();
    const reason = new Error("enough");
    const onTheWay = until("rotor", ({ angle_degrees: angle }) => (angle ?? 0) > 95);
    const moved = axis.moveTo(180, { signal: abort.signal }).catch((error: unknown) => error);
    await onTheWay;
    const before = chip.position;
    if (how === "abort") abort.abort(reason);
    else if (how === "stop") await devices.stopAll();
    else await devices.close();
    expect(await moved).toEqual(how === "abort" ? reason : expect.objectContaining({ code: "STOPPED" }));
    const stoodAt = chip.position;
    expect(stoodAt).toBeGreaterThanOrEqual(before);
    expect(stoodAt).toBeLessThan(360);
    expect(axis.angleDegrees).toBe(stoodAt / 2);
    expect(chip.edges(pins.step).length).toBe(2 * (stoodAt - 180));
    if (how === "close") return;
    devices.release();
    await axis.moveTo(stoodAt / 2 - 3);
    expect(chip.position).toBe(stoodAt - 6);
  },
);

test("what was asked to stop before its first step makes none", async () => {
  const { axis, chip } = await scanner(1, slow);
  const abort = new AbortController();
  const moved = axis.moveTo(180, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await expect(moved).rejects.toThrow("enough");
  expect(chip.edges(pins.step)).toEqual([]);
});

test("a stepping process that dies in mid-move fails the move; after a reconnect the axis works, and is not homed", async () => {
  const { axis, chip, devices, until, stepping } = await scanner(1, slow);
  const onTheWay = until("rotor", ({ angle_degrees: angle }) => (angle ?? 0) > 95);
  const moved = axis.moveTo(180).catch((error: unknown) => error);
  await onTheWay;
  process.kill(stepping, "SIGKILL");
  expect(await moved).toMatchObject({ code: "DEVICE_FAILED", message: expect.stringContaining("SIGKILL") });
  expect(devices.state("rotor")).toMatchObject({
    state: "failed",
    is_moving: false,
    is_homed: false,
    problem: "its process has ended by SIGKILL",
    remedy: expect.stringContaining("POST /devices/rotor/reconnect, then home it."),
  });
  await expect(axis.moveTo(100)).rejects.toMatchObject({ code: "DEVICE_FAILED" });
  const at = chip.position;
  const { devices: profile } = parseProfile(
    JSON.stringify({ devices: { rotor: rotor(chip, 1, { start_degrees: at / 2 }) } }),
    "test.json",
  );
  await devices.reconnect("rotor", profile.rotor as DeviceOptions);
  await rotorOf(devices).moveTo(100);
  expect(chip.position).toBe(200);
});

test("a runtime that is killed leaves no step behind", async () => {
  const chip = chipOf({ position: 180 });
  const entry = path.resolve(import.meta.dirname, "runtime.mjs");
  const runtime = spawn(process.execPath, [entry, JSON.stringify(rotor(chip, 1, slow))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface(runtime.stdout)) if (line === "moving") break;
  const stepping = identityOf(chip.owner(pins.step));
  expect(isAlive(stepping)).toBe(true);
  runtime.kill("SIGKILL");
  // Nobody is left to tell of its end.
  while (isAlive(stepping)) await setTimeout(5);
  const edges = chip.edges(pins.step).length;
  expect(chip.position).toBeLessThan(360);
  expect(edges).toBeGreaterThan(0);
});

test.each(["stop", "time"])(
  "a stepping process that does not answer is ended (%s): without it there are no steps",
  async (how) => {
    const chip = chipOf({ position: 180 });
    const m = await machine({ rotor: rotor(chip, 1, { timeout_seconds: 3 }) });
    const stepping = identityOf(chip.owner(pins.step));
    process.kill(stepping.pid, "SIGSTOP");
    const moved = rotorOf(m.devices)
      .moveTo(180)
      .catch((error: unknown) => error);
    const stopped = how === "stop" ? m.devices.stopAll() : null;
    await m.clock.advance(4000);
    expect(await moved).toMatchObject({ code: how === "stop" ? "STOPPED" : "DEVICE_TIMEOUT" });
    await stopped;
    await m.devices.close();
    expect(isAlive(stepping)).toBe(false);
    expect(chip.edges(pins.step)).toEqual([]);
  },
);

test("turns that are no whole number of steps do not add up to an error", async () => {
  const seed = Date.now() % 100_000;
  const random = randomOf(seed);
  const steps = 100.5;
  const { axis, chip } = await scanner(
    1,
    {
      ...{ is_continuous: true, home_degrees: 0, steps_per_turn: steps },
      ...{ top_speed_degrees_per_s: 4000, acceleration_degrees_per_s2: 100_000 },
    },
    { position: 0 },
  );
  for (let move = 0; move < 60; move++) {
    const target = below(random, 3600) / 10;
    await axis.moveTo(target);
    const really = wrap((chip.position * 360) / steps);
    const off = Math.abs(((axis.angleDegrees - target + 540) % 360) - 180);
    expect(off, `seed ${seed}, move ${move}`).toBeLessThanOrEqual(180 / steps + 1e-9);
    expect(axis.angleDegrees, `seed ${seed}, move ${move}`).toBeCloseTo(really, 9);
  }
});

test("a target on a limit that is no whole step stays within it", async () => {
  const { axis } = await scanner(1, { steps_per_turn: 100, max_degrees: 125 });
  await axis.moveTo(125);
  expect(axis.angleDegrees).toBeLessThanOrEqual(125);
  await axis.moveTo(axis.angleDegrees);
});

test("an axis that slides counts in micrometres", async () => {
  const chip = chipOf();
  const { devices } = await realMachine({
    slide: {
      ...{ driver: "gpio_linear_axis", chip: chip.path, library: standin(2) },
      ...{
        step_pin: pins.step,
        direction_pin: pins.direction,
        steps_per_mm: 400,
        min_um: -1000,
        max_um: 1000,
      },
    },
  });
  const slide = devices.get("slide") as LinearAxis;
  await slide.moveTo(-250);
  expect([slide.positionUm, chip.position]).toEqual([-250, -100]);
  await slide.moveTo(1.2);
  expect([slide.positionUm, chip.position]).toEqual([0, 0]);
});
