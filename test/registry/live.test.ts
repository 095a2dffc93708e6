// Real files change under a watching registry; every wait is for an event.

import { rename } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { RegistryChange } from "../../src/registry/change.ts";
import { lineOf, next, Project, resultOf, taskFile } from "./project.ts";

const withHelper = (name: string, helper: string): string => `
import { value } from ${JSON.stringify(helper)};
export class Made {
  static taskName = ${JSON.stringify(name)};
  async run() {
    return value;
  }
}`;

test("a file that is added, changed and removed is taken up without a restart", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task", "first") });
  const registry = project.registry();
  await registry.discover();
  await registry.watch();

  let change = next(registry);
  await project.write("community-tasks/two_task.ts", taskFile("two_task"));
  expect(await change).toMatchObject({ added: ["two_task"], changed: [], removed: [] });

  change = next(registry);
  await project.write("community-tasks/one_task.ts", taskFile("one_task", "second"));
  expect(await change).toMatchObject({ added: [], changed: ["one_task"], removed: [] });
  expect(await resultOf(registry, "one_task")).toBe("second");

  change = next(registry);
  await project.remove("community-tasks/two_task.ts");
  expect(await change).toMatchObject({
    removed: ["two_task"],
    plugins: [],
    gone: ["community-tasks/two_task.ts"],
  });
});

test("a broken file takes its type away as a fresh boot would, and a mended one brings it back", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task") });
  const registry = project.registry();
  await registry.discover();
  await registry.watch();

  let change = next(registry);
  await project.write("community-tasks/one_task.ts", "export class {{");
  expect(await change).toMatchObject({
    removed: ["one_task"],
    plugins: [{ file: "community-tasks/one_task.ts", line: 1, status: "rejected" }],
  });

  change = next(registry);
  await project.write("community-tasks/one_task.ts", taskFile("one_task"));
  expect(await change).toMatchObject({ added: ["one_task"], plugins: [{ status: "loaded" }] });
});

test("a changed helper reloads the tasks that import it, directly or not, and no others", async () => {
  const project = await Project.make({
    "community-tasks/near_task.ts": withHelper("near_task", "./lib/_middle.js"),
    "community-tasks/far_task.ts": taskFile("far_task"),
    "community-tasks/lib/_middle.ts": 'export * from "../../shared/value.ts";',
    "shared/value.ts": 'export const value = "old";',
  });
  const registry = project.registry();
  await registry.discover();
  await registry.watch();
  const far = registry.get("far_task");
  expect(await resultOf(registry, "near_task")).toBe("old");

  const change = next(registry);
  await project.write("shared/value.ts", 'export const value = "new";');
  expect(await change).toMatchObject({ added: [], changed: ["near_task"], removed: [] });
  expect(await resultOf(registry, "near_task")).toBe("new");
  expect(registry.get("far_task")).toBe(far);
});

test("a helper that was missing or broken heals the task that imports it once it is there", async () => {
  const project = await Project.make({
    "community-tasks/near_task.ts": withHelper("near_task", "./_value.ts"),
  });
  const registry = project.registry();
  await registry.discover();
  await registry.watch();
  expect(lineOf(registry, "near_task.ts").reason).toContain("_value.ts, which is not there");

  let change = next(registry);
  await project.write("community-tasks/_value.ts", 'export const value = 0; throw new Error("not yet");');
  await change;
  expect(lineOf(registry, "near_task.ts").reason).toContain("(in _value.ts:1): Error: not yet");

  change = next(registry);
  await project.write("community-tasks/_value.ts", "export const value = 7;");
  expect(await change).toMatchObject({ added: ["near_task"] });
});

test("an instance that runs keeps the class it started with", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task", "old") });
  const registry = project.registry();
  await registry.discover();
  const running = registry.get("one_task")?.create();
  await project.write("community-tasks/one_task.ts", taskFile("one_task", "new"));
  await registry.rediscover();
  expect(await running?.run({}, {})).toBe("old");
  expect(await resultOf(registry, "one_task")).toBe("new");
});

test("a file that is replaced by renaming another over it changes its type, it never takes it away", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task", "old") });
  const registry = project.registry();
  await registry.discover();
  await registry.watch();
  const change = next(registry);
  await project.write("one.tmp", taskFile("one_task", "new"));
  await rename(path.join(project.root, "one.tmp"), path.join(project.root, "community-tasks/one_task.ts"));
  expect(await change).toMatchObject({ added: [], changed: ["one_task"], removed: [] });
});

test("a folder that appears after the boot is taken up", async () => {
  const project = await Project.make();
  const registry = project.registry({}, "var/lib/tasks");
  await registry.discover();
  await registry.watch();
  const change = next(registry, ({ added }) => added.length > 0);
  await project.write("var/lib/tasks/deep/one_task.ts", taskFile("one_task"));
  expect(await change).toMatchObject({ added: ["one_task"] });
});

test("an override that goes away gives the type back to the file it had displaced", async () => {
  const project = await Project.make({
    "tasks/core/crop_task.ts": taskFile("crop_task", "core"),
    "community-tasks/crop_task.ts": taskFile("crop_task", "community"),
  });
  const registry = project.registry({ overrideOnConflict: true });
  await registry.discover();
  const changes: RegistryChange[] = [];
  registry.onChange((change) => changes.push(change));
  await project.write("community-tasks/crop_task.ts", "throw new Error('broken');");
  await registry.rediscover();
  expect(await resultOf(registry, "crop_task")).toBe("core");
  expect(changes).toMatchObject([{ added: [], changed: ["crop_task"], removed: [] }]);
});

test("a round that finds nothing new tells nobody and imports nothing again", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task") });
  const registry = project.registry();
  await registry.discover();
  const before = registry.get("one_task");
  let told = 0;
  registry.onChange(() => told++);
  await registry.rediscover();
  expect(registry.get("one_task")).toBe(before);
  expect(told).toBe(0);
});

test("what failed for a reason outside the file is tried again when asked", async () => {
  const project = await Project.make({
    "community-tasks/one_task.ts": `
      import { existsSync } from "node:fs";
      if (!existsSync(new URL("../cable", import.meta.url))) throw new Error("no cable");
      export class One { static taskName = "one_task"; run() {} }`,
  });
  const registry = project.registry();
  await registry.discover();
  expect(registry.names()).toEqual([]);
  await project.write("cable", "");
  await registry.rediscover();
  expect(registry.names()).toEqual(["one_task"]);
});

test("a required core task that breaks while the runtime runs is logged, not thrown", async () => {
  const project = await Project.make({ "tasks/core/scan_task.ts": taskFile("scan_task") });
  const registry = project.registry();
  await registry.discover();
  await project.write("tasks/core/scan_task.ts", "nonsense(");
  await registry.rediscover();
  expect(registry.names()).toEqual([]);
  expect(project.lines.filter(({ level }) => level === "error").map(({ fields }) => fields)).toEqual([
    { task: "scan_task", reason: expect.stringContaining("tasks/core/scan_task.ts:1: it does not parse") },
  ]);
});

test("changed settings are followed by the next round and by the watch", async () => {
  const project = await Project.make({ "more/one_task.ts": taskFile("one_task") });
  const registry = project.registry({ folders: [] });
  await registry.discover();
  await registry.watch();
  project.settings = { ...project.settings, folders: ["more"] };
  await registry.rediscover();
  expect(registry.names()).toEqual(["one_task"]);
  const change = next(registry);
  await project.write("more/two_task.ts", taskFile("two_task"));
  expect(await change).toMatchObject({ added: ["two_task"] });
});

test("a closed registry watches no more, and closes twice without harm", async () => {
  const project = await Project.make();
  const registry = project.registry();
  await registry.discover();
  await registry.watch();
  await registry.close();
  await registry.close();
  await registry.watch();
});
