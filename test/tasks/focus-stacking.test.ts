// focus_stacking_task itself, over real files: what it makes of a scan and of photos, and what it says of what it cannot use.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { Blend } from "../../tasks/core/scanner/_stacking/blend.ts";
import { Photos } from "../../tasks/core/scanner/_stacking/photos.ts";
import { planeOf } from "../../tasks/core/scanner/_stacking/plane.ts";
import type { Similarity } from "../../tasks/core/scanner/_stacking/similarity.ts";
import { FocusStackingTask } from "../../tasks/core/scanner/focus_stacking_task.ts";
import { temporary } from "../hardware/machine.ts";
import { quiet } from "../quiet.ts";
import { randomOf } from "../random.ts";
import { blockingContext } from "./context.ts";
import { hasPcb, pcb, pcbPhotos, sharpnessOfTiles } from "./pcb.ts";
import { photograph, save, sceneOf, stackOf } from "./stacking/scene.ts";

type Result =
  Awaited<ReturnType<InstanceType<typeof FocusStackingTask>["run"]>> extends AsyncGenerator<
    unknown,
    infer Returned
  >
    ? Returned
    : never;
interface Step {
  readonly current: number;
  readonly total: number;
}

/** Runs it to its end, or to the step that `isLast` says. */
async function run(dataDirectory: string, parameters: object, resumedFrom?: object) {
  const warnings: string[] = [];
  const saved: { last_position: string }[] = [];
  const ctx = {
    ...blockingContext({ dataDirectory, clock: systemClock, resumedFrom }),
    log: { ...quiet, warn: (message: string) => void warnings.push(message) },
    checkpoint: (state: { last_position: string }) => void saved.push(state),
  };
  const steps: Step[] = [];
  const task = new (FocusStackingTask as unknown as new () => FocusStackingTask)();
  const { parameters: schema } = FocusStackingTask as unknown as {
    parameters: { parse(value: object): never };
  };
  const running = task.run(schema.parse(parameters), ctx as never);
  for (;;) {
    const step = await running.next();
    if (step.done) return { result: step.value as Result, steps, warnings, saved, artifacts: ctx.artifacts };
    steps.push(step.value as Step);
  }
}

const small = { width: 240, height: 160 };
const scene = sceneOf(randomOf(7), 300);

/** @param names of the photos of each position */
async function scanWith(
  positions: Record<string, readonly number[]>,
): Promise<{ data: string; scan: string }> {
  const data = await temporary();
  const scan = path.join(data, "projects/pot/scan01");
  mkdirSync(scan, { recursive: true });
  const pictures = stackOf(scene, 3, small);
  for (const [position, focuses] of Object.entries(positions))
    for (const focus of focuses)
      await save(
        path.join(scan, `scan01_${position}_fs${String(focus).padStart(2, "0")}.jpg`),
        pictures[focus - 1] as (typeof pictures)[0],
      );
  return { data, scan };
}

test("every complete stack of a scan becomes a picture beside its calibration; the others are named", async () => {
  const { data, scan } = await scanWith({ "000": [1, 2, 3], "001": [1, 3], "002": [1, 2, 3] });
  const { result, steps, warnings, saved } = await run(data, { project: "pot", scan_index: 1 });
  expect(result).toEqual({
    project: "pot",
    scan_index: 1,
    directory: "projects/pot/scan01/stacked",
    stacked: [0, 2].map((step) => `projects/pot/scan01/stacked/stacked_scan01_00${step}.jpg`),
    photos_per_stack: 3,
    not_aligned: [],
    incomplete: [{ position: "001", missing: ["fs02"] }],
  });
  expect(readdirSync(path.join(scan, "stacked")).sort()).toEqual([
    "calibration_scan01.json",
    "stacked_scan01_000.jpg",
    "stacked_scan01_002.jpg",
  ]);
  expect(warnings).toEqual(["Position 001 is left out, as it lacks fs02"]);
  // Two stacks are calibrated on, and each photo of both is looked at twice more.
  expect(steps.map(({ current }) => current)).toEqual(Array.from({ length: 18 }, (_, step) => step + 1));
  expect(steps.at(-1)?.total).toBe(18);
  expect(saved).toEqual([{ last_position: "000" }, { last_position: "002" }]);
});

test("a later attempt keeps the calibration and what is finished, and makes the rest", async () => {
  const { data, scan } = await scanWith({ "000": [1, 2, 3], "001": [1, 2, 3] });
  await run(data, { project: "pot", scan_index: 1 });
  const stacked = path.join(scan, "stacked");
  const calibration = readFileSync(path.join(stacked, "calibration_scan01.json"));
  await writeFile(path.join(stacked, "stacked_scan01_000.jpg"), "as it was");
  await writeFile(path.join(stacked, "stacked_scan01_001.jpg.4711-1.tmp"), "torn by a power cut");
  const first = await run(data, { project: "pot", scan_index: 1 }, { last_position: "000" });
  expect(first.steps.map(({ current }) => current)).toEqual([13, 14, 15, 16, 17, 18]);
  expect(readFileSync(path.join(stacked, "stacked_scan01_000.jpg"), "utf8")).toBe("as it was");
  expect(readFileSync(path.join(stacked, "calibration_scan01.json"))).toEqual(calibration);
  expect(readdirSync(stacked)).toHaveLength(3);

  await writeFile(path.join(stacked, "calibration_scan01.json"), "{");
  rmSync(path.join(stacked, "stacked_scan01_000.jpg"));
  const second = await run(data, { project: "pot", scan_index: 1 }, { last_position: "000" });
  expect(second.warnings).toEqual(["The calibration cannot be read, so it is made again"]);
  expect(readdirSync(stacked)).toHaveLength(3);
  expect(readFileSync(path.join(stacked, "calibration_scan01.json"))).toEqual(calibration);
});

test("a photo that cannot be aligned is taken as it lies, and that is said", async () => {
  const data = await temporary();
  const pictures = [...stackOf(scene, 3, small).slice(0, 2), photograph([], small)];
  for (const [index, picture] of pictures.entries()) await save(path.join(data, `${index}.jpg`), picture);
  const { result, warnings } = await run(data, { photos: ["0.jpg", "1.jpg", "2.jpg"] });
  expect(result.not_aligned).toEqual(["2.jpg"]);
  expect(warnings).toEqual(["2.jpg could not be aligned and is taken as it lies"]);
});

test("what cannot be stacked is said with what was expected, what was found, and where", async () => {
  const { data, scan } = await scanWith({ "000": [1, 2], "001": [1, 2] });
  const photos = ["000_fs01", "000_fs02"].map((name) => `projects/pot/scan01/scan01_${name}.jpg`);

  await save(path.join(data, "other.jpg"), photograph(scene, { width: 240, height: 120 }));
  await expect(run(data, { photos: [...photos, "other.jpg"] })).rejects.toThrow(
    "The photos of a stack must be of one size: projects/pot/scan01/scan01_000_fs01.jpg has 240 x 160 pixels, " +
      "other.jpg has 240 x 120.",
  );
  await writeFile(path.join(data, "letter.jpg"), "Dear scanner");
  await expect(run(data, { photos: [...photos, "letter.jpg"] })).rejects.toThrow(
    "letter.jpg cannot be read as a photo: Input file contains unsupported image format.",
  );
  const whole = await readFile(path.join(scan, "scan01_001_fs02.jpg"));
  await writeFile(path.join(scan, "scan01_001_fs02.jpg"), whole.subarray(0, whole.length / 2));
  await expect(run(data, { project: "pot", scan_index: 1 })).rejects.toThrow(
    "scan01_001_fs02.jpg cannot be read as a photo: ",
  );
  expect(existsSync(path.join(scan, "stacked/stacked_scan01_001.jpg"))).toBe(false);

  mkdirSync(path.join(data, "projects/pot/scan02"));
  copyFileSync(path.join(data, "other.jpg"), path.join(data, "projects/pot/scan02/scan02_000.jpg"));
  await expect(run(data, { project: "pot", scan_index: 2 })).rejects.toThrow(
    "projects/pot/scan02 has no complete focus stack: photos of one are named scan02_PPP_fsKK.jpg, two at least for " +
      "each position PPP; of 1 files none found. Scan with focus_stacks of 2 or more.",
  );
});

test.skipIf(!hasPcb)(
  "of 7 real photos the sharpest parts are kept: each of 48 tiles has 0.9 of the detail of its sharpest photo, all have 2.8 times that of any photo",
  async () => {
    const data = await temporary();
    for (const name of pcbPhotos) copyFileSync(path.join(pcb, name), path.join(data, name));
    const { result, artifacts } = await run(data, { photos: pcbPhotos });
    expect(result).toMatchObject({ photos_per_stack: 7, not_aligned: [], incomplete: [] });
    const file = path.join(data, result.stacked[0] as string);
    expect(artifacts).toEqual([file]);

    // Each photo as it lies over the middle one: a tile of it shows what the tile of the picture shows.
    const { photos: at } = JSON.parse(
      await readFile(path.join(path.dirname(file), "calibration.json"), "utf8"),
    ) as { photos: Similarity[] };
    const photos = await Photos.open();
    const everywhere = planeOf(2, 2);
    everywhere.data.fill(1);
    const aligned: Uint8Array[] = [];
    for (const [index, name] of pcbPhotos.entries()) {
      const photo = { name, path: path.join(pcb, name) };
      const blend = new Blend(2048, 1536, everywhere);
      blend.lay(await photos.full(photo), at[index] as Similarity, everywhere);
      aligned.push(await photos.encode(blend.picture, photo));
    }
    for (const width of [1024, 512]) {
      const grid = { width, columns: 8, rows: 6 };
      const own = await sharpnessOfTiles(file, grid);
      const others = await Promise.all(aligned.map((photo) => sharpnessOfTiles(photo, grid)));
      const ratios = own.map(
        (value, tile) => value / Math.max(...others.map((tiles) => tiles[tile] as number)),
      );
      const sum = (tiles: readonly number[]): number => tiles.reduce((total, value) => total + value, 0);
      const inAll = sum(own) / Math.max(...others.map(sum));
      expect(Math.min(...ratios)).toBeGreaterThan(0.9);
      expect(ratios.filter((ratio) => ratio > 0.95).length).toBeGreaterThanOrEqual(43);
      expect(inAll).toBeGreaterThan(2.8);
    }

    const [from, to] = await Promise.all(
      [sharp(path.join(pcb, "pcb_004.jpg")), sharp(file)].map((s) => s.metadata()),
    );
    expect([to?.exif?.equals(from?.exif as Buffer), to?.width, to?.height]).toEqual([true, 2048, 1536]);
  },
  60_000,
);
