// A lane whose tasks wait for somebody to begin with them, as those of the fleet wait for a worker.
import { expect, test } from "vitest";
import { settled } from "../../fake-clock.ts";
import { MemoryStore, Types, taskType, World } from "../world.ts";

const open = async (store = new MemoryStore(), more: object = {}): Promise<World> => {
  const types = new Types([taskType("far_task", { lane: "fleet", timeoutSeconds: 10, ...more })]);
  const world = await World.open({ store, types, limits: { stallSeconds: 60 } });
  world.fleet.waits = true;
  return world;
};

test("waiting for a worker is no running time: the timeout counts from where one has begun", async () => {
  const world = await open();
  const id = await world.submit("far_task");
  await world.clock.advance(3_600_000);
  expect(world.run(id).told).toEqual([]);
  await world.run(id).begin();
  await world.clock.advance(9_000);
  expect(world.run(id).told).toEqual([]);
  await world.clock.advance(1_000);
  expect(world.run(id).told).toEqual(["cancel timeout"]);
});

test("a task that waits for a worker is not silent; one that a worker has, and says nothing, is", async () => {
  const world = await open(undefined, { timeoutSeconds: null });
  const id = await world.submit("far_task");
  await world.clock.advance(3_600_000);
  expect(world.events.filter(({ type }) => type === "task_silent")).toEqual([]);
  await world.run(id).begin();
  await world.clock.advance(120_000);
  expect(world.events.filter(({ type }) => type === "task_silent")).toHaveLength(1);
});

test("a task that is cancelled while it waits for a worker is cancelled", async () => {
  const world = await open();
  const id = await world.submit("far_task");
  await world.manager.cancel(id);
  await world.run(id).withdraw();
  expect(world.status(id)).toBe("cancelled");
});

test("a runtime that ends puts it back in the queue, and the next one begins with it anew", async () => {
  const store = new MemoryStore();
  const world = await open(store);
  const id = await world.submit("far_task");
  const closing = world.manager.close();
  await world.run(id).withdraw();
  await closing;
  const later = await open(store);
  await settled();
  expect(later.status(id)).toBe("running");
  expect(later.manager.get(id).attempts).toMatchObject([{ number: 1, outcome: "postponed" }, { number: 2 }]);
});

test("what a user has cancelled is not put back because the runtime ends", async () => {
  const world = await open();
  const id = await world.submit("far_task");
  await world.manager.cancel(id);
  const closing = world.manager.close();
  await world.run(id).withdraw();
  await closing;
  expect(world.status(id)).toBe("cancelled");
});
