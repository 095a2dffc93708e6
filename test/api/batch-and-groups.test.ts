import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ApiWorld, until } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

const chain = {
  group: "night 1",
  tasks: [
    { key: "scan", task: "count_task" },
    { key: "crop", action: "count", depends_on: ["scan"] },
    { task: "count_task", depends_on: [{ task: "crop", when: "end" }], on_dependency_failure: "fail" },
  ],
};

describe("depends_on", () => {
  test("an id alone asks for success; the task says what it waits for, and starts when that has ended", async () => {
    const first = await world.submit();
    const { status, body } = await world.ask("POST", "/tasks", {
      json: { task: "count_task", depends_on: [first] },
    });
    expect([status, body.depends_on]).toEqual([202, [{ task: first, when: "success" }]]);
    const waiting = await world.ask("GET", `/tasks/${body.id}`);
    expect(waiting.body).toMatchObject({
      status: "pending",
      queue_position: null,
      blocked_by: [{ because: "dependency", task_id: first, resource: null }],
    });
    await world.finish(first);
    await world.finish(body.id);
  });

  test("by the type's name, too", async () => {
    const first = await world.submit();
    const { status } = await world.ask("POST", "/tasks/count", { json: { depends_on: [{ task: first }] } });
    expect(status).toBe(202);
  });

  test("one that is not there is a 422 with its place", async () => {
    const { status, body } = await world.ask("POST", "/tasks", {
      json: { task: "count_task", depends_on: ["nobody"] },
    });
    expect([status, body.code]).toEqual([422, "UNKNOWN_DEPENDENCY"]);
    expect(body.errors).toEqual([{ path: "depends_on", message: "there is no task 'nobody'" }]);
  });

  test.each([
    [{ depends_on: "x" }, "depends_on"],
    [{ depends_on: [3] }, "depends_on[0]"],
    [{ depends_on: ["x", { task: "x", when: "later" }] }, "depends_on[1].when"],
    [{ on_dependency_failure: "ignore" }, "on_dependency_failure"],
    [{ group: "../x" }, "group"],
    [{ group: "" }, "group"],
  ])("%o is a 422 at %s", async (fields, path) => {
    const { status, body } = await world.ask("POST", "/tasks", { json: { task: "count_task", ...fields } });
    expect([status, body.errors[0].path]).toEqual([422, path]);
  });

  test("a task that others wait for cannot be removed", async () => {
    await world.manager.pauseQueue();
    const first = await world.submit();
    await world.ask("POST", "/tasks", {
      json: { task: "count_task", depends_on: [{ task: first, when: "end" }] },
    });
    await world.ask("DELETE", `/tasks/${first}`);
    const { status, body } = await world.ask("DELETE", `/tasks/${first}/cleanup`);
    expect([status, body.code]).toEqual([409, "TASK_NEEDED"]);
  });
});

test("what may be a text or an object says so", async () => {
  const { body } = await world.ask("POST", "/tasks", { json: { task: "count_task", depends_on: [3] } });
  expect(body.errors).toEqual([
    {
      path: "depends_on[0]",
      message: "expected string or object, found 3",
      expected: "string or object",
      found: "3",
    },
  ]);
});

describe("POST /tasks/batch", () => {
  test("answers 202 with all tasks, the keys and where the group is", async () => {
    const { status, headers, body } = await world.ask("POST", "/tasks/batch", { json: chain });
    expect([status, headers.location]).toEqual([202, "/groups/night%201"]);
    const [scan, crop, last] = body.tasks;
    expect(body.keys).toEqual({ scan: scan.id, crop: crop.id });
    expect(body.group).toBe("night 1");
    expect(crop).toMatchObject({
      group: "night 1",
      status: "pending",
      depends_on: [{ task: scan.id, when: "success" }],
    });
    expect(last.depends_on).toEqual([{ task: crop.id, when: "end" }]);
    for (const { id } of body.tasks) await world.finish(id);
  });

  test("the same key and body return the first tasks, however the types are written; another body is a 409", async () => {
    const headers = { "idempotency-key": "order-7" };
    const first = await world.ask("POST", "/tasks/batch", { json: chain, headers });
    const tasks = chain.tasks.map((task) => ("task" in task ? { ...task, task: "count" } : task));
    const again = await world.ask("POST", "/tasks/batch", { json: { ...chain, tasks }, headers });
    expect(again.status).toBe(202);
    expect(again.body.keys).toEqual(first.body.keys);
    expect(again.body.tasks.map(({ id }: { id: string }) => id)).toEqual(
      first.body.tasks.map(({ id }: { id: string }) => id),
    );
    const other = await world.ask("POST", "/tasks/batch", { json: { ...chain, group: "day" }, headers });
    expect([other.status, other.body.code]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
  });

  const one = { task: "count_task" };
  test.each([
    [{ tasks: [] }, 422, "tasks"],
    [{ tasks: Array.from({ length: 1001 }, () => one) }, 422, "tasks"],
    [{ tasks: [one], speed: 1 }, 422, "speed"],
    [{ tasks: [one, { ...one, priority: 1000 }] }, 422, "tasks[1].priority"],
    [{ tasks: [one, { ...one, kee: "a" }] }, 422, "tasks[1].kee"],
    [{ tasks: [one, {}] }, 422, "tasks[1].task"],
    [{ tasks: [one, { task: "cuont" }] }, 404, "tasks[1].task"],
    [{ tasks: [one, one, { ...one, parameters: { bad: 1 } }] }, 422, "tasks[2].parameters.bad"],
    [{ tasks: [one, { ...one, depends_on: ["a"] }] }, 422, "tasks[1].depends_on"],
    [{ tasks: [one, { ...one, key: "a", depends_on: ["a"] }] }, 422, "tasks[1].depends_on"],
    [{ tasks: [one, { ...one, key: "__proto__" }] }, 422, "tasks[1].key"],
    [
      { tasks: [one, { ...one, not_before: "2027-01-01T00:00:00Z", delay_seconds: 1 }] },
      422,
      "tasks[1].delay_seconds",
    ],
  ])("%o is refused as a whole, and says where", async (json, status, path) => {
    const answer = await world.ask("POST", "/tasks/batch", { json });
    expect([answer.status, answer.body.errors[0].path]).toEqual([status, path]);
    expect((await world.ask("GET", "/tasks")).body).toEqual([]);
  });

  test("a word for other methods, as any route has it", async () => {
    expect((await world.ask("GET", "/tasks/batch")).status).toBe(405);
  });
});

describe("/groups/{group}", () => {
  const where = "/groups/night%201";

  test("shows the tasks of a group as one", async () => {
    const { body } = await world.ask("POST", "/tasks/batch", { json: chain });
    await world.finish(body.tasks[0].id);
    await world.run(body.tasks[1].id);
    expect((await world.ask("GET", where)).body).toMatchObject({
      group: "night 1",
      status: "running",
      counts: { completed: 1, running: 1, pending: 1, failed: 0 },
      progress: { current: 1, total: 3, percent: 33.3 },
      completed_at: null,
      tasks: [
        { id: body.tasks[0].id, name: "count_task", task: "count_task", status: "completed" },
        { status: "running" },
        { status: "pending" },
      ],
      links: { self: where, tasks: "/tasks?group=night%201" },
    });
  });

  test("in pages, and the tasks themselves are a list with the group as its filter", async () => {
    const { body } = await world.ask("POST", "/tasks/batch", { json: chain });
    const ids = body.tasks.map(({ id }: { id: string }) => id);
    const first = await world.ask("GET", `${where}?limit=2`);
    expect(first.body.tasks).toHaveLength(2);
    const next = /<([^>]+)>/.exec(String(first.headers.link))?.[1] as string;
    const second = await world.ask("GET", next);
    expect(second.body.tasks.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2));
    expect(second.headers.link).toBeUndefined();
    const listed = await world.ask("GET", first.body.links.tasks);
    expect(listed.body.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  test("DELETE cancels all of them and answers the group", async () => {
    const { body } = await world.ask("POST", "/tasks/batch", { json: chain });
    const scan = await world.run(body.tasks[0].id);
    const answer = await world.ask("DELETE", where);
    expect([answer.status, answer.body.status]).toEqual([200, "cancelling"]);
    expect(answer.body.counts).toMatchObject({ cancelling: 1, cancelled: 2 });
    await scan.stop();
    await until(() => world.manager.group("night 1").status === "cancelled");
    expect((await world.ask("DELETE", where)).body.status).toBe("cancelled");
  });

  test.each(["GET", "DELETE"])("%s of one that is not there is a 404", async (method) => {
    const { status, body } = await world.ask(method, "/groups/nobody");
    expect([status, body.code]).toEqual([404, "UNKNOWN_GROUP"]);
  });
});
