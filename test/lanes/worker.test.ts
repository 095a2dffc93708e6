import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkerLane } from "../../src/lanes/worker/worker-lane.ts";
import { describeLane } from "../contracts/lane.ts";
import { quiet } from "../quiet.ts";
import { type Begun, begin, taskTypeOf } from "./work.ts";

const openLane = (dataDirectory: string, workers: () => number = () => 2): WorkerLane =>
  new WorkerLane({ workers, log: quiet, dataDirectory, mediaDirectories: () => [] });

describeLane({ name: "worker", file: "blocking_tasks.ts", open: openLane });

describe("only in a worker", () => {
  let data: string;
  let lane: WorkerLane;
  let workers = 4;

  beforeAll(() => {
    data = mkdtempSync(path.join(os.tmpdir(), "armature-worker-"));
    lane = openLane(data, () => workers);
  });
  afterAll(async () => {
    await lane.close();
    rmSync(data, { recursive: true, force: true });
  });

  const run = async (task: string, parameters = {}): Promise<Begun> =>
    begin(lane, await taskTypeOf("thread_only_tasks.ts", task), parameters);

  /** Runs until it is let go. */
  const walk = async (name: string): Promise<Begun & { letGo(): void }> => {
    const file = path.join(data, name);
    const begun = begin(lane, await taskTypeOf("blocking_tasks.ts", "Walks"), { file });
    return { ...begun, letGo: () => writeFileSync(file, "") };
  };

  test("a busy loop is killed, and the others go on", async () => {
    const other = await walk("beside a busy loop");
    const { ended, events, kill } = await run("Spins");
    await events.untilLog("spinning");
    kill?.();
    expect(lane.busy()).toBe(2);
    expect(await ended).toEqual({ how: "killed" });
    other.letGo();
    expect(await other.ended).toMatchObject({ how: "returned" });
    expect(lane.busy()).toBe(0);
  });

  test("a task is killed while it is paused", async () => {
    const { ended, events, pause, kill } = begin(lane, await taskTypeOf("blocking_tasks.ts", "Walks"), {
      file: path.join(data, "never"),
    });
    pause(1);
    await events.untilPaused(1);
    kill?.();
    expect(await ended).toEqual({ how: "killed" });
  });

  test("a task is killed before its thread is up", async () => {
    const cold = openLane(data);
    const { ended, kill } = begin(cold, await taskTypeOf("thread_only_tasks.ts", "Spins"));
    kill?.();
    kill?.();
    expect(await ended).toEqual({ how: "killed" });
    expect(cold.busy()).toBe(0);
    await cold.close();
  });

  test("a busy loop sees its cancel in shared memory", async () => {
    const { ended, events, cancel } = await run("SpinsPolitely");
    await events.untilLog("spinning");
    cancel("user");
    expect(await ended).toEqual({ how: "returned", result: true, sawCancel: true });
  });

  test("process.exit in a task ends its worker and fails that task alone; the pool refills", async () => {
    const other = await run("Breathes", { ms: 100 });
    const { ended } = await run("Exits");
    expect(await ended).toMatchObject({
      how: "threw",
      cancelled: false,
      failure: { code: "WORKER_ENDED", details: { source: "thread_only_tasks.ts" } },
    });
    expect(await other.ended).toMatchObject({ how: "returned" });
    expect(await (await run("Burns", { ms: 1, number: 7 })).ended).toMatchObject({ result: 7 });
  });

  test.each(["rejection", "timer", "microtask", "parting"])(
    "an error nobody awaits (%s) fails its task, and another thread takes over",
    async (how) => {
      const { ended } = begin(lane, await taskTypeOf("blocking_tasks.ts", "Unawaited"), { how });
      expect(await ended).toMatchObject({
        how: "threw",
        failure: { code: "TASK_FAILED", message: "nobody waits for me", details: { error: "TypeError" } },
      });
      expect(await (await run("Burns", { ms: 1, number: 7 })).ended).toMatchObject({ result: 7 });
    },
  );

  test("what an ended task left behind fails no later one", async () => {
    const one = openLane(data, () => 1);
    const leaves = await taskTypeOf("thread_only_tasks.ts", "LeavesTrouble");
    const breathes = await taskTypeOf("thread_only_tasks.ts", "Breathes");
    for (let round = 0; round < 8; round++) {
      expect(await begin(one, leaves).ended).toMatchObject({ result: "ended" });
      expect(await begin(one, breathes, { ms: round * 2 }).ended).toMatchObject({ how: "returned" });
    }
    await one.close();
  });

  test("an async generator runs in a worker, is cancelled at a yield and closed", async () => {
    const { ended, events, cancel } = await run("StreamsInThread");
    await events.untilLog("streaming");
    cancel("user");
    expect(await ended).toMatchObject({ how: "threw", cancelled: true });
    expect(events.of("log").at(-1)?.entry.message).toBe("closed");
  });

  test("50 tasks over 4 workers, each its own result, never more than 4 at once", async () => {
    const file = path.join(data, "burns");
    const type = await taskTypeOf("thread_only_tasks.ts", "Burns");
    let next = 0;
    const results: unknown[] = [];
    const worker = async (): Promise<void> => {
      while (next < 50) {
        const ending = await begin(lane, type, { ms: 2, number: next++, file }).ended;
        if (ending.how === "returned") results.push(ending.result);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(results.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const threads = new Set(
      readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    );
    expect(threads.size).toBeLessThanOrEqual(4);
  });

  test("a TypeScript task file runs from a folder that knows nothing of us, with its helper", async () => {
    const file = path.join(data, "far_task.ts");
    writeFileSync(path.join(data, "helper.ts"), "export const two: number = 2;\n");
    writeFileSync(
      file,
      `import { Task, z } from "armature/task";
import { two } from "./helper.ts";
export class Far extends Task.with({ name: "far_task", isBlocking: true, parameters: z.object({}) }) {
  run(): number {
    return two;
  }
}
`,
    );
    expect(await begin(lane, await taskTypeOf(file, "Far")).ended).toMatchObject({ result: 2 });
  });

  test("threads stay warm from one task to the next", async () => {
    const one = openLane(data, () => 1);
    const type = await taskTypeOf("thread_only_tasks.ts", "Breathes");
    const first = await begin(one, type, { ms: 0 }).ended;
    expect(await begin(one, type, { ms: 0 }).ended).toEqual(first);
    await one.close();
  });

  test("a changed number of workers applies to later starts, and what runs is left alone", async () => {
    const early = await walk("early");
    workers = 2;
    const late = await run("Burns", { ms: 1, number: 2 });
    await expect(run("Burns", { ms: 1, number: 3 })).rejects.toThrow("2 workers");
    expect(await late.ended).toMatchObject({ result: 2 });
    early.letGo();
    expect(await early.ended).toMatchObject({ how: "returned" });
    workers = 4;
  });

  test("close ends what still runs", async () => {
    const closing = openLane(data);
    const { ended, events } = begin(closing, await taskTypeOf("thread_only_tasks.ts", "Spins"));
    await events.untilLog("spinning");
    await closing.close();
    expect(await ended).toEqual({ how: "killed" });
    await closing.close();
  });
});
