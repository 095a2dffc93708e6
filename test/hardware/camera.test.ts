import sharp from "sharp";
import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import type { Capturing, RotaryAxis, Switchable } from "../../src/task/devices.ts";
import { machine, open } from "./machine.ts";

async function photoAt(rotor: number, turntable: number, options: { isDark?: boolean; gain?: number } = {}) {
  const { devices, clock } = await machine("simulated");
  const done = Promise.all([
    (devices.get("rotor") as RotaryAxis).moveTo(rotor),
    (devices.get("turntable") as RotaryAxis).moveTo(turntable),
    options.isDark ? null : (devices.get("light") as Switchable).turnOn(),
  ]);
  await clock.advance(20_000);
  await done;
  const captured = (devices.get("camera") as Capturing).capture({ gain: options.gain ?? 1 });
  await clock.advance(1000);
  return captured;
}

const pixelsOf = async (bytes: Uint8Array): Promise<Buffer> =>
  sharp(bytes).resize(64, 48).greyscale().raw().toBuffer();
const meanOf = (pixels: Uint8Array): number => pixels.reduce((sum, value) => sum + value, 0) / pixels.length;

async function difference(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [one, other] = [await pixelsOf(a), await pixelsOf(b)];
  return meanOf(one.map((value, at) => Math.abs(value - (other[at] as number))));
}

test("a photo is a whole JPEG of the profile's size with EXIF", async () => {
  const photo = await photoAt(60, 0);
  const facts = await sharp(photo.bytes).metadata();
  expect(facts).toMatchObject({ format: "jpeg", width: 1024, height: 768, orientation: 1 });
  const exif = (facts.exif as Buffer).toString("latin1");
  for (const word of ["Armature", "Simulated camera", "2026:01:01 00:00:"]) expect(exif).toContain(word);
  expect(photo.takenAt).toMatch(/^2026-01-01T00:00:.*Z$/);
});

test("photos at different poses differ, at every tenth of a turn and at other heights", async () => {
  const photos: Uint8Array[] = [];
  for (let turn = 0; turn < 10; turn++) photos.push((await photoAt(60, turn * 36)).bytes);
  photos.push((await photoAt(30, 0)).bytes, (await photoAt(100, 0)).bytes);
  const twice = await difference(photos[0] as Uint8Array, (await photoAt(60, 0)).bytes);
  for (let a = 0; a < photos.length; a++) {
    for (let b = a + 1; b < photos.length; b++)
      expect([
        a,
        b,
        (await difference(photos[a] as Uint8Array, photos[b] as Uint8Array)) > 3 * twice + 1,
      ]).toEqual([a, b, true]);
  }
});

test("it is dark with the light off, and brighter with more gain", async () => {
  const [lit, dark, bright] = await Promise.all([
    photoAt(60, 0),
    photoAt(60, 0, { isDark: true }),
    photoAt(60, 0, { isDark: true, gain: 8 }),
  ]);
  const means = await Promise.all(
    [dark, bright, lit].map(async ({ bytes }) => meanOf(await pixelsOf(bytes))),
  );
  expect(means[0]).toBeLessThan(30);
  expect(means[1]).toBeGreaterThan(2 * (means[0] as number));
  expect(means[2]).toBeGreaterThan(120);
});

test("taking photos leaves the event loop free", async () => {
  const devices = await open("simulated", { camera: { exposure_ms: 1 } }, systemClock, "/");
  const camera = devices.get("camera") as Capturing;
  await camera.capture();
  let longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const began = performance.now();
  for (let count = 0; count < 10; count++) await camera.capture();
  const spent = performance.now() - began;
  clearInterval(beat);
  // Where it were drawn and encoded on the loop, one gap would be as long as a photo takes.
  expect(longest).toBeLessThan(Math.max(30, (spent / 10) * 0.8));
});
