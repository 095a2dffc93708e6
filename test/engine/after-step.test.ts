// Stopping after the step: a task goes on to its next checkpoint and ends there.
import { expect, test } from "vitest";
import { deferred } from "../../src/lib/deferred.ts";
import type { Status } from "../../src/task/lifecycle.ts";
import { settled } from "../fake-clock.ts";
import { Types, taskType, World } from "./world.ts";

const afterStep = (world: World, id: string) => world.manager.cancel(id, "after_step");

async function running(task = "plain_task", more: object = {}): Promise<{ world: World; id: string }> {
  const types = new Types([
    taskType("plain_task"),
    taskType("blocking_task", { isBlocking: true }),
    taskType("exclusive_task", { isExclusive: true }),
    taskType("resuming_task", { onRestart: "resume" }),
  ]);
  const world = await World.open({ types });
  return { world, id: await world.submit(task, more) };
}

test.each(["plain_task", "blocking_task"])(
  "%s goes on to its next checkpoint, is told there and cleans up",
  async (task) => {
    const { world, id } = await running(task);
    expect(await afterStep(world, id)).toMatchObject({ status: "pausing", stops_after_step: true });
    expect(world.run(id).told).toEqual(["pause"]);
    await world.clock.advance(3_600_000);
    expect(world.run(id).told).toEqual(["pause"]);
    await world.run(id).reachCheckpoint();
    expect(world.run(id).told).toEqual(["pause", "cancel user"]);
    expect(world.manager.get(id)).toMatchObject({ status: "cancelling", stops_after_step: false });
    await world.run(id).stop();
    expect(world.status(id)).toBe("cancelled");
    expect(world.eventsOf(id).filter((type) => type !== "task_silent" && type !== "task_heard")).toEqual([
      "task_scheduled",
      "task_started",
      "task_pausing",
      "task_cancelling",
      "task_cancelled",
    ]);
    expect(world.events.find(({ type }) => type === "task_pausing")?.stops_after_step).toBe(true);
  },
);

test("what it saved at the checkpoint is what it can be resumed from", async () => {
  const { world, id } = await running();
  await afterStep(world, id);
  await world.run(id).events.checkpoint({ step: 7 });
  await world.run(id).reachCheckpoint();
  await world.run(id).stop();
  await world.manager.resume(id);
  await settled();
  expect(world.run(id).work.resumedFrom).toEqual({ step: 7 });
  expect(world.manager.get(id)).toMatchObject({ status: "running", stops_after_step: false });
});

test("a task without another checkpoint completes: its step was its last", async () => {
  const { world, id } = await running();
  await afterStep(world, id);
  await world.run(id).finish("done");
  expect(world.manager.get(id)).toMatchObject({ status: "completed", result: "done" });
});

test("one that fails in its last step is failed, and not tried again", async () => {
  const { world, id } = await running("plain_task", { retry: { maxAttempts: 5 } });
  await afterStep(world, id);
  await world.run(id).fail("it broke");
  expect(world.manager.get(id)).toMatchObject({ status: "failed", error: "it broke", attempt: 1 });
});

test("one that wants to be tried later is cancelled: later never comes", async () => {
  const { world, id } = await running();
  await afterStep(world, id);
  const failure = { code: "TASK_FAILED", message: "busy", details: {}, remediation: "" };
  world.run(id).end({ how: "threw", failure, cancelled: false, steering: { tryLaterSeconds: 5 } });
  await settled();
  expect(world.manager.get(id)).toMatchObject({ status: "cancelled", error: null, failure: null });
});

test("its time still counts: a step that takes too long ends in a timeout, and is not tried again", async () => {
  const { world, id } = await running("plain_task", { timeout_seconds: 10, retry: { maxAttempts: 5 } });
  await afterStep(world, id);
  await world.clock.advance(10_000);
  expect(world.run(id).told).toEqual(["pause", "cancel timeout"]);
  await world.run(id).stop();
  expect(world.manager.get(id)).toMatchObject({ status: "failed", failure: { code: "TIMEOUT" } });
});

test.each([
  ["pending", "cancelled"],
  ["paused", "cancelling"],
  ["interrupted", "cancelled"],
  ["cancelling", "cancelling"],
] as const)("one that is %s has no step under way and is %s at once", async (status, after) => {
  const { world: first, id } = await running();
  let world = first;
  if (status === "pending") {
    await world.submit("exclusive_task");
    const waiting = await world.submit("plain_task");
    expect((await afterStep(world, waiting)).status).toBe(after);
    return;
  }
  if (status === "paused") await world.manager.pause(id);
  if (status === "paused") await world.run(id).reachCheckpoint();
  if (status === "cancelling") await world.manager.cancel(id);
  if (status === "interrupted") world = await world.reboot();
  expect(world.status(id)).toBe(status);
  expect((await afterStep(world, id)).status).toBe(after);
});

test.each(["completed", "failed", "cancelled"] as Status[])("one that is %s is refused", async (status) => {
  const { world, id } = await running();
  if (status === "cancelled") await world.manager.cancel(id);
  if (status === "completed") await world.run(id).finish();
  else if (status === "failed") await world.run(id).fail();
  else await world.run(id).stop();
  await expect(afterStep(world, id)).rejects.toMatchObject({ code: "WRONG_STATE", details: { status } });
});

test("one that was asked to pause is stopped there instead, and asking twice is no harm", async () => {
  const { world, id } = await running();
  await world.manager.pause(id);
  expect(world.manager.get(id).stops_after_step).toBe(false);
  await Promise.all([afterStep(world, id), afterStep(world, id)]);
  expect(world.manager.get(id)).toMatchObject({ status: "pausing", stops_after_step: true });
  await world.run(id).reachCheckpoint();
  await world.run(id).stop();
  expect(world.status(id)).toBe("cancelled");
  expect(world.eventsOf(id)).not.toContain("task_paused");
});

test("a pause on its way to the disk that is overtaken ends in the stop, too", async () => {
  const { world, id } = await running();
  await world.manager.pause(id);
  const gate = deferred();
  world.store.gate = gate.promise;
  world.run(id).events.paused(world.run(id).pauseRequest);
  const stop = afterStep(world, id);
  gate.resolve();
  world.store.gate = null;
  await stop;
  await settled();
  expect(world.run(id).told.at(-1)).toBe("cancel user");
  await world.run(id).stop();
  expect(world.status(id)).toBe("cancelled");
});

test("a resume takes it back: it goes on, pauses when asked, and is tried again when it fails", async () => {
  const { world, id } = await running("plain_task", { retry: { maxAttempts: 2, delaySeconds: 0 } });
  await afterStep(world, id);
  expect((await world.manager.resume(id)).status).toBe("running");
  await world.manager.pause(id);
  expect(world.manager.get(id).stops_after_step).toBe(false);
  await world.run(id).reachCheckpoint();
  expect(world.status(id)).toBe("paused");
  await world.manager.resume(id);
  await world.run(id).fail();
  await world.clock.advance(10);
  expect(world.manager.get(id)).toMatchObject({ status: "running", attempt: 2 });
});

test("a cancel meanwhile does not wait for the checkpoint", async () => {
  const { world, id } = await running();
  await afterStep(world, id);
  expect((await world.manager.cancel(id)).status).toBe("cancelling");
  expect(world.run(id).told).toEqual(["pause", "cancel user"]);
});

test.each(["plain_task", "resuming_task"])(
  "the power goes before %s comes to its checkpoint: it is cancelled and stays so",
  async (task) => {
    const { world, id } = await running(task);
    await world.run(id).events.checkpoint({ step: 2 });
    await afterStep(world, id);
    const after = await world.reboot();
    expect(after.manager.get(id)).toMatchObject({
      status: "cancelled",
      failure: null,
      attempts: [{ outcome: "cancelled" }],
    });
    expect(after.running()).toEqual([]);
    await after.manager.resume(id);
    await settled();
    expect(after.run(id).work.resumedFrom).toEqual({ step: 2 });
  },
);

test("a pause after such a resume asks after a power cut as every pause does", async () => {
  const { world, id } = await running();
  await world.run(id).events.checkpoint({ step: 2 });
  await afterStep(world, id);
  const after = await world.reboot();
  await after.manager.resume(id);
  await settled();
  await after.manager.pause(id);
  expect((await after.reboot()).status(id)).toBe("interrupted");
});

test("a shutdown meanwhile ends it as cancelled", async () => {
  const { world, id } = await running("resuming_task");
  await afterStep(world, id);
  const closed = world.manager.close();
  await world.run(id).stop();
  await closed;
  expect(world.status(id)).toBe("cancelled");
  expect((await world.reboot()).status(id)).toBe("cancelled");
});

test("one that asks its operator something instead is stopped there", async () => {
  const { world, id } = await running();
  await afterStep(world, id);
  const question = { prompt: "Ready?", schema: {}, default: null, hasDefault: false, timeoutSeconds: null };
  const asked = world.run(id).events.call({ to: "ask", question });
  await expect(asked).rejects.toMatchObject({ code: "CALL_ABANDONED" });
  expect(world.run(id).told.at(-1)).toBe("cancel user");
  await world.run(id).stop();
  expect(world.manager.get(id)).toMatchObject({ status: "cancelled", question: null });
});

test("a disk that takes nothing does not keep it going", async () => {
  const { world, id } = await running();
  world.store.refuses = true;
  const stop = expect(afterStep(world, id)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(world.run(id).told).toEqual(["pause"]);
  await world.clock.advance(2000);
  await stop;
  await world.run(id).reachCheckpoint();
  expect(world.run(id).told).toEqual(["pause", "cancel user"]);
  await world.run(id).stop();
  world.store.recover();
  await settled();
  expect(world.status(id)).toBe("cancelled");
});
