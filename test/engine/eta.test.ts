// How long a task still takes: by its steps, else by the history of its type.
import { expect, test } from "vitest";
import { World } from "./world.ts";

async function worldWithHistory(...seconds: number[]): Promise<World> {
  const world = await World.open();
  for (const took of seconds) {
    const id = await world.submit("plain_task");
    await world.clock.advance(took * 1000);
    await world.run(id).finish();
  }
  return world;
}

test("the first task of its type has no estimate until it reports steps", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  expect(world.manager.get(id).progress).toMatchObject({ eta_seconds: null, eta_origin: null });
  await world.clock.advance(10_000);
  world.run(id).events.progress({ current: 1, total: 4 });
  expect(world.manager.get(id).progress).toMatchObject({ eta_seconds: 30, eta_origin: "steps" });
});

test("a task that reports no steps is estimated by the middle of those before it", async () => {
  const world = await worldWithHistory(10, 600, 20);
  const id = await world.submit("plain_task");
  await world.clock.advance(5000);
  expect(world.manager.get(id).progress).toMatchObject({ eta_seconds: 15, eta_origin: "history" });
  world.run(id).events.progress({ current: 3 });
  expect(world.manager.get(id).progress).toMatchObject({ eta_seconds: 15, eta_origin: "history" });
  await world.clock.advance(60_000);
  expect(world.manager.get(id).progress.eta_seconds).toBe(0);
});

test("steps count more than history", async () => {
  const world = await worldWithHistory(1000);
  const id = await world.submit("plain_task");
  await world.clock.advance(10_000);
  world.run(id).events.progress({ current: 5, total: 10 });
  expect(world.manager.get(id).progress).toMatchObject({ eta_seconds: 10, eta_origin: "steps" });
});

test("tasks that failed say nothing about how long one takes", async () => {
  const world = await World.open();
  const failed = await world.submit("plain_task");
  await world.clock.advance(1000);
  await world.run(failed).fail();
  const id = await world.submit("plain_task");
  expect(world.manager.get(id).progress.eta_origin).toBeNull();
});
