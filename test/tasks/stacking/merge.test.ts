// Merging against truth: the same scene, all of it sharp. The seed is printed; keep a failing one.
import { readdirSync } from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import sharp from "sharp";
import { expect, test } from "vitest";
import { Blend, type Picture } from "../../../tasks/core/scanner/_stacking/blend.ts";
import { calibrate } from "../../../tasks/core/scanner/_stacking/calibration.ts";
import { median } from "../../../tasks/core/scanner/_stacking/choice.ts";
import { merge } from "../../../tasks/core/scanner/_stacking/merge.ts";
import { type PhotoFile, Photos } from "../../../tasks/core/scanner/_stacking/photos.ts";
import { planeOf, smooth } from "../../../tasks/core/scanner/_stacking/plane.ts";
import { identity } from "../../../tasks/core/scanner/_stacking/similarity.ts";
import { temporary } from "../../hardware/machine.ts";
import { below } from "../../random.ts";
import { difference, photograph, random, save, sceneOf, seed, stackOf } from "./scene.ts";

console.log(`merging: seed ${seed}`);
const size = { width: 480, height: 320 };

async function filesOf(pictures: readonly Picture[]): Promise<PhotoFile[]> {
  const folder = await temporary();
  for (const [index, picture] of pictures.entries()) await save(path.join(folder, `${index}.jpg`), picture);
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, path: path.join(folder, name) }));
}

async function endOf<Result>(steps: AsyncGenerator<string, Result, void>): Promise<Result> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

async function stacked(files: readonly PhotoFile[]): Promise<Picture> {
  const photos = await Photos.open();
  const { photos: at } = await endOf(calibrate([{ photos: files }], photos));
  const jpeg = await endOf(merge(files, at, photos));
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

test("the picture is nearer to the truth than 0.4 of what any photo is; where all are noisy, than 0.6", async () => {
  const scene = sceneOf(random, 900);
  const truth = photograph(scene, size);
  for (const [noise, share] of [
    [0, 0.4],
    [2, 0.6],
  ] as const) {
    const pictures = stackOf(scene, 5, { ...size, noise });
    const result = await stacked(await filesOf(pictures));
    const best = Math.min(...pictures.map((picture) => difference(picture, truth, 12)));
    expect(difference(result, truth, 12), `noise ${noise}`).toBeLessThan(share * best);
  }
});

test("where no photo has detail nothing is invented: the noise is no more than that of one photo", async () => {
  const flat = photograph([], size);
  const scene = sceneOf(random, 900).filter(({ x }) => x < -0.05);
  const pictures = stackOf(scene, 5, { ...size, noise: 3 });
  const result = await stacked(await filesOf(pictures));
  const right = ({ data, width, height }: Picture): Picture => {
    const from = Math.round(width * 0.65);
    const part = new Uint8Array((width - from) * height * 3);
    for (let y = 0; y < height; y++)
      part.set(data.subarray((y * width + from) * 3, (y + 1) * width * 3), y * (width - from) * 3);
    return { data: part, width: width - from, height };
  };
  const single = difference(right(pictures[2] as Picture), right(flat), 8);
  expect(difference(right(result), right(flat), 8)).toBeLessThan(single);
});

test("of twelve photos one at a time is held at full size", async () => {
  const [width, height] = [720, 480];
  const collect = garbageCollector();
  const scene = sceneOf(random, 80);
  const pictures = Array.from({ length: 12 }, (_, i) => photograph(scene, { width, height, focus: i / 11 }));
  const files = await filesOf(pictures);
  const lie = files.map(() => identity);
  const steps = merge(files, lie, await Photos.open());
  const held: number[] = [];
  while (!(await steps.next()).done) {
    collect();
    // What the library has given is let go of a turn of the event loop later.
    await setImmediate();
    held.push(process.memoryUsage().external);
  }
  // The first twelve steps look where they are sharp, the others lay them over each other.
  const laying = held.slice(12);
  expect(Math.max(...laying) - (laying[0] as number)).toBeLessThan(3 * width * height * 3);
});

/** What is no longer held by anybody is no longer counted. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

test("photos that are all the same become that photo", async () => {
  const picture = photograph(sceneOf(random), size);
  const result = await stacked(await filesOf([picture, picture, picture]));
  expect(difference(result, picture, 0)).toBeLessThan(3);
});

test.each([
  [1, 1],
  [3, 2],
  [1, 40],
  [17, 9],
  [400, 3],
])("photos of %i by %i pixels keep their size, however little there is to align", async (width, height) => {
  const pictures = [0, 1, 2].map(() => photograph([], { width, height, noise: 30 }));
  expect(await stacked(await filesOf(pictures))).toMatchObject({ width, height });
});

test("photos laid over each other come to their weighted mean, in whatever order", () => {
  const [width, height] = [40, 24];
  const blocks = { width: 10, height: 6 };
  const shades = [30, 90, 250];
  const shares = [0.2, 0.5, 0.3];
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
  ]) {
    const blend = new Blend(width, height, blocks);
    for (const index of order) {
      const data = new Uint8Array(width * height * 3).fill(shades[index] as number);
      const weights = planeOf(blocks.width, blocks.height);
      weights.data.fill(shares[index] as number);
      blend.lay({ data, width, height }, identity, weights);
    }
    for (const value of blend.picture.data) expect(Math.abs(value - 126)).toBeLessThanOrEqual(1);
  }
});

test("the median is that of each square, at the edges too", () => {
  const [width, height, radius] = [17, 11, 2];
  const values = Uint8Array.from({ length: width * height }, () => below(random, 7));
  const found = median(values, width, height, radius);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const square: number[] = [];
      for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++)
        for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++)
          square.push(values[row * width + column] as number);
      square.sort((a, b) => a - b);
      expect(found[y * width + x], `${x}, ${y}`).toBe(square[square.length >> 1]);
    }
});

test("smoothing keeps what there is, and spreads it as far as it says", () => {
  const plane = planeOf(61, 61);
  plane.data[30 * 61 + 30] = 1;
  const { data } = smooth(plane, 4);
  let [sum, spread] = [0, 0];
  for (const [at, value] of data.entries()) {
    sum += value;
    spread += value * ((at % 61) - 30) ** 2;
  }
  expect([sum, Math.sqrt(spread)]).toEqual([expect.closeTo(1, 5), expect.closeTo(Math.sqrt(20), 2)]);
});
