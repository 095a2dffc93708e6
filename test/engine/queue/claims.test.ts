// What tasks claim, who has it and who waits for it, told as sentences.
import { expect, test } from "vitest";
import type { Claims } from "../../../src/task/policy.ts";
import { settled } from "../../fake-clock.ts";
import { Types, taskType, World } from "../world.ts";

/** A world in which `camera+stage_task` claims both alone, and `~camera_task` shares it; and so on for each text. */
async function worldOf(limits: object, ...wishes: string[]): Promise<World> {
  const types = wishes.map((wish) => taskType(`${wish}_task`, { uses: claims(wish) }));
  return World.open({ limits: { maxConcurrentTasks: 10, ...limits }, types: new Types(types) });
}

const claims = (wish: string): Claims =>
  Object.fromEntries(
    wish.split("+").map((word) => (word.startsWith("~") ? [word.slice(1), "shared"] : [word, "exclusive"])),
  );

const waitsFor = (world: World, id: string) =>
  world.manager.get(id).blocked_by.map(({ because, task_id, resource }) => [because, task_id, resource]);

test("two tasks that claim one device alone run one after the other, and the second says for whom it waits", async () => {
  const world = await worldOf({}, "camera");
  const [first, second] = [await world.submit("camera_task"), await world.submit("camera_task")];
  expect(world.running()).toEqual([first]);
  expect(world.manager.get(second)).toMatchObject({
    blocked_by: [{ because: "claim", task_id: first, resource: "camera" }],
    queue_position: 1,
  });
  await world.run(first).finish();
  expect(world.running()).toEqual([second]);
});

test("tasks whose claims are disjoint run side by side", async () => {
  const world = await worldOf({}, "camera", "stage", "rotor+light");
  for (const name of ["camera", "stage", "rotor+light"]) await world.submit(`${name}_task`);
  expect(world.running()).toHaveLength(3);
});

test("any number share a name; one that wants it alone waits for all of them and says so", async () => {
  const world = await worldOf({}, "~stage", "stage");
  const shared = [await world.submit("~stage_task"), await world.submit("~stage_task")];
  const alone = await world.submit("stage_task");
  expect(waitsFor(world, alone)).toEqual(shared.map((id) => ["claim", id, "stage"]));
  for (const id of shared) await world.run(id).finish();
  expect(world.running()).toEqual([alone]);
});

test("what waits tells since when each one is in its way", async () => {
  const world = await worldOf({}, "~stage", "stage");
  await world.submit("~stage_task");
  const begun = new Date(world.clock.now() + 1000).toISOString();
  await world.clock.advance(1000);
  const alone = await world.submit("stage_task");
  await world.clock.advance(1000);
  expect(world.manager.get(alone).blocked_by).toMatchObject([{ since: begun }]);
});

test("who waits to have a name alone is not starved by those who share it", async () => {
  const world = await worldOf({}, "~stage", "stage");
  const first = await world.submit("~stage_task");
  const alone = await world.submit("stage_task");
  const late = await world.submit("~stage_task");
  expect(waitsFor(world, late)).toEqual([["claim_waiting", alone, "stage"]]);
  await world.run(first).finish();
  expect(world.running()).toEqual([alone]);
  await world.run(alone).finish();
  expect(world.running()).toEqual([late]);
});

test("claims are taken all at once: who waits for one of two holds neither, and nobody behind takes the other", async () => {
  const world = await worldOf({}, "camera", "camera+stage", "stage", "rotor");
  const first = await world.submit("camera_task");
  const both = await world.submit("camera+stage_task");
  const behind = await world.submit("stage_task");
  expect(waitsFor(world, both)).toEqual([["claim", first, "camera"]]);
  expect(waitsFor(world, behind)).toEqual([["claim_waiting", both, "stage"]]);
  const other = await world.submit("rotor_task");
  expect(world.running()).toEqual([first, other]);
  await world.run(first).finish();
  expect(world.running()).toEqual([other, both]);
});

test("one behind may share what the one ahead will share", async () => {
  const world = await worldOf({}, "camera", "camera+~stage", "~stage");
  await world.submit("camera_task");
  await world.submit("camera+~stage_task");
  expect(world.status(await world.submit("~stage_task"))).toBe("running");
});

test("every name that is taken is told", async () => {
  const world = await worldOf({ maxConcurrentTasks: 2 }, "camera", "stage", "camera+stage");
  const holders = [await world.submit("camera_task"), await world.submit("stage_task")];
  const both = await world.submit("camera+stage_task");
  expect(waitsFor(world, both)).toEqual([
    ["claim", holders[0], "camera"],
    ["claim", holders[1], "stage"],
    ["concurrency_limit", null, "max_concurrent_tasks"],
  ]);
});

test("two tasks that claim the same two names in another order do not lock each other out", async () => {
  const world = await World.open({
    types: new Types([
      taskType("ab_task", { uses: { a: "exclusive", b: "exclusive" } }),
      taskType("ba_task", { uses: { b: "exclusive", a: "exclusive" } }),
    ]),
  });
  const ids: string[] = [];
  for (let n = 0; n < 6; n++) ids.push(await world.submit(n % 2 ? "ab_task" : "ba_task"));
  for (const id of ids) {
    expect(world.running()).toEqual([id]);
    await world.run(id).finish();
  }
});

test("a name with a capacity bears that many; one that wants it alone takes all", async () => {
  const world = await worldOf({ capacities: { gpu: 2 } }, "~gpu", "gpu");
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push(await world.submit("~gpu_task"));
  const [a, b, c] = ids as [string, string, string];
  expect(world.running()).toEqual([a, b]);
  expect(waitsFor(world, c)).toEqual([
    ["claim", a, "gpu"],
    ["claim", b, "gpu"],
  ]);
  const alone = await world.submit("gpu_task");
  await world.run(a).finish();
  expect(world.running()).toEqual([b, c]);
  for (const id of [b, c]) await world.run(id).finish();
  expect(world.running()).toEqual([alone]);
});

test("a unit that one ahead waits for is kept for it", async () => {
  const world = await worldOf({ capacities: { gpu: 2 } }, "camera", "~gpu", "camera+~gpu");
  const camera = await world.submit("camera_task");
  await world.submit("~gpu_task");
  const both = await world.submit("camera+~gpu_task");
  const behind = await world.submit("~gpu_task");
  expect(waitsFor(world, behind)).toEqual([["claim_waiting", both, "gpu"]]);
  await world.run(camera).finish();
  expect(world.status(both)).toBe("running");
});

test("a higher capacity counts at once; under a lower one nobody is thrown out", async () => {
  const world = await worldOf({ capacities: { gpu: 1 } }, "~gpu");
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push(await world.submit("~gpu_task"));
  world.limits = { ...world.limits, capacities: { gpu: 2 } };
  world.manager.limitsChanged();
  await settled();
  expect(world.running()).toEqual(ids.slice(0, 2));
  world.limits = { ...world.limits, capacities: { gpu: 1 } };
  world.manager.limitsChanged();
  await world.run(ids[0] as string).finish();
  expect(world.running()).toEqual([ids[1]]);
  await world.run(ids[1] as string).finish();
  expect(world.running()).toEqual([ids[2]]);
});

test("names that every object has are names like others", async () => {
  const world = await worldOf({}, "~constructor", "__proto__");
  for (let n = 0; n < 3; n++) await world.submit("~constructor_task");
  expect(world.running()).toHaveLength(3);
});

test("a task that waits for a device takes no slot from those who need only a slot", async () => {
  const world = await worldOf({ maxConcurrentTasks: 2 }, "camera", "stage");
  await world.submit("camera_task");
  await world.submit("camera_task");
  expect(world.status(await world.submit("stage_task"))).toBe("running");
});

test("an exclusive task waits for those who hold claims, and nobody overtakes it with free claims", async () => {
  const world = await World.open({
    types: new Types([
      taskType("camera_task", { uses: { camera: "exclusive" } }),
      taskType("stage_task", { uses: { stage: "exclusive" } }),
      taskType("alone_task", { isExclusive: true, uses: { stage: "exclusive" } }),
    ]),
  });
  const camera = await world.submit("camera_task");
  const alone = await world.submit("alone_task");
  const late = await world.submit("stage_task");
  expect(waitsFor(world, alone)).toEqual([["tasks_running", camera, null]]);
  expect(waitsFor(world, late)).toEqual([["exclusive_waiting", alone, null]]);
  await world.run(camera).finish();
  expect(world.running()).toEqual([alone]);
});

test("a paused task keeps its claims; one that is cancelled keeps them until its work has ended", async () => {
  const world = await worldOf({}, "camera");
  const [first, second] = [await world.submit("camera_task"), await world.submit("camera_task")];
  await world.manager.pause(first);
  await world.run(first).reachCheckpoint();
  expect(world.status(second)).toBe("pending");
  await world.manager.cancel(first);
  await settled();
  expect([world.status(first), world.status(second)]).toEqual(["cancelling", "pending"]);
  await world.run(first).stop();
  expect([world.status(first), world.status(second)]).toEqual(["cancelled", "running"]);
});

test("when one that waits is cancelled, those behind it may have what it would have needed", async () => {
  const world = await worldOf({}, "camera", "camera+stage", "stage");
  await world.submit("camera_task");
  const both = await world.submit("camera+stage_task");
  const behind = await world.submit("stage_task");
  expect(world.status(behind)).toBe("pending");
  await world.manager.cancel(both);
  await settled();
  expect(world.status(behind)).toBe("running");
});

test("isolated tasks count for the limit of their kind, those of the fleet for none", async () => {
  const world = await World.open({
    limits: { maxConcurrentTasks: 1, blockingWorkers: 1 },
    types: new Types([
      taskType("plain_task"),
      taskType("isolated_task", { lane: "isolated" }),
      taskType("heavy_task", { lane: "isolated", isBlocking: true }),
      taskType("fleet_task", { lane: "fleet" }),
      taskType("alone_task", { isExclusive: true }),
    ]),
  });
  const ids: string[] = [];
  for (const name of ["isolated", "plain", "heavy", "heavy"]) ids.push(await world.submit(`${name}_task`));
  expect(ids.map((id) => world.status(id))).toEqual(["running", "pending", "running", "pending"]);
  expect(ids.map((id) => world.manager.get(id).blocked_by[0]?.because)).toEqual([
    undefined,
    "concurrency_limit",
    undefined,
    "workers_busy",
  ]);
  for (const id of ids) {
    await settled();
    await world.run(id).finish();
  }
  const elsewhere = await world.submit("fleet_task");
  const alone = await world.submit("alone_task");
  expect([world.status(elsewhere), world.status(alone)]).toEqual(["running", "running"]);
  expect(world.status(await world.submit("fleet_task"))).toBe("running");
});

const axisTypes = () => new Types([taskType("axis_task", { usesDependOnParameters: true })]);

test("claims that follow from the parameters are those of each task", async () => {
  const world = await World.open({ types: axisTypes() });
  const x = await world.submit("axis_task", { parameters: { uses: { x: "exclusive" } } });
  const again = await world.submit("axis_task", { parameters: { uses: { x: "exclusive" } } });
  const y = await world.submit("axis_task", { parameters: { uses: { y: "exclusive" } } });
  expect(world.running()).toEqual([x, y]);
  expect(waitsFor(world, again)).toEqual([["claim", x, "x"]]);
  expect(world.run(x).work.claims).toEqual({ x: "exclusive" });
});

test("what they claim is remembered over a restart", async () => {
  const before = await World.open({ types: axisTypes() });
  await before.manager.pauseQueue();
  const uses = { x: "exclusive" };
  const ids = [
    await before.submit("axis_task", { parameters: { uses } }),
    await before.submit("axis_task", { parameters: { uses } }),
  ];
  const world = await before.reboot();
  await world.manager.resumeQueue();
  await settled();
  expect(world.running()).toEqual(ids.slice(0, 1));
});

test("new parameters are new claims", async () => {
  const world = await World.open({ types: axisTypes() });
  const x = await world.submit("axis_task", { parameters: { uses: { x: "exclusive" } } });
  const other = await world.submit("axis_task", { parameters: { uses: { x: "exclusive" } } });
  await world.manager.change(other, { parameters: { uses: { y: "exclusive" } } });
  await settled();
  expect(world.running()).toEqual([x, other]);
  expect(world.run(other).work.claims).toEqual({ y: "exclusive" });
});

test("what the function throws refuses the submit, or the change, and names uses", async () => {
  const world = await World.open({ types: axisTypes() });
  const refusal = {
    code: "INVALID_PARAMETERS",
    details: { task: "axis_task", errors: [{ path: "uses", message: "there is no axis 7" }] },
  };
  const parameters = { uses: "there is no axis 7" };
  await expect(world.manager.submit({ task: "axis_task", parameters })).rejects.toMatchObject(refusal);
  await world.manager.pauseQueue();
  const id = await world.submit("axis_task");
  await expect(world.manager.change(id, { parameters })).rejects.toMatchObject(refusal);
  expect(world.manager.list().tasks.map(({ status }) => status)).toEqual(["pending"]);
});

test("a task whose file changed while it waited claims what the file says now", async () => {
  const world = await World.open({ types: axisTypes() });
  const uses = { x: "exclusive" };
  const first = await world.submit("axis_task", { parameters: { uses } });
  const second = await world.submit("axis_task", { parameters: { uses } });
  const third = await world.submit("axis_task", { parameters: { uses } });
  const changed = taskType("axis_task", { usesDependOnParameters: true }, "hash-2");
  world.types.set({ ...changed, claimsOf: () => ({ y: "exclusive" }) });
  world.manager.typesChanged(new Set(["axis_task"]));
  await world.run(first).finish();
  expect(world.running()).toEqual([second]);
  expect(world.run(second).work.claims).toEqual({ y: "exclusive" });
  expect(waitsFor(world, third)).toEqual([["claim", second, "y"]]);
});

test("where the changed file finds no claims for a task that waited, it fails with PARAMETERS_OUTDATED", async () => {
  const world = await World.open({ types: axisTypes() });
  const uses = { x: "exclusive" };
  const first = await world.submit("axis_task", { parameters: { uses } });
  const second = await world.submit("axis_task", { parameters: { uses } });
  const changed = taskType("axis_task", { usesDependOnParameters: true }, "hash-2");
  world.types.set({ ...changed, claimsOf: () => Promise.reject(new Error("no axis x any more")) });
  await world.run(first).finish();
  expect(world.manager.get(second).failure).toMatchObject({
    code: "PARAMETERS_OUTDATED",
    details: { errors: [{ path: "uses", message: "no axis x any more" }] },
  });
});
