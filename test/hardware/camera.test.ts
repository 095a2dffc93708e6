import sharp from "sharp";
import { expect, test } from "vitest";
import type { Capturing, Focusable, RotaryAxis, Switchable } from "../../src/task/devices.ts";
import { machine } from "./machine.ts";

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
  const { devices, clock } = await machine("simulated");
  const camera = devices.get("camera") as Capturing;
  const turns: number[] = [];
  for (let count = 0; count < 10; count++) {
    let isTaken = false;
    const captured = camera.capture().finally(() => {
      isTaken = true;
    });
    await clock.advance(1000); // the exposure is over: from here on nothing but the drawing takes time
    let turned = 0;
    for (; !isTaken; turned++) await new Promise(setImmediate);
    await captured;
    turns.push(turned);
  }
  // Where they were drawn and encoded on the loop, it would turn some hundred times for each (what is imported waits), not 40 000.
  expect(turns.toSorted((a, b) => a - b)[5]).toBeGreaterThan(3000);
});

interface Part {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

/** Of a part of the photo, as shares of its width and height: how much neighbouring pixels differ. */
async function sharpness(bytes: Uint8Array, part: Part): Promise<number> {
  const { width = 0, height = 0 } = await sharp(bytes).metadata();
  const { data, info } = await sharp(bytes)
    .extract({
      left: Math.round(width * part.left),
      width: Math.round(width * part.width),
      top: Math.round(height * part.top),
      height: Math.round(height * part.height),
    })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let sum = 0;
  for (let at = 1; at < data.length; at++)
    if (at % info.width !== 0) sum += ((data[at] as number) - (data[at - 1] as number)) ** 2;
  return sum / data.length;
}

/** The wall of the pot that faces the camera, 7 cm before it, and marks of the plate beside its foot, more than 8 cm before it. */
const wall: Part = { left: 0.4, width: 0.2, top: 0.4, height: 0.25 };
const marks: Part = { left: 0.1, width: 0.1, top: 0.7, height: 0.1 };

async function focusing() {
  const { devices, clock } = await machine("simulated");
  const [camera, light] = [devices.get("camera"), devices.get("light")] as [
    Capturing & Focusable,
    Switchable,
  ];
  const passed = async <T>(done: Promise<T>): Promise<T> => {
    await clock.advance(20_000);
    return done;
  };
  await passed(light.turnOn());
  return {
    camera,
    shoot: async (dioptres: number | null, rotor = 90) => {
      await passed((devices.get("rotor") as RotaryAxis).moveTo(rotor));
      await passed(dioptres === null ? camera.autofocus() : camera.focusAt(dioptres));
      return (await passed(camera.capture())).bytes;
    },
  };
}

test("what the focus is on is sharpest, and the farther from there in dioptres the less", async () => {
  const { shoot } = await focusing();
  const scores: number[] = [];
  for (const dioptres of [14, 12.5, 11, 8, 2]) scores.push(await sharpness(await shoot(dioptres), wall));
  expect(scores.toSorted((a, b) => b - a)).toEqual(scores);
  expect(scores[0]).toBeGreaterThan(2 * (scores[2] as number));
});

test("one photo is not sharp everywhere: a near focus blurs what is far, a far one what is near", async () => {
  const { shoot } = await focusing();
  const [near, far] = [await shoot(14, 60), await shoot(10.5, 60)];
  expect(await sharpness(near, wall)).toBeGreaterThan(1.3 * (await sharpness(far, wall)));
  expect(await sharpness(far, marks)).toBeGreaterThan(1.3 * (await sharpness(near, marks)));
  const itself = await shoot(null, 60);
  for (const part of [wall, marks])
    expect(await sharpness(itself, part)).toBeGreaterThan(
      0.95 * Math.max(await sharpness(near, part), await sharpness(far, part)),
    );
});

test("a nearer focus shows everything a little larger, as a lens that moves away from its sensor does", async () => {
  const { shoot } = await focusing();
  /** Of the pot, in pixels; it is straight and dark there. */
  const widthOfNeck = async (dioptres: number | null): Promise<number> => {
    const { data, info } = await sharp(await shoot(dioptres, 90))
      .extract({ left: 0, width: 1024, top: 192, height: 8 })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const columns = Array.from({ length: info.width }, (_, x) => {
      let sum = 0;
      for (let y = 0; y < info.height; y++) sum += data[y * info.width + x] as number;
      return sum / info.height;
    });
    const [dark, light] = [Math.min(...columns), Math.max(...columns)];
    const isNeck = (grey: number): boolean => grey < (dark + light) / 2;
    return columns.findLastIndex(isNeck) - columns.findIndex(isNeck);
  };
  const [far, middle, near, itself] = [
    await widthOfNeck(10.5),
    await widthOfNeck(12.5),
    await widthOfNeck(14.5),
    await widthOfNeck(null),
  ];
  expect(Math.abs(middle - itself)).toBeLessThan(3);
  // (1 − 0.0043 · 10.5) / (1 − 0.0043 · 14.5)
  expect(near / far).toBeCloseTo(1.0183, 2);
});

test("a photo taken at a told focus says in its EXIF how far that is", async () => {
  const { shoot } = await focusing();
  const tagged = async (dioptres: number | null) => {
    const { exif } = await sharp(await shoot(dioptres)).metadata();
    // SubjectDistance: tag 0x9206 of type 5, one rational.
    return (exif as Buffer).includes(Buffer.from([0x06, 0x92, 5, 0, 1, 0, 0, 0]));
  };
  expect([await tagged(12.5), await tagged(null)]).toEqual([true, false]);
});

test("the lens does not move during an exposure", async () => {
  const { camera, shoot } = await focusing();
  const exposing = shoot(12);
  await expect.poll(() => (camera as unknown as { doing: string | null }).doing).toBe("taking a photo");
  await expect(camera.focusAt(3)).rejects.toMatchObject({ code: "DEVICE_BUSY" });
  await exposing;
  expect(camera.focusDioptres).toBe(12);
});
