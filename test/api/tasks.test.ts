import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiWorld } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

test("a submit answers 202 with Location and the record as it was stored", async () => {
  const { status, headers, body } = await world.ask("POST", "/tasks", {
    json: {
      task: "count_task",
      parameters: { steps: 3 },
      name: "mine",
      priority: 5,
      metadata: { a: 1 },
      user_context: [1],
    },
  });
  expect(status).toBe(202);
  expect(headers.location).toBe(`/tasks/${body.id}`);
  expect(body).toMatchObject({
    status: "pending",
    task: "count_task",
    action: "count",
    name: "mine",
    parameters: { steps: 3 },
    priority: 5,
    metadata: { a: 1 },
    user_context: [1],
    attempt: 0,
    result: null,
    blocked_by: [],
    links: { self: `/tasks/${body.id}`, result: null },
  });
  expect(world.store.tasks.get(body.id)?.record.status).toBeDefined();
});

test("the type is named by task or action, with or without its ending", async () => {
  for (const json of [
    { task: "count" },
    { action: "count" },
    { action: "count_task" },
    { task: "count", action: "count_task" },
  ])
    expect((await world.ask("POST", "/tasks", { json })).body.task).toBe("count_task");
  const { status, body } = await world.ask("POST", "/tasks", {
    json: { task: "count_task", action: "crop" },
  });
  expect([status, body.errors[0].path]).toEqual([422, "action"]);
});

test("a task can be submitted by its type's name, with a body or without one", async () => {
  expect((await world.ask("POST", "/tasks/count_task")).status).toBe(202);
  expect(
    (await world.ask("POST", "/tasks/count", { json: { parameters: { steps: 2 } } })).body.parameters,
  ).toEqual({
    steps: 2,
  });
  expect((await world.ask("POST", "/tasks/count_task", { json: { task: "count_task" } })).status).toBe(422);
});

test("null counts as absent in a submit", async () => {
  const json = {
    task: "count_task",
    parameters: null,
    name: null,
    priority: null,
    timeout_seconds: null,
    metadata: null,
  };
  const { status, body } = await world.ask("POST", "/tasks", { json });
  expect([status, body.parameters, body.priority]).toEqual([202, {}, 0]);
});

test("a submit that waits answers 200 once the task has ended, else 202", async () => {
  const early = await world.ask("POST", "/tasks?wait=0.05", { json: { task: "count_task" } });
  expect([early.status, early.body.status, early.headers.location]).toEqual([
    202,
    "running",
    `/tasks/${early.body.id}`,
  ]);
  const waiting = world.ask("POST", "/tasks?wait=60", { json: { task: "count_task" } });
  const id = await new Promise<string>((resolve) => {
    const leave = world.events.subscribe((event) => {
      if (event.type !== "task_started") return;
      leave();
      resolve(event.task_id as string);
    });
  });
  await world.finish(id, { count: 3 });
  const { status, body } = await waiting;
  expect([status, body.status, body.result]).toEqual([200, "completed", { count: 3 }]);
});

test("the same Idempotency-Key returns the first task, another body is refused", async () => {
  const headers = { "Idempotency-Key": "k1" };
  const first = await world.ask("POST", "/tasks", {
    json: { task: "count_task", parameters: { a: 1, b: 2 } },
    headers,
  });
  const again = await world.ask("POST", "/tasks", {
    json: { action: "count", parameters: { b: 2, a: 1 } },
    headers,
  });
  expect([again.status, again.body.id]).toEqual([202, first.body.id]);
  const other = await world.ask("POST", "/tasks", {
    json: { task: "count_task", parameters: { a: 2 } },
    headers,
  });
  expect([other.status, other.body.code]).toEqual([409, "IDEMPOTENCY_CONFLICT"]);
});

test("one task is shown, and with wait once it has ended", async () => {
  const id = await world.submit();
  expect((await world.ask("GET", `/tasks/${id}`)).body.id).toBe(id);
  const waiting = world.ask("GET", `/tasks/${id}?wait=60`);
  await world.finish(id);
  expect((await waiting).body.status).toBe("completed");
});

test("the list is oldest first and comes in pages that lead to the next", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) ids.push(await world.submit());
  const seen: string[] = [];
  let next: string | undefined = "/tasks?limit=3&task=count_task";
  const pages: number[] = [];
  while (next) {
    const { body, headers } = await world.ask("GET", next);
    pages.push(body.length);
    seen.push(...body.map((task: { id: string }) => task.id));
    next = /^<(.+)>; rel="next"$/.exec(String(headers.link ?? ""))?.[1];
    if (next) expect(next).toContain("task=count_task");
  }
  expect(seen).toEqual(ids);
  expect(pages).toEqual([3, 3, 1]);
});

test("the list is filtered by one or more statuses, repeated or with commas", async () => {
  const ids = [await world.submit(), await world.submit(), await world.submit(), await world.submit()];
  await world.finish(ids[0] as string);
  await world.run(ids[3] as string);
  await world.submit();
  const count = async (query: string) => (await world.ask("GET", `/tasks${query}`)).body.length;
  expect(await count("?status=completed")).toBe(1);
  expect(await count("?status=completed,running")).toBe(4);
  expect(await count("?status=completed&status=running")).toBe(4);
  expect(await count("?status=failed")).toBe(0);
  expect(await count("?category=test")).toBe(5);
  expect(await count("?category=none")).toBe(0);
});

test("the history has the ended ones only, newest first", async () => {
  const ids = [await world.submit(), await world.submit(), await world.submit()];
  await world.finish(ids[1] as string);
  await world.finish(ids[0] as string);
  const { body } = await world.ask("GET", "/tasks/history");
  expect(body.map((task: { id: string }) => task.id)).toEqual([ids[0], ids[1]]);
});

test("a task is paused, resumed, cancelled, restarted and forgotten", async () => {
  const id = await world.submit();
  const run = await world.run(id);
  expect((await world.ask("POST", `/tasks/${id}/pause`)).body.status).toBe("pausing");
  await run.reachCheckpoint();
  expect((await world.ask("GET", `/tasks/${id}`)).body.status).toBe("paused");
  expect((await world.ask("POST", `/tasks/${id}/resume`)).body.status).toBe("running");
  expect((await world.ask("DELETE", `/tasks/${id}`)).body.status).toBe("cancelling");
  expect((await world.ask("POST", `/tasks/${id}/cancel`)).status).toBe(200);
  await run.stop();
  expect((await world.ask("GET", `/tasks/${id}`)).body.status).toBe("cancelled");
  expect((await world.ask("POST", `/tasks/${id}/restart`)).body.status).toBe("pending");
  const { status } = await world.ask("DELETE", `/tasks/${id}/cleanup`);
  expect(status).toBe(409);
  await world.finish(id);
  const gone = await world.ask("DELETE", `/tasks/${id}/cleanup`);
  expect([gone.status, gone.text]).toEqual([204, ""]);
  expect((await world.ask("DELETE", `/tasks/${id}/cleanup`)).status).toBe(404);
});

test("a verb in the wrong state is a 409 that names the states it works in", async () => {
  const id = await world.submit();
  await world.finish(id);
  for (const [method, where] of [
    ["DELETE", ""],
    ["POST", "/cancel"],
    ["POST", "/pause"],
    ["POST", "/resume"],
    ["POST", "/restart"],
    ["PATCH", ""],
  ] as const) {
    const { status, body } = await world.ask(
      method,
      `/tasks/${id}${where}`,
      method === "PATCH" ? { json: { name: "x" } } : {},
    );
    expect([method, where, status, body.code]).toEqual([method, where, 409, "WRONG_STATE"]);
    expect(body.details.allowed).toBeDefined();
  }
});

test("a pending task can be changed", async () => {
  await world.ask("POST", "/queue/pause");
  const id = await world.submit();
  const { body } = await world.ask("PATCH", `/tasks/${id}`, {
    json: { name: "other", priority: -7, metadata: { x: 1 } },
  });
  expect(body).toMatchObject({ name: "other", priority: -7, metadata: { x: 1 } });
  expect((await world.ask("PATCH", `/tasks/${id}`, { json: { parameters: { bad: 1 } } })).status).toBe(422);
});

test("ended tasks are forgotten together", async () => {
  for (let n = 0; n < 3; n++) await world.finish(await world.submit());
  const alive = await world.submit();
  expect((await world.ask("POST", "/tasks/cleanup", { json: { max_age_seconds: 3600 } })).body).toEqual({
    removed: 0,
  });
  expect((await world.ask("POST", "/tasks/cleanup", { json: { status: "failed" } })).body).toEqual({
    removed: 0,
  });
  expect((await world.ask("POST", "/tasks/cleanup")).body).toEqual({ removed: 3 });
  expect((await world.ask("GET", "/tasks")).body.map((task: { id: string }) => task.id)).toEqual([alive]);
});

test("a task shows its log lines, its artifacts and its events", async () => {
  const id = await world.submit();
  const run = await world.run(id);
  const at = "2026-01-01T00:00:00.000Z";
  run.events.log({ level: "info", time: at, message: "hello", fields: { a: 1 } });
  await writeFile(path.join(world.directory, "photo one.jpg"), "pixels");
  run.events.artifact({
    name: "photo one.jpg",
    file: "photo one.jpg",
    type: "image/jpeg",
    bytes: 6,
    created_at: at,
  });
  expect((await world.ask("GET", `/tasks/${id}/logs`)).body.at(-1)).toMatchObject({ message: "hello" });
  await run.finish();
  const { body } = await world.ask("GET", `/tasks/${id}/artifacts`);
  expect(body).toHaveLength(1);
  const file = await world.ask("GET", body[0].links.download);
  expect([file.status, file.headers["content-type"], file.text]).toEqual([200, "image/jpeg", "pixels"]);
  const events = (await world.ask("GET", `/tasks/${id}/events`)).body;
  expect(events.map((event: { type: string }) => event.type)).toEqual([
    "task_scheduled",
    "task_started",
    "task_completed",
  ]);
});

test("an artifact outside the data directory is refused", async () => {
  const id = await world.submit();
  const run = await world.run(id);
  const at = "2026-01-01T00:00:00.000Z";
  run.events.artifact({
    name: "secret",
    file: "../../etc/passwd",
    type: "text/plain",
    bytes: 1,
    created_at: at,
  });
  run.events.artifact({ name: "gone", file: "gone.txt", type: "text/plain", bytes: 1, created_at: at });
  await run.finish();
  expect((await world.ask("GET", `/tasks/${id}/artifacts/secret`)).body.code).toBe("PATH_REFUSED");
  expect((await world.ask("GET", `/tasks/${id}/artifacts/gone`)).body.code).toBe("FILE_NOT_FOUND");
  expect((await world.ask("GET", `/tasks/${id}/artifacts/none`)).body.code).toBe("FILE_NOT_FOUND");
});

test("the result is its own resource, and a large one is linked from the record", async () => {
  const [small, large] = [await world.submit(), await world.submit()];
  expect((await world.ask("GET", `/tasks/${small}/result`)).body.code).toBe("WRONG_STATE");
  await world.finish(small, { n: 1 });
  expect((await world.ask("GET", `/tasks/${small}/result`)).body).toEqual({ n: 1 });
  const value = { text: "x".repeat(100_000) };
  await import("node:fs/promises").then(({ mkdir }) => mkdir(path.join(world.directory, "results")));
  await writeFile(path.join(world.directory, "results", `${large}.json`), JSON.stringify(value));
  await world.finish(large, value);
  const { body } = await world.ask("GET", `/tasks/${large}`);
  expect(body.links.result).toBe(`/tasks/${large}/result`);
  expect(Object.keys(body.result)).toEqual(["file", "bytes"]);
  expect((await world.ask("GET", body.links.result)).body).toEqual(value);
});

test("fixed words are never taken for ids or task names", async () => {
  for (const [method, where, status] of [
    ["GET", "/tasks/history", 200],
    ["GET", "/tasks/stats", 200],
    ["POST", "/tasks/cleanup", 200],
    ["POST", "/tasks/batch", 422],
    ["GET", "/tasks/batch", 405],
    ["DELETE", "/tasks/batch", 405],
    ["POST", "/tasks/batch/cancel", 404],
    ["POST", "/tasks/history", 405],
    ["GET", "/tasks/cleanup", 405],
    ["DELETE", "/tasks/stats", 405],
  ] as const) {
    const answer = await world.ask(method, where);
    expect([method, where, answer.status]).toEqual([method, where, status]);
    if (status === 404) expect(answer.body.code).toBe("UNKNOWN_ROUTE");
  }
});

test("a trailing slash answers as without", async () => {
  const id = await world.submit();
  for (const where of ["/tasks/", `/tasks/${id}/`, "/tasks/history/", "/queue/", "/health/live/"])
    expect((await world.ask("GET", where)).status).toBe(200);
  expect((await world.ask("POST", "/tasks/", { json: { task: "count_task" } })).status).toBe(202);
});

test("a submit may say who is told, and nobody inside is", async () => {
  const webhooks = [
    { url: "https://lab.example/hook" },
    { url: "http://192.168.0.7/", events: ["task_failed"] },
  ];
  const json = { task: "count_task", webhooks: webhooks.slice(0, 1) };
  const { status, body } = await world.ask("POST", "/tasks", { json });
  expect(status).toBe(202);
  expect(world.manager.webhooksOf(body.id)).toEqual([
    { url: "https://lab.example/hook", events: ["task_completed", "task_failed", "task_cancelled"] },
  ]);
  const refused = await world.ask("POST", "/tasks", { json: { task: "count_task", webhooks } });
  expect([refused.status, refused.body.code, refused.body.errors]).toEqual([
    422,
    "WEBHOOK_REFUSED",
    [
      {
        path: "webhooks[1].url",
        message: "leads to 192.168.0.7, which is not a public address",
        found: "http://192.168.0.7/",
      },
    ],
  ]);
  const batch = await world.ask("POST", "/tasks/batch", {
    json: { tasks: [{ task: "count_task", webhooks }] },
  });
  expect([batch.status, batch.body.errors[0].path]).toEqual([422, "tasks[0].webhooks[1].url"]);
  const schedule = { task: "count_task", webhooks, every_seconds: 60 };
  expect((await world.ask("POST", "/schedules", { json: schedule })).body.code).toBe("WEBHOOK_REFUSED");
  expect((await world.ask("GET", "/tasks")).body).toHaveLength(1);
});
