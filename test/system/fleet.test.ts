// The fleet as its users have it: a server, workers of the command line, and kill -9 of either in the middle.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { identityOf, isAlive } from "../../src/lib/processes/identity.ts";
import type { Program as BenchProgram } from "../bench/program.ts";
import { Fleet } from "../lanes/fleet/fleet.ts";
import { whyNoRedis } from "../redis-server.ts";
import { Program } from "./program.ts";

/** Tells its process, saves how far it is, and goes on until there is a file. */
const waits = `
import { existsSync, appendFileSync } from "node:fs";
import { Task, z, type Ctx, type In } from "armature/task";

export class WaitsTask extends Task.with({
  name: "waits_task",
  parameters: z.object({ folder: z.string() }),
  lane: "fleet",
  onRestart: "requeue",
  retry: { maxAttempts: 2, delaySeconds: 0 },
  checkpoint: z.string(),
}) {
  async *run({ folder }: In<this>, ctx: Ctx<this>) {
    appendFileSync(folder + "/begun", process.pid + "\\n");
    yield { current: 1, total: 2, message: "waiting", checkpoint: "begun by an earlier one" };
    await ctx.checkpoint("begun by an earlier one");
    ctx.log.info("it waits");
    while (!existsSync(folder + "/go")) await ctx.sleep(20);
    return { resumedFrom: ctx.resumedFrom ?? null, attempt: ctx.attempt };
  }
}
`;

test("without a Redis a task for the fleet is refused, with what is to be done", async () => {
  const program = await Program.create();
  await program.start();
  const { status, body } = await program.post("/tasks", { task: "generator", lane: "fleet" });
  expect([status, body.code]).toEqual([422, "LANE_UNAVAILABLE"]);
  expect(body.remediation).toContain("ARMATURE_REDIS_URL");
  await program.remove();
});

describe.skipIf(whyNoRedis)("with a Redis", () => {
  const fleet = new Fleet();
  let program: Program;
  let env: Record<string, string>;

  beforeAll(async () => {
    await fleet.open();
    program = await Program.create();
    env = { ARMATURE_REDIS_URL: fleet.url };
    await program.editSettings("redis.json", (settings) => {
      settings.fleet_lease_seconds = 3;
    });
    await program.addTask("waits_task.ts", waits);
    await program.start(env);
  });
  afterAll(async () => {
    await program.remove();
    await fleet.close();
  });

  const startWorker = async (): Promise<BenchProgram> => {
    const worker = fleet.start(["worker", "--url", fleet.url, "--concurrency", "2"], {
      ARMATURE_SETTINGS_DIR: path.join(program.folder, "settings"),
      ARMATURE_COMMUNITY_TASKS_DIR: path.join(program.folder, "community-tasks"),
    });
    await worker.says(/^(Armature works for redis:\/\/127\.0\.0\.1:\d+: \d+ task types, 2 at a time)$/m);
    return worker;
  };
  let cases = 0;
  /** A task in the fleet, and who has begun with it. */
  const submit = async () => {
    const folder = path.join(program.folder, `case-${++cases}`);
    const begun = path.join(folder, "begun");
    await mkdir(folder);
    await writeFile(begun, "");
    const { body } = await program.post("/tasks", { task: "waits", parameters: { folder } });
    return {
      id: body.id,
      letGo: () => writeFile(path.join(folder, "go"), ""),
      /** The processes of the first `count` attempts, once there are so many. */
      async processes(count: number): Promise<number[]> {
        for (;;) {
          const lines = (await readFile(begun, "utf8")).split("\n").slice(0, -1);
          if (lines.length >= count) return lines.map(Number);
          await program.get(`/tasks/${body.id}?wait=0.05`);
        }
      },
    };
  };
  const isRunning = (pid: number): boolean => isAlive({ ...identityOf(pid), pid });

  test("the task of a worker that is killed, or told to end, is tried again by another, from its checkpoint", async () => {
    const first = await startWorker();
    const { id, letGo, processes } = await submit();
    await processes(1);
    await first.end("SIGKILL");
    const second = await startWorker();
    const [one = 0, two = 0] = await processes(2);
    expect([isRunning(one), isRunning(two)]).toEqual([false, true]);
    await second.end("SIGTERM");
    expect(isRunning(two)).toBe(false);
    const third = await startWorker();
    await processes(3);
    await letGo();
    const { attempts, result, status } = await program.ended(id);
    expect([status, result]).toEqual(["completed", { resumedFrom: "begun by an earlier one", attempt: 3 }]);
    // Whoever is told to end hands its task on, and that is no failure.
    expect(attempts).toMatchObject([
      { outcome: "failed" },
      { outcome: "postponed" },
      { outcome: "completed" },
    ]);
    await third.end();
  });

  test("a cancel ends a task that waits for a worker, and one that runs in one", async () => {
    const waiting = await submit();
    await program.post(`/tasks/${waiting.id}/cancel`);
    expect(await program.ended(waiting.id)).toMatchObject({ status: "cancelled" });
    const running = await submit();
    const worker = await startWorker();
    const [pid = 0] = await running.processes(1);
    await program.post(`/tasks/${running.id}/cancel`);
    expect(await program.ended(running.id)).toMatchObject({ status: "cancelled" });
    expect(isRunning(pid)).toBe(false);
    expect(await waiting.processes(0)).toEqual([]);
    await worker.end();
  });

  test("what a killed runtime left in the fleet has ended before it is run again", async () => {
    const worker = await startWorker();
    const { id, letGo, processes } = await submit();
    await processes(1);
    await program.kill();
    await program.start(env);
    const [one = 0, two = 0] = await processes(2);
    expect([isRunning(one), isRunning(two)]).toEqual([false, true]);
    await letGo();
    expect(await program.ended(id)).toMatchObject({ status: "completed", attempt: 2 });
    await worker.end();
  });

  test("a runtime that ends in order finds the task that waited for a worker where it was", async () => {
    const { id, letGo, processes } = await submit();
    await program.signal("SIGTERM");
    await letGo();
    await program.start(env);
    const worker = await startWorker();
    await processes(1);
    expect(await program.ended(id)).toMatchObject({ status: "completed" });
    await worker.end();
  });
});
