// One task from its submit to its end: what may be asked of it in each state.
import { expect, test } from "vitest";
import { deferred } from "../../src/lib/deferred.ts";
import { mayFollow, type Status, statuses } from "../../src/task/lifecycle.ts";
import { settled } from "../fake-clock.ts";
import { taskType, World } from "./world.ts";

async function taskThatIs(status: Status, task = "plain_task"): Promise<{ world: World; id: string }> {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  if (status === "pending") await world.submit("exclusive_task");
  const id = await world.submit(task);
  if (status === "pausing" || status === "paused") await world.manager.pause(id);
  if (status === "paused") await world.run(id).reachCheckpoint();
  if (status === "cancelling" || status === "cancelled") await world.manager.cancel(id);
  if (status === "cancelled") await world.run(id).stop();
  if (status === "completed") await world.run(id).finish();
  if (status === "failed") await world.run(id).fail();
  if (status === "interrupted") {
    const later = await world.reboot();
    expect(later.status(id)).toBe("interrupted");
    return { world: later, id };
  }
  expect(world.status(id)).toBe(status);
  return { world, id };
}

test("a task lives from pending to completed and its record says when", async () => {
  const { world, id } = await taskThatIs("running");
  await world.clock.advance(2000);
  await world.run(id).finish({ photos: 3 });
  const task = world.manager.get(id);
  expect(task).toMatchObject({
    status: "completed",
    result: { photos: 3 },
    error: null,
    failure: null,
    attempt: 1,
  });
  expect(Date.parse(task.completed_at as string) - Date.parse(task.started_at as string)).toBe(2000);
  expect(task.attempts).toMatchObject([{ number: 1, outcome: "completed", error: null }]);
  expect(world.eventsOf(id)).toEqual(["task_scheduled", "task_started", "task_completed"]);
});

test("a task that throws fails with a sentence for people and a failure for programs", async () => {
  const { world, id } = await taskThatIs("failed");
  expect(world.manager.get(id)).toMatchObject({
    error: "it broke",
    failure: { code: "TASK_FAILED", message: "it broke" },
    attempts: [{ outcome: "failed", error: "it broke" }],
  });
});

for (const status of statuses) {
  test(`cancelling a task that is ${status} does what the table allows`, async () => {
    const { world, id } = await taskThatIs(status);
    if (["completed", "failed", "cancelled"].includes(status)) {
      await expect(world.manager.cancel(id)).rejects.toMatchObject({
        code: "WRONG_STATE",
        details: { status },
      });
      return;
    }
    const answer = await world.manager.cancel(id);
    expect(answer.status).toBe(status === "pending" || status === "interrupted" ? "cancelled" : "cancelling");
    expect(mayFollow(status, answer.status) || status === "cancelling").toBe(true);
    if (answer.status === "cancelling") await world.run(id).stop();
    expect(world.status(id)).toBe("cancelled");
    expect(world.eventsOf(id).filter((type) => type === "task_cancelled")).toHaveLength(1);
  });

  test(`pausing a task that is ${status} does what the table allows`, async () => {
    const { world, id } = await taskThatIs(status);
    if (status === "running" || status === "pausing" || status === "paused")
      expect((await world.manager.pause(id)).status).toBe(status === "paused" ? "paused" : "pausing");
    else
      await expect(world.manager.pause(id)).rejects.toMatchObject({
        code: "WRONG_STATE",
        details: { allowed: ["running"] },
      });
  });

  test(`restarting a task that is ${status} does what the table allows`, async () => {
    const { world, id } = await taskThatIs(status);
    if (status === "failed" || status === "cancelled" || status === "interrupted") {
      await world.manager.restart(id);
      await settled();
      expect(world.manager.get(id)).toMatchObject({
        status: "running",
        error: null,
        failure: null,
        completed_at: null,
      });
    } else await expect(world.manager.restart(id)).rejects.toMatchObject({ code: "WRONG_STATE" });
  });

  test(`removing a task that is ${status} does what the table allows`, async () => {
    const { world, id } = await taskThatIs(status);
    if (["completed", "failed", "cancelled", "interrupted"].includes(status)) {
      await world.manager.remove(id);
      expect(() => world.manager.get(id)).toThrow(/no task with the id/);
      expect(world.store.tasks.has(id)).toBe(false);
      expect(world.eventsOf(id).at(-1)).toBe("task_removed");
    } else await expect(world.manager.remove(id)).rejects.toMatchObject({ code: "WRONG_STATE" });
  });
}

test("a task that never looked at its cancel and finished is completed", async () => {
  const { world, id } = await taskThatIs("cancelling");
  await world.run(id).finish(42);
  expect(world.manager.get(id)).toMatchObject({ status: "completed", result: 42 });
});

test("a task that saw its cancel and returns is cancelled, with what it returned as its partial result", async () => {
  const { world, id } = await taskThatIs("cancelling");
  await world.run(id).giveIn({ photos: 7 });
  expect(world.manager.get(id)).toMatchObject({
    status: "cancelled",
    result: null,
    partial_result: { photos: 7 },
  });
});

test("whatever is thrown after a cancel, the task is cancelled", async () => {
  const { world, id } = await taskThatIs("cancelling");
  await world.run(id).fail("cannot home");
  expect(world.manager.get(id)).toMatchObject({ status: "cancelled", failure: null });
});

test("a blocking task that ignores its cancel is ended after its grace, an async one is reported as stuck", async () => {
  const { world, id } = await taskThatIs("cancelling", "blocking_task");
  await world.clock.advance(4_999);
  expect(world.status(id)).toBe("cancelling");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("cancelled");

  const stuck = await taskThatIs("cancelling");
  await stuck.world.clock.advance(5_000);
  expect(stuck.world.status(stuck.id)).toBe("cancelling");
  expect(stuck.world.eventsOf(stuck.id)).toContain("task_stuck");
});

test("what a cancelled task holds stays held until its clean-up is over", async () => {
  const world = await World.open();
  const alone = await world.submit("exclusive_task");
  const next = await world.submit("plain_task");
  await world.manager.pause(alone);
  await world.run(alone).reachCheckpoint();
  await world.manager.cancel(alone);
  await world.clock.advance(60_000);
  expect(world.status(next)).toBe("pending");
  await world.run(alone).stop();
  expect(world.status(next)).toBe("running");
});

test("a cancel that comes while the start is being written ends in cancelled without a run", async () => {
  const world = await World.open();
  const { promise, resolve } = deferred();
  const first = await world.submit("exclusive_task");
  const id = await world.submit("plain_task");
  const submitted = world.async.runs.length;
  world.run(first).end({ how: "returned", result: null, sawCancel: false });
  world.store.gate = promise;
  await settled();
  const cancel = world.manager.cancel(id);
  world.store.gate = null;
  resolve();
  expect((await cancel).status).toBe("cancelled");
  expect(world.async.runs.length).toBe(submitted);
  expect(world.status(await world.submit("exclusive_task"))).toBe("running");
});

test("a pause shows as pausing until the task stands at a checkpoint", async () => {
  const { world, id } = await taskThatIs("pausing");
  await world.run(id).reachCheckpoint();
  expect(world.status(id)).toBe("paused");
  await world.manager.resume(id);
  expect(world.status(id)).toBe("running");
  expect(world.eventsOf(id).slice(-3)).toEqual(["task_pausing", "task_paused", "task_resumed"]);
  expect(world.run(id).told).toEqual(["pause", "resume"]);
});

test("a pause that is answered after the task was resumed is ignored", async () => {
  const { world, id } = await taskThatIs("pausing");
  const old = world.run(id).pauseRequest;
  await world.manager.resume(id);
  world.run(id).events.paused(old);
  await settled();
  expect(world.status(id)).toBe("running");
  await world.manager.pause(id);
  world.run(id).events.paused(old);
  await settled();
  expect(world.status(id)).toBe("pausing");
});

test("a task that returns while one of its branches stands paused is completed", async () => {
  const { world, id } = await taskThatIs("paused");
  await world.run(id).finish("from another branch");
  expect(world.manager.get(id)).toMatchObject({ status: "completed", result: "from another branch" });
});

test("a lane that cannot take a task fails that task and holds nothing", async () => {
  const world = await World.open();
  world.async.refuses = true;
  const id = await world.submit("exclusive_task");
  expect(world.manager.get(id)).toMatchObject({
    status: "failed",
    error: expect.stringContaining("no thread left"),
  });
  world.async.refuses = false;
  expect(world.status(await world.submit("plain_task"))).toBe("running");
});

test("a timeout counts running time only and ends in failed with the seconds, the partial result and a remedy", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { timeout_seconds: 10 });
  world.run(id).events.partialResult({ rows: 4 });
  await world.clock.advance(6_000);
  await world.manager.pause(id);
  await world.run(id).reachCheckpoint();
  await world.clock.advance(60_000);
  await world.manager.resume(id);
  await world.clock.advance(3_999);
  expect(world.status(id)).toBe("running");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("cancelling");
  await world.run(id).stop();
  expect(world.manager.get(id)).toMatchObject({
    status: "failed",
    error: "Operation exceeded timeout of 10 seconds",
    partial_result: { rows: 4 },
    failure: {
      code: "TIMEOUT",
      details: { timeout_seconds: 10, partial_result: { rows: 4 } },
      remediation: "Try breaking the operation into smaller chunks or increase timeout",
    },
  });
});

test("the first reason to stop decides: a timeout after a cancel changes nothing", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { timeout_seconds: 1 });
  await world.manager.cancel(id);
  await world.clock.advance(2_000);
  await world.run(id).stop();
  expect(world.status(id)).toBe("cancelled");
});

test("resuming an ended task goes on at its checkpoint, and without one it is refused with the way out", async () => {
  const { world, id } = await taskThatIs("running");
  world.run(id).events.progress({ current: 3, total: 10, checkpoint: { step: 3 } });
  await settled();
  await world.run(id).fail();
  await world.manager.resume(id);
  await settled();
  expect(world.run(id).work).toMatchObject({ resumedFrom: { step: 3 }, attempt: 2 });

  const bare = await taskThatIs("failed");
  await expect(bare.world.manager.resume(bare.id)).rejects.toMatchObject({
    code: "NO_CHECKPOINT",
    remediation: expect.stringContaining(`/tasks/${bare.id}/restart`),
  });
});

test("a restart begins anew: no checkpoint, no progress, no old result", async () => {
  const { world, id } = await taskThatIs("running");
  world.run(id).events.progress({ current: 3, total: 10, checkpoint: 3 });
  await settled();
  await world.run(id).fail();
  await world.manager.restart(id);
  await settled();
  expect(world.run(id).work.resumedFrom).toBeUndefined();
  expect(world.manager.get(id)).toMatchObject({ progress: { current: 0 }, attempt: 2 });
});

test("a checkpoint that other code wrote is not trusted", async () => {
  const { world, id } = await taskThatIs("running");
  world.run(id).events.progress({ current: 3, checkpoint: 3 });
  await settled();
  await world.run(id).fail();
  world.types.set(taskType("plain_task", {}, "hash-2"));
  await expect(world.manager.resume(id)).rejects.toMatchObject({ code: "CHECKPOINT_OUTDATED" });
});

test("a restart takes its turn behind an exclusive task that waits, and one of a type that is gone is refused", async () => {
  const { world, id } = await taskThatIs("failed");
  await world.submit("plain_task");
  const alone = await world.submit("exclusive_task");
  await world.manager.restart(id);
  await settled();
  expect(world.manager.get(id)).toMatchObject({ status: "pending", blocked_by: [{ task_id: alone }] });

  const orphan = await taskThatIs("failed");
  orphan.world.types.delete("plain_task");
  await expect(orphan.world.manager.restart(orphan.id)).rejects.toMatchObject({ code: "TASK_TYPE_GONE" });
  expect(orphan.world.status(orphan.id)).toBe("failed");
});

test("a task that is still unwinding can be neither restarted nor removed", async () => {
  const { world, id } = await taskThatIs("cancelling");
  await expect(world.manager.restart(id)).rejects.toMatchObject({ code: "WRONG_STATE" });
  await expect(world.manager.remove(id)).rejects.toMatchObject({ code: "WRONG_STATE" });
});

test("parameters that no longer fit a changed type fail the task when its turn comes", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const first = await world.submit("plain_task");
  const id = await world.submit("plain_task");
  const changed = taskType("plain_task", {}, "hash-2");
  world.types.set({
    ...changed,
    validate: () => ({ ok: false, issues: [{ path: "parameters.n", message: "required" }] }),
  });
  await world.run(first).finish();
  expect(world.manager.get(id)).toMatchObject({
    status: "failed",
    failure: { code: "PARAMETERS_OUTDATED" },
    attempt: 0,
  });
  expect(world.running()).toEqual([]);
});

test("an unknown task is refused with the nearest names, and invalid parameters with their paths", async () => {
  const world = await World.open();
  await expect(world.manager.submit({ task: "plane_task" })).rejects.toMatchObject({
    code: "UNKNOWN_TASK_TYPE",
    details: { nearest: ["plain_task"] },
  });
  for (const task of ["plain_tsk", "plan"])
    await expect(world.manager.submit({ task })).rejects.toMatchObject({
      details: { nearest: ["plain_task"] },
    });
  await expect(world.manager.submit({ task: "plain", parameters: { bad: 1 } })).rejects.toMatchObject({
    code: "INVALID_PARAMETERS",
    details: { errors: [{ path: "parameters.bad" }] },
  });
});

test("a waiting task can be changed, a running one cannot", async () => {
  const { world, id } = await taskThatIs("pending");
  const changed = await world.manager.change(id, { name: "mine", priority: 3, parameters: { n: 1 } });
  expect(changed).toMatchObject({ name: "mine", priority: 3, parameters: { n: 1 }, status: "pending" });
  await expect(world.manager.change(id, { parameters: { bad: 1 } })).rejects.toMatchObject({
    code: "INVALID_PARAMETERS",
  });
  const running = world.running()[0] as string;
  await expect(world.manager.change(running, { name: "x" })).rejects.toMatchObject({ code: "WRONG_STATE" });
});

test("the same key and body is the same task, another body is refused", async () => {
  const world = await World.open();
  const key = { key: "k", digest: "d" };
  const [first, again] = await Promise.all([
    world.manager.submit({ task: "plain_task" }, key),
    world.manager.submit({ task: "plain_task" }, key),
  ]);
  expect(again.id).toBe(first.id);
  const later = await world.reboot();
  expect((await later.manager.submit({ task: "plain_task" }, key)).id).toBe(first.id);
  await expect(later.manager.submit({ task: "plain_task" }, { key: "k", digest: "e" })).rejects.toMatchObject(
    {
      code: "IDEMPOTENCY_CONFLICT",
    },
  );
});

test("a result above 64 KiB lives in a file, above 16 MiB the task fails", async () => {
  const { world, id } = await taskThatIs("running");
  await world.run(id).finish("x".repeat(70_000));
  expect(world.manager.get(id).result).toEqual({ file: `results/${id}.json`, bytes: 70_002 });
  expect(world.kept.get(id)?.length).toBe(70_002);

  const big = await taskThatIs("running");
  await big.world.run(big.id).finish("x".repeat(17 * 1024 * 1024));
  expect(big.world.manager.get(big.id)).toMatchObject({
    status: "failed",
    failure: { code: "RESULT_TOO_LARGE" },
  });
});

test("who waits for a task of a runtime that is closed gets it as it is", async () => {
  const { world, id } = await taskThatIs("pending");
  const before = world.manager.waitFor(id);
  const closed = world.manager.close();
  await world.clock.advance(5_000);
  await closed;
  expect((await before).status).toBe("pending");
  expect((await world.manager.waitFor(id)).status).toBe("pending");
});

test("who waits for a task gets it once it has ended, or as it is when the time is over", async () => {
  const { world, id } = await taskThatIs("running");
  const soon = world.manager.waitFor(id, { timeoutSeconds: 1 });
  const ended = world.manager.waitFor(id);
  await world.clock.advance(1_000);
  expect((await soon).status).toBe("running");
  await world.run(id).finish();
  expect((await ended).status).toBe("completed");
});
