import { copyFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import type { Capturing, Movable, Switchable } from "../../src/task/devices.ts";
import type { Box } from "../../tasks/core/scanner/_object-box.ts";
import { CropTask } from "../../tasks/core/scanner/crop_task.ts";
import { open, temporary } from "../hardware/machine.ts";
import { blockingContext } from "./context.ts";
import { flowerpot, testWithFlowerpot } from "./flowerpot.ts";

async function crop(dataDirectory: string, photo: string, more: object = {}) {
  const ctx = blockingContext({ dataDirectory, clock: systemClock });
  const { parameters } = CropTask as unknown as { parameters: { parse(value: object): never } };
  const task = new (CropTask as unknown as new () => CropTask)();
  const result = await task.run(parameters.parse({ photo, ...more }), ctx as never);
  return { ...result, artifacts: ctx.artifacts };
}

const holds = (outer: Box, [left, top, right, bottom]: readonly [number, number, number, number]): boolean =>
  outer.left <= left &&
  outer.top <= top &&
  outer.left + outer.width >= right &&
  outer.top + outer.height >= bottom;

/** Drawn by hand on the photos: the pot's box in every third photo, in their own pixels (758 by 1024), within some 8 pixels. */
const pots: Record<number, readonly [number, number, number, number]> = {
  0: [88, 22, 688, 558],
  3: [89, 46, 657, 558],
  6: [96, 0, 624, 495],
  9: [112, 14, 608, 480],
  12: [137, 0, 625, 465],
  15: [138, 28, 632, 502],
  18: [178, 55, 611, 477],
  21: [143, 55, 592, 492],
  24: [167, 71, 625, 498],
  27: [143, 105, 574, 511],
  30: [168, 126, 598, 535],
  33: [165, 163, 585, 560],
  35: [207, 152, 606, 552],
};

testWithFlowerpot(
  "the box holds the pot in every one of 36 real photos, and not the whole table",
  async () => {
    const dataDirectory = await temporary();
    for (let index = 0; index < 36; index++) {
      const name = `flowerpot_${String(index).padStart(2, "0")}.jpg`;
      copyFileSync(path.join(flowerpot, name), path.join(dataDirectory, name));
      const { box, cropped } = await crop(dataDirectory, name);
      expect([name, holds(box, potIn(index)), box.width * box.height < 0.65 * 758 * 1024]).toEqual([
        name,
        true,
        true,
      ]);
      const facts = await sharp(path.join(dataDirectory, cropped)).metadata();
      expect([facts.width, facts.height]).toEqual([box.width, box.height]);
    }
  },
);

type Sides = [[number, number], [number, number], [number, number], [number, number]];

/** Between two that were measured the pot lies between them, and is shrunk a little: the camera moved on by hand. */
function potIn(index: number): readonly [number, number, number, number] {
  const measured = Object.keys(pots).map(Number);
  const before = pots[measured.findLast((at) => at <= index) as number] as readonly number[];
  const after = pots[measured.find((at) => at >= index) as number] as readonly number[];
  const [left, top, right, bottom] = [0, 1, 2, 3].map(
    (side) => [before[side], after[side]] as [number, number],
  ) as Sides;
  if (before === after) return [left[0] + 8, top[0], right[0] - 8, bottom[0] - 8];
  return [Math.max(...left) + 20, Math.max(...top) + 20, Math.min(...right) - 20, Math.min(...bottom) - 20];
}

test("the box holds the pot in simulated photos from every side, and is close around it", async () => {
  const dataDirectory = await temporary();
  const fast = { top_speed_degrees_per_s: 1e5, acceleration_degrees_per_s2: 1e7 };
  const devices = await open("simulated", { rotor: fast, turntable: fast }, systemClock, "/");
  await (devices.get("light") as Switchable).turnOn();
  for (const [rotor, turntable] of [
    [60, 0],
    [60, 130],
    [90, 250],
    [35, 40],
  ] as const) {
    await (devices.get("rotor") as Movable).moveTo(rotor);
    await (devices.get("turntable") as Movable).moveTo(turntable);
    const { bytes } = await (devices.get("camera") as Capturing).capture();
    await writeFile(path.join(dataDirectory, "photo.jpg"), bytes);
    const { box, cropped, artifacts } = await crop(dataDirectory, "photo.jpg");
    // The pot is some 400 pixels wide, in the middle of 1024.
    expect([rotor, turntable, holds(box, [360, 200, 660, 540])]).toEqual([rotor, turntable, true]);
    expect(box.width).toBeLessThan(700);
    expect(artifacts).toEqual([path.join(dataDirectory, cropped)]);
  }
});

test("the photo is turned as its EXIF says before it is measured", async () => {
  const dataDirectory = await temporary();
  const dot = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"><rect width="400" height="200" fill="#ddd"/><circle cx="100" cy="100" r="40" fill="#a03020"/></svg>',
  );
  await sharp(dot)
    .flatten()
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(path.join(dataDirectory, "turned.jpg"));
  const { box } = await crop(dataDirectory, "turned.jpg", { margin_percent: 0 });
  // A quarter turn clockwise: 200 by 400, the dot at (100, 100).
  expect(box.left + box.width / 2).toBeCloseTo(100, -1);
  expect(box.top + box.height / 2).toBeCloseTo(100, -1);
  expect(Math.abs(box.width - 80)).toBeLessThan(10);
});

test("a photo of nothing is a clear failure", async () => {
  const dataDirectory = await temporary();
  const nothing = sharp({ create: { width: 300, height: 200, channels: 3, background: "#888888" } });
  await nothing.jpeg().toFile(path.join(dataDirectory, "nothing.jpg"));
  await expect(crop(dataDirectory, "nothing.jpg")).rejects.toThrow(
    "Nothing in nothing.jpg differs from its background",
  );
});
