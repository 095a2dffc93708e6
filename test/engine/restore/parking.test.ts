// A task that takes the process down again and again does not run again by itself.
import { expect, test } from "vitest";
import type { Policy } from "../../../src/task/policy.ts";
import { settled } from "../../fake-clock.ts";
import { Types, taskType, World } from "../world.ts";

const open = (policy: Partial<Policy> = {}): Promise<World> =>
  World.open({ types: new Types([taskType("wild_task", { onRestart: "requeue", ...policy })]) });

const parked = {
  status: "interrupted",
  error: "The process died 2 times while the task was running, so it does not run again by itself.",
  failure: { code: "PARKED", details: { crashes: 2, source: "wild_task.ts" } },
};

/** Saves a checkpoint in the attempt that runs. */
async function save(world: World, id: string, state: number): Promise<void> {
  await world.clock.advance(1);
  await world.run(id).events.checkpoint(state);
}

for (const onRestart of ["requeue", "resume", "fail", "ask"] as const) {
  test(`a task whose process died twice is parked, though its onRestart says ${onRestart}`, async () => {
    let world = await open({ onRestart });
    const id = await world.submit("wild_task");
    world = await world.crash();
    expect(world.manager.get(id).failure?.code).not.toBe("PARKED");
    if (onRestart === "fail" || onRestart === "ask") await world.manager.restart(id);
    await settled();
    expect(world.status(id)).toBe("running");
    world = await world.crash();
    expect(world.manager.get(id)).toMatchObject(parked);
    world = await world.reboot();
    expect(world.manager.get(id)).toMatchObject(parked);
  });
}

test("a blocking task is parked as well", async () => {
  let world = await open({ isBlocking: true });
  const id = await world.submit("wild_task");
  world = await (await world.crash()).crash();
  expect(world.manager.get(id)).toMatchObject(parked);
});

test("a task with a newer checkpoint goes on, however often the process dies", async () => {
  let world = await open({ onRestart: "resume" });
  const id = await world.submit("wild_task");
  for (let state = 1; state <= 5; state++) {
    await save(world, id, state);
    world = await world.crash();
    expect(world.run(id).work.resumedFrom).toBe(state);
  }
  world = await world.crash();
  expect(world.manager.get(id)).toMatchObject(parked);
});

test("a power cut does not count, and neither does a crash in an earlier boot of the machine", async () => {
  let world = await open();
  const id = await world.submit("wild_task");
  for (let cuts = 0; cuts < 3; cuts++) world = await world.reboot();
  world = await world.crash("boot-1");
  world = await world.reboot();
  world = await world.crash("boot-2");
  expect(world.status(id)).toBe("running");
  world = await world.crash("boot-2");
  expect(world.manager.get(id)).toMatchObject(parked);
});

test("a shutdown in order does not count", async () => {
  let world = await open();
  const id = await world.submit("wild_task");
  for (let shutdowns = 0; shutdowns < 3; shutdowns++) {
    const closing = world.manager.close();
    await settled();
    await world.run(id).stop();
    await closing;
    world = await world.reboot();
    expect(world.status(id)).toBe("running");
  }
});

test("a task in a process of its own is not to blame, and neither is one that stood, waited or was being stopped", async () => {
  const world = await World.open({
    limits: { maxConcurrentTasks: 4 },
    types: new Types([taskType("wild_task", { onRestart: "requeue" })]),
  });
  const [standing, stopping] = [await world.submit("wild_task"), await world.submit("wild_task")];
  const waiting = await world.submit("wild_task", { delay_seconds: 3600 });
  await world.manager.pause(standing);
  await world.run(standing).reachCheckpoint();
  await world.manager.cancel(stopping);
  const alone = await world.submit("wild_task");
  const stored = world.store.tasks.get(alone);
  if (stored) world.store.tasks.set(alone, { ...stored, record: { ...stored.record, lane: "isolated" } });
  const later = await world.crash();
  for (const id of [standing, stopping, waiting, alone])
    expect(later.store.tasks.get(id)?.memo.crashes).toBeUndefined();
});

test("a parked task runs again when its owner says so, and its count begins anew", async () => {
  for (const verb of ["restart", "resume"] as const) {
    let world = await open({ onRestart: "resume" });
    const id = await world.submit("wild_task");
    await save(world, id, 7);
    world = await (await world.crash()).crash();
    expect(world.manager.get(id)).toMatchObject(parked);
    await world.manager[verb](id);
    await settled();
    expect(world.run(id).work.resumedFrom).toBe(verb === "resume" ? 7 : undefined);
    world = await world.crash();
    expect(world.status(id)).toBe("running");
    world = await world.crash();
    expect(world.manager.get(id)).toMatchObject(parked);
  }
});

test("a parked task can be cancelled and forgotten", async () => {
  let world = await open();
  const id = await world.submit("wild_task");
  const other = await world.submit("wild_task");
  world = await (await world.crash()).crash();
  expect((await world.manager.cancel(id)).status).toBe("cancelled");
  await world.manager.remove(other);
  expect(world.manager.list().tasks).toHaveLength(1);
});
