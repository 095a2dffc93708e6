// Errors nobody catches, from what a task file started at its import. In a child process: they would end this one.
import { spawn } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { Project, taskFile } from "./project.ts";

const src = path.resolve(import.meta.dirname, "../../src");

const boot = (root: string): string => `
import { Registry } from ${JSON.stringify(path.join(src, "registry/registry.ts"))};
import { systemClock } from ${JSON.stringify(path.join(src, "lib/clock.ts"))};
const quiet = () => {};
const registry = new Registry({
  projectRoot: ${JSON.stringify(root)},
  externalDirectory: "external",
  clock: systemClock,
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  discovery: () => ({ enabled: true, folders: ["community-tasks"], includeSubfolders: true, ignoreModules: [],
    overrideOnConflict: false, requiredCoreTasks: null,
    trusted: true, inspection: { timeoutSeconds: 20, memoryMb: 512 } }),
});
const strangers = [];
let blamed = 0;
const caught = (error) => {
  if (registry.blame(error)) blamed++;
  else strangers.push(error.message);
  if (blamed < 2 || strangers.length < 1) return;
  console.log(JSON.stringify({ strangers, names: registry.names(), plugins: registry.plugins() }));
  process.exit(0);
};
process.on("unhandledRejection", caught);
process.on("uncaughtException", caught);
await registry.discover();
setTimeout(() => {}, 20_000);
Promise.reject(new Error("not a task file's"));
`;

test("a file whose leftovers fail after its import is rejected; the runtime and other errors are told apart", async () => {
  const project = await Project.make({
    "community-tasks/promise_task.ts": taskFile(
      "promise_task",
      1,
      '\nPromise.reject(new Error("nobody waits"));',
    ),
    "community-tasks/timer_task.ts": taskFile(
      "timer_task",
      1,
      'setTimeout(() => { throw new Error("late"); }, 5);',
    ),
    "community-tasks/good_task.ts": taskFile("good_task"),
  });
  await project.write("boot.ts", boot(project.root));
  const entry = path.join(project.root, "boot.mjs");
  await project.write("boot.mjs", 'await import(new URL("./boot.ts?task=boot", import.meta.url).href);');
  const child = spawn(process.execPath, ["--import", path.join(src, "task/door/boot.mjs"), entry]);
  let said = "";
  for await (const chunk of child.stdout) said += chunk;
  const { strangers, names, plugins } = JSON.parse(said);
  expect(strangers).toEqual(["not a task file's"]);
  expect(names).toEqual(["good_task"]);
  expect(plugins).toMatchObject([
    { file: "community-tasks/good_task.ts", status: "loaded" },
    {
      status: "rejected",
      line: 9,
      task_types: ["promise_task"],
      reason: expect.stringContaining("nobody waits"),
    },
    { status: "rejected", line: 8, task_types: ["timer_task"], reason: expect.stringContaining("late") },
  ]);
});
