import { expect, test } from "vitest";
import { isRuntimeError } from "../../src/errors/runtime-error.ts";
import { lineOf, Project, resultOf, taskFile } from "./project.ts";

const twice = {
  "tasks/core/crop_task.ts": taskFile("crop_task", "core"),
  "community-tasks/crop_task.ts": taskFile("crop_task", "community"),
};

const missingFrom = async (
  work: Promise<unknown>,
): Promise<{ message: string; remedy: string; details: object }> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isRuntimeError(error) || error.code !== "CORE_TASKS_MISSING") throw new Error(`not refused: ${error}`);
  return { message: error.message, remedy: error.remediation, details: error.details };
};

test("of two files that define the same task the first stays and the second is reported", async () => {
  const project = await Project.make(twice);
  const registry = project.registry();
  await registry.discover();
  expect(await resultOf(registry, "crop_task")).toBe("core");
  expect(lineOf(registry, "community-tasks/crop_task.ts")).toMatchObject({
    status: "duplicate",
    task_types: ["crop_task"],
    reason: "crop_task is already defined in tasks/core/crop_task.ts:3",
    remedy: expect.stringContaining("task_autodiscovery_override_on_conflict"),
  });
  expect(project.lines.some(({ level, message }) => level === "warn" && message.includes("already"))).toBe(
    true,
  );
});

test("with override_on_conflict the later one wins, and that is reported too", async () => {
  const project = await Project.make(twice);
  const registry = project.registry({ overrideOnConflict: true });
  await registry.discover();
  expect(await resultOf(registry, "crop_task")).toBe("community");
  expect(lineOf(registry, "community-tasks/crop_task.ts").status).toBe("loaded");
  expect(lineOf(registry, "tasks/core/crop_task.ts")).toMatchObject({
    status: "overridden",
    reason: "community-tasks/crop_task.ts:3 overrides crop_task",
  });
});

test("a broken override never unseats a required core task", async () => {
  const project = await Project.make(twice);
  await project.write("community-tasks/crop_task.ts", taskFile("crop_task").replace("run", "walk"));
  const registry = project.registry({ overrideOnConflict: true });
  await registry.discover();
  expect(await resultOf(registry, "crop_task")).toBe("core");
  expect(lineOf(registry, "community-tasks/crop_task.ts").status).toBe("rejected");
});

test("a file with one duplicate among its tasks still gives the others", async () => {
  const project = await Project.make({
    "community-tasks/a_task.ts": taskFile("same_task", "a"),
    "community-tasks/b_task.ts": `${taskFile("same_task", "b")} export class Other { static taskName = "other_task"; run() {} }`,
  });
  const registry = project.registry();
  await registry.discover();
  expect(registry.names()).toEqual(["other_task", "same_task"]);
  expect(await resultOf(registry, "same_task")).toBe("a");
  expect(lineOf(registry, "b_task.ts")).toMatchObject({
    status: "duplicate",
    task_types: ["same_task", "other_task"],
  });
});

test("two classes of one name in one file reject the file", async () => {
  const project = await Project.make({
    "community-tasks/a_task.ts": `${taskFile("same_task")} export class Other { static taskName = "same_task"; run() {} }`,
  });
  const registry = project.registry();
  await registry.discover();
  expect(lineOf(registry, "a_task.ts").reason).toBe("two classes of this file are called same_task");
});

test("a missing required core task stops the boot, with each name and its reason", async () => {
  const project = await Project.make({
    "tasks/core/scanner/scan_task.ts": "export const = 3;",
    "tasks/core/scanner/crop_task.ts": taskFile("crop_task"),
  });
  const registry = project.registry({ requiredCoreTasks: ["scan_task", "crop_task", "crpo_task"] });
  const { message, remedy, details } = await missingFrom(registry.discover());
  expect(message).toBe("Required core tasks are missing: scan_task, crpo_task.");
  expect(remedy).toContain("tasks/core/scanner/scan_task.ts:1: it does not parse");
  expect(remedy).toContain("crpo_task (no file defines it; there is crop_task)");
  expect(details).toMatchObject({ missing: ["scan_task", "crpo_task"] });
  expect(registry.plugins()).toHaveLength(2);
});

test("without a list every file in tasks/core is required, opted-out and ignored ones excepted", async () => {
  const project = await Project.make({
    "tasks/core/scan_task.ts": "throw new Error('no')",
    "tasks/core/other_task.ts": taskFile("other_task", 1, "export const autodiscover = false;"),
    "tasks/core/ignored_task.ts": "throw new Error('no')",
  });
  const registry = project.registry({ ignoreModules: ["ignored_task"] });
  const { details } = await missingFrom(registry.discover());
  expect(details).toMatchObject({ missing: ["scan_task"] });
});

test("a core file may hold a task of another name than its own", async () => {
  const project = await Project.make({ "tasks/core/cloud_task.ts": taskFile("cloud_upload_task") });
  const registry = project.registry();
  await registry.discover();
  expect(registry.names()).toEqual(["cloud_upload_task"]);
});

test("an empty list requires nothing", async () => {
  const project = await Project.make({ "tasks/core/scan_task.ts": "throw new Error('no')" });
  const registry = project.registry({ requiredCoreTasks: [] });
  await registry.discover();
  expect(registry.names()).toEqual([]);
});
