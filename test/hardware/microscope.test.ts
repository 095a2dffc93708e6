import sharp from "sharp";
import { expect, test } from "vitest";
import type { Capturing, LinearAxis } from "../../src/task/devices.ts";
import { type Machine, machine } from "./machine.ts";

async function photoAt(m: Machine, axes: Record<string, number>, options: object = {}): Promise<Uint8Array> {
  const moved = Promise.all(
    Object.entries(axes).map(([name, to]) => (m.devices.get(`microscope_${name}`) as LinearAxis).moveTo(to)),
  );
  await m.clock.advance(30_000);
  await moved;
  const captured = (m.devices.get("microscope_camera") as Capturing).capture(options);
  await m.clock.advance(1000);
  return (await captured).bytes;
}

const greys = (bytes: Uint8Array): Promise<Buffer> => sharp(bytes).greyscale().raw().toBuffer();

/** How much neighbouring pixels differ, on the average. */
async function sharpness(bytes: Uint8Array): Promise<number> {
  const pixels = await greys(bytes);
  let sum = 0;
  for (let at = 1; at < pixels.length; at++)
    sum += ((pixels[at] as number) - (pixels[at - 1] as number)) ** 2;
  return sum / pixels.length;
}

test("a photo is a whole JPEG of the profile's size with EXIF of its own", async () => {
  const m = await machine("simulated");
  const facts = await sharp(await photoAt(m, {})).metadata();
  expect(facts).toMatchObject({ format: "jpeg", width: 640, height: 480 });
  expect((facts.exif as Buffer).toString("latin1")).toContain("Simulated microscope");
});

test("it is sharpest in one plane, and the further away the less", async () => {
  const m = await machine("simulated");
  const scores: number[] = [];
  for (const focus of [1240, 1225, 1200, 1150, 1000])
    scores.push(await sharpness(await photoAt(m, { focus })));
  expect(scores.toSorted((a, b) => b - a)).toEqual(scores);
  expect(scores[0]).toBeGreaterThan(3 * (scores[3] as number));
  const above = await sharpness(await photoAt(m, { focus: 1290 }));
  expect(Math.abs(above / (scores[2] as number) - 1)).toBeLessThan(0.6);
});

test("z lifts the specimen, and the glass lies askew: what is sharp depends on where one looks", async () => {
  const m = await machine("simulated");
  const lifted = await sharpness(await photoAt(m, { focus: 1140, z: 100 }));
  const blurred = await sharpness(await photoAt(m, { focus: 1140, z: 0 }));
  expect(lifted).toBeGreaterThan(3 * blurred);
  const [stale, followed] = [
    await sharpness(await photoAt(m, { x: 10_000, focus: 1240 })),
    await sharpness(await photoAt(m, { focus: 1320 })),
  ];
  expect(followed).toBeGreaterThan(3 * stale);
});

test("the stage moves what is seen, and back at a place there is the same again", async () => {
  const m = await machine("simulated");
  const here = await greys(await photoAt(m, { focus: 1240 }));
  const there = await greys(await photoAt(m, { x: 100 }));
  const again = await greys(await photoAt(m, { x: 0 }));
  const differ = (a: Buffer, b: Buffer): number =>
    a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] as number)), 0) / a.length;
  expect(differ(here, again)).toBeLessThan(0.5);
  expect(differ(here, there)).toBeGreaterThan(10);
  // 100 µm to the right are 200 pixels to the left.
  const [width, shift] = [640, 200];
  const moved = Buffer.from(here.filter((_, at) => at % width >= shift));
  const seen = Buffer.from(there.filter((_, at) => at % width < width - shift));
  expect(differ(moved, seen)).toBeLessThan(3);
});

test("more exposure is brighter", async () => {
  const m = await machine("simulated");
  const mean = async (options: object): Promise<number> => {
    const pixels = await greys(await photoAt(m, {}, options));
    return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  };
  expect(await mean({ exposureMs: 20 })).toBeLessThan(0.5 * (await mean({ exposureMs: 100 })));
});
