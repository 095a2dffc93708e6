// Watching over what runs: who says nothing, who ignores a cancel, and what is told of it.
import { expect, test } from "vitest";
import { attentionTo, type Running } from "../../../src/engine/attempt/attention.ts";
import { settled } from "../../fake-clock.ts";
import { defaultLimits, World } from "../world.ts";

const minute = 60_000;

async function running(task = "plain_task", limits: object = {}): Promise<{ world: World; id: string }> {
  const world = await World.open({ limits });
  return { world, id: await world.submit(task) };
}

const told = (world: World, type: string): object[] => world.events.filter((event) => event.type === type);

test("a task that says nothing for stall_seconds is reported once, with the time since when", async () => {
  const { world, id } = await running();
  const begun = new Date(world.clock.now()).toISOString();
  await world.clock.advance(4 * minute);
  expect(told(world, "task_silent")).toEqual([]);
  await world.clock.advance(20 * minute);
  expect(told(world, "task_silent")).toMatchObject([{ task_id: id }]);
  const since = world.manager.get(id).silent_since ?? "";
  // It is looked at every 15 s.
  expect(Date.parse(since) - Date.parse(begun)).toBeLessThanOrEqual(15_000);
  expect(world.manager.attention().silent).toEqual([{ id, task: "plain_task", since }]);
});

test("the next sign of life is told at once, and how long it was silent; later silence is told anew", async () => {
  const { world, id } = await running();
  await world.clock.advance(10 * minute);
  world.run(id).events.progress({ current: 1 });
  expect(told(world, "task_heard")).toMatchObject([{ task_id: id, silent_seconds: expect.closeTo(600, -2) }]);
  expect(world.manager.get(id).silent_since).toBeNull();
  expect(world.manager.attention().silent).toEqual([]);
  await world.clock.advance(10 * minute);
  expect(told(world, "task_silent")).toHaveLength(2);
});

test.each(["progress", "log", "checkpoint", "partial result", "artifact"])(
  "a %s is a sign of life",
  async (sign) => {
    const { world, id } = await running();
    const { events } = world.run(id);
    for (let minutes = 0; minutes < 20; minutes += 4) {
      if (sign === "progress") events.progress({ current: minutes });
      if (sign === "log") events.log({ level: "info", time: "", message: "here", fields: null });
      if (sign === "checkpoint") await events.checkpoint(minutes);
      if (sign === "partial result") events.partialResult(minutes);
      if (sign === "artifact") events.artifact({ name: "a", file: "a", type: "", bytes: 0, created_at: "" });
      await world.clock.advance(4 * minute);
    }
    expect(told(world, "task_silent")).toEqual([]);
  },
);

test("who stands at a pause or waits for an answer is quiet by right", async () => {
  const { world, id } = await running();
  await world.manager.pause(id);
  await world.run(id).reachCheckpoint();
  const asking = await world.submit("other_task");
  const question = { prompt: "Ready?", schema: {}, default: null, hasDefault: false, timeoutSeconds: null };
  const answered = world.run(asking).events.call({ to: "ask", question });
  await world.clock.advance(60 * minute);
  expect(told(world, "task_silent")).toEqual([]);
  await world.manager.answer(asking, "yes");
  await answered;
  await world.manager.resume(id);
  await world.clock.advance(10 * minute);
  expect(told(world, "task_silent")).toHaveLength(2);
});

test("who is told to stop is watched for its cancel, not for its silence", async () => {
  const { world, id } = await running();
  await world.clock.advance(10 * minute);
  await world.manager.cancel(id);
  expect(told(world, "task_heard")).toHaveLength(1);
  await world.clock.advance(10 * minute);
  expect(told(world, "task_silent")).toHaveLength(1);
  const { stuck, silent } = world.manager.attention();
  expect([stuck.map(({ task }) => task), silent]).toEqual([["plain_task"], []]);
  expect(world.manager.get(id).stuck_since).toBe(stuck[0]?.since);
  await world.run(id).stop();
  expect(world.manager.attention()).toEqual({ stuck: [], silent: [], isBlocked: false });
  expect(world.manager.get(id)).toMatchObject({ status: "cancelled", stuck_since: null });
});

test("a worker that does not let go after it was ended is stuck, too", async () => {
  const { world, id } = await running("blocking_task");
  const run = world.run(id);
  run.holdsOn = true;
  await world.manager.cancel(id);
  await world.clock.advance(5000);
  expect(run.told.at(-1)).toBe("kill");
  expect(told(world, "task_stuck")).toEqual([]);
  await world.clock.advance(5000);
  expect(told(world, "task_stuck")).toMatchObject([{ task_id: id }]);
  run.end({ how: "killed" });
  await settled();
  expect(world.status(id)).toBe("cancelled");
});

test("another stall_seconds applies at once, and null watches nobody", async () => {
  const { world } = await running("plain_task", { stallSeconds: null });
  await world.clock.advance(60 * minute);
  expect(told(world, "task_silent")).toEqual([]);
  world.limits = { ...world.limits, stallSeconds: 10 };
  world.manager.limitsChanged();
  await world.clock.advance(11_000);
  expect(told(world, "task_silent")).toHaveLength(1);
});

test("one timer watches all that run, and none is left while nothing runs", async () => {
  const { world, id } = await running();
  const timers = world.clock.pending;
  const others = [await world.submit("plain_task"), await world.submit("other_task")];
  expect(world.clock.pending).toBe(timers);
  for (const each of [id, ...others]) await world.run(each).finish();
  await world.clock.advance(15_000);
  expect(world.clock.pending).toBe(timers - 1);
});

const task = (more: Partial<Running> = {}): Running => ({
  id: "1",
  task: "a_task",
  isExclusive: false,
  isBlocking: false,
  stuckSince: null,
  silentSince: null,
  ...more,
});
const stuck = (more: Partial<Running> = {}): Running =>
  task({ stuckSince: "2026-01-01T00:00:00.000Z", ...more });
const limits = { ...defaultLimits, maxConcurrentTasks: 2, blockingWorkers: 2 };

test.each([
  ["a silent task", [task({ silentSince: "2026-01-01T00:00:00.000Z" })], false],
  ["one stuck task of two places", [stuck(), task()], false],
  ["stuck tasks in both places", [stuck(), stuck()], true],
  ["one stuck worker of two", [stuck({ isBlocking: true }), task()], false],
  ["a stuck task and a stuck worker", [stuck(), stuck({ isBlocking: true })], false],
  ["two stuck workers", [stuck({ isBlocking: true }), stuck({ isBlocking: true })], true],
  ["a stuck exclusive task", [stuck({ isExclusive: true })], true],
  ["an exclusive task that works", [task({ isExclusive: true })], false],
] as const)("beside %s the machine is judged able to work or not", (_, tasks, isBlocked) => {
  expect(attentionTo(tasks, limits).isBlocked).toBe(isBlocked);
});
