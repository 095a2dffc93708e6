import { expect, test } from "vitest";
import { braking, trapezoid, travelSeconds, wayBetween } from "../../src/hardware/trapezoid.ts";
import type { RotaryAxis, Stoppable } from "../../src/task/devices.ts";
import { randomOf } from "../random.ts";
import { machine } from "./machine.ts";

const close = (value: number) => expect.closeTo(value, 6);

test("a long way ramps up, cruises and ramps down; its middle is half way", () => {
  const motion = trapezoid(100, 20, 10); // 2 s up over 20 degrees, 3 s at 20, 2 s down
  expect(motion.seconds).toBe(7);
  expect([0, 2, 3.5, 5, 7, 9].map((t) => motion.distanceAt(t))).toEqual([0, 20, 50, 80, 100, 100].map(close));
  expect([0, 1, 2, 5, 6, 7].map((t) => motion.speedAt(t))).toEqual([0, 10, 20, 20, 10, 0].map(close));
});

test("a short way never reaches top speed", () => {
  const motion = trapezoid(10, 100, 10);
  expect(motion.seconds).toBeCloseTo(2);
  expect(motion.speedAt(1)).toBeCloseTo(10);
});

test("no way takes no time", () => {
  expect(trapezoid(0, 100, 10).seconds).toBe(0);
});

test("every place of a way has its time, going up to speed and coming down", () => {
  const seed = Date.now() % 100_000;
  const random = randomOf(seed);
  for (let run = 0; run < 200; run++) {
    const [distance, speed, acceleration] = [1 + 999 * random(), 1 + 99 * random(), 1 + 999 * random()];
    for (const way of [trapezoid(distance, speed, acceleration), braking(speed, acceleration)]) {
      const whole = way.distanceAt(way.seconds);
      for (const part of [0, random(), random(), 1])
        expect(way.distanceAt(way.secondsAt(part * whole)), `seed ${seed}`).toBeCloseTo(part * whole, 6);
    }
  }
});

test("braking takes v/a seconds and v*v/2a degrees", () => {
  const motion = braking(20, 10);
  expect([motion.seconds, motion.distanceAt(2), motion.distanceAt(99), motion.distanceAt(1)]).toEqual(
    [2, 20, 20, 15].map(close),
  );
});

test("the planner's travel time is the simulation's", () => {
  for (const distance of [0, 0.5, 7, 40, 139]) {
    const travel = { topSpeedDegreesPerS: 45, accelerationDegreesPerS2: 90, isContinuous: false };
    expect(travelSeconds(10, 10 + distance, travel)).toBeCloseTo(trapezoid(distance, 45, 90).seconds);
  }
});

test("a continuous axis takes the shorter way, through 0 where that is shorter", () => {
  expect([wayBetween(350, 10, true), wayBetween(10, 350, true), wayBetween(0, 180, true)]).toEqual([
    20, -20, 180,
  ]);
  expect(wayBetween(10, 350, false)).toBe(340);
});

const slow = { top_speed_degrees_per_s: 20, acceleration_degrees_per_s2: 10 };

test("an axis is where physics says, at every moment of a move", async () => {
  const { devices, clock } = await machine("simulated", { rotor: { ...slow, start_degrees: 0 } });
  const rotor = devices.get("rotor") as RotaryAxis;
  const moved = rotor.moveTo(100);
  const seen: number[] = [];
  for (let second = 1; second <= 7; second++) {
    await clock.advance(1000);
    seen.push(rotor.angleDegrees);
  }
  await moved;
  expect(seen).toEqual([5, 20, 40, 60, 80, 95, 100].map(close));
});

test("a move stopped in mid-flight ends a braking distance further on, not where it was and not at its target", async () => {
  const { devices, clock } = await machine("simulated", { rotor: { ...slow, start_degrees: 0 } });
  const rotor = devices.get("rotor") as RotaryAxis & Stoppable;
  const abort = new AbortController();
  let over = false;
  const moved = rotor
    .moveTo(100, { signal: abort.signal })
    .catch(() => undefined)
    .finally(() => {
      over = true;
    });
  await clock.advance(3000); // at 40 degrees with 20 degrees per second
  abort.abort(new Error("enough"));
  await clock.advance(1999);
  expect(over).toBe(false);
  expect(rotor.angleDegrees).toBeCloseTo(60, 3);
  await clock.advance(1);
  await moved;
  expect(rotor.angleDegrees).toBeCloseTo(60, 6);
  await clock.advance(10_000);
  expect(rotor.angleDegrees).toBeCloseTo(60, 6);
});

test("stopped while it ramps down already, an axis does not go beyond its target", async () => {
  const { devices, clock } = await machine("simulated", {
    rotor: { ...slow, start_degrees: 0, max_degrees: 100 },
  });
  const rotor = devices.get("rotor") as RotaryAxis & Stoppable;
  const moved = rotor.moveTo(100).catch(() => undefined);
  await clock.advance(6000);
  const stopped = rotor.stop();
  await clock.advance(5000);
  await Promise.all([moved, stopped]);
  expect(rotor.angleDegrees).toBeCloseTo(100, 6);
});

test("a turntable turns on over 360 and takes any angle as one of the circle", async () => {
  const { devices, clock } = await machine("simulated", { turntable: { start_degrees: 350 } });
  const turntable = devices.get("turntable") as RotaryAxis;
  const moved = turntable.moveTo(370);
  await clock.advance(50);
  expect(turntable.angleDegrees).toBeGreaterThan(350);
  await clock.advance(5000);
  await moved;
  expect(turntable.angleDegrees).toBe(10);
});

test("a speed above the axis' own is not reached, one below it is kept", async () => {
  const { devices, clock } = await machine("simulated", { rotor: { ...slow, start_degrees: 0 } });
  const rotor = devices.get("rotor") as RotaryAxis;
  const moved = rotor.moveTo(100, { speedDegreesPerS: 10 });
  await clock.advance(10_999);
  expect(rotor.isMoving).toBe(true);
  await clock.advance(1);
  await moved;
});
