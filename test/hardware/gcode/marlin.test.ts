// What a machine with a Marlin does, and what Marlin hears of it.
import { expect, test } from "vitest";
import { type DeviceOptions, parseProfile } from "../../../src/hardware/profile.ts";
import { demand } from "../../../src/task/capabilities.ts";
import { capabilitiesKeepTheirPromises } from "../../contracts/capabilities.ts";
import { below, randomOf } from "../../random.ts";
import { axisIn, machineOf, refusalOf } from "./machine.ts";
import { MarlinStandIn } from "./stand-in/marlin.ts";
import { overTcp } from "./stand-in/serve.ts";
import { WireClock } from "./stand-in/wire-clock.ts";

const minute = 60_000;

async function marlinMachine() {
  const clock = new WireClock();
  const marlin = new MarlinStandIn(clock);
  const served = await overTcp(marlin);
  const on = { port: served.port, firmware: "marlin" };
  const opened = machineOf(
    {
      x: { driver: "gcode_linear_axis", ...on, letter: "X", min_um: 0, max_um: 200_000, home_um: 5000 },
      z: { driver: "gcode_linear_axis", ...on, letter: "Z", min_um: 0, max_um: 100_000 },
      rotor: { driver: "gcode_axis", ...on, letter: "Y", min_degrees: -90, max_degrees: 90, home_degrees: 0 },
      fan: { driver: "gcode_switch", ...on, turn_on: "M106 S255", turn_off: "M107" },
    },
    clock,
  );
  let isOpen = false;
  void opened.then(() => {
    isOpen = true;
  });
  await served.met;
  while (!isOpen) await clock.advance(10);
  return { ...(await opened), marlin, served };
}

capabilitiesKeepTheirPromises("marlin", async () => {
  const machine = await marlinMachine();
  const homed = demand(machine.devices.get("z"), "homeable").home();
  await machine.clock.advance(minute);
  await homed;
  return machine;
});

test("lines that arrive broken are sent again, none is lost and none is done twice", async () => {
  const m = await marlinMachine();
  const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const random = randomOf(seed);
  let broken = 0;
  m.marlin.mangle = (line) => {
    if (random() > 0.2 || line === "") return line;
    broken++;
    const at = below(random, line.length);
    // A line without its number would be taken as it is, and so it is on a real one.
    return `${line.slice(0, Math.max(1, at))}#${line.slice(Math.max(1, at) + 1)}`;
  };
  const before = m.marlin.done.length;
  for (let turn = 1; turn <= 20; turn++) {
    const moved = axisIn(m, "x").moveTo(turn * 1000);
    await m.clock.advance(minute);
    await moved;
  }
  expect(broken).toBeGreaterThan(20);
  const moves = m.marlin.done.slice(before).filter((line) => line.startsWith("G1"));
  expect(moves).toEqual(Array.from({ length: 20 }, (_, turn) => `G1 X${turn + 1} F6000`));
});

test("a cancel is M410: it stands where it was met, and has to be homed anew", async () => {
  const m = await marlinMachine();
  const x = axisIn(m, "x");
  const homed = demand(m.devices.get("x"), "homeable").home();
  await m.clock.advance(minute);
  await homed;
  const abort = new AbortController();
  const moved = refusalOf(x.moveTo(150_000, { signal: abort.signal }));
  await m.clock.advance(800);
  const before = m.marlin.planner.position[0] ?? 0;
  abort.abort(new Error("enough"));
  await m.clock.advance(minute);
  expect(await moved).toBe(abort.signal.reason);
  expect(m.marlin.done).toContain("M410");
  expect(x.position / 1000).toBeCloseTo(before, 1);
  expect(m.devices.state("x").is_homed).toBe(false);
});

test("a move is followed by the steps it counts, not by where it wants to be", async () => {
  const m = await marlinMachine();
  const x = axisIn(m, "x");
  const moved = x.moveTo(150_000);
  await m.clock.advance(1000);
  expect(x.position).toBeGreaterThan(50_000);
  expect(x.position).toBeLessThan(100_000);
  await m.clock.advance(minute);
  await moved;
});

test("a controller that halts itself is lost until it is reset, and found again then", async () => {
  const m = await marlinMachine();
  const moved = refusalOf(axisIn(m, "x").moveTo(150_000));
  await m.clock.advance(500);
  m.marlin.isMute = true;
  m.served.noise("Error:Printer halted. kill() called!\n");
  await m.clock.advance(100);
  expect(String(await moved)).toContain("the controller has halted itself");
  expect(m.devices.state("fan").state).toBe("failed");
  m.marlin.isMute = false;
  m.marlin.boot();
  await m.clock.advance(minute);
  expect(m.devices.state("x")).toMatchObject({ state: "ready", is_homed: false });
});

test("an emergency stop switches outputs off, too", async () => {
  const m = await marlinMachine();
  const fan = demand(m.devices.get("fan"), "switchable");
  await fan.turnOn();
  expect(m.marlin.outputs.fan).toBe(true);
  const moved = refusalOf(axisIn(m, "x").moveTo(150_000));
  await m.clock.advance(500);
  const stopped = m.devices.stopAll();
  await m.clock.advance(5000);
  expect((await stopped).map((device) => device.stopped)).toEqual([true, true, true, true]);
  expect(await moved).toMatchObject({ code: "STOPPED" });
  expect([m.marlin.outputs.fan, fan.isOn, m.marlin.planner.isMoving]).toEqual([false, false, false]);
});

test("an unknown command is a failure that quotes it", async () => {
  const m = await marlinMachine();
  const fan = {
    driver: "gcode_switch",
    port: m.served.port,
    firmware: "marlin",
    turn_on: "M999",
    turn_off: "M107",
  };
  const { devices } = parseProfile(JSON.stringify({ devices: { fan } }), "test.json");
  const again = m.devices.reconnect("fan", devices.fan as DeviceOptions);
  await m.clock.advance(1000);
  await again;
  const refused = refusalOf(demand(m.devices.get("fan"), "switchable").turnOn());
  await m.clock.advance(1000);
  expect(String(await refused)).toContain('Unknown command: "M999"');
});
