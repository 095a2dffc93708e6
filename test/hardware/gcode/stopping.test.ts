// Everything that ends a move of a Grbl before its target.
import { expect, test } from "vitest";
import { demand } from "../../../src/task/capabilities.ts";
import { axisIn, homedMachine, refusalOf } from "./machine.ts";

const minute = 60_000;
/** 50 mm/s and 200 mm/s², as the stand-in is set. */
const brakingUm = 6250;

test("a cancel in mid-move brakes with the physical distance, and nothing is left to go on", async () => {
  const m = await homedMachine();
  const x = axisIn(m, "x");
  const abort = new AbortController();
  const moved = refusalOf(x.moveTo(-150_000, { signal: abort.signal }));
  await m.clock.advance(1000);
  const before = m.grbl.planner.position[0] ?? 0;
  abort.abort(new Error("enough"));
  await m.clock.advance(minute);
  expect(await moved).toBe(abort.signal.reason);
  expect(m.grbl.realTime.at(-1)).toBe("jog cancel");
  expect(Math.abs(x.position / 1000 - before)).toBeGreaterThan(brakingUm / 1000 - 0.1);
  expect(Math.abs(x.position / 1000 - before)).toBeLessThan(brakingUm / 1000 + 0.1);
  expect(x.position / 1000).toBeCloseTo(m.grbl.planner.position[0] ?? 0, 6);
  const on = x.moveTo(-150_000);
  await m.clock.advance(minute);
  await on;
  expect(m.grbl.planner.position[0]).toBe(-150);
});

test("a move that is cancelled before Grbl has read its line moves nowhere far", async () => {
  const m = await homedMachine();
  m.grbl.lineMs = () => 30;
  const x = axisIn(m, "x");
  const abort = new AbortController();
  const moved = refusalOf(x.moveTo(-150_000, { signal: abort.signal }));
  await m.clock.advance(5);
  abort.abort(new Error("enough"));
  await m.clock.advance(minute);
  expect(await moved).toBe(abort.signal.reason);
  expect(x.position).toBeGreaterThan(-8000);
});

test("an end switch in mid-move is LIMIT_HIT, and the machine is locked until it is homed", async () => {
  const m = await homedMachine();
  const bound = m.devices.bind({ x: "exclusive" }, () => new AbortController().signal);
  const x = bound.x as unknown as { moveTo(um: number): Promise<void>; home(): Promise<void> };
  const moved = refusalOf(x.moveTo(-150_000));
  await m.clock.advance(1000);
  m.grbl.hitLimit();
  await m.clock.advance(1000);
  expect(await moved).toMatchObject({ code: "LIMIT_HIT", details: { grbl_alarm: 1 } });
  expect(m.devices.state("x")).toMatchObject({ state: "failed", is_homed: false });
  expect(await refusalOf(x.moveTo(0))).toMatchObject({ code: "NOT_HOMED" });
  const homed = x.home();
  await m.clock.advance(minute);
  await homed;
  expect(m.devices.state("x")).toMatchObject({ state: "ready", is_homed: true, position_um: -5000 });
});

test("an emergency stop holds at once, resets at the standstill, and neither position nor homing is lost", async () => {
  const m = await homedMachine();
  const [x, turntable] = [axisIn(m, "x"), axisIn(m, "turntable")];
  await demand(m.devices.get("spindle"), "switchable").turnOn();
  expect(m.grbl.outputs.spindle).toBe(true);
  const moves = [refusalOf(x.moveTo(-150_000)), refusalOf(turntable.moveTo(90))];
  await m.clock.advance(1000);
  const before = m.grbl.planner.position;
  const stopped = m.devices.stopAll();
  await m.clock.advance(5000);
  expect((await stopped).every((device) => device.stopped)).toBe(true);
  for (const move of moves) expect(await move).toMatchObject({ code: "STOPPED" });
  expect(m.grbl.realTime).toContain("!");
  expect(m.grbl.realTime.at(-1)).toBe("reset");
  expect(m.grbl.state).toBe("Idle");
  expect(m.grbl.outputs.spindle).toBe(false);
  expect(demand(m.devices.get("spindle"), "switchable").isOn).toBe(false);
  const braked = Math.hypot(...m.grbl.planner.position.map((now, axis) => now - (before[axis] ?? 0)));
  expect(braked).toBeLessThan(2 * (brakingUm / 1000));
  expect(x.position / 1000).toBeCloseTo(m.grbl.planner.position[0] ?? 0, 6);
  expect(await refusalOf(demand(m.devices.get("spindle"), "switchable").turnOn())).toMatchObject({
    code: "STOPPED",
  });
  m.devices.release();
  expect(m.devices.state("x")).toMatchObject({ state: "ready", is_homed: true });
  const on = x.moveTo(-150_000);
  await m.clock.advance(minute);
  await on;
  expect(m.grbl.planner.position[0]).toBe(-150);
});

test("one axis that is stopped alone lets the others come to their targets", async () => {
  const m = await homedMachine();
  const [x, y] = [axisIn(m, "x"), axisIn(m, "y")];
  const [first, second] = [refusalOf(x.moveTo(-150_000)), y.moveTo(-100_000)];
  await m.clock.advance(1000);
  const stopped = demand(m.devices.get("x"), "stoppable").stop();
  await m.clock.advance(minute);
  await stopped;
  await second;
  expect(await first).toMatchObject({ code: "STOPPED", details: { device: "x" } });
  expect(x.position).toBeGreaterThan(-100_000);
  expect([y.position, m.grbl.realTime.includes("!")]).toEqual([-100_000, false]);
});

test("homing that is given up stops at once, and leaves the machine locked", async () => {
  const m = await homedMachine();
  const abort = new AbortController();
  const moved = axisIn(m, "x").moveTo(-150_000);
  await m.clock.advance(minute);
  await moved;
  const homed = refusalOf(demand(m.devices.get("x"), "homeable").home({ signal: abort.signal }));
  await m.clock.advance(1000);
  abort.abort(new Error("enough"));
  await m.clock.advance(1000);
  expect(await homed).toBe(abort.signal.reason);
  expect(m.devices.state("x").is_homed).toBe(false);
  expect(m.grbl.planner.isMoving).toBe(false);
  expect(await refusalOf(axisIn(m, "x").moveTo(-1000))).toMatchObject({ code: "NOT_HOMED" });
});

test("somebody who presses feed hold at the machine ends the move, and the task hears of it", async () => {
  const m = await homedMachine();
  const moved = refusalOf(axisIn(m, "x").moveTo(-150_000));
  await m.clock.advance(1000);
  m.grbl.receive(Buffer.from("!"));
  await m.clock.advance(minute);
  expect(String(await moved)).toContain("it stands still before its target");
  m.grbl.receive(Buffer.from("!"));
  await m.clock.advance(2000);
  expect(String(await refusalOf(axisIn(m, "x").moveTo(-1000)))).toContain("somebody pressed feed hold");
});

test("an open door keeps it still; when it is shut again the next move goes on", async () => {
  const m = await homedMachine();
  m.grbl.openDoor();
  await m.clock.advance(2000);
  expect(String(await refusalOf(axisIn(m, "x").moveTo(-1000)))).toContain("the safety door is open");
  m.grbl.closeDoor();
  await m.clock.advance(2000);
  const moved = axisIn(m, "x").moveTo(-1000);
  await m.clock.advance(minute);
  await moved;
  expect(axisIn(m, "x").position).toBe(-1000);
});

test("a controller that does not brake is DEVICE_TIMEOUT in the end, and is told anew when it is found again", async () => {
  const m = await homedMachine();
  const abort = new AbortController();
  const moved = refusalOf(axisIn(m, "x").moveTo(-190_000, { signal: abort.signal, speed: 1000 }));
  await m.clock.advance(1000);
  // It says where it is, and hears nothing.
  m.grbl.planner.hold = () => undefined;
  abort.abort(new Error("enough"));
  await m.clock.advance(10_200);
  expect(await moved).toBe(abort.signal.reason);
  expect(m.devices.state("y").problem).toContain("did not answer within 10 seconds");
  await m.clock.advance(minute);
  expect(m.grbl.planner.isMoving).toBe(false);
  expect(m.devices.state("y").state).toBe("ready");
});
