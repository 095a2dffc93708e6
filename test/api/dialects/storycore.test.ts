import { afterEach, beforeEach, expect, test } from "vitest";
import { RuntimeError } from "../../../src/errors/runtime-error.ts";
import { ApiWorld, until } from "../world.ts";

let world: ApiWorld;
beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

const status = async (id: string) => world.ask("GET", `/storycore.task.status?task_id=${id}`);
const cancel = (id: string) => world.ask("POST", "/storycore.task.cancel", { json: { task_id: id } });
const unknown = "7b0c0f0e-0000-4000-8000-000000000000";

test("a task is shown in StoryCore's envelope, from the first moment to its result", async () => {
  const id = await world.submit();
  const { created_at } = world.manager.get(id);
  const pending = await status(id);
  expect(pending.status).toBe(200);
  expect(pending.body).toEqual({
    status: "success",
    data: {
      task_id: id,
      status: expect.stringMatching(/^(pending|running)$/),
      progress: 0,
      result: null,
      error: null,
      created_at,
      updated_at: expect.any(String),
    },
    metadata: {
      request_id: expect.stringMatching(/^[\da-f-]{36}$/),
      timestamp: expect.stringMatching(/Z$/),
      duration_ms: expect.any(Number),
    },
  });
  await world.finish(id, { frames: 3 });
  expect((await status(id)).body.data).toMatchObject({
    status: "completed",
    progress: 1,
    result: { frames: 3 },
    error: null,
  });
});

test("every answer has a request id of its own", async () => {
  const id = await world.submit();
  const ids = new Set([await status(id), await status(id)].map(({ body }) => body.metadata.request_id));
  expect(ids.size).toBe(2);
});

test("progress goes from 0 to 1, and is 0 while the total is unknown", async () => {
  const id = await world.submit();
  const run = await world.run(id);
  const seen: number[] = [];
  for (const update of [{ current: 7 }, { current: 1, total: 4 }, { current: 3, total: 4 }]) {
    run.events.progress({ total: null, ...update });
    await until(() => world.manager.get(id).progress.current === update.current);
    seen.push((await status(id)).body.data.progress);
  }
  expect(seen).toEqual([0, 0.25, 0.75]);
});

test("pausing, paused and cancelling are running, interrupted is failed", async () => {
  const id = await world.submit("count_task");
  const run = await world.run(id);
  const seen: string[] = [];
  const look = async () => {
    const ours = world.manager.get(id).status;
    seen.push(`${ours}: ${(await status(id)).body.data.status}`);
  };
  await look();
  await world.manager.pause(id);
  await look();
  await run.reachCheckpoint();
  await until(() => world.manager.get(id).status === "paused");
  await look();
  await world.manager.cancel(id);
  await look();
  await run.stop();
  await until(() => world.manager.get(id).status === "cancelled");
  await look();
  const left = await world.submit("count_task");
  const shutdown = await world.run(left);
  const closed = world.manager.close();
  await shutdown.stop();
  await closed;
  const { body } = await status(left);
  expect([...seen, `interrupted: ${body.data.status}`]).toEqual([
    "running: running",
    "pausing: running",
    "paused: running",
    "cancelling: running",
    "cancelled: cancelled",
    "interrupted: failed",
  ]);
  expect(body.data.error).toMatchObject({ code: "INTERRUPTED" });
});

test("a failure has code, message, details and remediation", async () => {
  const id = await world.submit();
  await (await world.run(id)).failWith(
    new RuntimeError("DEVICE_TIMEOUT", { device: "rotor", timeout_seconds: 2 }),
  );
  await until(() => world.manager.get(id).status === "failed");
  expect((await status(id)).body.data).toMatchObject({
    status: "failed",
    result: null,
    error: {
      code: "DEVICE_TIMEOUT",
      message: "rotor did not answer within 2 seconds.",
      details: { device: "rotor", timeout_seconds: 2 },
      remediation: expect.stringContaining("Check its cable"),
    },
  });
});

test("a timeout says its seconds, the partial result and the remedy in StoryCore's words", async () => {
  const id = await world.submit("count_task", { timeout_seconds: 0.05 });
  const run = await world.run(id);
  await until(() => run.reason === "timeout");
  await run.giveIn({ frames: 2 });
  await until(() => world.manager.get(id).status === "failed");
  expect((await status(id)).body.data.error).toEqual({
    code: "TIMEOUT",
    message: "Operation exceeded timeout of 0.05 seconds",
    details: { timeout_seconds: 0.05, partial_result: { frames: 2 } },
    remediation: "Try breaking the operation into smaller chunks or increase timeout",
  });
});

test("cancelling a running task is requested, and it ends as cancelled", async () => {
  const id = await world.submit();
  const run = await world.run(id);
  const { status: code, body } = await cancel(id);
  expect(code).toBe(200);
  expect(body).toMatchObject({
    status: "success",
    data: { task_id: id, cancelled: true, message: "Task cancellation requested" },
  });
  await run.stop();
  await until(() => world.manager.get(id).status === "cancelled");
  expect((await status(id)).body.data).toMatchObject({ status: "cancelled", result: null, error: null });
});

test("the id of what is to be cancelled may stand behind the question mark", async () => {
  const id = await world.submit();
  await world.run(id);
  expect((await world.ask("POST", `/storycore.task.cancel?task_id=${id}`)).body.data.cancelled).toBe(true);
  const both = await world.ask("POST", `/storycore.task.cancel?task_id=${unknown}`, {
    json: { task_id: id },
  });
  expect([both.status, both.body.error.details.errors[0].path]).toEqual([422, "task_id"]);
});

test("cancelling an ended task is no error: cancelled is false, and the message says why", async () => {
  const id = await world.submit();
  await world.finish(id);
  const { status: code, body } = await cancel(id);
  expect([code, body.status, body.data]).toEqual([
    200,
    "success",
    { task_id: id, cancelled: false, message: "Task is already completed" },
  ]);
});

test("an unknown task is a 404 in the same envelope, with what to do about it", async () => {
  for (const { status: code, body } of [await status(unknown), await cancel(unknown)]) {
    expect(code).toBe(404);
    expect(body).toMatchObject({
      status: "error",
      error: {
        code: "UNKNOWN_TASK",
        message: expect.any(String),
        details: { id: unknown },
        remediation: expect.any(String),
      },
      metadata: { request_id: expect.any(String), duration_ms: expect.any(Number) },
    });
  }
});

test.each([
  ["GET", "/storycore.task.status", {}, 422],
  ["GET", "/storycore.task.status?task_id=", {}, 422],
  ["GET", "/storycore.task.status?id=1", {}, 422],
  ["POST", "/storycore.task.cancel", {}, 422],
  ["POST", "/storycore.task.cancel", { json: { task_id: 7 } }, 422],
  ["POST", "/storycore.task.cancel", { body: "{", headers: { "content-type": "application/json" } }, 400],
  ["POST", "/storycore.task.cancel", { body: "x", headers: { "content-type": "text/plain" } }, 415],
  ["POST", "/storycore.task.status", {}, 405],
  ["GET", "/storycore.task.stats", {}, 404],
] as const)("%s %s that is wrong is refused in the same envelope", async (method, where, asking, code) => {
  const { status: answered, body } = await world.ask(method, where, asking);
  expect(answered).toBe(code);
  expect(body).toMatchObject({ status: "error", error: { code: expect.stringMatching(/^[A-Z_]+$/) } });
});

test("a client without a token is refused in the same envelope", async () => {
  const guarded = await ApiWorld.open({ security: { token: "secret" } });
  const { status: code, headers, body } = await guarded.ask("GET", "/storycore.task.status?task_id=x");
  await guarded.close();
  expect([code, headers["www-authenticate"], body.error.code]).toEqual([401, "Bearer", "TOKEN_REQUIRED"]);
});

test("a server that does not speak it answers as for any path that is not there", async () => {
  const without = await ApiWorld.open({ dialects: ["stage"] });
  const { status: code, text } = await without.ask("HEAD", "/storycore.task.status");
  const { paths } = (await without.ask("GET", "/openapi.json")).body;
  await without.close();
  expect([code, text]).toEqual([404, ""]);
  expect(Object.keys(paths).filter((path) => path.includes("storycore"))).toEqual([]);
});

test("its routes stand in the OpenAPI document under their own tag, with the envelope of errors", async () => {
  const { paths } = (await world.ask("GET", "/openapi.json")).body;
  const { tags, responses } = paths["/storycore.task.status"].get;
  expect(tags).toEqual(["storycore"]);
  expect(responses.default.content).toEqual({
    "application/json": { schema: { $ref: "#/components/schemas/StoryCoreError" } },
  });
});
