// What follows a failed attempt.
import { expect, test } from "vitest";
import { pauseAfter } from "../../../src/engine/attempt/retry.ts";
import { RuntimeError } from "../../../src/errors/runtime-error.ts";
import { deferred } from "../../../src/lib/deferred.ts";
import { defaultRetry, type Policy, type RetryPolicy } from "../../../src/task/policy.ts";
import type { TaskView } from "../../../src/task/record.ts";
import { settled } from "../../fake-clock.ts";
import { Types, taskType, World } from "../world.ts";

const steady: RetryPolicy = { ...defaultRetry, delaySeconds: 10, backoff: "fixed", jitter: 0 };

const open = (retry: Partial<RetryPolicy> | null, policy: Partial<Policy> = {}): Promise<World> =>
  World.open({
    types: new Types([taskType("shaky_task", { retry: retry && { ...steady, ...retry }, ...policy })]),
  });

const view = (world: World, id: string): TaskView => world.manager.get(id);
const outcomes = (task: TaskView) =>
  task.attempts.map(({ number, outcome, error }) => [number, outcome, error]);

test("a task that fails is tried again after its delay, and its attempts are recorded with their errors", async () => {
  const world = await open({ maxAttempts: 3 });
  const id = await world.submit("shaky_task");
  await world.run(id).fail("the motor slipped");
  const again = new Date(world.clock.now() + 10_000).toISOString();
  expect(view(world, id)).toMatchObject({
    status: "pending",
    attempt: 1,
    error: null,
    failure: null,
    completed_at: null,
    queue_position: null,
    blocked_by: [{ because: "not_before", resource: again }],
  });
  expect(world.events.at(-1)).toMatchObject({
    type: "task_retrying",
    error: "the motor slipped",
    not_before: again,
  });
  await world.clock.advance(9_999);
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("running");
  await world.run(id).fail("it slipped again");
  await world.clock.advance(10_000);
  await world.run(id).finish("done");
  const task = view(world, id);
  expect(task).toMatchObject({ status: "completed", attempt: 3, result: "done", error: null });
  expect(outcomes(task)).toEqual([
    [1, "failed", "the motor slipped"],
    [2, "failed", "it slipped again"],
    [3, "completed", null],
  ]);
});

test("the last of its attempts is the end, with its failure", async () => {
  const world = await open({ maxAttempts: 2 });
  const id = await world.submit("shaky_task");
  await world.run(id).fail("first");
  await world.clock.advance(10_000);
  await world.run(id).fail("second");
  expect(view(world, id)).toMatchObject({
    status: "failed",
    error: "second",
    failure: { code: "TASK_FAILED" },
  });
  expect(world.eventsOf(id).slice(-2)).toEqual(["task_started", "task_failed"]);
  await world.clock.advance(3_600_000);
  expect(world.async.runs).toHaveLength(2);
});

test("in the figures a task has waited for its first attempt, and its duration is that of the last", async () => {
  const world = await open({ maxAttempts: 2 });
  const id = await world.submit("shaky_task");
  await world.clock.advance(7_000);
  await world.run(id).fail();
  await world.clock.advance(10_000);
  await world.clock.advance(3_000);
  await world.run(id).finish();
  expect(world.manager.stats().tasks.shaky_task).toMatchObject({
    wait_seconds: { mean: 0 },
    duration_seconds: { mean: 3 },
  });
});

test("who waits for the task waits through its retries", async () => {
  const world = await open({ maxAttempts: 2 });
  const id = await world.submit("shaky_task");
  const ended = world.manager.waitFor(id);
  await world.run(id).fail();
  await world.clock.advance(10_000);
  await world.run(id).finish();
  expect((await ended).status).toBe("completed");
});

test("without a policy nothing is retried, and a submit can wish for retries", async () => {
  const world = await open(null);
  const once = await world.submit("shaky_task");
  await world.run(once).fail();
  expect(world.status(once)).toBe("failed");
  const again = await world.submit("shaky_task", { retry: { maxAttempts: 2, jitter: 0 } });
  await world.run(again).fail();
  expect(world.status(again)).toBe("pending");
  await world.clock.advance(defaultRetry.delaySeconds * 1000);
  expect(world.status(again)).toBe("running");
});

test("a submit can wish for no retry where the type has one", async () => {
  const world = await open({ maxAttempts: 5 });
  const id = await world.submit("shaky_task", { retry: { maxAttempts: 1 } });
  await world.run(id).fail();
  expect(world.status(id)).toBe("failed");
});

test("an exponential pause doubles up to its cap, and chance takes away its share", () => {
  const policy: RetryPolicy = { ...steady, delaySeconds: 2, backoff: "exponential", maxDelaySeconds: 15 };
  const pauses = [1, 2, 3, 4, 5, 2000].map((failures) => pauseAfter(failures, policy, () => 0));
  expect(pauses).toEqual([2, 4, 8, 15, 15, 15]);
  const shaken = { ...policy, jitter: 0.5 };
  expect([0, 0.5, 0.999].map((chance) => pauseAfter(2, shaken, () => chance))).toEqual([4, 3, 4 * 0.5005]);
  expect(pauseAfter(7, { ...steady, delaySeconds: 600, maxDelaySeconds: 300 }, () => 0)).toBe(600);
  expect(pauseAfter(5000, { ...policy, delaySeconds: 0 }, () => 0)).toBe(0);
});

test("chance is asked anew for each pause", async () => {
  const world = await open({ maxAttempts: 9, jitter: 1, delaySeconds: 100 });
  const id = await world.submit("shaky_task");
  for (const chance of [0.25, 0.75]) {
    world.chance = () => chance;
    await world.run(id).fail();
    await world.clock.advance(100_000 * (1 - chance) - 1);
    expect(world.status(id)).toBe("pending");
    await world.clock.advance(1);
    expect(world.status(id)).toBe("running");
  }
});

test("only the failures that are named are retried; without names all but those the same code would repeat", async () => {
  const slow = new RuntimeError("DEVICE_TIMEOUT", { device: "rotor", timeout_seconds: 2 });
  const odd = new RuntimeError("RESULT_NOT_SERIALIZABLE", { path: "result", found: "a Map" });
  const statusAfter = async (codes: readonly string[] | null, error: RuntimeError): Promise<string> => {
    const world = await open({ codes });
    const id = await world.submit("shaky_task");
    await world.run(id).failWith(error);
    return world.status(id);
  };
  expect(await statusAfter(["DEVICE_TIMEOUT"], slow)).toBe("pending");
  expect(await statusAfter(["DEVICE_TIMEOUT"], odd)).toBe("failed");
  expect(await statusAfter(null, slow)).toBe("pending");
  expect(await statusAfter(null, odd)).toBe("failed");
  expect(await statusAfter(["RESULT_NOT_SERIALIZABLE"], odd)).toBe("pending");
});

test("a task that gives up is not retried, whatever its policy says", async () => {
  const world = await open({ maxAttempts: 5 });
  const id = await world.submit("shaky_task");
  await world.run(id).fail("there is no film", { giveUp: true });
  expect(view(world, id)).toMatchObject({ status: "failed", error: "there is no film" });
});

test("a task that asks to be tried later waits so long, with or without a policy, and it counts as no failure", async () => {
  const world = await open({ maxAttempts: 2 });
  const id = await world.submit("shaky_task");
  for (let round = 1; round <= 5; round++) {
    await world.run(id).fail("the lamp is cold", { tryLaterSeconds: 30 });
    expect(view(world, id)).toMatchObject({ status: "pending", attempt: round });
    await world.clock.advance(29_999);
    expect(world.status(id)).toBe("pending");
    await world.clock.advance(1);
  }
  expect(outcomes(view(world, id)).slice(0, 2)).toEqual([
    [1, "postponed", "the lamp is cold"],
    [2, "postponed", "the lamp is cold"],
  ]);
  await world.run(id).fail("first failure");
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(10_000);
  await world.run(id).fail("second failure");
  expect(world.status(id)).toBe("failed");
});

test("a task that always asks to be tried at once comes once a second, and its record does not grow without end", async () => {
  const world = await open(null);
  const id = await world.submit("shaky_task");
  for (let round = 1; round <= 150; round++) {
    await world.run(id).fail("not yet", { tryLaterSeconds: 0 });
    expect(world.status(id)).toBe("pending");
    await world.clock.advance(1_000);
  }
  const { attempt, attempts } = view(world, id);
  expect([attempt, attempts.length, attempts[0]?.number, attempts.at(-1)?.number]).toEqual([
    151, 100, 52, 151,
  ]);
});

test("a retry goes to the end among its equals", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const retry = { delaySeconds: 0, jitter: 0 };
  const first = await world.submit("plain_task", { retry });
  const second = await world.submit("plain_task");
  await world.run(first).fail();
  expect([world.status(first), world.status(second)]).toEqual(["pending", "running"]);
  await world.run(second).finish();
  expect(world.status(first)).toBe("running");
});

test("a retry continues from the checkpoint, with the progress it had", async () => {
  const world = await open({});
  const id = await world.submit("shaky_task");
  world.run(id).events.progress({ current: 7, total: 10, checkpoint: { photo: 7 } });
  await settled();
  await world.run(id).fail();
  await world.clock.advance(10_000);
  expect(world.run(id).work).toMatchObject({ attempt: 2, resumedFrom: { photo: 7 } });
  expect(view(world, id).progress.current).toBe(7);
});

test("without a checkpoint a retry begins anew", async () => {
  const world = await open({});
  const id = await world.submit("shaky_task");
  world.run(id).events.progress({ current: 7, total: 10 });
  await world.run(id).fail();
  expect(view(world, id).progress.current).toBe(0);
  await world.clock.advance(10_000);
  expect(world.run(id).work.resumedFrom).toBeUndefined();
});

test("a retry does not continue where other code has stopped", async () => {
  const world = await open({});
  const id = await world.submit("shaky_task");
  world.run(id).events.progress({ current: 7, total: 10, checkpoint: 7 });
  await settled();
  await world.run(id).fail();
  world.types.set(taskType("shaky_task", { retry: steady }, "hash-2"));
  await world.clock.advance(10_000);
  expect(view(world, id)).toMatchObject({ status: "failed", failure: { code: "CHECKPOINT_OUTDATED" } });
});

test("a timeout is for one attempt, and the next has its full time again", async () => {
  const world = await open({ maxAttempts: 2 }, { timeoutSeconds: 5 });
  const id = await world.submit("shaky_task");
  world.run(id).events.partialResult({ photos: 3 });
  await world.clock.advance(5_000);
  expect(world.run(id).reason).toBe("timeout");
  await world.run(id).stop();
  const [first] = view(world, id).attempts;
  expect(first).toMatchObject({ outcome: "failed", error: "Operation exceeded timeout of 5 seconds" });
  await world.clock.advance(10_000);
  await world.clock.advance(4_999);
  expect(world.run(id).reason).toBe(null);
  await world.clock.advance(1);
  await world.run(id).stop();
  expect(view(world, id)).toMatchObject({
    status: "failed",
    failure: { code: "TIMEOUT", details: { timeout_seconds: 5, partial_result: null } },
  });
});

test("a task that was told to stop for its time does not choose when to go on", async () => {
  const world = await open({ maxAttempts: 2 }, { timeoutSeconds: 5 });
  const id = await world.submit("shaky_task");
  await world.clock.advance(5_000);
  await world.run(id).fail("later", { tryLaterSeconds: 3_600 });
  await world.clock.advance(10_000);
  expect(world.status(id)).toBe("running");
});

test("a cancel beats a retry", async () => {
  const world = await open({ maxAttempts: 5 });
  const id = await world.submit("shaky_task");
  await world.manager.cancel(id);
  await world.run(id).fail();
  expect(world.status(id)).toBe("cancelled");
});

test("a cancel of a task that is being stopped for its time beats the retry, too", async () => {
  const world = await open({ maxAttempts: 5 }, { timeoutSeconds: 5 });
  const id = await world.submit("shaky_task");
  await world.clock.advance(5_000);
  expect((await world.manager.cancel(id)).status).toBe("cancelling");
  await world.run(id).stop();
  expect(view(world, id)).toMatchObject({ status: "failed", failure: { code: "TIMEOUT" } });
});

test("a cancel that comes while the retry is being written beats it", async () => {
  const world = await open({ maxAttempts: 5 });
  const id = await world.submit("shaky_task");
  const disk = deferred();
  world.store.gate = disk.promise;
  await world.run(id).fail();
  const answer = world.manager.cancel(id);
  await settled();
  world.store.gate = null;
  disk.resolve();
  expect((await answer).status).toBe("cancelled");
  expect(world.eventsOf(id).slice(-2)).toEqual(["task_retrying", "task_cancelled"]);
  await world.clock.advance(3_600_000);
  expect(world.async.runs).toHaveLength(1);
});

test("a task that waits for its next attempt can be cancelled", async () => {
  const world = await open({ maxAttempts: 5 });
  const id = await world.submit("shaky_task");
  await world.run(id).fail();
  expect((await world.manager.cancel(id)).status).toBe("cancelled");
  await world.clock.advance(3_600_000);
  expect(world.async.runs).toHaveLength(1);
});

test("a task that waits for its next attempt can be let go at once", async () => {
  const world = await open({ maxAttempts: 5 });
  const id = await world.submit("shaky_task");
  await world.run(id).fail();
  await world.manager.change(id, { delay_seconds: null });
  await settled();
  expect(world.run(id).work.attempt).toBe(2);
});

test("a runtime that closes while a task waits for its next attempt leaves it pending, and the next boot makes it", async () => {
  const world = await open({ maxAttempts: 2 });
  const id = await world.submit("shaky_task");
  await world.run(id).fail("first");
  await world.manager.close();
  expect(world.status(id)).toBe("pending");
  const later = await world.reboot();
  expect(view(later, id).blocked_by).toMatchObject([{ because: "not_before" }]);
  await later.clock.advance(10_000);
  expect(later.run(id).work.attempt).toBe(2);
  await later.run(id).fail("second");
  expect(later.status(id)).toBe("failed");
});

test("a shutdown is no failure: the interrupted attempt is not counted", async () => {
  const world = await open({ maxAttempts: 2 }, { onRestart: "requeue" });
  const id = await world.submit("shaky_task");
  const closing = world.manager.close();
  await settled();
  await world.run(id).stop();
  await closing;
  const later = await world.reboot();
  await later.run(id).fail("first");
  expect(later.status(id)).toBe("pending");
});

test("the power goes while a task is being stopped for its time: nothing moves by itself afterwards", async () => {
  const world = await open({ maxAttempts: 5 }, { timeoutSeconds: 5 });
  const id = await world.submit("shaky_task");
  await world.clock.advance(5_000);
  const later = await world.reboot();
  expect(view(later, id)).toMatchObject({ status: "failed", failure: { code: "TIMEOUT" } });
});

test("an owner's restart gives a task all its attempts again", async () => {
  const world = await open({ maxAttempts: 2 });
  const id = await world.submit("shaky_task");
  await world.run(id).fail();
  await world.clock.advance(10_000);
  await world.run(id).fail();
  await world.manager.restart(id);
  await settled();
  await world.run(id).fail();
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(10_000);
  await world.run(id).fail();
  expect(view(world, id)).toMatchObject({ status: "failed", attempt: 4 });
});

test("one branch stands at a pause while another fails: the task is tried again", async () => {
  const world = await open({});
  const id = await world.submit("shaky_task");
  await world.manager.pause(id);
  await world.run(id).reachCheckpoint();
  expect(world.status(id)).toBe("paused");
  await world.run(id).fail();
  expect(world.status(id)).toBe("pending");
});

test("an attempt that fails while the disk is full is tried again when the disk has it", async () => {
  const world = await open({});
  const id = await world.submit("shaky_task");
  world.store.refuses = true;
  await world.run(id).fail();
  await world.clock.advance(60_000);
  expect(world.async.runs).toHaveLength(1);
  world.store.recover();
  await settled();
  expect(world.status(id)).toBe("running");
});
