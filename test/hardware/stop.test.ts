// The emergency stop, as the devices see it.
import { expect, test } from "vitest";
import type { Faultable } from "../../src/hardware/drivers/simulated/faults.ts";
import type { Homeable, RotaryAxis, Stoppable, Switchable } from "../../src/task/devices.ts";
import { type Machine, machine } from "./machine.ts";

/** 20 degrees a second, 10 degrees a second squared: 2 s and 20 degrees to stand still from top speed. */
const slow = { top_speed_degrees_per_s: 20, acceleration_degrees_per_s2: 10, start_degrees: 0 };

const axisOf = (m: Machine, name: string): RotaryAxis => m.devices.get(name) as RotaryAxis;
const faultsOf = (m: Machine, name: string): Faultable => m.devices.get(name) as unknown as Faultable;
const ended = (move: Promise<void>): Promise<unknown> => move.catch((error: unknown) => error);

async function inMidMove(rotor: object = {}) {
  const m = await machine("scanner", { rotor: { ...slow, ...rotor }, turntable: slow });
  const moves = [ended(axisOf(m, "rotor").moveTo(100)), ended(axisOf(m, "turntable").moveTo(170))];
  await m.clock.advance(4000);
  return { m, moves };
}

test("all axes brake side by side and stand still within their braking distance", async () => {
  const { m, moves } = await inMidMove();
  const before = ["rotor", "turntable"].map((name) => axisOf(m, name).angleDegrees);
  const stopped = m.devices.stopAll();
  await m.clock.advance(2000);
  expect(await stopped).toEqual([
    { name: "rotor", stopped: true, problem: null },
    { name: "turntable", stopped: true, problem: null },
  ]);
  const travelled = ["rotor", "turntable"].map(
    (name, at) => axisOf(m, name).angleDegrees - (before[at] ?? 0),
  );
  for (const way of travelled) expect(way).toBeCloseTo(20, 5);
  for (const end of await Promise.all(moves)) expect(end).toMatchObject({ code: "STOPPED" });
});

test("every device is told before the call returns", async () => {
  const { m } = await inMidMove();
  const stopped = m.devices.stopAll();
  expect(["rotor", "turntable"].map((name) => m.devices.state(name).state)).toEqual(["stopped", "stopped"]);
  await m.clock.advance(2000);
  await stopped;
});

test("one that fails and one that hangs hold up nobody, and each says what became of it", async () => {
  const { m } = await inMidMove();
  faultsOf(m, "rotor").setFaults({ stop: "hangs" });
  const stopped = m.devices.stopAll();
  await m.clock.advance(2000);
  expect(m.devices.state("turntable").is_moving).toBe(false);
  await m.clock.advance(3000);
  expect(await stopped).toEqual([
    { name: "rotor", stopped: false, problem: "it does not say within 5 s that it stands still" },
    { name: "turntable", stopped: true, problem: null },
  ]);
  faultsOf(m, "rotor").setFaults({ stop: "fails" });
  expect((await m.devices.stopAll())[0]).toEqual({
    name: "rotor",
    stopped: false,
    problem: "rotor failed: it does not obey the stop",
  });
});

test("stopping what is stopped is no harm, and what stands still is stopped at once", async () => {
  const m = await machine("scanner");
  for (let times = 0; times < 2; times++)
    expect((await m.devices.stopAll()).map(({ stopped }) => stopped)).toEqual([true, true]);
});

test("a task's devices refuse to move until they are released, also where the driver would have let it", async () => {
  const { m } = await inMidMove();
  const bound = m.devices.bind(
    { rotor: "exclusive", light: "exclusive" },
    () => new AbortController().signal,
  );
  const rotor = bound.rotor as RotaryAxis & Homeable;
  const light = bound.light as Switchable;
  const stopped = m.devices.stopAll();
  await m.clock.advance(2000);
  await stopped;
  (m.devices.get("rotor") as unknown as Stoppable).release();
  await expect(rotor.moveTo(0)).rejects.toMatchObject({ code: "STOPPED" });
  await expect(rotor.home()).rejects.toMatchObject({ code: "STOPPED" });
  const off = light.turnOff();
  await m.clock.advance(100);
  await off;
  m.devices.release();
  const moved = rotor.moveTo(0);
  await m.clock.advance(60_000);
  await moved;
});

test("a stop and a release are told as changes of each device", async () => {
  const { devices, told, clock } = await machine("scanner");
  const states = () => told.map(({ state }) => `${state.name} ${state.state}`);
  await devices.stopAll();
  devices.release();
  await clock.advance(1000);
  expect(states()).toEqual(["rotor stopped", "turntable stopped", "rotor ready", "turntable ready"]);
});

test("what moves is known, and of what could not be opened nobody knows", async () => {
  const { devices } = await machine("scanner", { camera: { faults: { open: "no such lens" } } });
  expect(["rotor", "light", "camera", "nowhere"].map((name) => devices.moves(name))).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test("a device that is being opened while the stop is released may move", async () => {
  const m = await machine({ x: { driver: "simulated_linear_axis" } });
  await m.devices.stopAll();
  const opened = m.devices.reconnect("x");
  m.devices.release();
  expect(await opened).toMatchObject({ state: "ready" });
});

test("a device that is being opened while everything is stopped comes up stopped", async () => {
  const m = await machine({ x: { driver: "simulated_linear_axis" } });
  const opened = m.devices.reconnect("x");
  await m.devices.stopAll();
  expect(await opened).toMatchObject({ state: "stopped" });
  m.devices.release();
  expect(m.devices.state("x")).toMatchObject({ state: "ready" });
});
