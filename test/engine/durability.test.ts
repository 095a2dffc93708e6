// What the engine asks of the disk, when, and what it does when the disk refuses or the power goes.
import { expect, test } from "vitest";
import { settled } from "../fake-clock.ts";
import { MemoryStore, Types, taskType, World } from "./world.ts";

test("a task that was accepted is on the disk before its answer", async () => {
  const world = await World.open();
  const { id } = await world.manager.submit({ task: "exclusive_task" });
  expect(world.store.tasks.get(id)?.record.status).toBe("pending");
});

test("the start is on the disk before the first line of run", async () => {
  const world = await World.open();
  const id = await world.submit("exclusive_task");
  expect(world.store.tasks.get(id)?.record.status).toBe("running");
  expect(world.store.writes.map(({ record }) => record.status)).toEqual(["pending", "running"]);
});

test("a submit the disk refuses is answered so and leaves nothing behind", async () => {
  const world = await World.open();
  world.store.refuses = true;
  await expect(world.manager.submit({ task: "plain_task" })).rejects.toMatchObject({
    code: "STORE_UNAVAILABLE",
  });
  expect(world.manager.list().tasks).toEqual([]);
  world.store.recover();
  expect(world.status(await world.submit("plain_task"))).toBe("running");
});

test("a start the disk refuses counts as no attempt and is tried again at its turn", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const first = await world.submit("plain_task");
  const id = await world.submit("plain_task");
  world.store.refuses = true;
  await world.run(first).finish();
  expect(world.manager.get(id)).toMatchObject({ status: "pending", attempt: 0 });
  expect(world.status(first)).toBe("running");
  world.store.recover();
  await world.clock.advance(300);
  expect(world.manager.get(id)).toMatchObject({ status: "running", attempt: 1 });
  expect(world.status(first)).toBe("completed");
});

test("an end the disk does not take frees what it held at once, and is told when the disk has it", async () => {
  const world = await World.open();
  const id = await world.submit("exclusive_task");
  world.store.refuses = true;
  await world.run(id).finish();
  expect(world.eventsOf(id)).not.toContain("task_completed");
  world.store.recover();
  await settled();
  expect(world.eventsOf(id).at(-1)).toBe("task_completed");
});

test("a cancel reaches the work even while the disk is full", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  world.store.refuses = true;
  const answer = expect(world.manager.cancel(id)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await settled();
  expect(world.run(id).reason).toBe("user");
  await world.clock.advance(2_000);
  await answer;
});

test("a task that waits for its checkpoint is not kept from stopping by a full disk", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  world.store.refuses = true;
  let waits = true;
  void world
    .run(id)
    .events.checkpoint(1)
    .then(() => {
      waits = false;
    });
  await settled();
  expect(waits).toBe(true);
  const answer = world.manager.cancel(id).catch(() => undefined);
  await settled();
  expect(waits).toBe(false);
  world.store.recover();
  await answer;
});

test("progress is written at most once in two seconds and only after a change of five percent", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  const before = world.store.writes.length;
  for (let step = 1; step <= 1000; step++) {
    world.run(id).events.progress({ current: step, total: 1000 });
    await world.clock.advance(10);
  }
  const written = world.store.writes.length - before;
  expect(written).toBeGreaterThanOrEqual(4);
  expect(written).toBeLessThanOrEqual(6);

  const quiet = world.store.writes.length;
  for (let step = 0; step < 100; step++) {
    world.run(id).events.progress({ current: 1000 + step, total: 100_000 });
    await world.clock.advance(200);
  }
  expect(world.store.writes.length - quiet).toBeLessThanOrEqual(1);
});

test("progress is shown at most 30 times a second, and the last one always", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  for (let step = 1; step <= 1000; step++) {
    world.run(id).events.progress({ current: step, total: 1000 });
    await world.clock.advance(1);
  }
  const shown = world.events.filter(({ type }) => type === "task_progress");
  expect(shown.length).toBeLessThanOrEqual(31);
  await world.run(id).finish();
  expect(world.manager.get(id).progress).toMatchObject({ current: 1000, percent: 100 });
  expect(world.eventsOf(id).at(-1)).toBe("task_completed");
});

test("time left follows from the steps so far", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  await world.clock.advance(10_000);
  world.run(id).events.progress({ current: 20, total: 100 });
  expect(world.manager.get(id).progress).toMatchObject({ percent: 20, eta_seconds: 40, eta_origin: "steps" });
});

test("a checkpoint in a yield is saved behind the task's back, one that is awaited is durable", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  world.run(id).events.progress({ current: 1, checkpoint: { step: 1 } });
  await world.run(id).events.checkpoint({ step: 2 });
  expect(world.store.tasks.get(id)?.memo.checkpoint).toMatchObject({ value: { step: 2 }, hash: "hash-1" });
});

test("what waited before the power cut waits again, in its order, and starts", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  await world.submit("exclusive_task");
  const waiting = [
    await world.submit("plain_task"),
    await world.submit("other_task"),
    await world.submit("plain_task"),
  ];
  const after = await world.reboot();
  expect(after.running()).toEqual([waiting[0]]);
  expect(waiting.slice(1).map((id) => after.manager.get(id).queue_position)).toEqual([1, 2]);
  await after.manager.cancel(waiting[1] as string);
  await after.manager.remove(waiting[1] as string);
});

const policies = { ask: "interrupted", resume: "running", requeue: "running", fail: "failed" } as const;
for (const [onRestart, status] of Object.entries(policies)) {
  test(`a task that was running when the power went, with onRestart '${onRestart}', is ${status} after boot`, async () => {
    const types = new Types([taskType("policy_task", { onRestart: onRestart as keyof typeof policies })]);
    const world = await World.open({ types });
    const id = await world.submit("policy_task");
    await world.run(id).events.checkpoint(5);
    const after = await world.reboot();
    expect(after.status(id)).toBe(status);
    if (status === "running")
      expect(after.run(id).work.resumedFrom).toBe(onRestart === "resume" ? 5 : undefined);
    else
      expect(after.manager.get(id).failure).toMatchObject({
        code: "INTERRUPTED",
        details: { status: "running" },
      });
    expect(after.manager.get(id).attempts[0]).toMatchObject({ outcome: "interrupted" });
  });
}

test("a checkpoint of other code makes even a resuming task ask", async () => {
  const types = new Types([taskType("policy_task", { onRestart: "resume" })]);
  const world = await World.open({ types });
  const id = await world.submit("policy_task");
  await world.run(id).events.checkpoint(5);
  types.set(taskType("policy_task", { onRestart: "resume" }, "hash-2"));
  expect((await world.reboot()).status(id)).toBe("interrupted");
});

test("what was pausing or paused always asks", async () => {
  const types = new Types([taskType("policy_task", { onRestart: "requeue" })]);
  const world = await World.open({ types });
  const [pausing, paused] = [await world.submit("policy_task"), await world.submit("policy_task")];
  await world.manager.pause(pausing);
  await world.manager.pause(paused);
  await world.run(paused).reachCheckpoint();
  const after = await world.reboot();
  expect([pausing, paused].map((id) => after.status(id))).toEqual(["interrupted", "interrupted"]);
});

test("what was cancelling ends as it was going to", async () => {
  const world = await World.open();
  const user = await world.submit("plain_task");
  const timeout = await world.submit("plain_task", { timeout_seconds: 1 });
  await world.manager.cancel(user);
  await world.clock.advance(1_000);
  const after = await world.reboot();
  expect(after.status(user)).toBe("cancelled");
  expect(after.manager.get(timeout)).toMatchObject({ status: "failed", failure: { code: "TIMEOUT" } });
});

test("a graceful shutdown records running tasks as interrupted, and the next boot follows their policy", async () => {
  const types = new Types([taskType("policy_task", { onRestart: "resume" }), taskType("asking_task")]);
  const world = await World.open({ types });
  const [resuming, asking] = [await world.submit("policy_task"), await world.submit("asking_task")];
  await world.run(resuming).events.checkpoint(3);
  const closed = world.manager.close();
  await settled();
  expect(world.run(resuming).reason).toBe("shutdown");
  await world.run(resuming).stop();
  await world.run(asking).stop();
  await closed;
  expect([resuming, asking].map((id) => world.store.tasks.get(id)?.record.status)).toEqual([
    "interrupted",
    "interrupted",
  ]);
  const after = await world.reboot();
  expect(after.run(resuming).work.resumedFrom).toBe(3);
  expect(after.status(asking)).toBe("interrupted");
});

test("a shutdown waits no longer than the grace for a task that ignores it", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  const closed = world.manager.close();
  await world.clock.advance(5_000);
  await closed;
  expect(world.store.tasks.get(id)?.record.status).toBe("interrupted");
  await expect(world.manager.submit({ task: "plain_task" })).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
});

test("tasks whose type is gone after the boot stay visible, say so, and can be removed", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  await world.submit("exclusive_task");
  const id = await world.submit("other_task");
  world.types.delete("other_task");
  const after = await world.reboot();
  expect(after.manager.get(id)).toMatchObject({
    status: "pending",
    blocked_by: [{ because: "TASK_TYPE_GONE" }],
  });
  await after.manager.cancel(id);
  await after.manager.remove(id);
});

test("ended tasks are forgotten by count, the first ended first", async () => {
  const world = await World.open({ limits: { maxFinishedTasks: 3, maxConcurrentTasks: 1 } });
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    const id = await world.submit("plain_task");
    ids.push(id);
    await world.run(id).finish();
  }
  expect(world.manager.history().tasks.map(({ id }) => id)).toEqual(ids.slice(2).reverse());
  expect([...world.store.tasks.keys()]).toEqual(ids.slice(2));
});

test("with clear_history_on_shutdown every ended task is forgotten at shutdown, and no other", async () => {
  for (const clearHistoryOnShutdown of [true, false]) {
    const world = await World.open({ limits: { clearHistoryOnShutdown, maxConcurrentTasks: 1 } });
    const [completed, failed, running, waiting] = [
      await world.submit("plain_task"),
      await world.submit("plain_task"),
      await world.submit("plain_task"),
      await world.submit("plain_task"),
    ] as const;
    await world.run(completed).finish();
    await world.run(failed).fail();
    const closed = world.manager.close();
    await settled();
    await world.run(running).stop();
    await closed;
    const kept = [completed, failed, running, waiting].filter((id) => world.store.tasks.has(id));
    expect(kept).toEqual(clearHistoryOnShutdown ? [running, waiting] : [completed, failed, running, waiting]);
  }
});

test("ended tasks are forgotten by age", async () => {
  const world = await World.open({ limits: { maxFinishedAgeHours: 1 } });
  const id = await world.submit("plain_task");
  await world.run(id).finish();
  await world.clock.advance(3_600_000 + 61_000);
  expect(world.store.tasks.has(id)).toBe(false);
});

test("the pause of the queue survives a restart", async () => {
  const store = new MemoryStore();
  const world = await World.open({ store });
  await world.manager.pauseQueue();
  const id = await world.submit("plain_task");
  const after = await world.reboot();
  expect(after.manager.get(id)).toMatchObject({
    status: "pending",
    blocked_by: [{ because: "queue_paused" }],
  });
});
