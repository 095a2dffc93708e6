import { describe, expect, test } from "vitest";
import type { BatchRequest } from "../../../src/engine/requests.ts";
import { settled } from "../../fake-clock.ts";
import { World } from "../world.ts";

const success = (...names: string[]) => names.map((task) => ({ task, when: "success" as const }));

const submit = async (world: World, batch: BatchRequest) => {
  const submitted = await world.manager.submitBatch(batch);
  await settled();
  return submitted;
};

test("a batch is one write; its tasks come back in its order, each with an id of its own", async () => {
  const world = await World.open();
  await world.manager.pauseQueue();
  const writes: number[] = [];
  const { save } = world.store;
  world.store.save = (tasks) => {
    writes.push(tasks.length);
    return save.call(world.store, tasks);
  };
  const { tasks } = await submit(world, {
    tasks: [{ task: "plain" }, { task: "blocking" }, { task: "plain" }],
  });
  expect(writes).toEqual([3]);
  expect(tasks.map(({ task }) => task)).toEqual(["plain_task", "blocking_task", "plain_task"]);
  expect(world.manager.list().tasks.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
  expect(world.manager.queue().tasks.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
});

test("a chain by keys runs in its order, whichever way round it is written", async () => {
  const world = await World.open();
  const { keys } = await submit(world, {
    tasks: [
      { key: "upload", task: "plain_task", depends_on: success("crop") },
      { key: "crop", task: "plain_task", depends_on: success("scan") },
      { key: "scan", task: "plain_task" },
    ],
  });
  for (const key of ["scan", "crop", "upload"]) {
    expect(world.running()).toEqual([keys[key]]);
    await world.run(keys[key] as string).finish();
  }
  expect(world.manager.get(keys.upload as string).depends_on).toEqual(success(keys.crop as string));
});

test("a key comes before an id; what is no key is the id of a task that is kept", async () => {
  const world = await World.open();
  const before = await world.submit("plain_task");
  const { tasks } = await submit(world, { tasks: [{ task: "plain_task", depends_on: success(before) }] });
  expect(tasks[0]?.depends_on).toEqual(success(before));
});

test("the tasks of a batch share its group, but for one that names its own", async () => {
  const world = await World.open();
  const { tasks, group } = await submit(world, {
    group: "night",
    tasks: [{ task: "plain_task" }, { task: "plain_task", group: "day" }],
  });
  expect([group, ...tasks.map((task) => task.group)]).toEqual(["night", "night", "day"]);
});

describe("all or none", () => {
  const refusal = async (batch: BatchRequest) => {
    const world = await World.open();
    const error = await world.manager.submitBatch(batch).then(
      () => null,
      (thrown) => thrown,
    );
    expect(world.manager.list().tasks).toEqual([]);
    expect(world.store.writes).toEqual([]);
    return error;
  };

  test("parameters that do not fit name the place", async () => {
    expect(
      await refusal({ tasks: [{ task: "plain_task" }, { task: "other_task", parameters: { bad: 1 } }] }),
    ).toMatchObject({
      code: "INVALID_PARAMETERS",
      details: { index: 1, errors: [{ path: "tasks[1].parameters.bad" }] },
    });
  });

  test("so does a type that is not there", async () => {
    expect(await refusal({ tasks: [{ task: "plain_task" }, { task: "plan" }] })).toMatchObject({
      code: "UNKNOWN_TASK_TYPE",
      details: { nearest: ["plain_task"], errors: [{ path: "tasks[1].task" }] },
    });
  });

  test("and a dependency that is neither a key nor an id", async () => {
    expect(
      await refusal({
        tasks: [
          { key: "a", task: "plain_task" },
          { task: "plain_task", depends_on: success("b") },
        ],
      }),
    ).toMatchObject({
      code: "UNKNOWN_DEPENDENCY",
      details: { id: "b", errors: [{ path: "tasks[1].depends_on" }] },
    });
  });

  test("and a key that is given twice", async () => {
    expect(
      await refusal({ tasks: ["a", "b", "a"].map((key) => ({ key, task: "plain_task" })) }),
    ).toMatchObject({
      code: "INVALID_REQUEST",
      details: { errors: [{ path: "tasks[2].key", message: "'a' is the key of tasks[0] already" }] },
    });
  });

  test("a disk that refuses leaves nothing behind", async () => {
    const world = await World.open();
    world.store.refuses = true;
    const batch = { tasks: [{ task: "plain_task" }, { task: "plain_task" }] };
    await expect(world.manager.submitBatch(batch)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(world.manager.list().tasks).toEqual([]);
  });

  const task = (key: string, ...others: string[]) => ({
    key,
    task: "plain_task",
    depends_on: success(...others),
  });

  test.each([
    ["itself", [task("a", "a")], "a → a", 0],
    ["one another", [task("a", "b"), task("b", "a")], "a → b → a", 0],
    [
      "one another, far behind",
      [task("start", "free", "a"), task("free"), task("a", "b"), task("b", "free", "c"), task("c", "a")],
      "a → b → c → a",
      2,
    ],
  ])("tasks that wait for %s are refused with the way round", async (_, tasks, cycle, index) => {
    expect(await refusal({ tasks })).toMatchObject({
      code: "DEPENDENCY_CYCLE",
      message: `These tasks wait for each other: ${cycle}.`,
      details: { cycle, errors: [{ path: `tasks[${index}].depends_on` }] },
    });
  });

  test("many that share what they depend on are no cycle", async () => {
    const world = await World.open();
    const diamond = [
      task("end", "left", "right"),
      task("left", "start"),
      task("right", "start"),
      task("start"),
    ];
    const { tasks } = await submit(world, { tasks: diamond });
    expect(tasks).toHaveLength(4);
  });

  test("a chain of ten thousand is taken, and a circle of ten thousand refused", async () => {
    const world = await World.open();
    await world.manager.pauseQueue();
    const chain = Array.from({ length: 10_000 }, (__, n) => task(`${n}`, ...(n < 9_999 ? [`${n + 1}`] : [])));
    expect((await submit(world, { tasks: chain })).tasks).toHaveLength(10_000);
    const circle = [...chain.slice(0, -1), task("9999", "0")];
    await expect(world.manager.submitBatch({ tasks: circle })).rejects.toMatchObject({
      code: "DEPENDENCY_CYCLE",
    });
  });
});

describe("an idempotency key", () => {
  const idempotency = { key: "order-7", digest: "a" };
  const batch = { group: "g", tasks: [{ key: "scan", task: "plain_task" }, { task: "plain_task" }] };

  test("with the same batch returns the first tasks, also while they are on their way and after a power cut", async () => {
    const world = await World.open();
    const [first, again] = await Promise.all([
      world.manager.submitBatch(batch, idempotency),
      world.manager.submitBatch(batch, idempotency),
    ]);
    const idsOf = ({ tasks }: typeof first) => tasks.map(({ id }) => id);
    expect(idsOf(again)).toEqual(idsOf(first));
    const later = await (await world.reboot()).manager.submitBatch(batch, idempotency);
    expect(idsOf(later)).toEqual(idsOf(first));
    expect(later.keys).toEqual({ scan: first.tasks[0]?.id });
    expect(later.group).toBe("g");
  });

  test("belongs to the batch as long as one of its tasks is kept", async () => {
    const world = await World.open();
    const first = await world.manager.submitBatch(batch, idempotency);
    await settled();
    const [one, two] = first.tasks.map(({ id }) => id) as [string, string];
    await world.run(one).finish();
    await world.manager.remove(one);
    expect((await world.manager.submitBatch(batch, idempotency)).tasks.map(({ id }) => id)).toEqual([two]);
    await world.run(two).finish();
    await world.manager.remove(two);
    expect((await world.manager.submitBatch(batch, idempotency)).tasks).toHaveLength(2);
  });

  test("with anything else is refused", async () => {
    const world = await World.open();
    await world.manager.submitBatch(batch, idempotency);
    const other = { ...idempotency, digest: "b" };
    for (const again of [
      () => world.manager.submitBatch(batch, other),
      () => world.manager.submit({ task: "plain_task" }, other),
    ])
      await expect(again()).rejects.toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
  });
});

test("a machine that does one task at a time takes a batch of one", async () => {
  const world = await World.open({ limits: { singleTaskMode: true } });
  const one = { task: "plain_task" };
  await expect(world.manager.submitBatch({ tasks: [one, one] })).rejects.toMatchObject({ code: "BUSY" });
  expect((await world.manager.submitBatch({ tasks: [one] })).tasks).toHaveLength(1);
});
