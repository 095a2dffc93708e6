// Tasks that are due later, whatever the owner does to the clock.
import { expect, test } from "vitest";
import type { TaskView } from "../../../src/task/record.ts";
import { settled } from "../../fake-clock.ts";
import { World } from "../world.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const inMs = (world: World, ms: number): string => new Date(world.clock.now() + ms).toISOString();
const view = (world: World, id: string): TaskView => world.manager.get(id);

test("a task with a delay waits outside of the queue, says until when, and starts when the time is over", async () => {
  const world = await World.open();
  const due = inMs(world, 90_000);
  const since = inMs(world, 0);
  const id = await world.submit("plain_task", { delay_seconds: 90 });
  expect(view(world, id)).toMatchObject({
    status: "pending",
    queue_position: null,
    blocked_by: [{ because: "not_before", task_id: null, resource: due, since }],
  });
  expect(world.manager.queue()).toMatchObject({ length: 0, tasks: [], later: [{ id }] });
  await world.clock.advance(89_999);
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("running");
  expect(world.manager.queue().later).toEqual([]);
});

test("a task with a time of day starts at that time, and one whose time is over at once", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { not_before: inMs(world, 3 * hour) });
  const late = await world.submit("plain_task", { not_before: inMs(world, -1) });
  expect(world.status(late)).toBe("running");
  await world.clock.advance(3 * hour - 1);
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("running");
});

test("a time with an offset is the same time in UTC", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { not_before: "2026-01-01T03:00:00+02:00" });
  expect(view(world, id).blocked_by[0]?.resource).toBe("2026-01-01T01:00:00.000Z");
});

test("a delay and a time of day at once are refused, and so is a time nobody can read", async () => {
  const world = await World.open();
  for (const wish of [
    { delay_seconds: 1, not_before: inMs(world, hour) },
    { not_before: "tomorrow" },
    { delay_seconds: -1 },
  ])
    await expect(world.manager.submit({ task: "plain_task", ...wish })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
  expect(world.manager.list().tasks).toEqual([]);
});

test("one that is due takes part at its turn: after those of higher priority, before those that came later", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const first = await world.submit("plain_task");
  const delayed = await world.submit("plain_task", { delay_seconds: 10 });
  const later = await world.submit("plain_task");
  const urgent = await world.submit("plain_task", { priority: 5 });
  await world.clock.advance(10_000);
  expect(world.manager.queue().tasks.map(({ id }) => id)).toEqual([urgent, delayed, later]);
  expect(view(world, delayed).blocked_by).toMatchObject([
    { because: "concurrency_limit", since: new Date(world.clock.now()).toISOString() },
  ]);
  expect(world.status(first)).toBe("running");
});

test("however many wait, one timer wakes for the earliest", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1000 } });
  const before = world.clock.pending;
  const ids: string[] = [];
  for (let n = 0; n < 200; n++)
    ids.push(await world.submit("plain_task", { delay_seconds: 30 + ((n * 7) % 200) / 10 }));
  expect(world.clock.pending).toBe(before + 1);
  await world.clock.advance(50_000);
  expect(ids.map((id) => world.status(id))).toEqual(ids.map(() => "running"));
  // What is left watches over those that run.
  expect(world.clock.pending).toBe(before + 1);
});

test("the clock is set forward by a day: a time of day comes within the minute, a delay takes as long as it takes", async () => {
  const world = await World.open();
  const timed = await world.submit("plain_task", { not_before: inMs(world, 3 * hour) });
  const delayed = await world.submit("plain_task", { delay_seconds: 3 * 3600 });
  world.clock.set(world.clock.now() + day);
  await world.clock.advance(minute);
  expect(world.status(timed)).toBe("running");
  expect(world.status(delayed)).toBe("pending");
  expect(view(world, delayed).blocked_by[0]?.resource).toBe(inMs(world, 3 * hour - minute));
  await world.clock.advance(3 * hour - minute - 1);
  expect(world.status(delayed)).toBe("pending");
  await world.clock.advance(1);
  expect(world.status(delayed)).toBe("running");
});

test("the clock is set back by a day: a time of day waits for its day, a delay does not", async () => {
  const world = await World.open();
  const timed = await world.submit("plain_task", { not_before: inMs(world, hour) });
  const delayed = await world.submit("plain_task", { delay_seconds: 3600 });
  world.clock.set(world.clock.now() - day);
  await world.clock.advance(hour);
  expect(world.status(delayed)).toBe("running");
  expect(world.status(timed)).toBe("pending");
  await world.clock.advance(day);
  expect(world.status(timed)).toBe("running");
});

test("a task that has started is not started again when the clock is set back before its time", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { not_before: inMs(world, minute) });
  await world.clock.advance(minute);
  world.clock.set(world.clock.now() - day);
  await world.clock.advance(2 * day);
  expect(world.async.runs).toHaveLength(1);
  await world.run(id).finish();
  expect(view(world, id)).toMatchObject({ status: "completed", attempt: 1 });
});

test("a delay goes on over a restart: what is left by the wall clock, never more than the whole", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 3600 });
  await world.clock.advance(hour / 2);
  const second = await world.reboot();
  expect(second.status(id)).toBe("pending");
  // A machine without a battery for its clock believes that it is 1970.
  world.clock.set(0);
  const third = await second.reboot();
  await third.clock.advance(hour - 1);
  expect(third.status(id)).toBe("pending");
  await third.clock.advance(1);
  expect(third.status(id)).toBe("running");
});

test("what became due while the power was off starts at the boot", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { not_before: inMs(world, hour) });
  world.clock.set(world.clock.now() + 2 * hour);
  const later = await world.reboot();
  expect(later.status(id)).toBe("running");
});

test("a boot after the clock was set knows when a delay really ends", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 3600 });
  world.clock.set(world.clock.now() + day);
  await world.clock.advance(minute);
  const later = await world.reboot();
  expect(later.status(id)).toBe("pending");
  await later.clock.advance(hour - minute);
  expect(later.status(id)).toBe("running");
});

test("a change of something else lets a delay go on, even right after the clock was set", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 3600 });
  await world.clock.advance(hour / 2);
  world.clock.set(world.clock.now() + day);
  await world.manager.change(id, { name: "early bird" });
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(hour / 2 - 1);
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("running");
});

test("the clock is set again and again: a delay ends when it was going to, whatever is changed in between", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 3600 });
  world.clock.set(world.clock.now() + day);
  await world.clock.advance(10 * minute);
  world.clock.set(world.clock.now() - 2 * day);
  await world.manager.change(id, { name: "early bird" });
  await world.clock.advance(50 * minute - 1);
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("running");
});

test("a delay runs while its task waits for another, and while the clock is set", async () => {
  const world = await World.open();
  const first = await world.submit("plain_task");
  const id = await world.submit("plain_task", {
    delay_seconds: 3600,
    depends_on: [{ task: first, when: "success" }],
  });
  await world.clock.advance(hour / 2);
  world.clock.set(world.clock.now() - day);
  await world.run(first).finish();
  expect(view(world, id).blocked_by).toMatchObject([
    { because: "not_before", resource: inMs(world, hour / 2) },
  ]);
  await world.clock.advance(hour / 2 - 1);
  expect(world.status(id)).toBe("pending");
  await world.clock.advance(1);
  expect(world.status(id)).toBe("running");
});

test("one that comes later and is due earlier wakes the timer at its time", async () => {
  const world = await World.open();
  await world.submit("plain_task", { delay_seconds: 50 });
  const id = await world.submit("plain_task", { delay_seconds: 10 });
  await world.clock.advance(10_000);
  expect(world.status(id)).toBe("running");
});

test("a pending task can be given another time, a delay, or be let go at once", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 3600 });
  const at = inMs(world, 2 * hour);
  expect((await world.manager.change(id, { not_before: at })).blocked_by).toMatchObject([
    { because: "not_before", resource: at },
  ]);
  await world.clock.advance(hour);
  await world.manager.change(id, { delay_seconds: 10 });
  await world.clock.advance(9_999);
  expect(world.status(id)).toBe("pending");
  await world.manager.change(id, { delay_seconds: null });
  await settled();
  expect(world.status(id)).toBe("running");
});

test("a task that waits in the queue can be sent back to wait for a time", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const first = await world.submit("plain_task");
  const id = await world.submit("plain_task");
  await world.manager.change(id, { delay_seconds: 60 });
  await world.run(first).finish();
  expect(view(world, id)).toMatchObject({ status: "pending", blocked_by: [{ because: "not_before" }] });
  await world.clock.advance(minute);
  expect(world.status(id)).toBe("running");
});

test("a delayed task can be cancelled, and its restart waits for nothing", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 3600 });
  expect((await world.manager.cancel(id)).status).toBe("cancelled");
  await world.manager.restart(id);
  await settled();
  expect(world.status(id)).toBe("running");
  await world.clock.advance(2 * hour);
  expect(world.async.runs).toHaveLength(1);
});

test("a task that becomes due while the queue is paused starts when it is resumed", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 1 });
  await world.manager.pauseQueue();
  await world.clock.advance(minute);
  expect(view(world, id).blocked_by).toMatchObject([{ because: "queue_paused" }]);
  await world.manager.resumeQueue();
  await settled();
  expect(world.status(id)).toBe("running");
});

test("a closed runtime lets nobody go and leaves no timer behind", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { delay_seconds: 60 });
  await world.manager.close();
  await world.clock.advance(hour);
  expect(world.status(id)).toBe("pending");
  expect(world.clock.pending).toBe(0);
});
