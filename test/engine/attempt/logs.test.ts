// What tasks log: bounded, readable while they live and after a restart.
import { expect, test } from "vitest";
import { settled } from "../../fake-clock.ts";
import { World } from "../world.ts";

const line = (message: string) =>
  ({ level: "info", time: "2026-11-21T00:00:00.000Z", message, fields: null }) as const;

async function messages(world: World, id: string): Promise<string[]> {
  return (await world.manager.logs(id)).map(({ message }) => message);
}

test("the lines of a task that runs are there at once, and the last 500 are kept", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  for (let number = 1; number <= 600; number++) world.run(id).events.log(line(`${number}`));
  const kept = await messages(world, id);
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([500, "101", "600"]);
});

test("the lines of an ended task survive a restart, and leave the memory", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  world.run(id).events.log(line("it was a pot"));
  await world.run(id).finish();
  expect(world.logs.writes).toBe(1);
  const later = await world.reboot();
  expect(await messages(later, id)).toEqual(["it was a pot"]);
});

test("a task that logs a lot is written at most once in two seconds, so that a power cut takes little", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  for (let second = 0; second < 10; second++) {
    world.run(id).events.log(line(`second ${second}`));
    await world.clock.advance(1000);
  }
  await settled();
  expect(world.logs.writes).toBe(5);
  const later = await world.reboot();
  expect((await messages(later, id)).length).toBeGreaterThanOrEqual(9);
});

test("the next attempt writes on where the one before a power cut left off", async () => {
  const world = await World.open();
  const id = await world.submit("plain_task");
  world.run(id).events.log(line("first"));
  await world.clock.advance(2000);
  const later = await world.reboot();
  await later.manager.restart(id);
  await settled();
  later.run(id).events.log(line("second"));
  expect(await messages(later, id)).toEqual(["first", "second"]);
  await later.run(id).finish();
  expect((await later.reboot()).logs.files.get(id)).toHaveLength(2);
});

test("a log that cannot be written stays in memory, and the task completes", async () => {
  const world = await World.open();
  world.logs.refuses = true;
  const id = await world.submit("plain_task");
  world.run(id).events.log(line("no room"));
  await world.run(id).finish();
  expect(world.status(id)).toBe("completed");
  expect(await messages(world, id)).toEqual(["no room"]);
});
