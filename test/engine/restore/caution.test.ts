// After a power cut nobody knows where the axes stand: nothing starts before somebody says so.
import { expect, test } from "vitest";
import { type Machine, noMachine } from "../../../src/engine/machine/port.ts";
import { settled } from "../../fake-clock.ts";
import { Types, taskType, World } from "../world.ts";

const machine: Machine = {
  ...noMachine,
  moves: (name) => name === "rotor",
};

const withRotor = { uses: { rotor: "exclusive", light: "exclusive" } } as const;
const types = (): Types =>
  new Types([
    taskType("scan_task", withRotor),
    taskType("resuming_scan_task", { ...withRotor, onRestart: "resume" }),
    taskType("blink_task", { uses: { light: "exclusive" } }),
    taskType("plain_task"),
  ]);

const open = (limits: ConstructorParameters<typeof World>[0] = {}): Promise<World> =>
  World.open({ types: types(), machine, ...limits });

/** A world that the power was cut off from while `task` ran. */
async function cutOff(task: string): Promise<{ world: World; id: string }> {
  const before = await open();
  const id = await before.submit(task);
  await before.run(id).events.checkpoint({ step: 3 });
  return { world: await before.reboot(), id };
}

test("the queue comes up paused, with the reason and the task, and a second power cut does not change that", async () => {
  const { world, id } = await cutOff("scan_task");
  for (const after of [world, await world.reboot()]) {
    expect(after.manager.queue()).toMatchObject({
      paused: true,
      paused_because: "interrupted_hardware",
      paused_since: expect.stringContaining("2026-01-01"),
      interrupted_tasks: [id],
    });
    const next = await after.submit("plain_task");
    expect(after.manager.get(next)).toMatchObject({
      status: "pending",
      blocked_by: [{ because: "queue_paused", task_id: id, resource: "interrupted_hardware" }],
    });
  }
});

test("resuming the queue is the word that lets everything go on", async () => {
  const { world } = await cutOff("scan_task");
  const next = await world.submit("plain_task");
  await world.manager.resumeQueue();
  await settled();
  expect(world.status(next)).toBe("running");
  expect((await world.reboot()).manager.queue().paused).toBe(false);
});

test("a task that goes on by itself waits for that word", async () => {
  const { world, id } = await cutOff("resuming_scan_task");
  expect(world.manager.get(id)).toMatchObject({
    status: "pending",
    blocked_by: [{ because: "queue_paused" }],
  });
  await world.manager.resumeQueue();
  await settled();
  expect(world.run(id).work.resumedFrom).toEqual({ step: 3 });
});

test.each(["resume", "restart"] as const)("to %s the interrupted task is the same word", async (verb) => {
  const { world, id } = await cutOff("scan_task");
  await world.manager[verb](id);
  await settled();
  expect(world.manager.queue()).toMatchObject({ paused: false, interrupted_tasks: [] });
  expect(world.status(id)).toBe("running");
  expect(world.events.filter(({ type }) => type === "queue_changed")).toMatchObject([{ paused: false }]);
});

test("to cancel or forget it says nothing about the machine", async () => {
  const { world, id } = await cutOff("scan_task");
  await world.manager.cancel(id);
  await world.manager.remove(id);
  expect(world.manager.queue()).toMatchObject({ paused: true, paused_because: "interrupted_hardware" });
});

test("another interrupted task that is resumed does not let the machine move", async () => {
  const before = await open();
  const [plain, scan] = [await before.submit("plain_task"), await before.submit("scan_task")];
  await before.run(plain).events.checkpoint(1);
  const world = await before.reboot();
  await world.manager.resume(plain);
  await settled();
  expect(world.manager.get(plain)).toMatchObject({ status: "pending", blocked_by: [{ task_id: scan }] });
});

test.each(["pausing", "paused", "cancelling"])("a task that was %s held its devices, too", async (status) => {
  const before = await open();
  const id = await before.submit("scan_task");
  if (status === "cancelling") await before.manager.cancel(id);
  else await before.manager.pause(id);
  if (status === "paused") await before.run(id).reachCheckpoint();
  expect(before.status(id)).toBe(status);
  expect((await before.reboot()).manager.queue().paused_because).toBe("interrupted_hardware");
});

test("tasks without devices that move, and a shutdown in order, pause nothing", async () => {
  expect((await cutOff("plain_task")).world.manager.queue().paused).toBe(false);
  expect((await cutOff("blink_task")).world.manager.queue().paused).toBe(false);
  const before = await open();
  const id = await before.submit("scan_task");
  const closed = before.manager.close();
  await before.run(id).stop();
  await closed;
  const after = await before.reboot();
  expect([after.status(id), after.manager.queue().paused]).toEqual(["interrupted", false]);
});

test("of a type that is gone nobody knows what it held", async () => {
  const before = await open();
  await before.submit("plain_task");
  before.types.delete("plain_task");
  expect((await before.reboot()).manager.queue().paused_because).toBe("interrupted_hardware");
});

test("what somebody paused, or stopped in an emergency, stays what it is", async () => {
  for (const [reason, ask] of [
    ["user", (world: World) => world.manager.pauseQueue()],
    ["stopped", (world: World) => world.manager.stop()],
  ] as const) {
    const before = await open();
    const id = await before.submit("scan_task");
    await ask(before);
    const world = await before.reboot();
    expect(world.manager.queue().paused_because).toBe(reason);
    if (reason === "user") await world.manager.restart(id);
    expect(world.manager.queue().paused).toBe(true);
  }
});

test("the settings switch it off", async () => {
  const before = await open();
  await before.submit("scan_task");
  const world = await open({ store: before.store, limits: { pauseAfterInterruptedHardware: false } });
  expect(world.manager.queue().paused).toBe(false);
});
