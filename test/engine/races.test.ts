// Two things asked of one task at the same time, and what a task says when it is over.
import { expect, test } from "vitest";
import { settled } from "../fake-clock.ts";
import { MemoryStore, slowDisk, Types, taskType, World } from "./world.ts";

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function failedTask(world: World): Promise<string> {
  const id = await world.submit("plain_task");
  await world.run(id).fail();
  return id;
}

/** A task that waits behind an exclusive one. */
async function waitingTask(world: World): Promise<{ id: string; first: string }> {
  const first = await world.submit("exclusive_task");
  return { id: await world.submit("plain_task"), first };
}

test("a waiting task that is cancelled twice at once is cancelled once, and a later restart runs", async () => {
  const world = await World.open();
  const { id, first } = await waitingTask(world);
  const go = slowDisk(world);
  const both = Promise.all([world.manager.cancel(id), world.manager.cancel(id)]);
  await go();
  expect((await both).map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
  expect(world.eventsOf(id).filter((type) => type === "task_cancelled")).toHaveLength(1);
  await world.manager.restart(id);
  await world.run(first).finish();
  expect(world.status(id)).toBe("running");
});

test("a waiting task is cancelled while a change of it is on its way to the disk", async () => {
  const world = await World.open();
  const { id, first } = await waitingTask(world);
  const go = slowDisk(world);
  const both = Promise.all([world.manager.change(id, { name: "renamed" }), world.manager.cancel(id)]);
  await go();
  await both;
  expect(world.manager.get(id)).toMatchObject({ name: "renamed", status: "cancelled", queue_position: null });
  await world.run(first).finish();
  expect(world.running()).toEqual([]);
});

test("an interrupted task that is resumed and cancelled at once is cancelled, and nobody waits for its place", async () => {
  const types = new Types([taskType("plain_task"), taskType("exclusive_task", { isExclusive: true })]);
  const before = await World.open({ types });
  const id = await before.submit("exclusive_task");
  await before.run(id).events.checkpoint(1);
  const world = await before.reboot();
  const timers = world.clock.pending;
  const go = slowDisk(world);
  const both = Promise.all([world.manager.resume(id), world.manager.cancel(id)]);
  await go();
  await both;
  expect(world.status(id)).toBe("cancelled");
  expect(world.eventsOf(id)).toEqual(["task_scheduled", "task_cancelled"]);
  const next = await world.submit("plain_task");
  expect(world.status(next)).toBe("running");
  // One timer watches over the one that runs.
  expect(world.clock.pending).toBe(timers + 1);
});

test("a task that is removed twice at once is forgotten once, and the second is told that it is unknown", async () => {
  const world = await World.open();
  const id = await failedTask(world);
  const go = slowDisk(world);
  const both = Promise.all([world.manager.remove(id), world.manager.remove(id)].map(outcomeOf));
  await go();
  expect(await both).toEqual(["done", "UNKNOWN_TASK"]);
  expect(world.eventsOf(id).filter((type) => type === "task_removed")).toHaveLength(1);
  expect(world.manager.stats().counts.failed).toBe(0);
});

test("a task that is removed and restarted at once is gone, after a power cut too", async () => {
  const world = await World.open();
  const id = await failedTask(world);
  const go = slowDisk(world);
  const both = Promise.all([world.manager.remove(id), world.manager.restart(id)].map(outcomeOf));
  await go();
  expect(await both).toEqual(["done", "UNKNOWN_TASK"]);
  expect(world.eventsOf(id).at(-1)).toBe("task_removed");
  expect(world.store.tasks.has(id)).toBe(false);
});

test("of a restart and a cleanup at the same time the first counts, and whoever is left runs", async () => {
  for (const order of ["restart first", "cleanup first"]) {
    const world = await World.open();
    const id = await failedTask(world);
    const other = await failedTask(world);
    const restart = (): Promise<unknown> => world.manager.restart(id);
    const cleanup = (): Promise<unknown> => world.manager.cleanup({});
    const go = slowDisk(world);
    const verbs = order === "restart first" ? [restart, cleanup] : [cleanup, restart];
    const both = Promise.all(verbs.map((verb) => outcomeOf(verb())));
    await go();
    const isThere = order === "restart first";
    expect(await both).toEqual(isThere ? ["done", "done"] : ["done", "UNKNOWN_TASK"]);
    expect(world.store.tasks.has(other)).toBe(false);
    expect(world.store.tasks.has(id)).toBe(isThere);
    expect(world.running()).toEqual(isThere ? [id] : []);
    const next = await world.submit("exclusive_task");
    if (isThere) await world.run(id).finish();
    expect(world.status(next)).toBe("running");
  }
});

test("what a task says after its end is not heard, and does not bring a forgotten one back", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  const { events } = world.run(id);
  const say = async (): Promise<void> => {
    events.progress({ current: 1, total: 2, checkpoint: 3 });
    events.partialResult("late");
    events.artifact({ name: "a", file: "a", type: "text/plain", bytes: 1, created_at: "" });
    await outcomeOf(events.checkpoint(4));
    await world.clock.advance(5000);
  };
  await world.run(id).fail();
  await say();
  expect(world.eventsOf(id).at(-1)).toBe("task_failed");
  expect(world.manager.get(id)).toMatchObject({
    partial_result: null,
    artifacts: [],
    progress: { current: 0 },
  });
  await world.manager.restart(id);
  await settled();
  await say();
  await world.run(id).fail();
  expect(world.manager.get(id)).toMatchObject({
    partial_result: null,
    artifacts: [],
    progress: { current: 0 },
  });
  await world.manager.remove(id);
  await say();
  expect(world.store.tasks.has(id)).toBe(false);
  expect(world.eventsOf(id).at(-1)).toBe("task_removed");
});

test("a task that tells of its pause from several branches has its running time counted once", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { timeout_seconds: 10 });
  await world.clock.advance(6000);
  await world.manager.pause(id);
  await world.run(id).reachCheckpoint();
  await world.run(id).reachCheckpoint();
  await world.clock.advance(60_000);
  await world.run(id).reachCheckpoint();
  await world.manager.resume(id);
  await world.clock.advance(3000);
  expect(world.status(id)).toBe("running");
  await world.clock.advance(1500);
  expect(world.status(id)).toBe("cancelling");
});

test("a pause that is told late does not show a task as paused that runs on", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  await world.manager.pause(id);
  const go = slowDisk(world);
  const again = Promise.all([world.manager.resume(id), world.manager.pause(id)]);
  world.run(id).events.paused(world.run(id).pauseRequest);
  await go();
  await again;
  expect(world.status(id)).toBe("pausing");
  await world.run(id).reachCheckpoint();
  expect(world.status(id)).toBe("paused");
});

test("a shutdown does not wait for a task that has ignored its cancel before", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  await world.manager.cancel(id);
  await world.clock.advance(6000);
  expect(world.eventsOf(id)).toContain("task_stuck");
  await world.manager.close();
  expect(world.status(id)).toBe("cancelled");
});

test("a shutdown does not wait for a task whose grace ends during it", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  await world.manager.cancel(id);
  await world.clock.advance(3000);
  const closed = world.manager.close();
  await world.clock.advance(3000);
  await closed;
  expect(world.status(id)).toBe("cancelled");
});

test("a shutdown does not wait for ever for a disk that takes nothing, and what ran asks at the next start", async () => {
  const world = await World.open({ limits: { maxFinishedTasks: 0 } });
  const [stopping, large] = [await world.submit("plain_task"), await world.submit("blocking_task")];
  world.store.refuses = true;
  world.keepRefuses = true;
  await world.run(large).finish("x".repeat(70_000));
  const closed = world.manager.close();
  await settled();
  await world.run(stopping).stop();
  await world.clock.advance(30_000);
  await closed;
  const disk = new MemoryStore();
  for (const [id, task] of world.store.tasks) disk.tasks.set(id, task);
  const after = await World.open({ store: disk });
  expect([after.status(stopping), after.status(large)]).toEqual(["interrupted", "interrupted"]);
});
