// Armature inside another program: no port, no files of an owner, functions beside tasks.
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type ArmatureRuntime,
  type AsyncContext,
  type Ctx,
  createRuntime,
  type In,
  type RuntimeOptions,
  Task,
  z,
} from "../../src/index.ts";
import { deferred } from "../../src/lib/deferred.ts";
import { quiet } from "../quiet.ts";

class CountTask extends Task.with({
  name: "count_task",
  parameters: z.object({ steps: z.int().min(1).default(2) }),
}) {
  async *run({ steps }: In<this>, ctx: Ctx<this>) {
    for (let current = 1; current <= steps; current++) {
      ctx.log.info(`step ${current}`);
      yield { current, total: steps };
    }
    return steps;
  }
}

async function running(options: RuntimeOptions = {}): Promise<ArmatureRuntime> {
  const runtime = await createRuntime({ tasks: [CountTask], log: quiet, ...options });
  onTestFinished(() => runtime.close());
  return runtime;
}

/** Computes without pause for so long. */
const grind = (ms: number) => async () => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

test("the event loop is the program's own: it is watched where the program asks for it", async () => {
  for (const watchLoop of [false, true]) {
    const settings = { limits: { loop_blocked_ms: 200 } };
    const { tasks, events } = await running({ settings, ...(watchLoop && { watchLoop }) });
    const heard: object[] = [];
    const turned = deferred();
    events.subscribe((event) => {
      if (event.type !== "loop_blocked") return;
      heard.push(event);
      turned.resolve();
    });
    const { id } = await tasks.submit(grind(800), { name: "grinds" });
    await tasks.waitFor(id);
    if (watchLoop) await turned.promise;
    expect(heard).toMatchObject(watchLoop ? [{ running: [{ task_id: id, task: "function_task" }] }] : []);
  }
});

test("stop cancels what runs and what waits, and nothing starts until resume", async () => {
  const { tasks, stop, resume } = await running();
  const begun = deferred();
  const { id } = await tasks.submit(async (ctx: AsyncContext) => {
    begun.resolve();
    await ctx.sleep(60_000);
  });
  await begun.promise;
  expect(await stop()).toMatchObject({ stopped: true, stored: true, devices: [], tasks: [{ id }] });
  expect((await tasks.waitFor(id)).status).toBe("cancelled");
  const later = await tasks.submit("count_task");
  expect(tasks.get(later.id).blocked_by).toMatchObject([{ because: "queue_paused", resource: "stopped" }]);
  await resume();
  expect((await tasks.waitFor(later.id)).status).toBe("completed");
});

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), "armature-library-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A function task that goes on when it is told, and says when it runs. */
function waiting() {
  const begun = deferred<AsyncContext>();
  const goOn = deferred<unknown>();
  const work = async (ctx: AsyncContext) => {
    begun.resolve(ctx);
    return goOn.promise;
  };
  return { begun: begun.promise, goOn: goOn.resolve, work };
}

test("a task is submitted by name, and waitFor resolves to its record", async () => {
  const { tasks } = await running();
  const { id, status } = await tasks.submit("count_task", { steps: 3 });
  expect(status).toBe("pending");
  expect(await tasks.waitFor(id)).toMatchObject({ status: "completed", result: 3, category: "program" });
  expect(await tasks.logs(id)).toHaveLength(3);
});

test("any function can be submitted; it appears as function_task, with its metadata and its own name", async () => {
  const { tasks } = await running();
  async function measure(ctx: AsyncContext) {
    ctx.progress(1, 2, "half");
    return { id: ctx.taskId };
  }
  const { id } = await tasks.submit(measure, { metadata: { user: "ada" }, timeoutSeconds: 5 });
  expect(await tasks.waitFor(id)).toMatchObject({
    task: "function_task",
    name: "measure",
    status: "completed",
    metadata: { user: "ada" },
    result: { id },
    progress: { current: 1, total: 2, message: "half" },
  });
});

test("a function that throws fails with its sentence, one that takes too long with TIMEOUT", async () => {
  const { tasks } = await running();
  const thrown = await tasks.submit(async () => {
    throw new Error("no film");
  });
  expect(await tasks.waitFor(thrown.id)).toMatchObject({ status: "failed", error: "no film" });
  const slow = await tasks.submit((ctx) => ctx.sleep(60_000), { timeoutSeconds: 0.05 });
  expect((await tasks.waitFor(slow.id)).failure).toMatchObject({
    code: "TIMEOUT",
    details: { timeout_seconds: 0.05 },
  });
});

test("waitFor gives up after its time and shows the task as it is", async () => {
  const { tasks } = await running();
  const { work, goOn } = waiting();
  const { id } = await tasks.submit(work);
  expect((await tasks.waitFor(id, { timeoutSeconds: 0.05 })).status).toBe("running");
  goOn("late");
  expect((await tasks.waitFor(id)).result).toBe("late");
});

test("progress can be told from outside while the task runs", async () => {
  const { tasks } = await running();
  const { work, goOn, begun } = waiting();
  const { id } = await tasks.submit(work);
  await begun;
  tasks.updateProgress(id, { current: 30, total: 100 });
  expect(tasks.get(id).progress.percent).toBe(30);
  goOn(null);
  await tasks.waitFor(id);
  expect(() => tasks.updateProgress(id, { current: 1 })).toThrow(/completed/);
});

test("tasks are listed by status, counted, cancelled and forgotten", async () => {
  const { tasks } = await running();
  const { work, begun } = waiting();
  const { id } = await tasks.submit((ctx) => Promise.race([work(ctx), ctx.sleep(60_000)]));
  const done = await tasks.submit("count_task");
  await tasks.waitFor(done.id);
  await begun;
  expect(tasks.list({ status: "running" }).map((task) => task.id)).toEqual([id]);
  await tasks.cancel(id);
  expect((await tasks.waitFor(id)).status).toBe("cancelled");
  expect(tasks.stats().counts).toMatchObject({ completed: 1, cancelled: 1 });
  expect(await tasks.cleanup({ status: "cancelled" })).toBe(1);
  expect(tasks.list().map((task) => task.id)).toEqual([done.id]);
});

test("what runs is paused and goes on", async () => {
  const { tasks, events } = await running();
  const paused = deferred();
  events.subscribe(({ type }) => type === "task_paused" && paused.resolve());
  const { id } = await tasks.submit(async function* () {
    for (let current = 1; current <= 100_000; current++) yield { current };
    return "through";
  });
  await tasks.pause(id);
  await paused.promise;
  expect(tasks.get(id).status).toBe("paused");
  await tasks.resume(id);
  expect((await tasks.waitFor(id)).result).toBe("through");
});

test("close with wait lets everything that was accepted end, and takes nothing new", async () => {
  const runtime = await running({ settings: { limits: { max_concurrent_tasks: 1 } } });
  const { work, goOn } = waiting();
  const first = await runtime.tasks.submit(work);
  const second = await runtime.tasks.submit("count_task");
  const closed = runtime.close({ wait: true });
  await expect(runtime.tasks.submit("count_task")).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  goOn("done");
  await closed;
  expect(runtime.tasks.get(first.id).status).toBe("completed");
  expect(runtime.tasks.get(second.id).status).toBe("completed");
});

test("close without wait tells what runs to stop and keeps it as interrupted", async () => {
  const runtime = await running();
  const { work, begun } = waiting();
  const { id } = await runtime.tasks.submit((ctx) => Promise.race([work(ctx), ctx.sleep(60_000)]));
  await begun;
  await runtime.close();
  expect(runtime.tasks.get(id).status).toBe("interrupted");
});

describe("with a data directory", () => {
  test("tasks are there again, and a function of the earlier process says that it is gone", async () => {
    const dataDirectory = await folder();
    const before = await running({ dataDirectory });
    const { work, begun } = waiting();
    const counted = await before.tasks.submit("count_task");
    const { id } = await before.tasks.submit((ctx) => Promise.race([work(ctx), ctx.sleep(60_000)]));
    await begun;
    await before.close();
    const after = await running({ dataDirectory });
    expect(after.tasks.get(counted.id)).toMatchObject({ status: "completed", result: 2 });
    expect(after.tasks.get(id)).toMatchObject({ status: "interrupted" });
    await after.tasks.restart(id);
    expect((await after.tasks.waitFor(id)).failure).toMatchObject({ code: "FUNCTION_GONE" });
  });

  test("a second runtime is refused while the first uses it", async () => {
    const dataDirectory = await folder();
    await running({ dataDirectory });
    await expect(createRuntime({ dataDirectory, log: quiet })).rejects.toMatchObject({
      code: "DATA_DIR_IN_USE",
    });
  });
});

test("without one, nothing is left behind when it closes", async () => {
  const before = await readdir(os.tmpdir());
  const runtime = await running();
  let own = "";
  const { id } = await runtime.tasks.submit(async (ctx) => {
    own = ctx.files.own;
  });
  await runtime.tasks.waitFor(id);
  expect(existsSync(own)).toBe(true);
  await runtime.close();
  expect(existsSync(own)).toBe(false);
  const left = (await readdir(os.tmpdir())).filter((name) => !before.includes(name));
  expect(left.filter((name) => own.includes(name))).toEqual([]);
});

test("two runtimes in one process do not meet", async () => {
  const [one, other] = await Promise.all([running(), running()]);
  const heard: string[] = [];
  other.events.subscribe(({ type }) => heard.push(type));
  const { id } = await one.tasks.submit("count_task");
  await one.tasks.waitFor(id);
  expect(heard).toEqual([]);
  expect(other.tasks.list()).toEqual([]);
  expect(() => other.tasks.get(id)).toThrow(/no task with the id/);
});

test("no port is open until listen is called, and then the API is there", async () => {
  const runtime = await running();
  const { url, token } = await runtime.listen({ port: 0 });
  expect(token).toBeNull();
  const { id } = await runtime.tasks.submit("count_task");
  await runtime.tasks.waitFor(id);
  const task = (await (await fetch(`${url}/tasks/${id}`)).json()) as { result: unknown };
  expect(task.result).toBe(2);
  const foreign = await fetch(`${url}/tasks/function_task`, { method: "POST" });
  expect(foreign.status).toBe(422);
  const settings = await fetch(`${url}/settings`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: '{"limits":{"max_concurrent_tasks":5}}',
  });
  expect(settings.status).toBe(503);
  await runtime.close();
  await expect(fetch(url)).rejects.toThrow();
});

test("task files of folders serve too, in workers where they block", async () => {
  const project = await folder();
  const file = path.join(project, "sum_task.ts");
  const source = `
    import { Task, z, type In } from "armature/task";
    export class SumTask extends Task.with({
      name: "sum_task", isBlocking: true, parameters: z.object({ to: z.int() }),
    }) {
      run({ to }: In<this>) { let sum = 0; for (let n = 1; n <= to; n++) sum += n; return sum; }
    }`;
  await writeFile(file, source);
  const { tasks } = await running({ project, folders: ["."] });
  const { id } = await tasks.submit("sum_task", { to: 100 });
  expect((await tasks.waitFor(id)).result).toBe(5050);
});

test("a machine can be brought along", async () => {
  const { tasks, devices } = await running({ devices: { light: { driver: "simulated_light" } } });
  expect(devices.list()).toMatchObject([{ name: "light", state: "ready" }]);
  const { id } = await tasks.submit("count_task");
  await tasks.waitFor(id);
});

test("a class that cannot be a task is refused with the reason and the remedy", async () => {
  class Nameless {
    run() {
      return null;
    }
  }
  await expect(createRuntime({ tasks: [Nameless], log: quiet })).rejects.toMatchObject({
    code: "INVALID_TASK_CLASS",
    message: "Nameless cannot be registered as a task: it has no taskName.",
  });
  class Heavy extends Task.with({ name: "heavy_task", isBlocking: true }) {
    run() {
      return null;
    }
  }
  await expect(createRuntime({ tasks: [Heavy], log: quiet })).rejects.toMatchObject({
    remediation: expect.stringContaining("folders"),
  });
});

test("settings are as strict as those of the file", async () => {
  const settings = { limits: { max_concurent_tasks: 2 } } as RuntimeOptions["settings"];
  await expect(createRuntime({ settings, log: quiet })).rejects.toMatchObject({ code: "INVALID_SETTINGS" });
});

test("a batch is accepted as a whole, its keys are names, and its group is one", async () => {
  const { tasks } = await running();
  const { keys } = await tasks.submitBatch(
    [
      { key: "first", task: "count_task", parameters: { steps: 1 } },
      { key: "second", task: "count_task", dependsOn: ["first"] },
    ],
    { group: "pair" },
  );
  expect(await tasks.waitFor(keys.second as string)).toMatchObject({ status: "completed", group: "pair" });
  expect(tasks.group("pair")).toMatchObject({ status: "completed" });
});
