// The task files of docs/writing-tasks.md, in a folder outside the project: typed, found and run.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { projectRoot, read, taskFilesOf } from "./page.ts";

const page = read("docs/writing-tasks.md");
const files = taskFilesOf(page);
const tasks = files.filter(({ name }) => !name.startsWith("_")).map(({ name }) => name.replace(/\.\w+$/, ""));

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of files) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

test("every example compiles with the tsconfig that is offered there", async () => {
  const tsc = path.join(projectRoot, "node_modules/.bin/tsc");
  await promisify(execFile)(tsc, ["--project", path.join(program.folder, "community-tasks")]);
});

test.each(tasks)("%s is found, runs with its defaults and completes", async (name) => {
  const { body } = await program.post(`/tasks/${name}`);
  const { status, error } = await program.ended(body.id);
  expect([status, error]).toEqual(["completed", null]);
});

test("what a context has stands in the table", async () => {
  const source = await readFile(path.join(projectRoot, "src/task/context.ts"), "utf8");
  const interfaces = source.slice(source.indexOf("interface SharedContext"));
  const members = [...interfaces.matchAll(/^ {2}(?:readonly )?(\w+)[:(]/gm)].map((match) => match[1] ?? "");
  const table = page.slice(page.indexOf("\n## ctx\n"), page.indexOf("\n## Pausing"));
  expect([...new Set(members)].filter((member) => !table.includes(`\`${member}`))).toEqual([]);
});

test("what Task.with takes stands in the table", () => {
  const source = read("src/task/task.ts");
  const definition = /export interface TaskDefinition \{(.*?)^\}/ms.exec(source)?.[1] ?? "";
  const keys = [...definition.matchAll(/^ {2}readonly (\w+)/gm)].map((match) => match[1] ?? "");
  const rows = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1]);
  expect(keys.filter((key) => !rows.includes(key))).toEqual([]);
});
