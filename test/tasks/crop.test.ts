import { copyFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import type { Capturing, RotaryAxis, Switchable } from "../../src/task/devices.ts";
import { CropTask } from "../../tasks/core/scanner/crop_task.ts";
import { open, temporary } from "../hardware/machine.ts";
import { blockingContext } from "./context.ts";
import { flowerpot, holds, isTooWide, potIn, testWithFlowerpot } from "./flowerpot.ts";

async function crop(dataDirectory: string, photo: string, more: object = {}) {
  const ctx = blockingContext({ dataDirectory, clock: systemClock });
  const { parameters } = CropTask as unknown as { parameters: { parse(value: object): never } };
  const task = new (CropTask as unknown as new () => CropTask)();
  const result = await task.run(parameters.parse({ photo, ...more }), ctx as never);
  return { ...result, artifacts: ctx.artifacts };
}

testWithFlowerpot(
  "the box holds the pot in every one of 36 real photos, and not the whole table",
  async () => {
    const dataDirectory = await temporary();
    for (let index = 0; index < 36; index++) {
      const name = `flowerpot_${String(index).padStart(2, "0")}.jpg`;
      copyFileSync(path.join(flowerpot, name), path.join(dataDirectory, name));
      const { box, cropped } = await crop(dataDirectory, name);
      expect([name, holds(box, potIn(index)), isTooWide(box)]).toEqual([name, true, false]);
      const facts = await sharp(path.join(dataDirectory, cropped)).metadata();
      expect([facts.width, facts.height]).toEqual([box.width, box.height]);
    }
  },
);

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
    await (devices.get("rotor") as RotaryAxis).moveTo(rotor);
    await (devices.get("turntable") as RotaryAxis).moveTo(turntable);
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
