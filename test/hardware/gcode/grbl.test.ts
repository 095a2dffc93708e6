// What a machine with a Grbl does, and what Grbl hears of it. The standing clock moves its motors, too.
import { expect, test } from "vitest";
import { demand } from "../../../src/task/capabilities.ts";
import { axisIn, grblMachine, homedMachine, refusalOf } from "./machine.ts";

const minute = 60_000;

test("a machine that was switched on moves nowhere before it is homed", async () => {
  const m = await grblMachine();
  const x = axisIn(m, "x");
  expect(await refusalOf(x.moveTo(-1000))).toMatchObject({ code: "NOT_HOMED", details: { device: "x" } });
  const device = demand(m.devices.get("x"), "homeable");
  const homed = device.home();
  await m.clock.advance(minute);
  await homed;
  expect([x.position, device.isHomed]).toEqual([-5000, true]);
  // $H homes all axes; y has no place of its own to go to.
  expect(m.devices.state("y")).toMatchObject({ is_homed: true, position_um: -1000, home_um: -1000 });
});

test("a controller that homes each axis alone leaves the others where they are", async () => {
  const m = await homedMachine({ homesEach: true });
  expect(m.devices.state("x").is_homed).toBe(true);
  expect(m.devices.state("y")).toMatchObject({ is_homed: false, position_um: 0 });
});

test("a target outside the profile's limits is refused before Grbl hears of it, one outside Grbl's own by Grbl", async () => {
  const m = await homedMachine({ settings: { 20: 1, 130: 100 } });
  const before = m.grbl.jogs.length;
  const x = axisIn(m, "x");
  expect(await refusalOf(x.moveTo(1))).toMatchObject({ code: "OUT_OF_LIMITS", details: { max_um: 0 } });
  expect(m.grbl.jogs.length).toBe(before);
  const refused = refusalOf(x.moveTo(-150_000));
  await m.clock.advance(1000);
  expect(await refused).toMatchObject({ code: "OUT_OF_LIMITS", details: { grbl_error: 15 } });
  expect(String(await refused)).toContain(
    "x cannot go to -150000 µm: its limits are narrower in the controller",
  );
  expect(x.position).toBe(-5000);
});

test("moves that are asked for in the same moment leave as one line, and none is faster than it was told", async () => {
  const m = await homedMachine();
  const before = m.grbl.jogs.length;
  const both = Promise.all([
    axisIn(m, "x").moveTo(-35_000, { speed: 10_000 }),
    axisIn(m, "rotor").moveTo(-41, { speed: 5 }),
  ]);
  await m.clock.advance(1000);
  expect(m.grbl.planner.position[0]).toBeGreaterThan(-15);
  await m.clock.advance(minute);
  await both;
  // 30 mm and 40 degrees: 50 along the way, in the 8 s that the slower one needs.
  expect(m.grbl.jogs.slice(before)).toEqual(["$J=G53G21X-35Z-41F375"]);
});

test("a move that is asked for while another one is under way waits for its turn, and can be given up there", async () => {
  const m = await homedMachine();
  const before = m.grbl.jogs.length;
  const first = axisIn(m, "x").moveTo(-100_000);
  await m.clock.advance(100);
  const second = axisIn(m, "y").moveTo(-50_000);
  const abort = new AbortController();
  const third = refusalOf(axisIn(m, "rotor").moveTo(-10, { signal: abort.signal }));
  await m.clock.advance(100);
  abort.abort(new Error("never mind"));
  expect(await third).toBe(abort.signal.reason);
  await m.clock.advance(minute);
  await Promise.all([first, second]);
  expect(m.grbl.jogs.slice(before)).toEqual(["$J=G53G21X-100F3000", "$J=G53G21Y-50F3000"]);
});

test("an axis that turns for ever takes the shorter way, and its angle stays below a turn", async () => {
  const m = await homedMachine();
  const turntable = axisIn(m, "turntable");
  for (const [target, machine] of [
    [350, -10],
    [20, 20],
    [200, 200],
    [10, 370],
  ] as const) {
    const moved = turntable.moveTo(target);
    await m.clock.advance(minute);
    await moved;
    expect([turntable.position, m.grbl.planner.position[3]]).toEqual([target, machine]);
  }
});

test("an output is switched where the motion before it has ended", async () => {
  const m = await homedMachine();
  const spindle = demand(m.devices.get("spindle"), "switchable");
  const moved = axisIn(m, "x").moveTo(-20_000);
  await m.clock.advance(100);
  const on = spindle.turnOn();
  await m.clock.advance(100);
  expect([spindle.isOn, m.grbl.outputs.spindle]).toEqual([false, false]);
  await m.clock.advance(minute);
  await Promise.all([moved, on]);
  expect([spindle.isOn, m.grbl.outputs.spindle]).toEqual([true, true]);
});

test("a move is shown as it goes, twenty times a second at most", async () => {
  const m = await homedMachine();
  m.told.length = 0;
  const moved = axisIn(m, "x").moveTo(-105_000);
  await m.clock.advance(999);
  const shown = m.told.filter(({ state }) => state.name === "x").map(({ state }) => state.position_um ?? 0);
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.length).toBeLessThanOrEqual(20);
  expect(shown).toEqual([...shown].sort((a, b) => b - a));
  await m.clock.advance(minute);
  await moved;
});

test("where there are no switches to home with, axes move as they were found", async () => {
  const m = await grblMachine({ settings: { 22: 0 } });
  expect(m.devices.state("x").capabilities).toEqual(["movable", "stoppable"]);
  const moved = axisIn(m, "x").moveTo(-1000);
  await m.clock.advance(minute);
  await moved;
  m.grbl.hitLimit();
  await m.clock.advance(2000);
  expect(String(await refusalOf(axisIn(m, "x").moveTo(-2000)))).toContain("locked after an alarm");
});
