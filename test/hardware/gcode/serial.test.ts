// The real serialport package on a pseudo-terminal, in real time, with a Grbl at its other end.
import { expect, onTestFinished, test } from "vitest";
import { Controller } from "../../../src/hardware/drivers/gcode/controller.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { demand } from "../../../src/task/capabilities.ts";
import { below, randomOf } from "../../random.ts";
import { quiet } from "../machine.ts";
import { axisIn, devicesAt, machineOf, refusalOf } from "./machine.ts";
import { splitAndLate } from "./stand-in/bad-line.ts";
import { GrblStandIn } from "./stand-in/grbl.ts";
import { MarlinStandIn } from "./stand-in/marlin.ts";
import { testOverPty } from "./stand-in/pty.ts";
import { overPty, type Sender, type StandIn } from "./stand-in/serve.ts";

function serialPort(standIn: StandIn, sender?: Sender) {
  const served = overPty(standIn, sender);
  onTestFinished(served.hangUp);
  return served;
}

/** Fast, and lost in no end switch: what is looked at is the line. */
const nimble = { 22: 0, 110: 600_000, 111: 600_000, 112: 600_000, 120: 1e7, 121: 1e7, 122: 1e7 };

testOverPty(
  "10 000 lines arrive in their order, none is lost: random delays, split answers, alarms",
  async () => {
    const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`seed ${seed}`);
    const random = randomOf(seed);
    const grbl = new GrblStandIn({ clock: systemClock, settings: nimble });
    const { port } = serialPort(grbl, splitAndLate(random));
    const controller = new Controller(
      { port, firmware: "grbl", baud_rate: 115_200, timeout_seconds: 10 },
      { clock: systemClock, log: quiet },
    );
    const member = { isStopped: false, changed: () => undefined, lost: () => undefined };
    await controller.join(member);
    onTestFinished(() => controller.leave(member));
    let alarms = 0;
    grbl.lineMs = () => {
      if (random() < 0.002) {
        alarms++;
        grbl.hitLimit();
      }
      return random() < 0.01 ? below(random, 4) : 0;
    };
    const lines = Array.from({ length: 10_000 }, (_, at) => {
      const words = ["X", "Y", "Z"]
        .slice(0, 1 + below(random, 3))
        .map((letter) => `${letter}${-below(random, 1000) / 1000}`);
      return `N${at}G1${words.join("")}F${1000 + below(random, 500_000)}`;
    });
    for (let next = 0; next < lines.length; ) {
      const { firmware } = controller.session;
      const some = lines.slice(next, next + 1000);
      const answers = await Promise.allSettled(some.map((line) => firmware.command(line)));
      const taken = answers.findIndex(({ status }) => status === "rejected");
      next += taken < 0 ? some.length : taken;
      if (taken < 0) continue;
      // What comes behind a lost line is lost with it: nothing is ever done out of order.
      expect(answers.slice(taken).every(({ status }) => status === "rejected")).toBe(true);
      await firmware.command("$X");
    }
    expect(grbl.accepted).toEqual(lines);
    expect(grbl.lost).toBe(0);
    expect(alarms).toBeGreaterThan(0);
  },
);

test("a receive buffer that is overfilled loses characters, as a real one does", async () => {
  const grbl = new GrblStandIn({ clock: systemClock });
  grbl.lineMs = () => 60_000;
  grbl.receive(Buffer.from("G4P0\n"));
  grbl.receive(Buffer.from("G1X1F100\n".repeat(20)));
  expect(grbl.lost).toBe(20 * 9 - 128);
});

testOverPty("axes move, are homed and brake over a serial port", async () => {
  const grbl = new GrblStandIn({
    clock: systemClock,
    axes: 4,
    settings: { 25: 60_000, 110: 6000, 120: 500 },
  });
  const { port } = serialPort(grbl);
  const m = await machineOf(devicesAt(port), systemClock);
  await demand(m.devices.get("rotor"), "homeable").home();
  const x = axisIn(m, "x");
  await x.moveTo(-10_000);
  expect([x.position, grbl.planner.position[0]]).toEqual([-10_000, -10]);
  const abort = new AbortController();
  const moved = refusalOf(x.moveTo(-190_000, { signal: abort.signal }));
  while (x.position > -12_000) await new Promise(setImmediate);
  abort.abort(new Error("enough"));
  expect(await moved).toBe(abort.signal.reason);
  expect(grbl.planner.isEmpty).toBe(true);
  expect(x.position / 1000).toBeCloseTo(grbl.planner.position[0] ?? 0, 3);
});

testOverPty("a cable that is pulled in mid-move fails the move and marks the devices", async () => {
  const grbl = new GrblStandIn({ clock: systemClock, axes: 4, settings: { 22: 0 } });
  const served = serialPort(grbl);
  const m = await machineOf(devicesAt(served.port), systemClock);
  const moved = refusalOf(axisIn(m, "x").moveTo(-150_000));
  while (axisIn(m, "x").position > -1000) await new Promise(setImmediate);
  served.hangUp();
  expect(await moved).toMatchObject({ code: "DEVICE_FAILED" });
  expect(m.devices.state("y").problem).toContain("was lost");
});

testOverPty("a Marlin moves, is homed and stopped over a serial port", async () => {
  const marlin = new MarlinStandIn(systemClock);
  const { port } = serialPort(marlin);
  const axis = {
    driver: "gcode_linear_axis",
    port,
    firmware: "marlin",
    letter: "X",
    min_um: 0,
    max_um: 200_000,
  };
  const { devices } = await machineOf({ x: axis }, systemClock);
  const x = axisIn({ devices }, "x");
  await x.moveTo(3000);
  await demand(devices.get("x"), "homeable").home();
  expect([x.position, x.home]).toEqual([0, 0]);
  const moved = refusalOf(x.moveTo(200_000));
  while (x.position < 2000) await new Promise(setImmediate);
  expect(await devices.stopAll()).toEqual([{ name: "x", stopped: true, problem: null }]);
  expect(await moved).toMatchObject({ code: "STOPPED" });
  expect(x.position / 1000).toBeCloseTo(marlin.planner.position[0] ?? 0, 3);
});
