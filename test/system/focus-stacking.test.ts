// Focus stacks through the whole program: cancelled, paused, killed in the middle, and refused.
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, readFile, watch, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { save, sceneOf, stackOf } from "../tasks/stacking/scene.ts";
import { Program } from "./program.ts";

const positions = 20;
const scans = [1, 2] as const;

let program: Program;
/** Two scans of twenty stacks that are all alike, so that their pictures must be, too. */
beforeAll(async () => {
  program = await Program.create();
  const folder = await mkdtemp(path.join(program.folder, "stack-"));
  const photos = stackOf(sceneOf(randomOf(1), 300), 3, { width: 420, height: 280 });
  for (const [index, photo] of photos.entries()) await save(path.join(folder, `fs0${index + 1}.jpg`), photo);
  for (const scan of scans) {
    mkdirSync(stackedOf(scan), { recursive: true });
    for (let position = 0; position < positions; position++)
      for (const name of readdirSync(folder))
        copyFileSync(
          path.join(folder, name),
          path.join(stackedOf(scan), "..", `scan0${scan}_${three(position)}_${name}`),
        );
  }
  await program.start();
});
afterAll(() => program.remove());

type Scan = (typeof scans)[number];
const jobOf = (scan: Scan) => ({
  task: "focus_stacking_task",
  parameters: { project: "pot", scan_index: scan },
});
const stackedOf = (scan: Scan): string => path.join(program.folder, `data/projects/pot/scan0${scan}/stacked`);
const three = (position: number): string => String(position).padStart(3, "0");
const nameOf = (scan: Scan, position: number): string => `stacked_scan0${scan}_${three(position)}.jpg`;

/** Resolves as soon as this picture lies there. */
async function appears(scan: Scan, position: number): Promise<void> {
  const events = watch(stackedOf(scan));
  const name = nameOf(scan, position);
  if (existsSync(path.join(stackedOf(scan), name))) return;
  for await (const { filename } of events) if (filename === name) return;
}

const picturesOf = (scan: Scan): string[] =>
  readdirSync(stackedOf(scan))
    .filter((name) => name.endsWith(".jpg"))
    .sort();
/** A file that was written again has another inode or another time. */
const identityOf = (scan: Scan, name: string): string => {
  const { ino, mtimeMs } = statSync(path.join(stackedOf(scan), name));
  return `${ino} ${mtimeMs}`;
};

test("it pauses between two photos and goes on; cancelled it leaves whole pictures and no half ones", async () => {
  const seen = appears(1, 0);
  const { body } = await program.post("/tasks", jobOf(1));
  await seen;
  await program.post(`/tasks/${body.id}/pause`);
  while ((await program.get(`/tasks/${body.id}`)).status !== "paused");
  const held = picturesOf(1);
  const { progress } = await program.get(`/tasks/${body.id}`);
  // A second one of the same scan would write the same files.
  const second = await program.post("/tasks", jobOf(1));
  expect(second.body.status).toBe("pending");
  expect(await program.get(`/tasks/${second.body.id}`)).toMatchObject({
    blocked_by: [{ because: "claim", task_id: body.id }],
  });
  expect([picturesOf(1), (await program.get(`/tasks/${body.id}`)).progress]).toEqual([held, progress]);
  await program.post(`/tasks/${second.body.id}/cancel`);

  const next = appears(1, held.length);
  await program.post(`/tasks/${body.id}/resume`);
  await next;
  await program.post(`/tasks/${body.id}/cancel`);
  expect((await program.ended(body.id)).status).toBe("cancelled");
  const pictures = picturesOf(1);
  expect(readdirSync(stackedOf(1)).sort()).toEqual(["calibration_scan01.json", ...pictures]);
  expect(pictures.length).toBeLessThan(positions);
  for (const name of pictures)
    expect(await sharp(path.join(stackedOf(1), name)).stats()).toMatchObject({ isOpaque: true });
}, 60_000);

test("a damaged photo fails the task by its name; once it is mended, it goes on with that stack", async () => {
  const photo = path.join(stackedOf(1), "../scan01_005_fs02.jpg");
  const whole = await readFile(photo);
  await writeFile(photo, whole.subarray(0, 1000));
  const { body } = await program.post("/tasks", jobOf(1));
  expect(await program.ended(body.id)).toMatchObject({
    status: "failed",
    error: expect.stringContaining("scan01_005_fs02.jpg cannot be read as a photo"),
  });
  const before = new Map([0, 4].map((position) => [position, identityOf(1, nameOf(1, position))]));

  await writeFile(photo, whole);
  await program.post(`/tasks/${body.id}/resume`);
  expect((await program.ended(body.id)).status).toBe("completed");
  expect(picturesOf(1)).toHaveLength(positions);
  for (const [position, identity] of before) expect(identityOf(1, nameOf(1, position))).toBe(identity);
}, 60_000);

test("kill -9 in the middle: after the next start it goes on with the stack that was not finished", async () => {
  const seen = appears(2, 3);
  const { body } = await program.post("/tasks", jobOf(2));
  await seen;
  await program.kill();
  const before = new Map(picturesOf(2).map((name) => [name, identityOf(2, name)]));
  expect(before.size).toBeGreaterThanOrEqual(4);
  expect(before.size).toBeLessThan(positions);

  await program.start();
  const task = await program.ended(body.id);
  expect(task, JSON.stringify(task.failure)).toMatchObject({
    status: "completed",
    progress: { percent: 100 },
  });
  expect(readdirSync(stackedOf(2)).sort()).toEqual([
    "calibration_scan02.json",
    ...Array.from({ length: positions }, (_, position) => nameOf(2, position)),
  ]);
  // The last one was on the disk, and perhaps not yet known to be.
  for (const [name, identity] of [...before].slice(0, -1))
    expect([name, identityOf(2, name)]).toEqual([name, identity]);
  const bytes = await Promise.all(picturesOf(2).map((name) => readFile(path.join(stackedOf(2), name))));
  for (const picture of bytes) expect(picture.equals(bytes[0] as Buffer)).toBe(true);
}, 60_000);

test("what it cannot work on is refused, or fails with what is wrong", async () => {
  const refused: [object, string][] = [
    [{}, "parameters"],
    [{ project: "pot" }, "parameters.scan_index"],
    [{ photos: [] }, "parameters.photos"],
    [{ ...jobOf(1).parameters, photos: ["a.jpg", "b.jpg"] }, "parameters"],
    [{ project: "../pot", scan_index: 1 }, "parameters.project"],
  ];
  for (const [parameters, at] of refused) {
    const { status, body } = await program.post<{ errors: { path: string }[] }>("/tasks", {
      ...jobOf(1),
      parameters,
    });
    expect([status, body.errors?.[0]?.path]).toEqual([422, at]);
  }
  const failing: [object, string][] = [
    [{ photos: ["projects/pot/scan01/scan01_000_fs01.jpg", "/etc/hostname"] }, "PATH_REFUSED"],
    [{ photos: ["projects/pot/scan01/scan01_000_fs01.jpg", "not-there.jpg"] }, "FILE_NOT_FOUND"],
    [{ project: "pot", scan_index: 3 }, "FILE_NOT_FOUND"],
  ];
  for (const [parameters, code] of failing) {
    const { body } = await program.post("/tasks", { ...jobOf(1), parameters });
    expect(await program.ended(body.id)).toMatchObject({ status: "failed", failure: { code } });
  }
}, 60_000);
