import { describe, expect, test } from "vitest";
import { groupStatus } from "../../../src/engine/board/groups.ts";
import { type Status, statuses } from "../../../src/task/lifecycle.ts";
import { settled } from "../../fake-clock.ts";
import { World } from "../world.ts";

const success = (...ids: string[]) => ids.map((task) => ({ task, when: "success" as const }));

describe("the status of a group", () => {
  const cases: [Partial<Record<Status, number>>, Status][] = [
    [{ pending: 3 }, "pending"],
    [{ pending: 2, running: 1 }, "running"],
    [{ completed: 1, pausing: 1 }, "running"],
    [{ completed: 1, pending: 2 }, "running"],
    [{ failed: 1, running: 1 }, "running"],
    [{ cancelled: 2, cancelling: 1 }, "cancelling"],
    [{ cancelling: 1, paused: 1 }, "cancelling"],
    [{ paused: 1, pending: 4 }, "paused"],
    [{ interrupted: 1, pending: 4, completed: 1 }, "interrupted"],
    [{ completed: 3 }, "completed"],
    [{ completed: 3, cancelled: 1 }, "cancelled"],
    [{ completed: 3, cancelled: 1, failed: 1 }, "failed"],
  ];
  test.each(cases)("%o is %s", (some, status) => {
    const counts = Object.fromEntries(statuses.map((one) => [one, some[one] ?? 0])) as Record<Status, number>;
    expect(groupStatus(counts)).toBe(status);
  });
});

test("a group counts its tasks, and weighs what the running ones say of themselves", async () => {
  const world = await World.open();
  const group = "night";
  const [first, second] = [
    await world.submit("plain_task", { group }),
    await world.submit("plain_task", { group }),
  ];
  await world.submit("plain_task", { group: "day" });
  await world.submit("plain_task", { group, depends_on: success(first) });
  expect(world.manager.group(group)).toMatchObject({
    group,
    status: "running",
    counts: { running: 2, pending: 1, completed: 0 },
    progress: { current: 0, total: 3, percent: 0 },
    completed_at: null,
  });
  await world.run(first).finish();
  world.run(second).events.progress({ current: 5, total: 10 });
  await world.clock.advance(1000);
  expect(world.manager.group(group)).toMatchObject({
    counts: { running: 2, completed: 1 },
    progress: { current: 1, total: 3, percent: 50 },
  });
});

test("it is over when all of its tasks are, and a restart brings it back to life", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task", { group: "g" });
  await world.clock.advance(5000);
  await world.run(id).fail();
  expect(world.manager.group("g")).toMatchObject({
    status: "failed",
    progress: { current: 1, total: 1, percent: 100 },
    created_at: "2026-01-01T00:00:00.000Z",
    completed_at: "2026-01-01T00:00:05.000Z",
  });
  await world.manager.restart(id);
  await settled();
  expect(world.manager.group("g")).toMatchObject({ status: "running", completed_at: null });
});

describe("cancelling a group", () => {
  test("ends what waits at once and what runs at its next look; nothing of it starts any more", async () => {
    const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
    const { tasks } = await world.manager.submitBatch({
      group: "g",
      tasks: [
        { key: "scan", task: "plain_task" },
        { task: "plain_task" },
        { task: "plain_task", delay_seconds: 60 },
        {
          task: "plain_task",
          depends_on: success("scan"),
          on_dependency_failure: "run",
        },
        {
          task: "plain_task",
          depends_on: success("scan"),
          on_dependency_failure: "fail",
        },
      ],
    });
    await settled();
    const [scan, ...others] = tasks.map(({ id }) => id) as [string, ...string[]];
    const answer = await world.manager.cancelGroup("g");
    expect(answer).toMatchObject({ status: "cancelling", counts: { cancelling: 1, cancelled: 4 } });
    await world.run(scan).stop();
    await world.clock.advance(120_000);
    expect(others.map((id) => world.status(id))).toEqual(others.map(() => "cancelled"));
    expect(world.async.runs).toHaveLength(1);
    expect(world.manager.group("g").status).toBe("cancelled");
  });

  test("takes interrupted tasks along, leaves others alone, and is no harm where all has ended", async () => {
    const before = await World.open();
    await before.submit("plain_task", { group: "g" });
    const world = await before.reboot();
    const other = await world.submit("plain_task");
    expect((await world.manager.cancelGroup("g")).counts.cancelled).toBe(1);
    expect(world.status(other)).toBe("running");
    expect((await world.manager.cancelGroup("g")).status).toBe("cancelled");
  });

  test("says so when the disk refuses", async () => {
    const world = await World.open();
    await world.manager.pauseQueue();
    await world.submit("plain_task", { group: "g" });
    world.store.refuses = true;
    await expect(world.manager.cancelGroup("g")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(world.manager.group("g").status).toBe("pending");
  });
});

describe("what is listed", () => {
  test("the tasks of one group stand together, in pages, live and ended, and after a power cut", async () => {
    const before = await World.open();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      ids.push(await before.submit("plain_task", { group: "g" }));
      await before.submit("blocking_task");
    }
    await before.run(ids[1] as string).finish();
    await before.clock.advance(1);
    await before.run(ids[0] as string).finish();
    const world = await before.reboot();
    const filter = { group: "g" };
    const { tasks, next } = world.manager.list(filter, { limit: 3 });
    expect(tasks.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    const rest = world.manager.list(filter, { limit: 3, cursor: next as string });
    expect(rest.tasks.map(({ id }) => id)).toEqual(ids.slice(3));
    expect(world.manager.history(filter).tasks.map(({ id }) => id)).toEqual([ids[0], ids[1]]);
    expect(world.manager.list({ group: "nobody's" }).tasks).toEqual([]);
  });

  test("a group is gone with the last of its tasks", async () => {
    const world = await World.open();
    const id = await world.submit("plain_task", { group: "g" });
    await world.run(id).finish();
    await world.manager.remove(id);
    expect(() => world.manager.group("g")).toThrow(expect.objectContaining({ code: "UNKNOWN_GROUP" }));
    await expect(world.manager.cancelGroup("g")).rejects.toMatchObject({ code: "UNKNOWN_GROUP" });
  });
});
