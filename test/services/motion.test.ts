import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { createMotion } from "../../src/services/motion.ts";
import type { Homeable, RotaryAxis, Switchable } from "../../src/task/devices.ts";
import { type Machine, machine } from "../hardware/machine.ts";

const motion = createMotion(systemClock);
const rotorOf = (m: Machine) => m.devices.get("rotor") as RotaryAxis & Homeable;
const turntableOf = (m: Machine) => m.devices.get("turntable") as RotaryAxis;

test("moves together end together: when one fails the other stands still too before it is told", async () => {
  const m = await machine("simulated");
  const [rotor, turntable] = [rotorOf(m), turntableOf(m)];
  let moving: boolean | null = null;
  const moved = motion.together([rotor.moveTo(999), turntable.moveTo(180)]).catch((error: unknown) => {
    moving = turntable.isMoving;
    return error;
  });
  await m.clock.advance(10_000);
  expect(await moved).toMatchObject({ code: "OUT_OF_LIMITS" });
  expect(moving).toBe(false);
});

test("parking brings axes home and switches lights off, whatever one of them says", async () => {
  const m = await machine("simulated");
  const light = m.devices.get("light") as Switchable;
  const started = Promise.all([rotorOf(m).moveTo(20), turntableOf(m).moveTo(90), light.turnOn()]);
  await m.clock.advance(10_000);
  await started;
  const warnings: string[] = [];
  const broken = { ...m.devices.get("light"), name: "lamp", capabilities: ["switchable"] as const };
  const parked = motion.park(
    { rotor: rotorOf(m), turntable: turntableOf(m), light, broken },
    { warn: (message) => warnings.push(message) },
  );
  await m.clock.advance(10_000);
  await parked;
  expect([rotorOf(m).angleDegrees, turntableOf(m).angleDegrees, light.isOn]).toEqual([90, 0, false]);
  expect(warnings).toEqual(["lamp could not be brought to rest"]);
});

test("a stopped machine is not moved by parking, and that is no warning", async () => {
  const m = await machine("simulated");
  const moved = rotorOf(m).moveTo(20);
  await m.clock.advance(10_000);
  await moved;
  await m.devices.stopAll();
  const warnings: string[] = [];
  await motion.park({ rotor: rotorOf(m) }, { warn: (message) => warnings.push(message) });
  expect([rotorOf(m).angleDegrees, warnings]).toEqual([20, []]);
});
