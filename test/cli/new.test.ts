import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { mendNames } from "../../src/cli/scaffold.ts";
import { folder, projectRoot, type } from "./shell.ts";

const execute = promisify(execFile);
const tool = (name: string): string => path.join(projectRoot, "node_modules/.bin", name);

test.each([
  ["crop", "crop_task", "CropTask"],
  ["crop_task", "crop_task", "CropTask"],
  ["cropPhoto", "crop_photo_task", "CropPhotoTask"],
  ["CropPhotoTask", "crop_photo_task", "CropPhotoTask"],
  ["HDRScan", "hdr_scan_task", "HdrScanTask"],
  ["Crop a photo!", "crop_a_photo_task", "CropAPhotoTask"],
  ["crop-photo.ts", "crop_photo_task", "CropPhotoTask"],
  ["scan_2_sides", "scan_2_sides_task", "Scan2SidesTask"],
])("'%s' becomes %s", (typed, task, className) => {
  expect(mendNames(typed)).toEqual({ task, file: `${task}.ts`, className });
});

test.each(["", "  ", "task", "_", "3d", "äöü", "../../etc"])(
  "'%s' is refused or stays in its folder",
  (typed) => {
    try {
      expect(mendNames(typed).file).toMatch(/^[a-z][a-z0-9_]*_task\.ts$/);
    } catch (error) {
      expect((error as Error).message).toBe(`'${typed}' makes no task name.`);
    }
  },
);

test("the file is written into community-tasks, and the next step is named", async () => {
  const root = await folder();
  const { code, out } = await type(["new", "crop"], { projectRoot: root });
  expect(code).toBe(0);
  expect(await readFile(path.join(root, "community-tasks/crop_task.ts"), "utf8")).toContain(
    'export class CropTask extends Task.with({\n  name: "crop_task",',
  );
  expect(out).toContain("crop becomes crop_task");
  expect(out).toContain("Next: npx armature run crop_task\n");
});

test("a folder that no runtime looks into is told, one that it does is not", async () => {
  const dir = await folder();
  const elsewhere = await type(["new", "crop", "--dir", dir]);
  expect(elsewhere.out).toContain(`Next: name ${dir} in ARMATURE_COMMUNITY_TASKS_DIR`);
  const { out } = await type(["new", "crop_again", "--dir", dir], {
    env: { ARMATURE_COMMUNITY_TASKS_DIR: dir },
  });
  expect(out).toContain("\n  Next: npx armature run crop_again_task\n");
});

test("what is there is never overwritten", async () => {
  const dir = await folder();
  await writeFile(path.join(dir, "crop_task.ts"), "mine");
  const { code, err } = await type(["new", "crop", "--dir", dir]);
  expect(code).toBe(1);
  expect(err).toContain("crop_task.ts is already there.\n  → Choose another name");
  expect(await readFile(path.join(dir, "crop_task.ts"), "utf8")).toBe("mine");
});

test("every scaffold passes the compiler and the linter, outside the project too", async () => {
  const dir = path.join(await folder(), "own");
  await mkdir(dir);
  const wishes = [[], ["--blocking"], ["--exclusive"], ["--blocking", "--exclusive"]];
  const names = ["a", "much_longer_name_for_a_task_than_anybody_would_ever_type_into_a_terminal", "c", "d"];
  for (const [index, wish] of wishes.entries()) {
    const { code, err } = await type(["new", names[index] ?? "", ...wish, "--dir", dir]);
    expect(code, err).toBe(0);
  }
  await execute(tool("tsc"), ["--project", dir]);
  // Biome takes its rules from above the file: a copy of ours lies beside.
  const rules = JSON.parse(await readFile(path.join(projectRoot, "biome.json"), "utf8"));
  await writeFile(
    path.join(dir, "biome.json"),
    JSON.stringify({ ...rules, $schema: undefined, vcs: undefined }),
  );
  const files = (await readdir(dir)).filter((name) => name.endsWith(".ts"));
  expect(files).toHaveLength(wishes.length);
  await execute(tool("biome"), ["check", "--error-on-warnings", ...files], { cwd: dir });
});
