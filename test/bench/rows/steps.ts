// How even the steps of a motor on GPIO are, from the profile to the pin: an axis with its stepping process, and a
// stand-in for libgpiod that writes down when each edge came.
import path from "node:path";
import { openDevices } from "../../../src/hardware/devices.ts";
import { parseProfile } from "../../../src/hardware/profile.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { demand } from "../../../src/task/capabilities.ts";
import type { RotaryAxis } from "../../../src/task/devices.ts";
import { Chip, compile, pins } from "../../fixtures/gpio/chip.ts";
import { quiet } from "../../quiet.ts";
import { median, quantile } from "../figures.ts";
import type { Row, Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";

const stepsPerTurn = 3600;
const ratesPerS = [1000, 5000, 20_000];

export async function steps(stage: Stage): Promise<(Row | Skipped)[]> {
  const folder = await stage.folder();
  const library = path.join(folder, "libgpiod-standin.so");
  try {
    compile(1, library);
  } catch {
    return [{ what: "steps on GPIO", skipped: "gcc is not installed" }];
  }
  const rows: Row[] = [];
  for (const rate of ratesPerS) {
    const late = await latenessUs(new Chip(path.join(folder, `chip-${rate}`)), library, rate);
    const all = { unit: "µs", ceiling: null, goal: null };
    rows.push(
      { what: `steps at ${rate}/s off their distance, median`, measured: median(late), ...all },
      { what: `steps at ${rate}/s off their distance, p99`, measured: quantile(late, 0.99), ...all },
    );
  }
  return rows;
}

/** Of each step at top speed, by how much its distance to the one before is not what it should be. */
async function latenessUs(chip: Chip, library: string, stepsPerS: number): Promise<number[]> {
  const degreesPerS = (stepsPerS * 360) / stepsPerTurn;
  const axis = {
    ...{ driver: "gpio_axis", chip: chip.path, library, step_pin: pins.step, direction_pin: pins.direction },
    ...{ steps_per_turn: stepsPerTurn, max_degrees: 1e6, timeout_seconds: 60 },
    ...{ top_speed_degrees_per_s: degreesPerS, acceleration_degrees_per_s2: degreesPerS * 4 },
  };
  const profile = parseProfile(JSON.stringify({ devices: { axis } }), "the bench");
  const devices = await openDevices(profile, { clock: systemClock, log: quiet, root: process.cwd() });
  try {
    await (demand(devices.get("axis"), "movable") as RotaryAxis).moveTo(degreesPerS);
  } finally {
    await devices.close();
  }
  const rises = chip.edges(pins.step).flatMap(({ level, ms }) => (level === 1 ? [ms * 1000] : []));
  // An eighth of the way is up, an eighth is down.
  const [from, to] = [Math.ceil(rises.length * 0.2), Math.floor(rises.length * 0.8)];
  return rises
    .slice(from, to)
    .map((at, index) => Math.abs(at - (rises[from + index - 1] as number) - 1e6 / stepsPerS));
}
