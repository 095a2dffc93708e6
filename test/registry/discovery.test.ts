import { symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { fixtures, lineOf, Project, resultOf, taskFile } from "./project.ts";

test("typed tasks, plain classes, JavaScript and several tasks in one file are all found", async () => {
  const project = await Project.make();
  const registry = project.registry({ folders: [path.join(fixtures, "good")] });
  await registry.discover();
  expect(registry.names()).toEqual([
    "count_task",
    "first_task",
    "module_task",
    "plain_class_task",
    "script_task",
    "second_task",
  ]);
  expect(registry.plugins().map(({ file, status }) => [path.basename(file), status])).toEqual([
    ["count_task.ts", "loaded"],
    ["module_task.mjs", "loaded"],
    ["opted_out_task.ts", "opted_out"],
    ["plain_class_task.ts", "loaded"],
    ["script_task.js", "loaded"],
    ["several_task.mts", "loaded"],
  ]);
});

test("a task type is a plain description with policy, schema, source and hash, and gives fresh instances", async () => {
  const project = await Project.make();
  const registry = project.registry({ folders: [path.join(fixtures, "good")] });
  await registry.discover();
  const type = registry.get("count_task");
  expect(type).toMatchObject({
    name: "count_task",
    category: "community",
    description: "Counts.",
    policy: {
      isExclusive: false,
      isBlocking: false,
      lane: "async",
      uses: { camera: "exclusive" },
      priority: 5,
      timeoutSeconds: 60,
      onRestart: "resume",
      cancelGraceSeconds: null,
    },
    parametersSchema: {
      type: "object",
      additionalProperties: false,
      properties: { steps: { type: "integer", default: 10, description: "How many steps to count" } },
    },
    resultSchema: { type: "object" },
    module: { exportName: "CountTask" },
  });
  expect(type?.source.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(type?.create()).not.toBe(type?.create());
  expect(await type?.create().run({ steps: 4 }, {})).toEqual({ total: 8 });
  expect(registry.get("plain_class_task")?.policy).toMatchObject({ isBlocking: true, lane: "blocking" });
  expect(registry.get("module_task")?.module.exportName).toBe("default");
  expect(registry.get("script_task")?.category).toBe("scripts");
});

test("what a worker is told to import is the same class", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task") });
  const registry = project.registry();
  await registry.discover();
  const type = registry.get("one_task");
  const module = await import(type?.module.url ?? "");
  expect(type?.create()).toBeInstanceOf(module[type?.module.exportName ?? ""]);
});

test("names that begin with _ or ., declarations, tests and packages are not looked at", async () => {
  const bad = 'throw new Error("must not be imported")';
  const project = await Project.make({
    "community-tasks/_helper.ts": bad,
    "community-tasks/_drafts/draft_task.ts": bad,
    "community-tasks/.hidden_task.ts": bad,
    "community-tasks/types.d.ts": bad,
    "community-tasks/one_task.test.ts": bad,
    "community-tasks/node_modules/it/index.js": bad,
    "community-tasks/notes.md": bad,
    "community-tasks/old_task.cjs": bad,
    "community-tasks/one_task.ts": taskFile("one_task"),
  });
  const registry = project.registry();
  await registry.discover();
  expect(registry.plugins().map(({ file }) => file)).toEqual(["community-tasks/one_task.ts"]);
});

test("files are settled in the order core, examples, community, external, and by path within", async () => {
  const project = await Project.make({
    "community-tasks/b_task.ts": taskFile("b_task"),
    "community-tasks/a_task.ts": taskFile("a_task"),
    "external/a_first_task.ts": taskFile("a_first_task"),
    "tasks/examples/z_task.ts": taskFile("z_task"),
    "tasks/core/scanner/y_task.ts": taskFile("y_task"),
  });
  const registry = project.registry({ folders: ["community-tasks", "tasks/examples", "tasks"] });
  await registry.discover();
  expect(registry.plugins().map(({ file, category }) => [file, category])).toEqual([
    ["tasks/core/scanner/y_task.ts", "core"],
    ["tasks/examples/z_task.ts", "example"],
    ["community-tasks/a_task.ts", "community"],
    ["community-tasks/b_task.ts", "community"],
    ["external/a_first_task.ts", "external"],
  ]);
});

test("a folder that is not there is no fault, one that is a file is named in the log", async () => {
  const project = await Project.make({
    "community-tasks/one_task.ts": taskFile("one_task"),
    "not-a-folder": "text",
  });
  const registry = project.registry(
    { folders: ["community-tasks", "nowhere", "not-a-folder"] },
    "/nowhere/at/all",
  );
  await registry.discover();
  expect(registry.names()).toEqual(["one_task"]);
  expect(project.lines.filter(({ level }) => level === "warn").map(({ fields }) => fields)).toEqual([
    { folder: "not-a-folder", problem: expect.stringContaining("ENOTDIR") },
  ]);
});

test("without subfolders only the core set is looked through in depth", async () => {
  const project = await Project.make({
    "tasks/core/scanner/deep_task.ts": taskFile("deep_task"),
    "community-tasks/flat_task.ts": taskFile("flat_task"),
    "community-tasks/more/nested_task.ts": taskFile("nested_task"),
  });
  const registry = project.registry({ includeSubfolders: false });
  await registry.discover();
  expect(registry.names()).toEqual(["deep_task", "flat_task"]);
});

test("ignored modules are listed as such and never imported", async () => {
  const bad = 'throw new Error("must not be imported")';
  const project = await Project.make({
    "community-tasks/by_stem_task.ts": bad,
    "community-tasks/by_name_task.ts": bad,
    "community-tasks/attic/old_task.ts": bad,
    "community-tasks/one_task.ts": taskFile("one_task"),
  });
  const registry = project.registry({
    ignoreModules: ["by_stem_task", "community-tasks/by_name_task.ts", "attic"],
  });
  await registry.discover();
  expect(registry.names()).toEqual(["one_task"]);
  expect(registry.plugins().map(({ status }) => status)).toEqual(["ignored", "ignored", "ignored", "loaded"]);
});

test("with autodiscovery off the core set alone is registered", async () => {
  const project = await Project.make({
    "tasks/core/scanner/core_task.ts": taskFile("core_task"),
    "tasks/examples/example_task.ts": taskFile("example_task"),
    "community-tasks/one_task.ts": taskFile("one_task"),
    "external/other_task.ts": taskFile("other_task"),
  });
  const registry = project.registry({ enabled: false });
  await registry.discover();
  expect(registry.names()).toEqual(["core_task"]);
});

test("the opt-out is honoured in every folder, the external one too", async () => {
  const optOut = "export const autodiscover = false;";
  const project = await Project.make({
    "tasks/core/core_task.ts": taskFile("core_task", 1, optOut),
    "community-tasks/one_task.ts": taskFile("one_task", 1, optOut),
    "external/other_task.ts": taskFile("other_task", 1, optOut),
  });
  const registry = project.registry();
  await registry.discover();
  expect(registry.names()).toEqual([]);
  expect(registry.plugins().map(({ status }) => status)).toEqual(["opted_out", "opted_out", "opted_out"]);
});

test("a file that is reached twice, by a link or by overlapping folders, counts once", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task") });
  await symlink(path.join(project.root, "community-tasks"), path.join(project.root, "external"));
  await symlink("nowhere", path.join(project.root, "community-tasks/broken_task.ts"));
  const registry = project.registry({ folders: ["community-tasks", "."] });
  await registry.discover();
  expect(registry.plugins().map(({ file, status }) => [file, status])).toEqual([
    ["community-tasks/one_task.ts", "loaded"],
  ]);
});

test("two registries in one process do not see each other's code", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task", "old") });
  const first = project.registry();
  await first.discover();
  await project.write("community-tasks/one_task.ts", taskFile("one_task", "new"));
  const second = project.registry();
  await second.discover();
  expect(await resultOf(first, "one_task")).toBe("old");
  expect(await resultOf(second, "one_task")).toBe("new");
  expect(lineOf(first, "one_task.ts").hash).not.toBe(lineOf(second, "one_task.ts").hash);
});
