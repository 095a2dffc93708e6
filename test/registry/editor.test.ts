import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { offerTsconfig } from "../../src/registry/editor.ts";
import { Project, taskFile } from "./project.ts";

const tsc = path.resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc");

const problemsIn = (folder: string): Promise<string> =>
  promisify(execFile)(process.execPath, [tsc, "-p", folder]).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );

const typed = (parameter: string): string => `
import { type Ctx, type In, Task, z } from "armature/task";
import { half } from "./_half.ts";
export class OneTask extends Task.with({ name: "one_task", parameters: z.object({ steps: z.int() }) }) {
  async run({ ${parameter} }: In<this>, ctx: Ctx<this>) {
    await ctx.sleep(half(${parameter}));
  }
}`;

test("with the offered tsconfig an editor types task files outside the package", async () => {
  const project = await Project.make({
    "external/one_task.ts": typed("steps"),
    "external/_half.ts": "export const half = (n: number): number => n / 2;",
  });
  const external = path.join(project.root, "external");
  expect(await offerTsconfig(external)).toBe(path.join(external, "tsconfig.json"));
  expect(await problemsIn(external)).toBe("");
  await project.write("external/one_task.ts", typed("stpes"));
  expect(await problemsIn(external)).toContain("'stpes'");
});

test("a tsconfig that is there is never overwritten, and a folder that is not there is not made", async () => {
  const project = await Project.make({ "external/tsconfig.json": "{ mine }" });
  expect(await offerTsconfig(path.join(project.root, "external"))).toBeNull();
  expect(await readFile(path.join(project.root, "external/tsconfig.json"), "utf8")).toBe("{ mine }");
  expect(await offerTsconfig(path.join(project.root, "nowhere"))).toBeNull();
});

test("the first discovery of an external folder offers one there, and none in the project", async () => {
  const project = await Project.make({
    "outside/one_task.ts": taskFile("one_task"),
    "project/community-tasks/two_task.ts": taskFile("two_task"),
  });
  const registry = project.registry({ folders: ["project/community-tasks"] }, "outside");
  await registry.discover();
  expect(JSON.parse(await readFile(path.join(project.root, "outside/tsconfig.json"), "utf8"))).toHaveProperty(
    "compilerOptions.paths",
  );
  await expect(readFile(path.join(project.root, "project/community-tasks/tsconfig.json"))).rejects.toThrow(
    "ENOENT",
  );
});
