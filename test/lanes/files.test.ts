import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { artifactOf, createTaskFiles } from "../../src/lanes/files.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { TaskFiles } from "../../src/task/context.ts";

let root: string;
let files: TaskFiles;
const at = (...names: string[]): string => path.join(root, ...names);
const write = (file: string): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "photo");
};

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "armature-files-")));
  for (const file of ["data/projects/a.jpg", "media/b.jpg", "outside/c.jpg", "data-too/d.jpg"])
    write(at(file));
  symlinkSync(at("outside"), at("data/way-out"));
  symlinkSync(at("media"), at("data/to-media"));
  files = createTaskFiles({
    dataDirectory: at("data"),
    mediaDirectories: () => [at("media")],
    taskId: "42",
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a task's own folder is made when it is first asked for", () => {
  expect(existsSync(at("data/files"))).toBe(false);
  expect(files.own).toBe(at("data/files/42"));
  expect(existsSync(at("data/files/42"))).toBe(true);
});

test.each([
  ["projects/a.jpg", "data/projects/a.jpg"],
  ["b.jpg", "media/b.jpg"],
  ["projects/../projects/a.jpg", "data/projects/a.jpg"],
  ["to-media/b.jpg", "media/b.jpg"],
])("'%s' is found below the data directory or a media directory", (wanted, found) => {
  expect(files.resolve(wanted)).toBe(at(found));
  expect(files.resolve(at(found))).toBe(at(found));
});

test.each(["../outside/c.jpg", "way-out/c.jpg", "../data-too/d.jpg", "/etc/hostname", "../nothing"])(
  "'%s' leads out and is refused",
  (wanted) => {
    expect(() => files.resolve(wanted)).toThrow(expect.objectContaining({ code: "PATH_REFUSED" }));
  },
);

test("a file that is not there is named, with the directories that were searched", () => {
  expect(() => files.resolve("projects/z.jpg")).toThrow(
    expect.objectContaining({
      code: "FILE_NOT_FOUND",
      details: { path: "projects/z.jpg", directories: [at("data"), at("media")] },
    }),
  );
});

test("an artifact below the data directory is relative to it, one in a media directory absolute", () => {
  expect(artifactOf(systemClock, files, "projects/a.jpg")).toMatchObject({
    name: "a.jpg",
    file: "projects/a.jpg",
    type: "image/jpeg",
    bytes: 5,
  });
  expect(artifactOf(systemClock, files, "b.jpg", "the pot")).toMatchObject({
    name: "the pot",
    file: at("media/b.jpg"),
  });
});
