import { chmod, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { next, Project, resultOf, taskFile } from "./project.ts";

const link = async (project: Project, to: string, at: string): Promise<void> => {
  await mkdir(path.dirname(path.join(project.root, at)), { recursive: true });
  await symlink(path.join(project.root, to), path.join(project.root, at));
};

test("links that lead in circles are followed once, by discovery and by the watch", async () => {
  const project = await Project.make({ "community-tasks/deep/one_task.ts": taskFile("one_task") });
  await link(project, "community-tasks", "community-tasks/loop");
  await link(project, "community-tasks", "community-tasks/deep/up");
  await link(project, "community-tasks/deep", "community-tasks/deep/again");
  await link(project, "community-tasks/itself", "community-tasks/itself");
  const registry = project.registry();
  await registry.discover();
  expect(registry.plugins().map(({ file, status }) => [file, status])).toEqual([
    ["community-tasks/deep/one_task.ts", "loaded"],
  ]);
  await registry.watch();
  const change = next(registry);
  await project.write("community-tasks/deep/two_task.ts", taskFile("two_task"));
  expect((await change).added).toEqual(["two_task"]);
});

test("what changes behind a link is taken up, and a link may come and go", async () => {
  const project = await Project.make({
    "elsewhere/folder/far_task.ts": taskFile("far_task", "first"),
    "elsewhere/file_task.ts": taskFile("file_task", "first"),
    "community-tasks/near_task.ts": taskFile("near_task"),
  });
  await link(project, "elsewhere/file_task.ts", "community-tasks/file_task.ts");
  const registry = project.registry();
  await registry.discover();
  await registry.watch();

  let change = next(registry, ({ added }) => added.length > 0);
  await link(project, "elsewhere/folder", "community-tasks/linked");
  expect((await change).added).toEqual(["far_task"]);

  change = next(registry, ({ changed }) => changed.length > 0);
  await project.write("elsewhere/folder/far_task.ts", taskFile("far_task", "second"));
  expect((await change).changed).toEqual(["far_task"]);
  expect(await resultOf(registry, "far_task")).toBe("second");

  change = next(registry, ({ changed }) => changed.length > 0);
  await project.write("elsewhere/file_task.ts", taskFile("file_task", "second"));
  expect((await change).changed).toEqual(["file_task"]);

  change = next(registry, ({ removed }) => removed.length > 0);
  await project.remove("community-tasks/linked");
  expect((await change).removed).toEqual(["far_task"]);
});

test("a folder that is itself a link is looked through and watched", async () => {
  const project = await Project.make({ "elsewhere/one_task.ts": taskFile("one_task") });
  await link(project, "elsewhere", "external");
  const registry = project.registry();
  await registry.discover();
  expect(registry.names()).toEqual(["one_task"]);
  await registry.watch();
  const change = next(registry);
  await project.write("elsewhere/two_task.ts", taskFile("two_task"));
  expect((await change).added).toEqual(["two_task"]);
});

// Nothing is forbidden to root.
test.skipIf(process.getuid?.() === 0)(
  "a subfolder that cannot be read costs its own files alone",
  async () => {
    const project = await Project.make({
      "community-tasks/one_task.ts": taskFile("one_task"),
      "community-tasks/closed/two_task.ts": taskFile("two_task"),
    });
    const closed = path.join(project.root, "community-tasks/closed");
    await chmod(closed, 0o000);
    const registry = project.registry();
    try {
      await registry.discover();
    } finally {
      await chmod(closed, 0o700);
    }
    expect(registry.names()).toEqual(["one_task"]);
    expect(project.lines.filter(({ level }) => level === "warn").map(({ fields }) => fields)).toMatchObject([
      { folder: "community-tasks/closed" },
    ]);
  },
);
