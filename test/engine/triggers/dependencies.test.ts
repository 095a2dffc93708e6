import { describe, expect, test } from "vitest";
import type { OnDependencyFailure, TaskView } from "../../../src/task/record.ts";
import { settled } from "../../fake-clock.ts";
import { World } from "../world.ts";

const success = (...ids: string[]) => ids.map((task) => ({ task, when: "success" as const }));
const end = (...ids: string[]) => ids.map((task) => ({ task, when: "end" as const }));

const isRunning = (world: World, id: string): boolean => world.running().includes(id);
const reasonsOf = (task: TaskView) => task.blocked_by.map(({ because, task_id }) => [because, task_id]);

describe("waiting", () => {
  test("a task starts when all it depends on have completed, and says until then which have not", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task");
    const last = await world.submit("plain_task", { depends_on: success(first, second) });
    expect(reasonsOf(world.manager.get(last))).toEqual([
      ["dependency", first],
      ["dependency", second],
    ]);
    expect(world.manager.get(last).queue_position).toBe(null);
    await world.run(first).finish();
    expect(reasonsOf(world.manager.get(last))).toEqual([["dependency", second]]);
    await world.run(second).finish();
    expect(isRunning(world, last)).toBe(true);
  });

  test("it starts only when the end of the other is on the disk", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    world.store.refuses = true;
    await world.run(first).finish();
    expect(world.status(second)).toBe("pending");
    world.store.recover();
    await settled();
    expect(isRunning(world, second)).toBe(true);
  });

  test("one that depends on what has completed already starts at once", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    await world.run(first).finish();
    expect(isRunning(world, await world.submit("plain_task", { depends_on: success(first) }))).toBe(true);
  });

  test("an exclusive task that waits for another holds up nobody", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    await world.submit("exclusive_task", { depends_on: success(first) });
    expect(isRunning(world, await world.submit("plain_task"))).toBe(true);
  });

  test("of several that become free at once the one with the higher priority starts first", async () => {
    const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
    const first = await world.submit("plain_task");
    await world.submit("plain_task", { depends_on: success(first) });
    const urgent = await world.submit("plain_task", { depends_on: success(first), priority: 5 });
    await world.run(first).finish();
    expect(world.running()).toEqual([urgent]);
  });

  test("its turn is the one it was submitted at", async () => {
    const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
    const first = await world.submit("plain_task");
    const dependant = await world.submit("plain_task", { depends_on: success(first) });
    const later = await world.submit("plain_task");
    await world.run(first).finish();
    // The place went free before the disk knew of the end: who waited for it only has it.
    await world.run(later).finish();
    expect(world.running()).toEqual([dependant]);
  });

  test("it waits for its dependencies first, and then until it is due", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first), delay_seconds: 60 });
    await world.clock.advance(30_000);
    await world.run(first).finish();
    expect(world.manager.get(second).blocked_by.map(({ because }) => because)).toEqual(["not_before"]);
    await world.clock.advance(30_000);
    expect(isRunning(world, second)).toBe(true);
  });

  test("an interrupted task may still go on: who depends on it waits", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    const later = await world.reboot();
    expect(later.status(first)).toBe("interrupted");
    expect(reasonsOf(later.manager.get(second))).toEqual([["dependency", first]]);
    await later.manager.restart(first);
    await settled();
    await later.run(first).finish();
    expect(isRunning(later, second)).toBe(true);
  });

  test("who is drained does not wait for what only an owner can let go", async () => {
    const before = await World.open();
    const first = await before.submit("plain_task");
    const second = await before.submit("plain_task", { depends_on: success(first) });
    await before.submit("plain_task", { depends_on: [...end(second), ...success(first)] });
    const world = await before.reboot();
    const other = await world.submit("plain_task");
    const drained = world.manager.drained().then(() => "drained");
    await world.run(other).finish();
    expect(await drained).toBe("drained");
    expect(world.status(second)).toBe("pending");
  });

  test("a waiting task can be changed and cancelled, and then waits no more", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    await world.manager.change(second, { name: "patient" });
    expect(reasonsOf(world.manager.get(second))).toEqual([["dependency", first]]);
    await world.manager.cancel(second);
    await world.run(first).finish();
    expect(world.status(second)).toBe("cancelled");
    expect(isRunning(world, second)).toBe(false);
  });

  test("what a task depends on twice counts once, and its success is the stronger wish", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: [...end(first), ...success(first)] });
    expect(world.manager.get(second).depends_on).toEqual(success(first));
  });

  test("a task that is not there cannot be depended on", async () => {
    const world = await World.open();
    await expect(
      world.manager.submit({ task: "plain_task", depends_on: success("nobody") }),
    ).rejects.toMatchObject({
      code: "UNKNOWN_DEPENDENCY",
      details: { id: "nobody", errors: [{ path: "depends_on" }] },
    });
  });
});

describe("what a task is told of those it depends on", () => {
  test("each as it ended, in the order of its wish, with the key of its batch", async () => {
    const world = await World.open();
    const { keys } = await world.manager.submitBatch({
      tasks: [
        { key: "scan", task: "plain_task", name: "the scan" },
        { key: "light", task: "other_task" },
      ],
    });
    const { scan, light } = keys as { scan: string; light: string };
    const last = await world.submit("plain_task", { depends_on: [...end(light), ...success(scan)] });
    await world.run(scan).finish({ photos: 3 });
    await world.run(light).fail("no lamp");
    expect(world.run(last).work.dependencies).toEqual([
      {
        id: light,
        key: "light",
        name: "other_task",
        task: "other_task",
        status: "failed",
        result: null,
        failure: expect.objectContaining({ code: "TASK_FAILED", message: "no lamp" }),
      },
      {
        id: scan,
        key: "scan",
        name: "the scan",
        task: "plain_task",
        status: "completed",
        result: { photos: 3 },
        failure: null,
      },
    ]);
  });

  test("a result that lies in a file is there in full", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    const result = { text: "x".repeat(100_000) };
    await world.run(first).finish(result);
    expect(world.manager.get(first).result).toHaveProperty("file");
    expect(world.run(second).work.dependencies[0]?.result).toEqual(result);
  });

  test("where that file is gone the task fails before its first line", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    world.run(first).end({ how: "returned", result: "x".repeat(100_000), sawCancel: false });
    world.kept.get = () => undefined;
    await settled();
    expect(world.manager.get(second)).toMatchObject({
      status: "failed",
      attempt: 0,
      failure: { code: "DEPENDENCY_RESULT_LOST", details: { id: first } },
    });
    expect(isRunning(world, await world.submit("plain_task"))).toBe(true);
  });

  test("again at a restart, also after a power cut, as long as it is kept", async () => {
    const before = await World.open();
    const first = await before.submit("plain_task");
    const second = await before.submit("plain_task", { depends_on: end(first) });
    await before.run(first).finish("seven");
    const world = await before.reboot();
    await world.manager.restart(second);
    await settled();
    expect(world.run(second).work.dependencies.map(({ result }) => result)).toEqual(["seven"]);
    await world.run(second).fail();
    await world.manager.remove(first);
    await world.manager.restart(second);
    await settled();
    expect(world.run(second).work.dependencies).toEqual([]);
  });
});

describe("what it depends on fails", () => {
  const chain = async (policy?: OnDependencyFailure) => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const wish = policy && { on_dependency_failure: policy };
    const second = await world.submit("plain_task", { depends_on: success(first), ...wish });
    const third = await world.submit("plain_task", { depends_on: success(second), ...wish });
    return { world, first, second, third };
  };

  test("whoever is behind it is cancelled, one after the other, and says why", async () => {
    const { world, first, second, third } = await chain();
    await world.run(first).fail("the lamp is broken");
    expect([world.status(second), world.status(third)]).toEqual(["cancelled", "cancelled"]);
    expect(world.manager.get(second)).toMatchObject({
      error: `What the task depends on did not succeed: ${first} failed (TASK_FAILED).`,
      failure: {
        code: "DEPENDENCY_FAILED",
        details: { dependencies: [{ id: first, status: "failed", code: "TASK_FAILED" }] },
      },
    });
    expect(world.manager.get(third).failure?.details.dependencies).toEqual([
      { id: second, status: "cancelled", code: "DEPENDENCY_FAILED" },
    ]);
    expect(world.eventsOf(third)).toEqual(["task_scheduled", "task_cancelled"]);
  });

  test("or fails, where it asked for that", async () => {
    const { world, first, second, third } = await chain("fail");
    await world.run(first).fail();
    expect([world.status(second), world.status(third)]).toEqual(["failed", "failed"]);
    expect(world.eventsOf(second)).toEqual(["task_scheduled", "task_failed"]);
    expect(world.manager.get(third).failure?.details.dependencies).toEqual([
      { id: second, status: "failed", code: "DEPENDENCY_FAILED" },
    ]);
  });

  test("or runs all the same, once everything it depends on has ended", async () => {
    const { world, first, second } = await chain("run");
    await world.run(first).fail();
    expect(isRunning(world, second)).toBe(true);
  });

  test("a cancel counts as a failure", async () => {
    const { world, first, second } = await chain();
    await world.manager.cancel(first);
    await world.run(first).stop();
    expect(world.manager.get(second).failure?.details.dependencies).toEqual([
      { id: first, status: "cancelled", code: null },
    ]);
  });

  test("nobody waits for the others once one has failed", async () => {
    const world = await World.open();
    const [first, slow] = [await world.submit("plain_task"), await world.submit("plain_task")];
    const last = await world.submit("plain_task", { depends_on: success(slow, first) });
    await world.run(first).fail();
    expect(world.status(last)).toBe("cancelled");
  });

  test("who asked only for its end runs, whatever the end was", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: end(first) });
    await world.run(first).fail();
    expect(isRunning(world, second)).toBe(true);
  });

  test("one that is submitted behind a failure is accepted, and cancelled at once", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    await world.run(first).fail();
    const second = await world.submit("plain_task", { depends_on: success(first) });
    expect(world.status(second)).toBe("cancelled");
  });

  test("while the disk refuses it waits and says for what; the end follows when the disk can", async () => {
    const { world, first, second } = await chain();
    world.store.refuses = true;
    await world.run(first).fail();
    world.store.recover();
    // The disk takes the one end, and refuses the next.
    world.store.refuses = true;
    await settled();
    expect([world.status(first), world.status(second)]).toEqual(["failed", "pending"]);
    expect(reasonsOf(world.manager.get(second))).toEqual([["dependency", first]]);
    world.store.recover();
    await settled();
    expect(world.status(second)).toBe("cancelled");
  });

  test("whoever waits for it gets the answer", async () => {
    const { world, first, third } = await chain();
    const answer = world.manager.waitFor(third);
    await world.run(first).fail();
    expect((await answer).status).toBe("cancelled");
  });
});

describe("restarting", () => {
  test("a restarted task is waited for anew: by who is restarted after it", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    await world.run(first).fail();
    await world.manager.restart(first);
    await world.manager.restart(second);
    await settled();
    expect(reasonsOf(world.manager.get(second))).toEqual([["dependency", first]]);
    expect(world.manager.get(second)).toMatchObject({ error: null, failure: null });
    await world.run(first).finish();
    expect(isRunning(world, second)).toBe(true);
  });

  test("one whose dependency is still failed is cancelled again", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    await world.run(first).fail();
    await world.manager.restart(second);
    await settled();
    expect(world.status(second)).toBe("cancelled");
  });

  test("who stands in the queue already waits once more when what it depends on is restarted", async () => {
    const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
    const first = await world.submit("plain_task");
    const other = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: end(first) });
    await world.run(first).fail();
    expect(world.manager.get(second).blocked_by.map(({ because }) => because)).toEqual(["concurrency_limit"]);
    await world.manager.restart(first);
    await settled();
    expect(reasonsOf(world.manager.get(second))).toEqual([["dependency", first]]);
    await world.run(other).finish();
    expect(world.running()).toEqual([first]);
    await world.run(first).finish();
    expect(world.running()).toEqual([second]);
  });

  test("one whose dependency was removed meanwhile cannot know any more, and says so", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    await world.run(first).finish();
    await world.run(second).fail();
    await world.manager.remove(first);
    await world.manager.restart(second);
    await settled();
    expect(world.manager.get(second)).toMatchObject({
      status: "cancelled",
      error: `What the task depends on did not succeed: ${first} is no longer kept.`,
    });
  });
});

describe("what is needed is kept", () => {
  const needed = async () => {
    const world = await World.open({ limits: { maxFinishedTasks: 0, maxConcurrentTasks: 1 } });
    const busy = await world.submit("plain_task");
    const first = await world.submit("plain_task");
    const other = await world.submit("blocking_task", { depends_on: success(first) });
    return { world, busy, first, other };
  };

  test("a task that others wait for is not removed", async () => {
    const world = await World.open({ limits: { maxConcurrentTasks: 1 } });
    const first = await world.submit("plain_task");
    const second = await world.submit("plain_task", { depends_on: success(first) });
    await world.run(first).finish();
    await expect(world.manager.remove(first)).rejects.toMatchObject({
      code: "TASK_NEEDED",
      details: { dependants: [second] },
    });
    expect(await world.manager.cleanup({})).toBe(0);
    await world.run(second).finish();
    await world.manager.remove(first);
  });

  test("an interrupted one is not removed either", async () => {
    const before = await World.open();
    const first = await before.submit("plain_task");
    await before.submit("plain_task", { depends_on: success(first) });
    const world = await before.reboot();
    await expect(world.manager.remove(first)).rejects.toMatchObject({ code: "TASK_NEEDED" });
  });

  test("retention leaves it until nobody needs it", async () => {
    const { world, busy, first, other } = await needed();
    await world.run(busy).finish();
    await world.run(first).finish();
    expect(world.manager.list().tasks.map(({ id }) => id)).toEqual([first, other]);
    await world.run(other).finish();
    await world.clock.advance(60_000);
    expect(world.manager.list().tasks).toEqual([]);
  });

  test("a task that is on its way to the disk is reckoned with", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    await world.run(first).finish();
    const submitted = world.manager.submit({ task: "plain_task", depends_on: success(first) });
    await expect(world.manager.remove(first)).rejects.toMatchObject({ code: "TASK_NEEDED" });
    await submitted;
  });

  test("what is on its way out cannot be depended on any more", async () => {
    const world = await World.open();
    const first = await world.submit("plain_task");
    await world.run(first).finish();
    const removed = world.manager.remove(first);
    await Promise.resolve();
    await expect(
      world.manager.submit({ task: "plain_task", depends_on: success(first) }),
    ).rejects.toMatchObject({
      code: "UNKNOWN_DEPENDENCY",
    });
    await removed;
  });
});

describe("after a power cut", () => {
  test("everybody waits for the same, and fails for the same", async () => {
    const before = await World.open();
    await before.manager.pauseQueue();
    const first = await before.submit("plain_task");
    const second = await before.submit("plain_task", { depends_on: success(first) });
    const third = await before.submit("plain_task", {
      depends_on: success(second),
      on_dependency_failure: "fail",
    });
    const world = await before.reboot();
    expect(reasonsOf(world.manager.get(second))).toEqual([["dependency", first]]);
    expect(reasonsOf(world.manager.get(third))).toEqual([["dependency", second]]);
    await world.manager.cancel(first);
    await settled();
    expect([world.status(second), world.status(third)]).toEqual(["cancelled", "failed"]);
  });

  test("an end that the disk had, but not what followed from it, is followed up", async () => {
    const before = await World.open();
    const first = await before.submit("plain_task");
    const second = await before.submit("plain_task", { depends_on: success(first) });
    await before.run(first).fail();
    const stored = before.store.writes.find(
      ({ record }) => record.id === second && record.status === "pending",
    );
    before.store.tasks.set(second, stored as NonNullable<typeof stored>);
    const world = await before.reboot();
    expect(world.status(second)).toBe("cancelled");
  });

  test("a dependency that the disk has lost counts as removed", async () => {
    const before = await World.open();
    const first = await before.submit("plain_task");
    const second = await before.submit("plain_task", { depends_on: success(first) });
    const either = await before.submit("plain_task", { depends_on: end(first) });
    before.store.tasks.delete(first);
    const world = await before.reboot();
    expect(world.status(second)).toBe("cancelled");
    expect(isRunning(world, either)).toBe(true);
  });
});
