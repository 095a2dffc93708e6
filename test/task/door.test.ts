// `armature/task` from folders that know nothing of the package, in main, a worker, a child and here: real ones each.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { taskClassesIn } from "../../src/registry/task-class.ts";

const boot = path.resolve(import.meta.dirname, "../../src/task/door/boot.mjs");
let root: string;

const typed = `
import { Task, z, type In, type Ctx } from "armature/task";
import { helped } from "./_helper.ts";
import { helped as again } from "./_helper.js";
import { helped as bare } from "./_helper";
export class MadeTask extends Task.with({ name: "made_task", parameters: z.object({ n: z.int() }) }) {
  async run({ n }: In<this>, ctx: Ctx<this>): Promise<number> {
    return n + helped;
  }
}
export const seen = { Task, z, isOneHelper: helped === again && again === bare };
`;
const script = `
import { Task, z } from "armature/task";
import { helped } from "./_helper.ts";
export class MadeTask {
  static taskName = "made_task";
  async run({ n }) {
    return n + helped;
  }
}
export const seen = { Task, z, isOneHelper: true };
`;
const files = [
  "bare/typed_task.ts",
  "bare/typed_task.mts",
  "bare/script_task.js",
  "bare/script_task.mjs",
].flatMap((file) => [file, file.replace("bare", "commonjs")]);

/** Imports every file and says what it saw; the same program for main, worker and child. */
const program = `
export async function look(urls) {
  const { Task, z } = await import("armature/task");
  const zod = await import(${JSON.stringify(import.meta.resolve("zod"))});
  const answers = [];
  for (const url of urls) {
    const { MadeTask, seen } = await import(url);
    const isBranded = Symbol.for("armature.task") in MadeTask;
    const same = seen.Task === Task && seen.z === z && seen.z === zod.z && seen.isOneHelper;
    answers.push({ same, isBranded, name: MadeTask.taskName, value: await new MadeTask().run({ n: 1 }, {}) });
  }
  return answers;
}
`;

const write = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
};

let mark = 0;
const urlOf = (file: string): string => `${pathToFileURL(path.join(root, file)).href}?task=${++mark}`;
const run = async (file: string, ...args: string[]): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, file), ...args]);
  return JSON.parse(stdout);
};
const expected = files.map((file) => ({
  same: true,
  isBranded: file.includes("typed"),
  name: "made_task",
  value: 42,
}));

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), "armature door ")));
  for (const folder of ["bare", "commonjs"]) {
    await write(`${folder}/_helper.ts`, "export const helped: number = 41;");
    for (const file of files.filter((one) => one.startsWith(folder)))
      await write(file, file.includes("typed") ? typed : script);
  }
  await write("commonjs/package.json", '{ "type": "commonjs" }');
  await write("look.mjs", program);
  await write(
    "main.mjs",
    `import ${JSON.stringify(pathToFileURL(boot).href)};
    const { look } = await import("./look.mjs");
    console.log(JSON.stringify(await look(process.argv.slice(2))));`,
  );
  await write(
    "worker.mjs",
    `import ${JSON.stringify(pathToFileURL(boot).href)};
    import { parentPort, workerData } from "node:worker_threads";
    const { look } = await import("./look.mjs");
    parentPort.postMessage(await look(workerData));`,
  );
  await write(
    "with-worker.mjs",
    `import ${JSON.stringify(pathToFileURL(boot).href)};
    import { Worker } from "node:worker_threads";
    const worker = new Worker(new URL("./worker.mjs", import.meta.url), { workerData: process.argv.slice(2), execArgv: [] });
    worker.once("message", (answers) => console.log(JSON.stringify(answers)));`,
  );
  await write(
    "with-child.mjs",
    `import { fork } from "node:child_process";
    const child = fork(new URL("./main.mjs", import.meta.url), process.argv.slice(2), { execArgv: [], stdio: "inherit" });
    child.once("exit", (code) => (process.exitCode = code));`,
  );
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("a task file of every kind, with and without a package.json that says commonjs, finds the one Task and zod", () => {
  test("in the main thread", async () => {
    expect(await run("main.mjs", ...files.map(urlOf))).toEqual(expected);
  });

  test("in a worker thread", async () => {
    expect(await run("with-worker.mjs", ...files.map(urlOf))).toEqual(expected);
  });

  test("in a child process", async () => {
    expect(await run("with-child.mjs", ...files.map(urlOf))).toEqual(expected);
  });

  test("in these tests", async () => {
    const { look } = await import(pathToFileURL(path.join(root, "look.mjs")).href);
    expect(await look(files.map(urlOf))).toEqual(expected);
  });
});

test("a new mark gives a new class and reloads relative helpers, the same mark gives the same class", async () => {
  await write("reload/_value.ts", 'export const value: string = "old";');
  await write("reload/_middle.js", 'export { value } from "./_value.js";');
  await write("reload/one_task.ts", 'export { value } from "./_middle.js"; export class One {}');
  const first = urlOf("reload/one_task.ts");
  const old = await import(first);
  await write("reload/_value.ts", 'export const value: string = "new";');
  expect((await import(first)).One).toBe(old.One);
  const fresh = await import(urlOf("reload/one_task.ts"));
  expect([old.value, fresh.value]).toEqual(["old", "new"]);
  expect(fresh.One).not.toBe(old.One);
});

test("a file that failed heals under a new mark, and so does one whose helper failed", async () => {
  await write("heal/_helper.ts", 'throw new Error("broken helper");');
  await write("heal/one_task.ts", 'import "./_helper.ts"; export const ok: boolean = true;');
  await expect(import(urlOf("heal/one_task.ts"))).rejects.toThrow("broken helper");
  await write("heal/_helper.ts", "export {};");
  expect((await import(urlOf("heal/one_task.ts"))).ok).toBe(true);
});

test("a helper that throws at import is caught and leaves the process running", async () => {
  await write("throws/_helper.ts", 'interface Some { a: 1 }\nthrow new Error("broken helper");');
  await write("throws/one_task.ts", 'import "./_helper.ts";');
  await write(
    "throws.mjs",
    `import ${JSON.stringify(pathToFileURL(boot).href)};
    const caught = await import(process.argv[2]).catch((error) => error.message);
    setTimeout(() => console.log(JSON.stringify({ caught, line: 2 })), 20);`,
  );
  expect(await run("throws.mjs", urlOf("throws/one_task.ts"))).toEqual({ caught: "broken helper", line: 2 });
});

test("an error in a task file carries the file and the line as they were written", async () => {
  await write(
    "line/one_task.ts",
    'interface Some { a: 1 }\n\ntype More = Some;\nthrow new Error("here") as unknown;',
  );
  const error: Error = await import(urlOf("line/one_task.ts")).catch((thrown) => thrown);
  expect(error.stack).toContain(`${path.join(root, "line/one_task.ts")}:4:`);
});

test("a task made with another copy of the package is known by its brand", async () => {
  const { Task } = await import("armature/task");
  const copy: { Task: typeof Task } = await import(`../../src/task/task.ts?copy=${Date.now()}`);
  expect(copy.Task).not.toBe(Task);
  const Theirs = class extends copy.Task.with({ name: "other_task" }) {
    async run() {
      return null;
    }
  };
  expect([...taskClassesIn({ Theirs }).values()]).toEqual(["Theirs"]);
});

test("what is not a task file resolves as ever: packages, node: and files without the mark", async () => {
  await write("plain/package.json", '{ "type": "module" }');
  await write("plain/node_modules/dep/package.json", '{ "name": "dep", "main": "index.cjs" }');
  await write("plain/node_modules/dep/index.cjs", "module.exports = { kind: typeof require };");
  await write("plain/data.json", '{ "a": 1 }');
  await write(
    "plain/one_task.ts",
    `import dep from "dep"; import { sep } from "node:path"; import { createRequire } from "node:module";
    export const seen = [dep.kind, sep, createRequire(import.meta.url)("./data.json").a];`,
  );
  expect((await import(urlOf("plain/one_task.ts"))).seen).toEqual(["function", path.sep, 1]);
});

test("zod speaks every language it has, though none is loaded before it is called", async () => {
  const list = await readFile(
    fileURLToPath(new URL("v4/locales/index.js", import.meta.resolve("zod"))),
    "utf8",
  );
  const names = [...list.matchAll(/default as (\w+)/g)].map(([, name]) => name ?? "");
  const locales: Record<string, () => Parameters<typeof z.config>[0]> = { ...z.locales };
  expect(Object.keys(locales).toSorted()).toEqual(names.toSorted());
  for (const name of names) expect(locales[name]?.()).toHaveProperty("localeError");
  const german = z.int().safeParse("drei", { error: z.locales.de().localeError });
  expect(german.error?.issues[0]?.message).toContain("Ungültige Eingabe");
});
