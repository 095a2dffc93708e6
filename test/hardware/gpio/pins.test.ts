import { describe, expect, onTestFinished } from "vitest";
import type { Devices } from "../../../src/hardware/devices.ts";
import { demand } from "../../../src/task/capabilities.ts";
import { tryTask } from "../../../src/testing.ts";
import { TriggerTask } from "../../../tasks/core/devices/trigger_task.ts";
import { machine } from "../machine.ts";
import { chipOf, standin, testWithStandin as test, type Version } from "./standin.ts";

const triggerOf = (devices: Devices) => demand(devices.get("trigger"), "triggerable");
const lightOf = (devices: Devices) => demand(devices.get("light"), "switchable");

describe.each<Version>([1, 2])("libgpiod %i", (version) => {
  async function opened(options: object) {
    const chip = chipOf();
    const place = { chip: chip.path, library: standin(version) };
    const m = await machine({
      light: { driver: "gpio_switch", pins: [1, 2], ...place, ...options },
      trigger: { driver: "gpio_trigger", pin: 3, before_ms: 10, pulse_ms: 100, after_ms: 50, ...place },
      release: { driver: "gpio_trigger", pin: 4, is_active_low: true, ...place },
    });
    const levels = (...pins: number[]): number[] => pins.map((pin) => chip.level(pin));
    return { ...m, chip, levels };
  }

  test("a switch has all its pins on or off, and they are off and free when it is let go of", async () => {
    const { devices, levels, chip } = await opened({});
    expect(levels(1, 2)).toEqual([0, 0]);
    await lightOf(devices).turnOn();
    expect([...levels(1, 2), devices.state("light").is_on]).toEqual([1, 1, true]);
    await lightOf(devices).turnOff();
    expect([...levels(1, 2), devices.state("light").is_on]).toEqual([0, 0, false]);
    await lightOf(devices).turnOn();
    await devices.close();
    expect([...levels(1, 2), chip.owner(1), chip.owner(2)]).toEqual([0, 0, 0, 0]);
  });

  test("one that is active low is off from the first moment, or on where the profile says so", async () => {
    const off = await opened({ is_active_low: true });
    expect(off.levels(1, 2)).toEqual([1, 1]);
    expect(off.chip.edges(1).map(({ level }) => level)).toEqual([1]);
    await lightOf(off.devices).turnOn();
    expect(off.levels(1, 2)).toEqual([0, 0]);
    const on = await opened({ is_on_at_start: true });
    expect([...on.levels(1, 2), on.devices.state("light").is_on]).toEqual([1, 1, true]);
  });

  test("a trigger waits, sends its pulse, and leaves time for what it releases", async () => {
    const { devices, levels, clock } = await opened({});
    const triggered = triggerOf(devices).trigger();
    const seen = [levels(3)];
    for (const ms of [9, 1, 99, 1]) {
      await clock.advance(ms);
      seen.push(levels(3));
    }
    expect(seen).toEqual([[0], [0], [1], [1], [0]]);
    expect(devices.state("trigger")).toMatchObject({ state: "busy", doing: "triggering" });
    await clock.advance(50);
    await triggered;
    expect(devices.state("trigger").state).toBe("ready");
  });

  test("a task sends it", async () => {
    const chip = chipOf();
    const trigger = { driver: "gpio_trigger", chip: chip.path, library: standin(version), pin: 3 } as const;
    const trial = await tryTask(TriggerTask, {}, { devices: { trigger } });
    onTestFinished(() => trial.close());
    expect(await trial.end()).toEqual({ to: "completed", result: { device: "trigger" } });
    expect(chip.edges(3).map(({ level }) => level)).toEqual([1, 0]);
  });

  test("a pulse that is given up, or cut short by a closing, leaves the pin off", async () => {
    const { devices, levels, clock } = await opened({});
    const abort = new AbortController();
    const triggered = triggerOf(devices).trigger({ signal: abort.signal });
    await clock.advance(50);
    expect(levels(3, 4)).toEqual([1, 1]);
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(triggered).rejects.toBe(reason);
    expect(levels(3)).toEqual([0]);
    const cutShort = demand(devices.get("release"), "triggerable").trigger();
    await clock.advance(50);
    expect(levels(4)).toEqual([0]);
    await devices.close();
    expect(levels(4)).toEqual([1]);
    await clock.advance(1000);
    await cutShort;
    expect(levels(4)).toEqual([1]);
  });
});
