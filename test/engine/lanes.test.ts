// Which lane a task runs in: what its type says, and what its submit wished.
import { expect, test } from "vitest";
import { settled } from "../fake-clock.ts";
import { Types, taskType, World } from "./world.ts";

const open = (): Promise<World> =>
  World.open({
    types: new Types([
      taskType("plain_task"),
      taskType("blocking_task", { isBlocking: true }),
      taskType("fleet_task", { lane: "fleet" }),
      taskType("isolated_task", { lane: "isolated", limits: { memoryMb: 512, cpuSeconds: null } }),
    ]),
  });

test.each([
  ["plain_task", undefined, "async"],
  ["plain_task", "isolated", "isolated"],
  ["plain_task", "fleet", "fleet"],
  ["blocking_task", undefined, "blocking"],
  ["blocking_task", "isolated", "isolated"],
  ["isolated_task", undefined, "isolated"],
  ["isolated_task", "fleet", "fleet"],
  ["fleet_task", undefined, "fleet"],
  ["fleet_task", "isolated", "isolated"],
] as const)(
  "%s submitted with lane %s runs in the %s lane, as its record says",
  async (task, lane, runsIn) => {
    const world = await open();
    const id = await world.submit(task, { lane });
    expect(world[runsIn].runs.map(({ work }) => work.taskId)).toEqual([id]);
    expect(world.manager.get(id).lane).toBe(runsIn);
  },
);

test("a wish for a process of its own holds for every attempt; what the type says may change", async () => {
  const world = await open();
  const [wished, plain] = [
    await world.submit("plain_task", { lane: "isolated" }),
    await world.submit("plain_task"),
  ];
  for (const id of [wished, plain]) await world.run(id).fail();
  world.types.set(taskType("plain_task", { isBlocking: true }, "hash-2"));
  for (const id of [wished, plain]) await world.manager.restart(id);
  await settled();
  expect(world.isolated.runs.map(({ work }) => [work.taskId, work.attempt])).toEqual([
    [wished, 1],
    [wished, 2],
  ]);
  expect(world.blocking.runs.map(({ work }) => work.taskId)).toEqual([plain]);
});

test("limits of a submit come before those of the type, one by one", async () => {
  const world = await open();
  const limitsOf = async (task: string, more: object): Promise<unknown> =>
    world.run(await world.submit(task, more)).work.limits;
  expect(await limitsOf("isolated_task", {})).toEqual({ memoryMb: 512, cpuSeconds: null });
  expect(await limitsOf("isolated_task", { limits: { cpuSeconds: 9 } })).toEqual({
    memoryMb: 512,
    cpuSeconds: 9,
  });
  expect(await limitsOf("isolated_task", { limits: { memoryMb: null } })).toEqual({
    memoryMb: null,
    cpuSeconds: null,
  });
});

test("limits are refused where nobody holds a task to them", async () => {
  const world = await open();
  const limits = { memoryMb: 512 };
  await expect(world.submit("plain_task", { limits })).rejects.toMatchObject({
    code: "LIMITS_NEED_ISOLATION",
    details: { task: "plain_task", lane: "async" },
  });
  for (const lane of ["isolated", "fleet"] as const) await world.submit("plain_task", { limits, lane });
});
