// What every driver's devices must do, whatever is behind them: one suite, run against each profile.
import { expect, test } from "vitest";
import {
  isCapturing,
  isHomeable,
  isMovable,
  isStoppable,
  isSwitchable,
} from "../../src/hardware/capabilities.ts";
import type { Device, Homeable, Movable, Stoppable } from "../../src/task/devices.ts";
import type { Machine } from "../hardware/machine.ts";

type Axis = Movable & Homeable & Stoppable;

const longEnoughMs = 60_000;
const inMiddle = (axis: Movable): number =>
  axis.angleDegrees + (axis.angleDegrees + 40 <= axis.limits.maxDegrees ? 40 : -40);

export function capabilitiesKeepTheirPromises(profile: string, setup: () => Promise<Machine>): void {
  const having = (machine: Machine, can: (device: Device) => boolean): Device[] =>
    machine.devices
      .list()
      .map(({ name }) => machine.devices.get(name))
      .filter(can);
  const axes = (machine: Machine): Axis[] => having(machine, (d) => isMovable(d) && isStoppable(d)) as Axis[];

  test(`${profile}: a move ends at its target, standing still`, async () => {
    const m = await setup();
    for (const axis of axes(m)) {
      const target = inMiddle(axis);
      const moved = axis.moveTo(target);
      expect(axis.isMoving).toBe(true);
      await m.clock.advance(longEnoughMs);
      await moved;
      expect([axis.angleDegrees, axis.isMoving]).toEqual([target, false]);
    }
  });

  test(`${profile}: a target outside the limits is refused before anything moves`, async () => {
    const m = await setup();
    for (const axis of axes(m).filter((a) => !a.travel.isContinuous)) {
      const before = axis.angleDegrees;
      for (const target of [axis.limits.minDegrees - 1, axis.limits.maxDegrees + 1, Number.NaN])
        await expect(axis.moveTo(target)).rejects.toMatchObject({ code: "OUT_OF_LIMITS" });
      expect([axis.angleDegrees, axis.isMoving]).toEqual([before, false]);
    }
  });

  test(`${profile}: a second move meanwhile is refused`, async () => {
    const m = await setup();
    for (const axis of axes(m)) {
      const moved = axis.moveTo(inMiddle(axis));
      await expect(axis.moveTo(axis.homeDegrees)).rejects.toMatchObject({ code: "DEVICE_BUSY" });
      await m.clock.advance(longEnoughMs);
      await moved;
    }
  });

  test(`${profile}: an aborted move stands still before it rejects with the reason`, async () => {
    const m = await setup();
    for (const axis of axes(m)) {
      const abort = new AbortController();
      const reason = new Error("enough");
      let angleAtEnd: number | null = null;
      const moved = axis.moveTo(inMiddle(axis), { signal: abort.signal }).catch((error: unknown) => {
        angleAtEnd = axis.isMoving ? null : axis.angleDegrees;
        return error;
      });
      await m.clock.advance(200);
      abort.abort(reason);
      await m.clock.advance(longEnoughMs);
      expect(await moved).toBe(reason);
      expect(axis.angleDegrees).toBe(angleAtEnd);
    }
  });

  test(`${profile}: an emergency stop refuses moves until it is released`, async () => {
    const m = await setup();
    const moves = axes(m).map((axis) => axis.moveTo(inMiddle(axis)).catch((error: unknown) => error));
    await m.clock.advance(150);
    const stopped = m.devices.stopAll();
    await m.clock.advance(longEnoughMs);
    await stopped;
    for (const end of await Promise.all(moves)) expect(end).toMatchObject({ code: "STOPPED" });
    for (const axis of axes(m)) {
      await expect(axis.moveTo(axis.homeDegrees)).rejects.toMatchObject({ code: "STOPPED" });
      await expect(axis.home()).rejects.toMatchObject({ code: "STOPPED" });
    }
    m.devices.release();
    const homed = Promise.all(having(m, isHomeable).map((device) => (device as Axis).home()));
    await m.clock.advance(longEnoughMs);
    await homed;
    for (const axis of axes(m)) expect([axis.isHomed, axis.angleDegrees]).toEqual([true, axis.homeDegrees]);
  });

  test(`${profile}: a switch is on after turnOn and off after turnOff`, async () => {
    const m = await setup();
    for (const device of having(m, isSwitchable)) {
      if (!isSwitchable(device)) continue;
      for (const on of [true, false]) {
        const done = on ? device.turnOn() : device.turnOff();
        await m.clock.advance(longEnoughMs);
        await done;
        expect(device.isOn).toBe(on);
      }
    }
  });

  test(`${profile}: one exposure at a time, free again after it was given up`, async () => {
    const m = await setup();
    for (const camera of having(m, isCapturing)) {
      if (!isCapturing(camera)) continue;
      const abort = new AbortController();
      const first = camera.capture({ signal: abort.signal }).catch((error: unknown) => error);
      await expect(camera.capture()).rejects.toMatchObject({ code: "DEVICE_BUSY" });
      abort.abort(new Error("enough"));
      expect(await first).toBe(abort.signal.reason);
      const second = camera.capture({ exposureMs: 20, gain: 2 });
      await m.clock.advance(longEnoughMs);
      const photo = await second;
      expect(photo).toMatchObject({ exposureMs: 20, gain: 2, extension: "jpg", type: "image/jpeg" });
      expect(photo.bytes.length).toBeGreaterThan(0);
    }
  });
}
