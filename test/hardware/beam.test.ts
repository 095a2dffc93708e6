// The physics of the simulated stage: held against the integral it is the closed form of.
import { expect, test } from "vitest";
import { coupling, type Fibre, type Misalignment } from "../../src/hardware/drivers/simulated/beam.ts";
import type { LinearAxis, Measuring, RotaryAxis } from "../../src/task/devices.ts";
import { machine } from "./machine.ts";

const fibre: Fibre = { waistUm: 5.2, wavelengthUm: 1.55, leverUm: 0 };
const aligned: Misalignment = { xUm: 0, yUm: 0, zUm: 0, txDegrees: 0, tyDegrees: 0, tzDegrees: 0 };
const at = (away: Partial<Misalignment>, of = fibre): number => coupling({ ...aligned, ...away }, of);

/** The overlap of the arriving field with the fibre's mode in one plane, summed up point by point. */
function overlap(offset: number, z: number, tilt: number): number {
  const { waistUm: w, wavelengthUm } = fibre;
  const k = (2 * Math.PI) / wavelengthUm;
  const rayleigh = (Math.PI * w * w) / wavelengthUm;
  const spot = w * Math.sqrt(1 + (z / rayleigh) ** 2);
  const bend = z === 0 ? 0 : 1 / (z * (1 + (rayleigh / z) ** 2));
  let [re, im, one, other] = [0, 0, 0, 0];
  for (let x = -100; x < 100; x += 0.02) {
    const field = Math.exp(-((x / spot) ** 2));
    const mode = Math.exp(-(((x - offset) / w) ** 2));
    const phase = -(k * x * x * bend) / 2 + k * tilt * (x - offset);
    re += field * mode * Math.cos(phase);
    im += field * mode * Math.sin(phase);
    one += field * field;
    other += mode * mode;
  }
  return (re * re + im * im) / (one * other);
}

test("the coupling is the overlap of the two fields, with offset, gap and tilt at once", () => {
  const degrees = (radians: number): number => (radians * 180) / Math.PI;
  for (const [x, z, tilt] of [
    [0, 0, 0],
    [3, 0, 0],
    [0, 60, 0],
    [0, 0, 0.05],
    [3, 60, 0.05],
    [3, 60, -0.05],
    [-4, 100, 0.03],
  ] as const) {
    const both = overlap(x, z, tilt) * overlap(0, z, 0);
    expect([x, z, tilt, at({ xUm: x, zUm: z, tyDegrees: degrees(tilt) })]).toEqual([
      x,
      z,
      tilt,
      expect.closeTo(both, 5),
    ]);
  }
});

test("it has one peak, falls off on every axis, and is the same to both sides where only one is off", () => {
  expect(at({})).toBe(1);
  for (const axis of ["xUm", "yUm", "zUm", "txDegrees", "tyDegrees", "tzDegrees"] as const) {
    const shares = [0, 1, 2, 4].map((away) => at({ [axis]: away }));
    expect(shares.toSorted((a, b) => b - a)).toEqual(shares);
    expect(at({ [axis]: -2 })).toBeCloseTo(at({ [axis]: 2 }), 12);
  }
});

test("a turned polarisation is Malus's law, and a lever moves the tilted fibre aside", () => {
  expect(at({ tzDegrees: 60 })).toBeCloseTo(0.25, 12);
  const held = { ...fibre, leverUm: 100 };
  expect(at({ tyDegrees: 2 }, held)).toBeLessThan(at({ tyDegrees: 2 }));
  expect(at({ tyDegrees: 2, xUm: -100 * Math.sin(Math.PI / 90) }, held)).toBeCloseTo(at({ tyDegrees: 2 }), 6);
});

const still = { relative_noise: 0, floor_uw: 0 };

test("the power meter reads all of the light where the profile has its peak, and noise in the dark", async () => {
  const { devices, clock } = await machine("simulated", { power_meter: { lever_um: 0 } });
  const meter = devices.get("power_meter") as Measuring;
  const read = async (): Promise<number> => {
    const reading = meter.readPowerUw();
    await clock.advance(10);
    return reading;
  };
  const go = (name: string, to: number): Promise<void> =>
    (devices.get(name) as LinearAxis | RotaryAxis).moveTo(to);
  const peak = { x: 12, y: -8, z: 30, tx: 0.8, ty: -0.5, tz: 2 };
  const moved = Promise.all(Object.entries(peak).map(([name, to]) => go(name, to)));
  await clock.advance(10_000);
  await moved;
  const bright = [await read(), await read(), await read()];
  for (const power of bright) expect(Math.abs(power - 1000)).toBeLessThan(10);
  expect(new Set(bright).size).toBe(3);
  const away = go("x", 500);
  await clock.advance(10_000);
  await away;
  const dark = [];
  for (let count = 0; count < 200; count++) dark.push(await read());
  const mean = dark.reduce((sum, power) => sum + power, 0) / dark.length;
  const sigma = Math.sqrt(dark.reduce((sum, power) => sum + (power - mean) ** 2, 0) / dark.length);
  expect(Math.abs(mean)).toBeLessThan(0.003);
  expect(sigma).toBeGreaterThan(0.007);
  expect(sigma).toBeLessThan(0.013);
  expect(devices.state("power_meter").power_uw).toBe(dark.at(-1));
});

test("from home some light is there to begin with, and steps that were lost change what is measured", async () => {
  const { devices, clock } = await machine("simulated", { power_meter: still });
  const meter = devices.get("power_meter") as Measuring;
  const x = devices.get("x") as LinearAxis;
  const powerAt = async (to: number): Promise<number> => {
    const moved = x.moveTo(to);
    await clock.advance(1000);
    await moved;
    const reading = meter.readPowerUw();
    await clock.advance(10);
    return reading;
  };
  const home = await powerAt(0);
  expect(home).toBeGreaterThan(0.1);
  expect(await powerAt(10)).toBeGreaterThan(10 * home);
  expect(await powerAt(0)).toBeCloseTo(home, 6);
});
