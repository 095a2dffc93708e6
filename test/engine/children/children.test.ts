// Tasks that submit tasks: what they may use, when they end, and which waits would never end.
import { expect, test } from "vitest";
import type { Call } from "../../../src/engine/ports.ts";
import { defaultRetry } from "../../../src/task/policy.ts";
import type { TaskView } from "../../../src/task/record.ts";
import { settled } from "../../fake-clock.ts";
import { Types, taskType, World } from "../world.ts";

const types = () =>
  new Types([
    taskType("plain_task"),
    taskType("blocking_task", { isBlocking: true }),
    taskType("alone_task", { isExclusive: true }),
    taskType("camera_task", { uses: { camera: "exclusive" } }),
    taskType("stage_task", { uses: { stage: "exclusive" } }),
    taskType("both_task", { uses: { camera: "exclusive", stage: "exclusive" } }),
    taskType("look_task", { uses: { camera: "shared" } }),
    taskType("gpu_task", { uses: { gpu: "shared" } }),
  ]);

const open = (limits: object = {}) =>
  World.open({ limits: { maxConcurrentTasks: 10, ...limits }, types: types() });

type Options = Extract<Call, { to: "submit" }>["options"];

async function child(world: World, parent: string, task: string, options: Options = {}): Promise<string> {
  const id = await world.run(parent).events.call({ to: "submit", task, parameters: {}, options });
  await settled();
  return id as string;
}

/** What a wait came to: the view, or the error. */
class Wait {
  view: TaskView | null = null;
  error: { code?: string; details?: Record<string, unknown> } | null = null;

  constructor(world: World, waiter: string, id: string, timeoutSeconds: number | null = null) {
    world
      .run(waiter)
      .events.call({ to: "wait", id, timeoutSeconds })
      .then(
        (view) => {
          this.view = view as TaskView;
        },
        (error) => {
          this.error = error;
        },
      );
  }

  get isOpen(): boolean {
    return this.view === null && this.error === null;
  }
}

async function wait(world: World, waiter: string, id: string, timeoutSeconds?: number): Promise<Wait> {
  const begun = new Wait(world, waiter, id, timeoutSeconds ?? null);
  await settled();
  return begun;
}

const stateOf = (world: World, ids: readonly string[]) => ids.map((id) => world.status(id));

test("a task waits for its child and is given the record it ended with", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const id = await child(world, parent, "plain", { name: "the first", priority: 3, metadata: { n: 1 } });
  expect(world.manager.get(id)).toMatchObject({ name: "the first", priority: 3, metadata: { n: 1 } });
  const waiting = await wait(world, parent, id);
  expect(waiting.isOpen).toBe(true);
  await world.run(id).finish({ answer: 42 });
  expect(waiting.view).toMatchObject({ id, status: "completed", result: { answer: 42 } });
  expect((await wait(world, parent, id)).view).toMatchObject({ status: "completed" });
});

test("a child runs beneath an exclusive task, and nobody else does", async () => {
  const world = await open();
  const parent = await world.submit("alone_task");
  const outsider = await world.submit("plain_task");
  const id = await child(world, parent, "blocking_task");
  expect(stateOf(world, [id, outsider])).toEqual(["running", "pending"]);
});

test("an exclusive child waits for its siblings, not for its parent", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const sibling = await child(world, parent, "plain_task");
  const alone = await child(world, parent, "alone_task");
  expect(world.manager.get(alone).blocked_by).toMatchObject([{ because: "tasks_running", task_id: sibling }]);
  await world.run(sibling).finish();
  expect(world.status(alone)).toBe("running");
});

test("a child uses what its parent claims; two children exclude each other; others wait for the parent", async () => {
  const world = await open();
  const parent = await world.submit("camera_task");
  const [first, second] = [
    await child(world, parent, "camera_task"),
    await child(world, parent, "camera_task"),
  ];
  const outsider = await world.submit("look_task");
  expect(stateOf(world, [first, second, outsider])).toEqual(["running", "pending", "pending"]);
  const blockers = (id: string) => world.manager.get(id).blocked_by.map(({ task_id }) => task_id);
  expect(blockers(second)).toEqual([first]);
  expect(blockers(outsider)).toEqual([parent, first]);
  await world.run(first).finish();
  expect(stateOf(world, [second, outsider])).toEqual(["running", "pending"]);
  await world.run(second).finish();
  await world.run(parent).finish();
  expect(world.status(outsider)).toBe("running");
});

test("what a family shares of a name with a capacity counts once", async () => {
  const world = await open({ capacities: { gpu: 2 } });
  const parent = await world.submit("gpu_task");
  const first = await child(world, parent, "gpu_task");
  const outsider = await world.submit("gpu_task");
  const second = await child(world, parent, "gpu_task");
  expect(stateOf(world, [first, outsider, second])).toEqual(["running", "running", "pending"]);
});

test("a child is not held up by those who wait for its parent to end", async () => {
  const world = await open();
  const parent = await world.submit("camera_task");
  const both = await world.submit("both_task");
  const id = await child(world, parent, "stage_task");
  expect(stateOf(world, [both, id])).toEqual(["pending", "running"]);
});

test("a child that waits comes before everybody who is not part of a running task", async () => {
  const world = await open();
  const other = await world.submit("stage_task");
  const parent = await world.submit("plain_task");
  const before = await world.submit("stage_task", { priority: 100 });
  const id = await child(world, parent, "stage_task");
  expect(world.manager.queue().tasks.map((task) => task.id)).toEqual([id, before]);
  await world.run(other).finish();
  expect(world.status(id)).toBe("running");
});

test("a task that waits gives back its slot, and has one again before anybody in the queue", async () => {
  const world = await open({ maxConcurrentTasks: 1 });
  const parent = await world.submit("plain_task");
  const behind = await world.submit("plain_task");
  const id = await child(world, parent, "plain_task");
  expect(stateOf(world, [id, behind])).toEqual(["pending", "pending"]);
  const waiting = await wait(world, parent, id);
  expect(stateOf(world, [id, behind])).toEqual(["running", "pending"]);
  await world.run(id).finish();
  expect(waiting.view?.status).toBe("completed");
  expect(world.status(behind)).toBe("pending");
  await world.run(parent).finish();
  expect(world.status(behind)).toBe("running");
});

test("a task whose child is tried again waits on, without a slot", async () => {
  const world = await open({ maxConcurrentTasks: 1 });
  const parent = await world.submit("plain_task");
  world.types.set(
    taskType("stubborn_task", { retry: { ...defaultRetry, maxAttempts: 2, delaySeconds: 0, jitter: 0 } }),
  );
  const id = await child(world, parent, "stubborn_task");
  const waiting = await wait(world, parent, id);
  await world.run(id).fail();
  await world.clock.advance(1000);
  expect([waiting.isOpen, world.status(id)]).toEqual([true, "running"]);
  await world.run(id).finish();
  expect(waiting.view).toMatchObject({ status: "completed", attempt: 2 });
});

test("where its slot was taken meanwhile it goes on with the next that is free", async () => {
  const world = await open({ maxConcurrentTasks: 1 });
  const parent = await world.submit("plain_task");
  const id = await child(world, parent, "blocking_task");
  const waiting = await wait(world, parent, id);
  const [other, behind] = [await world.submit("plain_task"), await world.submit("plain_task")];
  await world.run(id).finish();
  expect([waiting.isOpen, ...stateOf(world, [other, behind])]).toEqual([true, "running", "pending"]);
  await world.manager.pauseQueue();
  await world.run(other).finish();
  expect([waiting.view?.status, world.status(behind)]).toEqual(["completed", "pending"]);
});

test("a task that waits in several branches has a slot again with the last of them", async () => {
  const world = await open({ maxConcurrentTasks: 1 });
  const parent = await world.submit("plain_task");
  const ids = [await child(world, parent, "plain_task"), await child(world, parent, "plain_task")];
  const waits = await Promise.all(ids.map((id) => wait(world, parent, id)));
  for (const [index, id] of ids.entries()) {
    expect(world.status(id)).toBe("running");
    await world.run(id).finish();
    expect(waits[index]?.view?.status).toBe("completed");
  }
});

test("a wait may end with its time, and the other goes on", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const id = await child(world, parent, "plain_task");
  const waiting = await wait(world, parent, id, 3);
  await world.clock.advance(3000);
  expect(waiting.view).toMatchObject({ status: "running" });
  expect(world.status(id)).toBe("running");
});

test("a task may cancel its child", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const id = await child(world, parent, "plain_task");
  await world.run(parent).events.call({ to: "cancel", id });
  expect(world.run(id).reason).toBe("user");
});

test("when a task ends its children end: who runs is told, who waits never starts, and both say why", async () => {
  const world = await open({ maxConcurrentTasks: 2 });
  const parent = await world.submit("plain_task");
  const runs = await child(world, parent, "plain_task");
  const waits = await child(world, parent, "plain_task");
  await world.run(parent).finish();
  expect(stateOf(world, [parent, runs, waits])).toEqual(["completed", "cancelling", "cancelled"]);
  expect(world.run(runs).reason).toBe("dependency");
  expect(world.events).toContainEqual(
    expect.objectContaining({ type: "task_cancelling", task_id: runs, reason: "dependency" }),
  );
  await world.run(runs).stop();
  for (const id of [runs, waits])
    expect(world.manager.get(id)).toMatchObject({
      status: "cancelled",
      failure: { code: "PARENT_ENDED", details: { parent } },
    });
});

test("what a task claimed stays taken until its children have ended, too", async () => {
  const world = await open();
  const parent = await world.submit("camera_task");
  const id = await child(world, parent, "plain_task");
  const next = await world.submit("camera_task");
  await world.run(parent).finish();
  expect(stateOf(world, [parent, next])).toEqual(["completed", "pending"]);
  expect(world.manager.get(next).blocked_by).toMatchObject([{ because: "claim", task_id: id }]);
  await world.run(id).giveIn();
  expect(world.status(next)).toBe("running");
});

test("so does an exclusive hold", async () => {
  const world = await open();
  const parent = await world.submit("alone_task");
  const id = await child(world, parent, "plain_task");
  const next = await world.submit("plain_task");
  await world.run(parent).finish();
  expect(world.manager.get(next).blocked_by).toMatchObject([{ because: "exclusive_running", task_id: id }]);
  await world.run(id).giveIn();
  expect(world.status(next)).toBe("running");
});

test("a task that is cancelled while it waits is told at once, without a slot, and so are its children", async () => {
  const world = await open({ maxConcurrentTasks: 1 });
  const parent = await world.submit("plain_task");
  const id = await child(world, parent, "plain_task");
  const waiting = await wait(world, parent, id);
  const grandchild = await child(world, id, "blocking_task");
  await wait(world, id, grandchild);
  await world.manager.cancel(parent);
  await settled();
  expect(waiting.error?.code).toBe("CALL_ABANDONED");
  expect([id, grandchild].map((each) => world.run(each).reason)).toEqual(["dependency", "dependency"]);
  await expect(child(world, parent, "plain_task")).rejects.toMatchObject({ code: "CALL_ABANDONED" });
  const last = await wait(world, parent, id);
  expect(last.isOpen).toBe(true);
  await world.run(grandchild).stop();
  await world.run(id).stop();
  expect(last.view?.status).toBe("cancelled");
  await world.run(parent).stop();
  expect(stateOf(world, [parent, id, grandchild])).toEqual(["cancelled", "cancelled", "cancelled"]);
  expect(world.status(await world.submit("plain_task"))).toBe("running");
});

test("a child that was being accepted while its parent ended never runs", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  let openGate = (): void => undefined;
  world.store.gate = new Promise<void>((resolve) => {
    openGate = resolve;
  });
  const accepted = child(world, parent, "plain_task").catch((error: { code: string }) => error.code);
  await settled();
  world.run(parent).end({ how: "returned", result: null, sawCancel: false });
  await settled();
  world.store.gate = null;
  openGate();
  expect(await accepted).toBe("CALL_ABANDONED");
  await settled();
  expect(world.manager.list().tasks.map(({ status }) => status)).toEqual(["completed", "cancelled"]);
  expect(world.runs).toHaveLength(1);
});

test("the children of a failed attempt end; the next attempt has its own", async () => {
  const world = await open();
  const parent = await world.submit("camera_task", { retry: { maxAttempts: 2, delaySeconds: 0, jitter: 0 } });
  const id = await child(world, parent, "camera_task");
  await world.run(parent).fail();
  await world.clock.advance(1000);
  expect(stateOf(world, [parent, id])).toEqual(["pending", "cancelling"]);
  await world.run(id).stop();
  expect(world.run(parent).work.attempt).toBe(2);
  expect(world.status(await child(world, parent, "camera_task"))).toBe("running");
});

test("after a restart of the runtime no child goes on; its parent follows its own policy", async () => {
  const before = await open({ maxConcurrentTasks: 2 });
  const parent = await before.submit("plain_task");
  const runs = await child(before, parent, "plain_task");
  const waits = await child(before, parent, "plain_task");
  const world = await before.reboot();
  expect(stateOf(world, [parent, runs, waits])).toEqual(["interrupted", "cancelled", "cancelled"]);
  expect(world.manager.get(runs)).toMatchObject({
    failure: { code: "PARENT_ENDED", details: { parent } },
    attempts: [{ outcome: "interrupted" }],
  });
});

test("at a shutdown children are interrupted like others, and the next start ends them", async () => {
  const before = await open();
  const parent = await before.submit("plain_task");
  const id = await child(before, parent, "plain_task");
  const closed = before.manager.close();
  await settled();
  expect([parent, id].map((each) => before.run(each).reason)).toEqual(["shutdown", "shutdown"]);
  for (const each of [parent, id]) await before.run(each).stop();
  await closed;
  expect(stateOf(before, [parent, id])).toEqual(["interrupted", "interrupted"]);
  const world = await before.reboot();
  expect(stateOf(world, [parent, id])).toEqual(["interrupted", "cancelled"]);
});

test("a child that is restarted by hand is a task of its own", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const id = await child(world, parent, "plain_task");
  await world.run(id).fail();
  await world.manager.restart(id);
  await settled();
  await world.run(parent).finish();
  expect(world.status(id)).toBe("running");
});

test("a machine that does one task at a time takes the children of that task", async () => {
  const world = await open({ singleTaskMode: true });
  const parent = await world.submit("plain_task");
  expect(world.status(await child(world, parent, "plain_task"))).toBe("running");
  await expect(world.manager.submit({ task: "plain_task" })).rejects.toMatchObject({ code: "BUSY" });
});

test("a task that submits itself comes to an end", async () => {
  const world = await open({ maxConcurrentTasks: 100 });
  let last = await world.submit("plain_task");
  const deeper = async (): Promise<void> => {
    for (;;) last = await child(world, last, "plain_task");
  };
  await expect(deeper()).rejects.toMatchObject({ code: "CHILDREN_TOO_DEEP" });
  expect(world.running()).toHaveLength(32);
});

test("what makes no sense is refused, and says what was expected", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const submit = (options: object, task: unknown = "plain_task", parameters: unknown = {}) =>
    world.run(parent).events.call({ to: "submit", task, parameters, options } as Call);
  await expect(submit({ priority: 101 })).rejects.toMatchObject({
    code: "INVALID_REQUEST",
    details: { errors: [{ path: "priority", expected: "a whole number from -100 to 100", found: "101" }] },
  });
  for (const wrong of [submit({ timeoutSeconds: -1 }), submit({}, 7), submit({}, "plain_task", [])])
    await expect(wrong).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  await expect(submit({}, "plane_task")).rejects.toMatchObject({ code: "UNKNOWN_TASK_TYPE" });
  await expect(submit({}, "plain_task", { bad: 1 })).rejects.toMatchObject({ code: "INVALID_PARAMETERS" });
  expect((await wait(world, parent, "nobody")).error?.code).toBe("UNKNOWN_TASK");
});

test("nobody waits for itself, or for a task it is beneath", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const id = await child(world, parent, "plain_task");
  expect((await wait(world, id, id)).error).toMatchObject({
    code: "WOULD_DEADLOCK",
    details: { reason: "it is the task itself" },
  });
  expect((await wait(world, id, parent, 60)).error?.code).toBe("WOULD_DEADLOCK");
});

test("nobody waits for a task that needs what the waiter, or one above it, holds", async () => {
  const world = await open();
  const parent = await world.submit("camera_task");
  const outsider = await world.submit("both_task");
  expect((await wait(world, parent, outsider)).error).toMatchObject({
    code: "WOULD_DEADLOCK",
    details: { id: outsider, way: [outsider, parent], reason: "it waits for this task" },
  });
  const id = await child(world, parent, "plain_task");
  expect((await wait(world, id, outsider)).error?.code).toBe("WOULD_DEADLOCK");
  const alone = await world.submit("alone_task");
  expect((await wait(world, id, alone)).error?.code).toBe("WOULD_DEADLOCK");
});

test("nobody waits for a task behind one that needs what the waiter holds", async () => {
  const world = await open();
  const parent = await world.submit("camera_task");
  const both = await world.submit("both_task");
  const behind = await world.submit("stage_task");
  expect((await wait(world, parent, behind)).error).toMatchObject({
    code: "WOULD_DEADLOCK",
    details: { way: [behind, both, parent] },
  });
});

test("two tasks do not wait for each other, and no more than two either", async () => {
  const world = await open();
  const ids = [
    await world.submit("plain_task"),
    await world.submit("plain_task"),
    await world.submit("plain_task"),
  ] as const;
  const waits = [await wait(world, ids[0], ids[1]), await wait(world, ids[1], ids[2])];
  expect((await wait(world, ids[2], ids[0])).error?.code).toBe("WOULD_DEADLOCK");
  expect(waits.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  await world.run(ids[2]).finish();
  expect(waits.map(({ isOpen }) => isOpen)).toEqual([true, false]);
});

test("nobody waits for a task that depends on the waiter", async () => {
  const world = await open();
  const parent = await world.submit("plain_task");
  const later = await world.submit("plain_task", { depends_on: [{ task: parent, when: "end" }] });
  expect((await wait(world, parent, later)).error?.code).toBe("WOULD_DEADLOCK");
});

test("waiting for a task that only waits for others is no deadlock", async () => {
  const world = await open({ capacities: { gpu: 2 } });
  const parent = await world.submit("gpu_task");
  const [gpu, stage] = [await world.submit("gpu_task"), await world.submit("stage_task")];
  const third = await world.submit("gpu_task");
  const second = await world.submit("stage_task");
  const waits = [await wait(world, parent, third), await wait(world, parent, second)];
  expect(waits.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  for (const id of [gpu, stage, third, second]) await world.run(id).finish();
  expect(waits.map(({ view }) => view?.status)).toEqual(["completed", "completed"]);
});

test("a wait that can no longer end because of one that came later fails within a second", async () => {
  const world = await open();
  const parent = await world.submit("camera_task");
  const stage = await world.submit("stage_task");
  const second = await world.submit("stage_task");
  const waiting = await wait(world, parent, second);
  expect(waiting.isOpen).toBe(true);
  await world.submit("both_task", { priority: 10 });
  await world.run(stage).finish();
  expect(waiting.isOpen).toBe(true);
  await world.clock.advance(1000);
  expect(waiting.error?.code).toBe("WOULD_DEADLOCK");
});
