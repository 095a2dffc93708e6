// kill -9 at random moments, and what is there afterwards. The seed is printed; keep a failing one.

import { existsSync, readdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { flowerpot as photos } from "../tasks/flowerpot.ts";
import { Program, type WireTask } from "./program.ts";

const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`crash tests: seed ${seed}`);
/** A moment between 0 and 1. */
const chance = randomOf(seed);

let program: Program;
beforeEach(async () => {
  program = await Program.create();
});
afterEach(() => program.remove());

/** Leaves a mark on the disk for every run, before anything else: what really ran can be counted. */
const marking = (name: string, onRestart: string, blocking: boolean): string => `
import { appendFileSync } from "node:fs";
import { Task, z, type In, type Ctx } from "armature/task";
export class MarkTask extends Task.with({
  name: "${name}",
  parameters: z.object({ ms: z.int() }),
  onRestart: "${onRestart}",
  isBlocking: ${blocking},
}) {
  ${blocking ? "" : "async "}run({ ms }: In<this>, ctx: Ctx<this>) {
    appendFileSync(process.env["MARKS"] ?? "", ctx.taskId + "\\n");
    ${blocking ? "" : "await "}ctx.sleep(ms);
    return ms;
  }
}
`;

const rejectedOf = async (work: readonly Promise<unknown>[]): Promise<PromiseRejectedResult[]> =>
  (await Promise.allSettled(work)).filter((outcome) => outcome.status === "rejected");

test("200 tasks and kill -9 at random moments: every accepted task is there and none ran twice against its policy", async () => {
  // Two hundred processes would take their time, and the store is what is tried here.
  await program.editSettings("firmware.json", (settings) =>
    Object.assign(settings, { trusted_task_files: true }),
  );
  await program.addTask("ask_task.ts", marking("ask_task", "ask", false));
  await program.addTask("block_task.ts", marking("block_task", "ask", true));
  await program.addTask("requeue_task.ts", marking("requeue_task", "requeue", false));
  const marks = path.join(program.folder, "marks.txt");
  const accepted = new Map<string, string>();
  await program.start({ MARKS: marks });
  const submit = async (): Promise<void> => {
    const task = ["ask_task", "block_task", "requeue_task"][Math.floor(chance() * 3)] as string;
    const { status, body } = await program.post("/tasks", {
      task,
      parameters: { ms: Math.floor(chance() * 60) },
    });
    if (status === 202) accepted.set(body.id, task);
  };
  let kills = 0;
  while (accepted.size < 200) {
    const dies = wait(100 + chance() * 600).then(() => program.kill());
    const enough = accepted.size + 50;
    const client = async (): Promise<void> => {
      while (accepted.size < enough) await submit();
    };
    // Only the connection may be gone: the program was killed in the middle of an answer.
    for (const { reason } of await rejectedOf([client(), client(), client(), client()]))
      expect((reason as Error).message).toMatch(/fetch failed|terminated|JSON/);
    await dies;
    kills++;
    await program.start({ MARKS: marks });
  }
  const tasks = new Map((await program.get<WireTask[]>("/tasks?limit=1000")).map((task) => [task.id, task]));
  for (const id of accepted.keys()) expect(tasks.has(id), `${id} was accepted`).toBe(true);
  for (const id of accepted.keys()) await program.ended(id);
  const runs = new Map<string, number>();
  for (const id of (await readFile(marks, "utf8")).trim().split("\n")) runs.set(id, (runs.get(id) ?? 0) + 1);
  for (const [id, task] of accepted) {
    const { status, failure } = await program.get<WireTask & { failure: { code: string } | null }>(
      `/tasks/${id}`,
    );
    expect(["completed", "interrupted"]).toContain(status);
    // Nobody knows that it was not the task that killed the process.
    const isParked = failure?.code === "PARKED";
    if (isParked) expect(runs.get(id) ?? 0).toBeLessThanOrEqual(2);
    if (task !== "requeue_task")
      expect(runs.get(id) ?? 0, `${task} ${id} is ${status}`).toBeLessThanOrEqual(1);
    if (task === "requeue_task" && !isParked) expect(status).toBe("completed");
    if (status === "completed") expect(runs.get(id)).toBeGreaterThanOrEqual(1);
  }
  expect(kills).toBeGreaterThanOrEqual(4);
}, 300_000);

test.skipIf(!existsSync(photos))(
  "a scan of 36 photos, killed again and again, continues: one file per pose, nothing exposed twice once it was durable",
  async () => {
    await program.editSettings("devices/replay.json", (profile) => {
      const { camera, turntable } = profile.devices as Record<string, object>;
      Object.assign(camera as object, { directory: photos });
      Object.assign(turntable as object, { acceleration_degrees_per_s2: 5400 });
    });
    await program.start({ ARMATURE_PROFILE: "replay" });
    const { body } = await program.post("/tasks", {
      task: "scan_task",
      parameters: { project: "pot", points: 36, path_method: "turntable" },
    });
    const directory = path.join(program.folder, "data/projects/pot/scan01");
    const whole = new Map<string, string>();
    for (let kills = 0; ; kills++) {
      const dies = kills < 4 ? setTimeout(() => void program.kill(), 500 + chance() * 1000) : undefined;
      const task = await program.ended(body.id).catch(() => null);
      clearTimeout(dies);
      if (task?.status === "completed") break;
      await program.kill();
      for (const [file, identity] of await identities(directory)) {
        expect(whole.get(file) ?? identity, `${file} was exposed again`).toBe(identity);
        whole.set(file, identity);
      }
      await program.start({ ARMATURE_PROFILE: "replay" });
      const after = await program.get(`/tasks/${body.id}`);
      expect(after.status, "nothing moves by surprise after a power cut").toBe("interrupted");
      expect((await program.post(`/tasks/${body.id}/resume`)).status).toBe(200);
    }
    expect(readdirSync(path.dirname(directory)).filter((name) => name.startsWith("scan"))).toEqual([
      "scan01",
    ]);
    expect((await identities(directory)).size).toBe(36);
    for (const [file, identity] of await identities(directory)) {
      expect(whole.get(file) ?? identity, `${file} was exposed again`).toBe(identity);
      const step = Number(/_(\d+)\.jpg$/.exec(file)?.[1]);
      const shot = readdirSync(photos)
        .filter((name) => name.endsWith(".jpg"))
        .sort()[step] as string;
      expect(await readFile(path.join(directory, file))).toEqual(await readFile(path.join(photos, shot)));
    }
  },
  400_000,
);

test("a scan with focus stacks, killed within them, continues: one file per pose and focus, nothing exposed twice", async () => {
  await program.editSettings("devices/simulated.json", (profile) => {
    const { rotor, turntable, camera } = profile.devices as Record<string, object>;
    for (const axis of [rotor, turntable])
      Object.assign(axis as object, { top_speed_degrees_per_s: 1e5, acceleration_degrees_per_s2: 1e7 });
    Object.assign(camera as object, { width: 128, height: 128 });
  });
  await program.start();
  const { body } = await program.post("/tasks", {
    task: "scan_task",
    parameters: { project: "pot", points: 3, path_method: "turntable", focus_stacks: 4, exposure_ms: 100 },
  });
  const directory = path.join(program.folder, "data/projects/pot/scan01");
  const whole = new Map<string, string>();
  for (const killedAfter of [2, 7]) {
    await expect
      .poll(async () => (await identities(directory)).size, { timeout: 30_000, interval: 20 })
      .toBeGreaterThanOrEqual(killedAfter);
    await program.kill();
    for (const [file, identity] of await identities(directory)) {
      expect(whole.get(file) ?? identity, `${file} was exposed again`).toBe(identity);
      whole.set(file, identity);
    }
    await program.start();
    expect((await program.get(`/tasks/${body.id}`)).status).toBe("interrupted");
    expect((await program.post(`/tasks/${body.id}/resume`)).status).toBe(200);
  }
  expect(whole.size).toBeLessThan(12);
  expect(await program.ended(body.id)).toMatchObject({ status: "completed", result: { photos: 12 } });
  const after = await identities(directory);
  for (const [file, identity] of whole) expect(after.get(file), `${file} was exposed again`).toBe(identity);
  const names = [0, 1, 2].flatMap((step) => [0, 1, 2, 3].map((focus) => `scan01_00${step}_fs0${focus}`));
  expect([...after.keys()].sort()).toEqual(names.map((name) => `${name}.jpg`));
  for (const [index, name] of names.entries()) {
    const about = JSON.parse(await readFile(path.join(directory, `metadata/${name}.json`), "utf8"));
    expect(about.focus_dioptres).toBeCloseTo(10 + ((index % 4) * 5) / 3, 9);
  }
}, 120_000);

/** A file that was written again has another inode or another time. */
async function identities(directory: string): Promise<Map<string, string>> {
  const files = existsSync(directory)
    ? readdirSync(directory).filter((name) => /^scan\d+_\d+(_fs\d+)?\.jpg$/.test(name))
    : [];
  return new Map(
    await Promise.all(
      files.map(async (file) => {
        const { ino, mtimeMs } = await stat(path.join(directory, file));
        return [file, `${ino} ${mtimeMs}`] as const;
      }),
    ),
  );
}
