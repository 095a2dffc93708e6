// The line to a controller: how it opens, what comes over it, how it is lost and found again.
import { expect, test } from "vitest";
import type { Devices } from "../../../src/hardware/devices.ts";
import { type DeviceOptions, parseProfile } from "../../../src/hardware/profile.ts";
import {
  axisIn,
  devicesAt,
  type GrblMachine,
  grblMachine,
  homedMachine,
  machineOf,
  refusalOf,
} from "./machine.ts";
import { GrblStandIn } from "./stand-in/grbl.ts";
import { overTcp } from "./stand-in/serve.ts";
import { WireClock } from "./stand-in/wire-clock.ts";

const minute = 60_000;

test("noise on the line is logged and survived", async () => {
  const m = await homedMachine();
  const moved = axisIn(m, "x").moveTo(-50_000);
  await m.clock.advance(300);
  m.served.noise("\x00\xff\xfe%&/()\r\n<Idle|MPos:12,ab>\nok7\n");
  m.served.noise("x".repeat(5000));
  await m.clock.advance(100);
  m.served.noise("\n");
  await m.clock.advance(minute);
  await moved;
  expect(axisIn(m, "x").position).toBe(-50_000);
  expect(m.warnings.filter((line) => line.includes("no answer")).length).toBeGreaterThan(3);
});

test("an answer that nobody waits for harms no later line", async () => {
  const m = await homedMachine();
  m.served.noise("ok\nerror:20\n");
  await m.clock.advance(100);
  const moved = axisIn(m, "x").moveTo(-50_000);
  await m.clock.advance(minute);
  await moved;
  expect(m.warnings.length).toBe(2);
});

test("a controller that falls silent is DEVICE_TIMEOUT for whoever waits, listed as failed, and found again", async () => {
  const m = await homedMachine();
  const moved = refusalOf(axisIn(m, "x").moveTo(-150_000));
  await m.clock.advance(1000);
  m.grbl.isMute = true;
  await m.clock.advance(4000);
  expect(await moved).toMatchObject({ code: "DEVICE_TIMEOUT", details: { device: "x", timeout_seconds: 3 } });
  expect(m.devices.state("x")).toMatchObject({ state: "failed", is_moving: false });
  expect(m.devices.state("y").problem).toContain("did not answer within 3 seconds");
  expect(await refusalOf(axisIn(m, "y").moveTo(-1000))).toMatchObject({ code: "DEVICE_TIMEOUT" });
  m.grbl.isMute = false;
  await m.clock.advance(minute);
  expect(m.devices.state("x")).toMatchObject({ state: "ready", problem: null, is_homed: false });
  expect(m.grbl.planner.isMoving).toBe(false);
});

test("a controller that never answers is listed as failed with DEVICE_TIMEOUT's sentence", async () => {
  const clock = new WireClock();
  const mute = await overTcp({ receive: () => undefined, say: () => undefined });
  let opened: Devices | null = null;
  void machineOf(devicesAt(mute.port), clock).then(({ devices }) => {
    opened = devices;
  });
  await mute.met;
  while (!opened) await clock.advance(1000);
  const devices: Devices = opened;
  expect(devices.list().map(({ state }) => state)).toEqual(Array(5).fill("failed"));
  expect(devices.state("x").problem).toBe("x did not answer within 10 seconds.");
});

test("a line that breaks in mid-move fails the move, marks every device, and comes back by itself", async () => {
  const m = await homedMachine();
  const moved = refusalOf(axisIn(m, "x").moveTo(-150_000));
  await m.clock.advance(1000);
  m.served.hangUp();
  await m.clock.advance(100);
  expect(await moved).toMatchObject({ code: "DEVICE_FAILED" });
  expect(m.devices.state("y")).toMatchObject({ state: "failed" });
  expect(m.devices.state("y").problem).toContain("the connection to tcp://127.0.0.1");
  expect(m.devices.state("y").remedy).toContain("POST /devices/y/reconnect");
  await m.clock.advance(minute);
  // Whoever comes back stops what was left moving; where that stands, Grbl does not know.
  expect(m.devices.state("x")).toMatchObject({ state: "ready", is_homed: false });
  expect(m.grbl.planner.isMoving).toBe(false);
  expect(await refusalOf(axisIn(m, "x").moveTo(-1000))).toMatchObject({ code: "NOT_HOMED" });
});

test("a stop while the line is lost says that nobody knows", async () => {
  const m = await homedMachine();
  m.served.hangUp();
  await m.clock.advance(100);
  const [x] = await m.devices.stopAll();
  expect(x).toMatchObject({ name: "x", stopped: false });
  expect(x?.problem).toContain("was lost");
});

/** As `POST /devices/x/reconnect` does it. */
async function reconnectX(m: GrblMachine) {
  const { devices } = parseProfile(JSON.stringify({ devices: devicesAt(m.served.port) }), "test.json");
  const again = m.devices.reconnect("x", devices.x as DeviceOptions);
  await m.clock.advance(100);
  return again;
}

test("reconnect brings a lost controller back at once, for all its devices", async () => {
  const m = await homedMachine();
  m.served.hangUp();
  await m.clock.advance(100);
  expect(await reconnectX(m)).toMatchObject({ state: "ready" });
  expect(m.devices.state("y")).toMatchObject({ state: "ready" });
});

test("reconnect of one device leaves the others of a controller that works alone", async () => {
  const m = await homedMachine();
  const moved = axisIn(m, "y").moveTo(-50_000);
  await m.clock.advance(300);
  expect(await reconnectX(m)).toMatchObject({ state: "ready", is_homed: true });
  await m.clock.advance(minute);
  await moved;
  expect(m.grbl.realTime.filter((character) => character === "reset").length).toBe(1);
});

test("a device that is connected anew in a stopped machine refuses to move until the release", async () => {
  const m = await homedMachine();
  const stopped = m.devices.stopAll();
  await m.clock.advance(1000);
  await stopped;
  expect(await reconnectX(m)).toMatchObject({ state: "stopped" });
  await m.clock.advance(1000);
  expect(await refusalOf(axisIn(m, "x").moveTo(-1000))).toMatchObject({ code: "STOPPED" });
  m.devices.release();
  const moved = axisIn(m, "x").moveTo(-1000);
  await m.clock.advance(minute);
  await moved;
});

test("a controller that is reset by itself is not taken for the one that was homed", async () => {
  const m = await homedMachine();
  const moved = refusalOf(axisIn(m, "x").moveTo(-150_000));
  await m.clock.advance(1000);
  m.grbl.boot();
  await m.clock.advance(100);
  expect(String(await moved)).toContain("the controller was reset");
  await m.clock.advance(minute);
  expect(m.devices.state("x")).toMatchObject({ state: "ready", is_homed: false });
});

test("the last device that is closed closes the line", async () => {
  const clock = new WireClock();
  const grbl = new GrblStandIn({ clock });
  const served = await overTcp(grbl);
  const { devices } = await machineOf({ x: profileOf(served.port).x, y: profileOf(served.port).y }, clock);
  const connections = (): Promise<number> =>
    new Promise((resolve) => served.server.getConnections((_, count) => resolve(count)));
  expect(await connections()).toBe(1);
  await devices.close();
  await clock.advance(0);
  expect(await connections()).toBe(0);
});

test("devices of one port that disagree about it, and an axis that is not there, say so; the rest works", async () => {
  const m = await grblMachine({ axes: 3 }, (port) => ({
    x: profileOf(port).x,
    y: { ...profileOf(port).y, baud_rate: 9600 },
    table: profileOf(port).turntable,
  }));
  expect(m.devices.list().map(({ state }) => state)).toEqual(["ready", "failed", "failed"]);
  expect(m.devices.state("y").problem).toMatch(
    /its baud_rate is 9600, and another device of tcp:.* says 115200/,
  );
  expect(m.devices.state("table").problem).toBe("the controller has no axis A");
});

test("a port that is not there says what to look for", async () => {
  const { devices } = await machineOf({ x: profileOf("/dev/no-such-port").x }, new WireClock());
  expect(devices.state("x")).toMatchObject({ state: "failed" });
  expect(devices.state("x").problem).toContain("/dev/no-such-port cannot be opened");
  expect(devices.state("x").remedy).toContain("/dev/serial/by-id");
});

function profileOf(port: string): Record<"x" | "y" | "turntable", object> {
  const { x = {}, y = {}, turntable = {} } = devicesAt(port);
  return { x, y, turntable };
}

test("an answer that noise has swallowed ends in DEVICE_TIMEOUT, and the controller is brought to order again", async () => {
  const m = await homedMachine();
  const { say } = m.grbl;
  m.grbl.say = (text) => {
    if (text !== "ok\r\n") return say(text);
    m.grbl.say = say;
    say("o\xff\r\n");
  };
  const moved = refusalOf(axisIn(m, "x").moveTo(-50_000));
  await m.clock.advance(10_200);
  expect(await moved).toMatchObject({ code: "DEVICE_TIMEOUT", details: { timeout_seconds: 10 } });
  await m.clock.advance(minute);
  expect(m.devices.state("x").state).toBe("ready");
});
