// A machine with a Grbl that is not there, on a clock that stands still.
import os from "node:os";
import { onTestFinished } from "vitest";
import { axisOf } from "../../../src/hardware/axis.ts";
import { openDevices } from "../../../src/hardware/devices.ts";
import { parseProfile } from "../../../src/hardware/profile.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import { demand } from "../../../src/task/capabilities.ts";
import { type Machine, quiet } from "../machine.ts";
import { type GrblOptions, GrblStandIn } from "./stand-in/grbl.ts";
import { overTcp, type Served } from "./stand-in/serve.ts";
import { WireClock } from "./stand-in/wire-clock.ts";

export interface GrblMachine extends Machine {
  readonly grbl: GrblStandIn;
  readonly served: Served;
  readonly warnings: readonly string[];
}

/** Two axes that slide, one that turns to and fro, one that turns for ever, a spindle. */
export const devicesAt = (port: string): Record<string, object> => ({
  x: { driver: "gcode_linear_axis", port, letter: "X", min_um: -200_000, max_um: 0, home_um: -5000 },
  y: { driver: "gcode_linear_axis", port, letter: "Y", min_um: -200_000, max_um: 0 },
  rotor: { driver: "gcode_axis", port, letter: "Z", min_degrees: -180, max_degrees: 0, home_degrees: -90 },
  turntable: { driver: "gcode_axis", port, letter: "A", is_continuous: true, home_degrees: 0 },
  spindle: { driver: "gcode_switch", port, turn_on: "M3 S1000", turn_off: "M5" },
});

export async function grblMachine(
  options: Partial<GrblOptions> = {},
  devices: (port: string) => Record<string, object> = devicesAt,
): Promise<GrblMachine> {
  const clock = new WireClock();
  const grbl = new GrblStandIn({ clock, axes: 4, ...options });
  const served = await overTcp(grbl);
  return { ...(await machineOf(devices(served.port), clock)), grbl, served };
}

/** As an owner leaves it after switching it on: until it is homed, Grbl moves nowhere. */
export async function homedMachine(...given: Parameters<typeof grblMachine>): Promise<GrblMachine> {
  const machine = await grblMachine(...given);
  const home = demand(machine.devices.get("x"), "homeable").home();
  await machine.clock.advance(60_000);
  await home;
  return machine;
}

/** @returns what was logged as warnings, too */
export async function machineOf<C extends Clock>(profile: Record<string, object>, clock: C) {
  const [told, warnings]: [Machine["told"], string[]] = [[], []];
  const log = {
    ...quiet,
    warn: (fields: object, message: string) => warnings.push(`${message} ${JSON.stringify(fields)}`),
  };
  const devices = await openDevices(parseProfile(JSON.stringify({ devices: profile }), "test.json"), {
    ...{ clock, log, root: os.tmpdir() },
    onChange: (state, changed) => told.push({ state, changed }),
  });
  onTestFinished(() => devices.close());
  return { devices, clock, told, warnings };
}

/** An axis of it, in its own unit. */
export const axisIn = ({ devices }: Pick<Machine, "devices">, name: string) => axisOf(devices.get(name));

/** What a promise was rejected with. */
export const refusalOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
