// Isolated tasks in the real program: what they start never outlives it, and a scan works from a process of its own.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identityOf, isAlive } from "../../src/lib/processes/identity.ts";
import { Program } from "./program.ts";

const breeding = `
import { spawn } from "node:child_process";
import { Task } from "armature/task";
export class BreedingTask extends Task.with({ name: "breeding_task", lane: "isolated", cancelGraceSeconds: 0 }) {
  async run(_, ctx) {
    const beside = spawn("sleep", ["1000"], { stdio: "ignore" });
    const apart = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
    ctx.partialResult([process.pid, beside.pid, apart.pid]);
    ctx.log.info("bred", { family: [process.pid, beside.pid, apart.pid] });
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (;;);
  }
}
`;

let program: Program;
beforeEach(async () => {
  program = await Program.create();
  await program.addTask("breeding_task.js", breeding);
  await program.start();
});
afterEach(() => program.remove());

const living = (family: readonly number[]): number[] =>
  family.filter((pid) => isAlive({ ...identityOf(pid), pid }));

/** A busy task with two others it has started. */
async function family(): Promise<{ id: string; pids: number[] }> {
  const { id } = (await program.post("/tasks/breeding_task")).body;
  for (;;) {
    const lines = await program.get<{ message: string; fields: { family: number[] } }[]>(`/tasks/${id}/logs`);
    const bred = lines.find(({ message }) => message === "bred");
    if (bred) return { id, pids: bred.fields.family };
  }
}

async function gone(pids: readonly number[]): Promise<void> {
  while (living(pids).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** On a busy machine a process still runs for a moment after it was told to stand still. */
async function held(pid: number): Promise<void> {
  while (!/\) T /.test(await readFile(`/proc/${pid}/stat`, "utf8"))) await new Promise(setImmediate);
}

test("kill -9 of the program ends a busy task's process and all it has started", async () => {
  const { id, pids } = await family();
  expect(living(pids)).toEqual(pids);
  await program.kill();
  await gone(pids);
  await program.start();
  expect((await program.ended(id)).status).toBe("interrupted");
  expect(await readdir(path.join(program.folder, "data/processes"))).toEqual([]);
});

test("what was left behind all the same is ended at the next boot, before anything is restored", async () => {
  const { id, pids } = await family();
  const [child = 0] = pids;
  // Held as a debugger holds it: it cannot see that the program is gone.
  process.kill(child, "SIGSTOP");
  await held(child);
  await program.kill();
  expect(living(pids)).toEqual(pids);
  await program.start();
  expect(living(pids)).toEqual([]);
  expect((await program.ended(id)).status).toBe("interrupted");
});

test("a cancel ends a busy task and all it has started before it is told", async () => {
  const { id, pids } = await family();
  await program.post(`/tasks/${id}/cancel`);
  expect((await program.ended(id)).status).toBe("cancelled");
  expect(living(pids)).toEqual([]);
});

test("a shutdown leaves nobody behind", async () => {
  const { pids } = await family();
  expect(await program.signal("SIGTERM")).toBe(0);
  expect(living(pids)).toEqual([]);
});

test("a scan runs from a process of its own: devices, photos, folder and checkpoints included", async () => {
  const { body } = await program.post("/tasks", {
    task: "scan",
    parameters: { project: "pot", points: 3, path_method: "turntable" },
    lane: "isolated",
  });
  const { status, error, lane, result } = await program.ended(body.id);
  expect([status, error, lane]).toEqual(["completed", null, "isolated"]);
  expect(result).toEqual({ project: "pot", scan_index: 1, photos: 3, directory: "projects/pot/scan01" });
  const files = await readdir(path.join(program.folder, "data/projects/pot/scan01"));
  expect(files).toEqual(
    expect.arrayContaining(["path.json", "scan.json", "scan01_000.jpg", "scan01_002.jpg"]),
  );
});
