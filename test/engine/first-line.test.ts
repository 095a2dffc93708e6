// A new task that nothing keeps from its start is stored as started: one line and one sync, where others have two.
import { expect, test } from "vitest";
import { deferred } from "../../src/lib/deferred.ts";
import type { Claims } from "../../src/task/policy.ts";
import { settled } from "../fake-clock.ts";
import { ordinaryTypes, slowDisk, Types, taskType, World } from "./world.ts";

const light = taskType("light_task", { uses: { light: "exclusive" } });
const open = (limits = {}) => World.open({ types: new Types([...ordinaryTypes(), light]), limits });

const stored = (world: World): string[] => world.store.writes.map(({ record }) => record.status);

for (const task of ["plain_task", "blocking_task"]) {
  test(`a ${task} that finds its place free is accepted and started with one line`, async () => {
    const world = await open();
    const { id, status, attempt, attempts } = await world.manager.submit({ task });
    expect({ status, attempt, attempts }).toEqual({ status: "pending", attempt: 0, attempts: [] });
    await settled();
    expect(stored(world)).toEqual(["running"]);
    expect(world.manager.get(id)).toMatchObject({ status: "running", attempt: 1 });
    expect(world.eventsOf(id)).toEqual(["task_scheduled", "task_started"]);
    await world.run(id).finish();
    expect(world.status(id)).toBe("completed");
  });
}

test("whoever claims something, or wants the machine for itself, stands in line before it starts", async () => {
  for (const task of ["light_task", "exclusive_task"]) {
    const world = await open();
    await world.submit(task);
    expect(stored(world)).toEqual(["pending", "running"]);
  }
});

test("it has its place from its submit on: who comes while the disk writes waits for it, and starts next", async () => {
  const world = await open({ maxConcurrentTasks: 1 });
  const go = slowDisk(world);
  const both = Promise.all([
    world.manager.submit({ task: "plain_task" }),
    world.manager.submit({ task: "other_task" }),
  ]);
  await go();
  const [first, second] = await both;
  expect(world.running()).toEqual([first.id]);
  expect(world.manager.get(second.id).blocked_by).toMatchObject([{ because: "concurrency_limit" }]);
  await world.run(first.id).finish();
  expect(world.running()).toEqual([second.id]);
});

test("while others wait it comes behind them", async () => {
  const world = await open();
  const light = await world.submit("light_task");
  const waiting = await world.submit("light_task");
  const later = await world.submit("plain_task");
  expect(stored(world)).toEqual(["pending", "running", "pending", "pending", "running"]);
  expect([light, waiting, later].map((id) => world.status(id))).toEqual(["running", "pending", "running"]);
});

for (const [what, task] of [
  ["wants the machine for itself", "exclusive_task"],
  ["claims something", "light_task"],
] as const) {
  test(`it does not overtake one that ${what} and is on its way to the queue`, async () => {
    const world = await open({ maxConcurrentTasks: 1 });
    const go = slowDisk(world);
    const both = Promise.all([world.manager.submit({ task }), world.manager.submit({ task: "plain_task" })]);
    await go();
    const [earlier, later] = await both;
    expect(world.running()).toEqual([earlier.id]);
    expect(world.status(later.id)).toBe("pending");
  });
}

test("where the disk refuses it, nothing was accepted and its place is free again", async () => {
  const world = await open({ maxConcurrentTasks: 1 });
  world.store.refuses = true;
  const refused = world.manager.submit({ task: "plain_task" });
  await expect(refused).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(world.manager.list().tasks).toEqual([]);
  expect(world.events).toEqual([]);
  world.store.recover();
  expect(world.status(await world.submit("plain_task"))).toBe("running");
});

test("one that was on its way to the disk when everything was stopped waits, and starts when the queue goes on", async () => {
  const world = await open();
  const go = slowDisk(world);
  const submitted = world.manager.submit({ task: "plain_task" });
  const stopped = world.manager.stop();
  await go();
  const { id } = await submitted;
  await stopped;
  expect(world.manager.get(id)).toMatchObject({ status: "pending", attempt: 0 });
  expect(world.store.tasks.get(id)?.record).toMatchObject({ status: "pending", attempt: 0 });
  expect(world.running()).toEqual([]);
  await world.manager.resumeQueue();
  await settled();
  expect(world.manager.get(id)).toMatchObject({ status: "running", attempt: 1 });
});

test("one that was on its way to the disk when the runtime closed waits for the next start", async () => {
  const world = await open();
  const go = slowDisk(world);
  const submitted = world.manager.submit({ task: "plain_task" });
  const closed = world.manager.close();
  await go();
  const { id } = await submitted;
  await closed;
  expect(world.runs).toEqual([]);
  const next = await world.reboot();
  expect(next.manager.get(id)).toMatchObject({ status: "running", attempt: 1 });
});

test("one whose file changes while it is asked what it claims is looked at anew before it runs", async () => {
  const asked = deferred<Claims>();
  const before = { ...taskType("odd_task", { usesDependOnParameters: true }), claimsOf: () => asked.promise };
  const world = await World.open({ types: new Types([before]) });
  const submitted = world.manager.submit({ task: "odd_task", parameters: { speed: 3 } });
  const issues = [{ path: "parameters.speed", message: "is not allowed any more" }];
  world.types.set({ ...taskType("odd_task", {}, "hash-2"), validate: () => ({ ok: false, issues }) });
  asked.resolve({});
  const { id } = await submitted;
  await settled();
  expect(world.runs).toEqual([]);
  expect(world.manager.get(id)).toMatchObject({ status: "failed", failure: { code: "PARAMETERS_OUTDATED" } });
});

test("one that is cancelled by whoever hears first of it does not run", async () => {
  const world = await open();
  let cancelled: Promise<unknown> | null = null;
  world.events.push = (event) => {
    if (event.type === "task_scheduled" && event.task_id) cancelled = world.manager.cancel(event.task_id);
    return Array.prototype.push.call(world.events, event);
  };
  const { id } = await world.manager.submit({ task: "plain_task" });
  await cancelled;
  await settled();
  expect(world.status(id)).toBe("cancelled");
  expect(world.runs).toEqual([]);
  expect(world.eventsOf(id)).toEqual(["task_scheduled", "task_cancelled"]);
});

test("when the power goes after its line, it is one that was interrupted", async () => {
  const before = await open();
  const { id } = await before.manager.submit({ task: "plain_task" });
  const world = await before.reboot();
  expect(world.manager.get(id)).toMatchObject({ status: "interrupted", attempt: 1 });
});
