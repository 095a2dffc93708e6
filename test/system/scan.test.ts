// Real photos through the whole program: scanned by the replay camera, then cropped in workers.
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Box } from "../../tasks/core/scanner/_object-box.ts";
import { holds, isTooWide, flowerpot as photos, potIn } from "../tasks/flowerpot.ts";
import { Program } from "./program.ts";

const isThere = existsSync(photos);
if (!isThere) console.log("scan tests are skipped: the photos of the flower pot are not here");

describe.skipIf(!isThere)("36 real photos of one turn of a turntable", () => {
  let program: Program;
  const names = isThere
    ? readdirSync(photos)
        .filter((name) => name.endsWith(".jpg"))
        .sort()
    : [];

  beforeAll(async () => {
    program = await Program.create();
    await program.editSettings("devices/replay.json", (profile) => {
      const devices = profile.devices as Record<string, object>;
      Object.assign(devices.camera as object, { directory: photos });
      const quick = { top_speed_degrees_per_s: 1000, acceleration_degrees_per_s2: 20_000 };
      Object.assign(devices.turntable as object, quick);
    });
    await program.editSettings("firmware.json", (settings) => {
      settings.media_directories = [photos];
    });
    await program.start({ ARMATURE_PROFILE: "replay" });
  });
  afterAll(() => program.remove());

  test("a turntable scan yields all of them, equal byte for byte", async () => {
    const { status, body } = await program.post("/tasks", {
      task: "scan_task",
      parameters: { project: "pot", points: 36, path_method: "turntable" },
    });
    expect(status).toBe(202);
    const task = await program.ended(body.id);
    expect(task).toMatchObject({
      status: "completed",
      result: { project: "pot", scan_index: 1, photos: 36, directory: "projects/pot/scan01" },
      progress: { current: 36, total: 36, percent: 100 },
    });
    const directory = path.join(program.folder, "data/projects/pot/scan01");
    const files = readdirSync(directory)
      .filter((name) => name.endsWith(".jpg"))
      .sort();
    expect(files).toHaveLength(36);
    for (const [step, file] of files.entries())
      expect(await readFile(path.join(directory, file))).toEqual(
        await readFile(path.join(photos, names[step] as string)),
      );
  }, 120_000);

  test("crop_task finds on each of them a box that holds the pot", async () => {
    const ids: string[] = [];
    for (const name of names)
      ids.push((await program.post("/tasks", { task: "crop_task", parameters: { photo: name } })).body.id);
    for (const [index, id] of ids.entries()) {
      const task = await program.ended(id);
      expect(task, JSON.stringify(task.failure)).toMatchObject({ status: "completed" });
      const { box, cropped } = task.result as { box: Box; cropped: string };
      expect(existsSync(path.join(program.folder, "data", cropped))).toBe(true);
      expect([names[index], holds(box, potIn(index)), isTooWide(box)]).toEqual([names[index], true, false]);
    }
  }, 120_000);
});
