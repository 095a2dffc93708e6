import { expect, test } from "vitest";
import { settled } from "../../fake-clock.ts";
import { World } from "../world.ts";

const alone = { types: ["plain_task", "other_task"], setting: "limits.stage_single_task" };
const submit = (world: World, task: string) => world.manager.submit({ task }, undefined, alone);

test("a task that is alone among some types is refused while one of them runs or waits, and says which", async () => {
  const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
  const running = await world.submit("plain_task");
  const refusal = { code: "BUSY", details: { status: "running", task_id: running, setting: alone.setting } };
  await expect(submit(world, "other_task")).rejects.toMatchObject(refusal);
  const waiting = await world.submit("other_task");
  await world.run(running).finish();
  expect(world.status(waiting)).toBe("running");
  await expect(submit(world, "plain_task")).rejects.toMatchObject({ details: { task_id: waiting } });
  await world.run(waiting).finish();
  expect((await submit(world, "plain_task")).status).toBe("pending");
});

test("tasks of other types are not in its way, and it is not in theirs", async () => {
  const world = await World.open();
  await world.submit("blocking_task");
  const { id } = await submit(world, "plain_task");
  expect((await world.manager.submit({ task: "plain_task" })).status).toBe("pending");
  await settled();
  expect(world.status(id)).toBe("running");
});

test("of many that come at the same moment one is taken, though none is on the disk yet", async () => {
  const world = await World.open();
  const ends = await Promise.allSettled(Array.from({ length: 20 }, () => submit(world, "plain_task")));
  const taken = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value.id] : []));
  expect(taken).toHaveLength(1);
  for (const end of ends)
    if (end.status === "rejected") expect(end.reason).toMatchObject({ details: { task_id: taken[0] } });
});

test("one that the disk refused is in nobody's way", async () => {
  const world = await World.open();
  world.store.refuses = true;
  await expect(submit(world, "plain_task")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  world.store.refuses = false;
  expect((await submit(world, "plain_task")).status).toBe("pending");
});
