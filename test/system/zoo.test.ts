// Every way to misbehave that we know (test/fixtures/tasks/zoo), dropped into the real machine: it answers, other tasks
// run, it says what happened, and nothing is left over at the end.
import { readdirSync, readFileSync } from "node:fs";
import { cp, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program, projectRoot, type WireTask } from "./program.ts";

const zoo = path.join(projectRoot, "test/fixtures/tasks/zoo");

/** What the plugin list says of those that misbehave at their import. */
const atImport: Record<string, RegExp> = {
  "breeds_on_import_task.ts": /starts a process/,
  "crashes_on_import_task.ts": /crashed the process/,
  "eats_buffers_on_import_task.ts": /more than 400 MB of memory/,
  "eats_heap_on_import_task.ts": /more than 400 MB of memory/,
  "exits_on_import_task.ts": /ends the process: process\.exit\(7\)/,
  "loops_on_import_task.ts": /it loops/,
  "never_settles_task.ts": /waited for something/,
  "strays_on_import_task.ts": /nobody awaits me/,
};

interface Ending {
  readonly isCancelled?: boolean;
  readonly status: string;
  readonly code?: string;
  readonly error?: RegExp;
}

/** How the tasks of the others end. */
const inRun: Record<string, Ending> = {
  "breeds_in_run_task.ts": { status: "completed" },
  "crashes_in_run_task.ts": { status: "failed", code: "PROCESS_ENDED", error: /SIGSEGV/ },
  "eats_buffers_in_run_task.ts": { status: "failed", code: "MEMORY_LIMIT" },
  "eats_heap_in_run_task.ts": { status: "failed", code: "MEMORY_LIMIT" },
  "exits_in_run_task.ts": { status: "failed", code: "PROCESS_ENDED", error: /7/ },
  "floods_in_run_task.ts": { isCancelled: true, status: "cancelled" },
  "floods_on_import_task.ts": { status: "completed" },
  "loops_in_run_task.ts": { isCancelled: true, status: "cancelled" },
  "strays_in_run_task.ts": { status: "failed", code: "TASK_FAILED", error: /nobody awaits me/ },
};

const hasKoffi = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve("koffi");
    return true;
  } catch {
    console.log("native crashes are left out: the package koffi is not installed");
    return false;
  }
})();
const beasts = (of: Record<string, unknown>): string[] =>
  Object.keys(of).filter((file) => hasKoffi || !file.startsWith("crashes"));

test("every file of the zoo is looked at here", () => {
  const files = readdirSync(zoo).filter((file) => file.endsWith(".ts"));
  expect(files.sort()).toEqual([...Object.keys(atImport), ...Object.keys(inRun)].sort());
});

async function create(): Promise<Program> {
  const program = await Program.create();
  // Where the files find koffi.
  await symlink(path.join(projectRoot, "node_modules"), path.join(program.folder, "node_modules"));
  await program.editSettings("firmware.json", (settings) =>
    Object.assign(settings, { task_inspection_timeout_seconds: 6, task_inspection_memory_mb: 400 }),
  );
  return program;
}

const drop = (program: Program, file: string): Promise<void> =>
  cp(path.join(zoo, file), path.join(program.folder, "community-tasks", file));

interface PluginLine {
  readonly file: string;
  readonly status: string;
  readonly reason: string | null;
  readonly remedy: string | null;
}

/**
 * Asks the program again and again until `work` is done.
 * @returns what came of it, and the median of the answers' times in milliseconds
 */
async function meanwhile<T>(program: Program, work: Promise<T>): Promise<{ result: T; medianMs: number }> {
  const times: number[] = [];
  const mark = Symbol();
  let result: T | symbol = mark;
  while (result === mark || times.length < 20) {
    const asked = performance.now();
    await program.get("/task-types");
    times.push(performance.now() - asked);
    result = await Promise.race([work, pause(20, mark)]);
  }
  const sorted = times.sort((a, b) => a - b);
  return { result: result as T, medianMs: sorted[Math.floor(sorted.length / 2)] as number };
}

async function inspected(program: Program, file: string): Promise<PluginLine> {
  for (;;) {
    const line = (await program.get<PluginLine[]>("/plugins")).find((one) => one.file.endsWith(`/${file}`));
    if (line && line.status !== "inspecting") return line;
    await pause(50);
  }
}

const aliveTask = async (program: Program): Promise<WireTask> => {
  const { body } = await program.post("/tasks", {
    task: "hello_world_async",
    parameters: { total_steps: 3, delay_seconds: 0.05 },
  });
  return program.ended(body.id);
};

/** Its task, run to its end, cancelled where it would have none. */
async function run(program: Program, file: string): Promise<WireTask> {
  const { body } = await program.post("/tasks", { task: path.parse(file).name });
  if (inRun[file]?.isCancelled) {
    while ((await program.get(`/tasks/${body.id}`)).status === "pending") await pause(20);
    // Well into its loop.
    await pause(500);
    await program.post(`/tasks/${body.id}/cancel`);
  }
  return program.ended(body.id);
}

function expectEnding(file: string, task: WireTask): void {
  const { status, code, error } = inRun[file] as Ending;
  expect(task).toMatchObject({
    status,
    lane: "isolated",
    ...(code && { failure: { code, remediation: expect.any(String) } }),
    ...(error && { error: expect.stringMatching(error) }),
  });
}

/** The processes that carry the program's folder in their environment: it, and whatever it has started. */
function processesOf(program: Program): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/environ`).includes(program.folder))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
}

/** A process may end between two looks. */
function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

describe("one after the other", () => {
  let program: Program;
  beforeAll(async () => {
    program = await create();
    await program.start();
  });
  afterAll(() => program.remove());

  test.each(beasts(atImport))(
    "%s is a line that says what happened; the machine answers and works",
    async (file) => {
      const others = Promise.all([inspected(program, file), aliveTask(program)]);
      await drop(program, file);
      const { result, medianMs } = await meanwhile(program, others);
      const [line, other] = result;
      expect(line).toMatchObject({
        status: "rejected",
        reason: expect.stringMatching(atImport[file] as RegExp),
        remedy: expect.any(String),
      });
      expect(other.status).toBe("completed");
      expect(medianMs).toBeLessThan(100);
      await rm(path.join(program.folder, "community-tasks", file));
    },
    60_000,
  );

  test.each(beasts(inRun))(
    "%s harms its own process alone; the machine answers and works",
    async (file) => {
      await drop(program, file);
      expect(await inspected(program, file)).toMatchObject({ status: "loaded" });
      const { result, medianMs } = await meanwhile(
        program,
        Promise.all([run(program, file), aliveTask(program)]),
      );
      expectEnding(file, result[0]);
      expect(result[1].status).toBe("completed");
      expect(medianMs).toBeLessThan(100);
    },
    60_000,
  );

  test("what a task has left behind ended with it, and with the machine all the rest", async () => {
    expect(processesOf(program).filter((line) => line.includes("sleep"))).toEqual([]);
    expect(await program.signal("SIGTERM")).toBe(0);
    expect(processesOf(program)).toEqual([]);
  });
});

describe("all at once, there from the start", () => {
  let program: Program;
  beforeAll(async () => {
    program = await create();
    for (const file of [...beasts(atImport), ...beasts(inRun)]) await drop(program, file);
    await program.start();
  }, 60_000);
  afterAll(() => program.remove());

  test("the machine answers and works while they are inspected, and each becomes its line", async () => {
    const files = [...beasts(atImport), ...beasts(inRun)];
    const { result, medianMs } = await meanwhile(
      program,
      Promise.all([aliveTask(program), ...files.map((file) => inspected(program, file))]),
    );
    const [other, ...lines] = result;
    expect(other.status).toBe("completed");
    expect(medianMs).toBeLessThan(100);
    for (const [index, { status, reason }] of lines.entries()) {
      const expected = atImport[files[index] as string];
      expect(status, `${files[index]}: ${reason}`).toBe(expected ? "rejected" : "loaded");
      if (expected) expect(reason).toMatch(expected);
    }
  }, 120_000);

  test("they run beside each other, and beside those that behave", async () => {
    const files = beasts(inRun);
    const { result, medianMs } = await meanwhile(
      program,
      Promise.all([aliveTask(program), ...files.map((file) => run(program, file))]),
    );
    const [other, ...tasks] = result;
    expect(other.status).toBe("completed");
    for (const [index, task] of tasks.entries()) expectEnding(files[index] as string, task);
    expect(medianMs).toBeLessThan(100);
  }, 120_000);

  test("a machine that is killed in the middle of it leaves nothing behind", async () => {
    for (const file of beasts(inRun)) await program.post("/tasks", { task: path.parse(file).name });
    await aliveTask(program);
    await program.kill();
    while (processesOf(program).length > 0) await pause(50);
  }, 60_000);
});
