// What simulated devices do when they are told to misbehave.
import { expect, test } from "vitest";
import type { Faultable, Faults } from "../../src/hardware/drivers/simulated/faults.ts";
import { trulyAt } from "../../src/hardware/drivers/simulated/motor.ts";
import type { Capturing, Homeable, LinearAxis, Measuring } from "../../src/task/devices.ts";
import { machine } from "./machine.ts";

/** 100 µm/s, 100 µm/s²: 1 s and 50 µm to full speed. */
const slow = { top_speed_um_per_s: 100, acceleration_um_per_s2: 100, timeout_seconds: 2 };

async function slide(faults: Faults) {
  const { devices, clock } = await machine("simulated", { x: { ...slow, faults } });
  const x = devices.get("x") as LinearAxis & Homeable;
  const go = async (work: () => Promise<void>): Promise<unknown> => {
    const end = work().catch((error: unknown) => error);
    await clock.advance(20_000);
    return end;
  };
  return { devices, clock, x, go, mend: () => (x as unknown as Faultable).setFaults({}) };
}

test("a stalled axis stands where it got to, and the move ends in DEVICE_TIMEOUT", async () => {
  const { x, go, mend } = await slide({ stall_at: 0.4 });
  expect(await go(() => x.moveTo(200))).toMatchObject({ code: "DEVICE_TIMEOUT", details: { device: "x" } });
  expect([x.positionUm, x.isMoving]).toEqual([80, false]);
  mend();
  expect(await go(() => x.moveTo(200))).toBeUndefined();
  expect(x.positionUm).toBe(200);
});

test("an axis that runs into its end switch stands there at once and has to be homed", async () => {
  const { x, go, mend } = await slide({ limit_at: 0.5, after_calls: 1 });
  await go(() => x.home());
  expect(await go(() => x.moveTo(200))).toMatchObject({
    code: "LIMIT_HIT",
    message: "x ran into its end switch at 100 µm.",
  });
  expect([x.positionUm, x.isHomed]).toEqual([100, false]);
  mend();
  await go(() => x.home());
  expect([x.positionUm, x.isHomed]).toEqual([0, true]);
});

test("lost steps are noticed by nobody but who looks from outside, and homing mends them", async () => {
  const { x, go, mend } = await slide({ lost_steps: 0.1 });
  await go(() => x.moveTo(200));
  expect([x.positionUm, trulyAt(x)]).toEqual([200, expect.closeTo(180, 6)]);
  await go(() => x.moveTo(100));
  expect([x.positionUm, trulyAt(x)]).toEqual([100, expect.closeTo(90, 6)]);
  mend();
  await go(() => x.home());
  expect([x.positionUm, trulyAt(x)]).toEqual([0, expect.closeTo(0, 6)]);
});

test("an axis whose connection is lost brakes, fails, and is listed as failed with what to do", async () => {
  const { devices, x, go } = await slide({ disconnect_at: 0.5 });
  expect(await go(() => x.moveTo(400))).toMatchObject({
    code: "DEVICE_FAILED",
    message: /connection was lost/,
  });
  expect(x.positionUm).toBeCloseTo(250, 3);
  expect(await go(() => x.moveTo(0))).toMatchObject({ code: "DEVICE_FAILED" });
  expect(devices.state("x")).toMatchObject({
    state: "failed",
    problem: "the connection was lost",
    remedy: "POST /devices/x/reconnect connects it again.",
    position_um: expect.closeTo(250, 3),
  });
});

test("a camera and a meter lose their connection in mid-call, too", async () => {
  const faults = { disconnect_at: 0.5 };
  const { devices, clock } = await machine("simulated", {
    microscope_camera: { faults },
    power_meter: { faults },
  });
  const ends = Promise.allSettled([
    (devices.get("microscope_camera") as Capturing).capture(),
    (devices.get("power_meter") as Measuring).readPowerUw(),
  ]);
  await clock.advance(1000);
  for (const end of await ends) expect(end).toMatchObject({ reason: { code: "DEVICE_FAILED" } });
  for (const name of ["microscope_camera", "power_meter"])
    expect(devices.state(name)).toMatchObject({ state: "failed", problem: "the connection was lost" });
});
