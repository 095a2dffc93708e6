// Which timeout an attempt has.
import { expect, test } from "vitest";
import { Types, taskType, World } from "../world.ts";

const open = (timeoutSeconds: number | null, defaultTimeoutSeconds: number | null): Promise<World> =>
  World.open({
    limits: { defaultTimeoutSeconds },
    types: new Types([taskType("slow_task", { timeoutSeconds })]),
  });

/** When it was told to stop for its time, in seconds; null where it was not within an hour. */
async function timeoutOf(world: World, wish: object = {}): Promise<number | null> {
  const id = await world.submit("slow_task", wish);
  for (let second = 0; second <= 3600; second++) {
    if (world.run(id).reason === "timeout") return second;
    await world.clock.advance(second < 60 ? 1000 : 1_000_000);
  }
  return null;
}

test("the submit's timeout counts before the type's, and that before the settings'", async () => {
  expect(await timeoutOf(await open(20, 30), { timeout_seconds: 10 })).toBe(10);
  expect(await timeoutOf(await open(20, 30))).toBe(20);
  expect(await timeoutOf(await open(null, 30))).toBe(30);
  expect(await timeoutOf(await open(null, null))).toBe(null);
});

test("a submit can wish for no timeout at all", async () => {
  expect(await timeoutOf(await open(20, 30), { timeout_seconds: null })).toBe(null);
});

test("a task that ends before its timeout completes, and the time over later changes nothing", async () => {
  const world = await open(20, null);
  const id = await world.submit("slow_task");
  await world.clock.advance(19_000);
  await world.run(id).finish();
  await world.clock.advance(3_600_000);
  expect([world.status(id), world.run(id).told]).toEqual(["completed", []]);
});
