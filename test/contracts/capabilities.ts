// What every driver's devices must do, whatever is behind them: one suite, run against each profile.
import { expect, test } from "vitest";
import { axisOf } from "../../src/hardware/axis.ts";
import {
  isCapturing,
  isFocusable,
  isHomeable,
  isMeasuring,
  isMovable,
  isStoppable,
  isSwitchable,
  isTriggerable,
} from "../../src/task/capabilities.ts";
import type { Axis, Device } from "../../src/task/devices.ts";
import type { Machine } from "../hardware/machine.ts";

/** Of a machine that is really there, time passes by itself: its `advance` does nothing. */
type Tried = Pick<Machine, "devices"> & { readonly clock: Pick<Machine["clock"], "advance"> };

const longEnoughMs = 60_000;
/** A third of its range away, on the side where there is more room. */
const elsewhere = ({ position, limits: { min, max } }: Axis): number =>
  position + ((max - min) / 3) * (max - position > position - min ? 1 : -1);

export function capabilitiesKeepTheirPromises(profile: string, setup: () => Promise<Tried>): void {
  const having = (machine: Tried, can: (device: Device) => boolean): Device[] =>
    machine.devices
      .list()
      .map(({ name }) => machine.devices.get(name))
      .filter(can);
  const axes = (machine: Tried): Axis[] =>
    having(machine, (d) => isMovable(d) && isStoppable(d)).map((device) => axisOf(device));

  test(`${profile}: a move ends at its target, standing still`, async () => {
    const m = await setup();
    for (const axis of axes(m)) {
      const target = elsewhere(axis);
      const moved = axis.moveTo(target);
      expect(axis.isMoving).toBe(true);
      await m.clock.advance(longEnoughMs);
      await moved;
      expect([axis.position, axis.isMoving]).toEqual([target, false]);
    }
  });

  test(`${profile}: a target outside the limits is refused before anything moves`, async () => {
    const m = await setup();
    for (const axis of axes(m).filter((a) => !a.isContinuous)) {
      const before = axis.position;
      for (const target of [axis.limits.min - 1, axis.limits.max + 1, Number.NaN])
        await expect(axis.moveTo(target)).rejects.toMatchObject({
          code: "OUT_OF_LIMITS",
          details: { [`min_${axis.unit}`]: axis.limits.min, [`max_${axis.unit}`]: axis.limits.max },
        });
      expect([axis.position, axis.isMoving]).toEqual([before, false]);
    }
  });

  test(`${profile}: a second move meanwhile is refused`, async () => {
    const m = await setup();
    for (const axis of axes(m)) {
      const moved = axis.moveTo(elsewhere(axis));
      await expect(axis.moveTo(axis.position)).rejects.toMatchObject({ code: "DEVICE_BUSY" });
      await m.clock.advance(longEnoughMs);
      await moved;
    }
  });

  test(`${profile}: an aborted move stands still before it rejects with the reason`, async () => {
    const m = await setup();
    for (const axis of axes(m)) {
      const abort = new AbortController();
      const reason = new Error("enough");
      let positionAtEnd: number | null = null;
      const moved = axis.moveTo(elsewhere(axis), { signal: abort.signal }).catch((error: unknown) => {
        positionAtEnd = axis.isMoving ? null : axis.position;
        return error;
      });
      await m.clock.advance(200);
      abort.abort(reason);
      await m.clock.advance(longEnoughMs);
      expect(await moved).toBe(reason);
      expect(axis.position).toBe(positionAtEnd);
    }
  });

  test(`${profile}: an emergency stop refuses moves until it is released`, async () => {
    const m = await setup();
    const moves = axes(m).map((axis) => axis.moveTo(elsewhere(axis)).catch((error: unknown) => error));
    await m.clock.advance(150);
    const stopped = m.devices.stopAll();
    await m.clock.advance(longEnoughMs);
    await stopped;
    for (const end of await Promise.all(moves)) expect(end).toMatchObject({ code: "STOPPED" });
    for (const axis of axes(m))
      await expect(axis.moveTo(axis.position)).rejects.toMatchObject({ code: "STOPPED" });
    const homeable = having(m, isHomeable).filter(isHomeable);
    for (const device of homeable) await expect(device.home()).rejects.toMatchObject({ code: "STOPPED" });
    m.devices.release();
    const homed = Promise.all(homeable.map((device) => device.home()));
    await m.clock.advance(longEnoughMs);
    await homed;
    for (const device of homeable) {
      expect(device.isHomed).toBe(true);
      if (isMovable(device)) expect(axisOf(device).position).toBe(axisOf(device).home);
    }
  });

  test(`${profile}: an axis told its speed goes no faster`, async () => {
    const m = await setup();
    for (const axis of axes(m)) {
      const { position: from, topSpeed } = axis;
      const moved = axis.moveTo(elsewhere(axis), { speed: topSpeed / 100 });
      await m.clock.advance(500);
      expect(Math.abs(axis.position - from)).toBeLessThanOrEqual((topSpeed / 100) * 0.5 + 1e-9);
      await m.clock.advance(10 * longEnoughMs);
      await moved;
    }
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

  test(`${profile}: one pulse at a time, free again after it was given up`, async () => {
    const m = await setup();
    for (const device of having(m, isTriggerable)) {
      if (!isTriggerable(device)) continue;
      const abort = new AbortController();
      const first = device.trigger({ signal: abort.signal }).catch((error: unknown) => error);
      await expect(device.trigger()).rejects.toMatchObject({ code: "DEVICE_BUSY" });
      abort.abort(new Error("enough"));
      expect(await first).toBe(abort.signal.reason);
      const second = device.trigger();
      await m.clock.advance(longEnoughMs);
      await second;
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

  test(`${profile}: a focus stands where it was told, within its limits, until it is left to the camera`, async () => {
    const m = await setup();
    for (const camera of having(m, isFocusable)) {
      if (!isFocusable(camera)) continue;
      const { minDioptres, maxDioptres } = camera.focusLimits;
      const middle = (minDioptres + maxDioptres) / 2;
      const focused = camera.focusAt(middle);
      await m.clock.advance(longEnoughMs);
      await focused;
      for (const outside of [minDioptres - 1, maxDioptres + 1, Number.NaN])
        await expect(camera.focusAt(outside)).rejects.toMatchObject({
          code: "OUT_OF_LIMITS",
          details: { min_dioptres: minDioptres, max_dioptres: maxDioptres },
        });
      const reason = new Error("enough");
      await expect(camera.focusAt(maxDioptres, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      expect(camera.focusDioptres).toBe(middle);
      expect(m.devices.state(camera.name)).toMatchObject({
        focus_dioptres: middle,
        limits: { min_dioptres: minDioptres, max_dioptres: maxDioptres },
      });
      const left = camera.autofocus();
      await m.clock.advance(longEnoughMs);
      await left;
      expect(camera.focusDioptres).toBeNull();
    }
  });

  test(`${profile}: a reading is a number, shown as the last one, and can be given up`, async () => {
    const m = await setup();
    for (const meter of having(m, isMeasuring)) {
      if (!isMeasuring(meter)) continue;
      const reading = meter.readPowerUw();
      await m.clock.advance(longEnoughMs);
      expect(await reading).toEqual(expect.any(Number));
      expect(meter.powerUw).toBe(await reading);
      const reason = new Error("enough");
      await expect(meter.readPowerUw({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    }
  });
}
