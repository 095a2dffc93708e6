// Who starts when: the rules of the queue, told as sentences.
import { expect, test } from "vitest";
import { settled } from "../../fake-clock.ts";
import { taskType, World } from "../world.ts";

test("no more async tasks run than the limit says", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 2 } });
  const ids = [
    await world.submit("plain_task"),
    await world.submit("plain_task"),
    await world.submit("plain_task"),
  ];
  expect(ids.map((id) => world.status(id))).toEqual(["running", "running", "pending"]);
  expect(world.manager.get(ids[2] as string).blocked_by).toMatchObject([
    { because: "concurrency_limit", resource: "max_concurrent_tasks" },
  ]);
});

test("the next in the queue starts when one ends", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const [a, b] = [await world.submit("plain_task"), await world.submit("plain_task")];
  await world.run(a).finish();
  expect(world.status(a)).toBe("completed");
  expect(world.status(b)).toBe("running");
});

test("an exclusive task waits until nothing runs and says for whom", async () => {
  const world = await World.open();
  const a = await world.submit("plain_task");
  const b = await world.submit("blocking_task");
  const alone = await world.submit("exclusive_task");
  expect(world.manager.get(alone).blocked_by.map(({ because, task_id }) => [because, task_id])).toEqual([
    ["tasks_running", a],
    ["tasks_running", b],
  ]);
  await world.run(a).finish();
  expect(world.status(alone)).toBe("pending");
  await world.run(b).finish();
  expect(world.status(alone)).toBe("running");
});

test("nothing starts beside an exclusive task, not even a blocking one", async () => {
  const world = await World.open();
  const alone = await world.submit("exclusive_task");
  const others = [
    await world.submit("plain_task"),
    await world.submit("blocking_task"),
    await world.submit("exclusive_task"),
  ];
  expect(others.map((id) => world.status(id))).toEqual(["pending", "pending", "pending"]);
  for (const id of others.slice(0, 2))
    expect(world.manager.get(id).blocked_by).toMatchObject([
      { because: "exclusive_running", task_id: alone },
    ]);
  await world.run(alone).finish();
  expect(others.map((id) => world.status(id))).toEqual(["running", "running", "pending"]);
});

test("nobody overtakes an exclusive task that waits at its turn", async () => {
  const world = await World.open();
  const a = await world.submit("plain_task");
  const alone = await world.submit("exclusive_task");
  const late = [await world.submit("plain_task"), await world.submit("blocking_task")];
  expect(late.map((id) => world.status(id))).toEqual(["pending", "pending"]);
  expect(world.manager.get(late[0] as string).blocked_by).toMatchObject([
    { because: "exclusive_waiting", task_id: alone },
  ]);
  await world.run(a).finish();
  expect(world.running()).toEqual([alone]);
});

test("an exclusive task is not starved by a stream of small ones", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 2 } });
  const first = [await world.submit("plain_task"), await world.submit("plain_task")];
  const alone = await world.submit("exclusive_task");
  for (let n = 0; n < 20; n++) await world.submit("plain_task");
  for (const id of first) await world.run(id).finish();
  expect(world.running()).toEqual([alone]);
});

test("equals start in the order in which they came", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const ids: string[] = [];
  for (let n = 0; n < 6; n++) ids.push(await world.submit(n % 2 ? "plain_task" : "other_task"));
  for (const id of ids) {
    expect(world.running()).toEqual([id]);
    await world.run(id).finish();
  }
});

test("who comes in the moment a task ends does not overtake who waits", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const [a, waiting] = [await world.submit("plain_task"), await world.submit("plain_task")];
  world.run(a).end({ how: "returned", result: 1, sawCancel: false });
  const late = await world.submit("plain_task");
  await settled();
  expect(world.status(waiting)).toBe("running");
  expect(world.status(late)).toBe("pending");
});

test("blocking tasks do not count against the async limit and wait beyond the number of workers", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1, blockingWorkers: 2 } });
  await world.submit("plain_task");
  const ids = [
    await world.submit("blocking_task"),
    await world.submit("blocking_task"),
    await world.submit("blocking_task"),
  ];
  expect(ids.map((id) => world.status(id))).toEqual(["running", "running", "pending"]);
  expect(world.manager.get(ids[2] as string).blocked_by).toMatchObject([{ because: "workers_busy" }]);
  await world.run(ids[0] as string).finish();
  expect(world.status(ids[2] as string)).toBe("running");
});

test("a blocking task passes async ones that wait for a place it does not need", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  await world.submit("plain_task");
  await world.submit("plain_task");
  expect(world.status(await world.submit("blocking_task"))).toBe("running");
});

test("higher priority goes first, equals keep their order", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const running = await world.submit("plain_task");
  const low = await world.submit("plain_task", { priority: -5 });
  const first = await world.submit("plain_task", { priority: 10 });
  const second = await world.submit("plain_task", { priority: 10 });
  expect([first, second, low].map((id) => world.manager.get(id).queue_position)).toEqual([1, 2, 3]);
  const order: string[] = [];
  for (let id = running; ; id = world.running()[0] as string) {
    order.push(id);
    await world.run(id).finish();
    if (world.running().length === 0) break;
  }
  expect(order).toEqual([running, first, second, low]);
});

test("a higher priority that comes late overtakes an exclusive one that waits", async () => {
  const world = await World.open();
  const a = await world.submit("plain_task");
  const alone = await world.submit("exclusive_task");
  const urgent = await world.submit("plain_task", { priority: 50 });
  expect(world.status(urgent)).toBe("running");
  await world.run(a).finish();
  expect(world.status(alone)).toBe("pending");
  await world.run(urgent).finish();
  expect(world.status(alone)).toBe("running");
});

test("cancelling a waiting exclusive task wakes those behind it", async () => {
  const world = await World.open();
  await world.submit("plain_task");
  const alone = await world.submit("exclusive_task");
  const behind = await world.submit("plain_task");
  expect(world.status(behind)).toBe("pending");
  await world.manager.cancel(alone);
  await settled();
  expect(world.status(behind)).toBe("running");
});

test("a paused task keeps its place, and a paused exclusive one keeps everybody waiting", async () => {
  const world = await World.open();
  const alone = await world.submit("exclusive_task");
  await world.manager.pause(alone);
  await world.run(alone).reachCheckpoint();
  expect(world.status(alone)).toBe("paused");
  expect(world.status(await world.submit("plain_task"))).toBe("pending");
});

test("a task of a type that is gone waits, says so, and delays nobody", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const a = await world.submit("plain_task");
  const orphan = await world.submit("exclusive_task");
  const b = await world.submit("other_task");
  world.types.delete("exclusive_task");
  world.manager.typesChanged(new Set(["exclusive_task"]));
  expect(world.manager.get(orphan).blocked_by).toMatchObject([{ because: "TASK_TYPE_GONE" }]);
  await world.run(a).finish();
  expect(world.status(b)).toBe("running");
  world.types.set(taskType("exclusive_task", { isExclusive: true }));
  world.manager.typesChanged(new Set(["exclusive_task"]));
  await world.run(b).finish();
  expect(world.status(orphan)).toBe("running");
});

test("while the queue is paused nothing starts, what runs goes on, and resuming starts the next", async () => {
  const world = await World.open();
  const before = await world.submit("plain_task");
  await world.manager.pauseQueue();
  const after = await world.submit("plain_task");
  expect(world.manager.get(after).blocked_by).toMatchObject([{ because: "queue_paused" }]);
  await world.run(before).finish();
  expect(world.status(before)).toBe("completed");
  await world.manager.resumeQueue();
  await settled();
  expect(world.status(after)).toBe("running");
});

test("a machine that does one task at a time refuses the second and says which one is in the way", async () => {
  const world = await World.open({ limits: { singleTaskMode: true } });
  const first = await world.submit("plain_task");
  await expect(world.manager.submit({ task: "plain_task" })).rejects.toMatchObject({
    code: "BUSY",
    details: { task_id: first },
  });
  await world.run(first).finish();
  expect(world.status(await world.submit("plain_task"))).toBe("running");
});

test("a higher limit lets those who wait start at once", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  await world.submit("plain_task");
  const second = await world.submit("plain_task");
  world.limits = { ...world.limits, maxConcurrentTasks: 2 };
  world.manager.limitsChanged();
  await settled();
  expect(world.status(second)).toBe("running");
});

test("a task whose file changed while it waited runs, and is shown, as the file has it now", async () => {
  const world = await World.open();
  const first = await world.submit("exclusive_task");
  const id = await world.submit("plain_task");
  world.types.set(taskType("plain_task", { isExclusive: true, isBlocking: true }, "hash-2"));
  world.manager.typesChanged(new Set(["plain_task"]));
  await world.run(first).finish();
  expect(world.manager.get(id)).toMatchObject({
    status: "running",
    is_exclusive: true,
    is_blocking: true,
    lane: "blocking",
    source: { hash: "hash-2" },
  });
  expect(world.status(await world.submit("other_task"))).toBe("pending");
});
