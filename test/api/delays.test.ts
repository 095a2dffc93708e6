// Starting later, over the wire.
import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiWorld } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

const submit = async (json: object) => world.ask("POST", "/tasks/count_task", { json });

test("a submit with a delay or a time is pending, says until when, and stands in the queue's later", async () => {
  const { status, body } = await submit({ delay_seconds: 3600 });
  expect(status).toBe(202);
  const delayed = (await world.ask("GET", `/tasks/${body.id}`)).body;
  expect(delayed).toMatchObject({
    status: "pending",
    queue_position: null,
    blocked_by: [{ because: "not_before", task_id: null }],
  });
  const { body: other } = await submit({ not_before: "2099-01-01T12:00:00+01:00" });
  const queue = (await world.ask("GET", "/queue")).body;
  expect(queue).toMatchObject({ length: 0, tasks: [], running: [] });
  expect(queue.later).toMatchObject([
    { id: body.id },
    { id: other.id, blocked_by: [{ resource: "2099-01-01T11:00:00.000Z" }] },
  ]);
});

test("what is no delay and no time, or both at once, is a 422 that names the field", async () => {
  for (const [json, path] of [
    [{ delay_seconds: -1 }, "delay_seconds"],
    [{ delay_seconds: "5" }, "delay_seconds"],
    [{ not_before: "tomorrow" }, "not_before"],
    [{ not_before: "2026-01-01T00:00:00" }, "not_before"],
    [{ delay_seconds: 5, not_before: "2099-01-01T00:00:00Z" }, "delay_seconds"],
  ] as const) {
    const { status, body } = await submit(json);
    expect([status, body.errors[0].path]).toEqual([422, path]);
  }
});

test("a pending task is given another time, and let go with null", async () => {
  const { body } = await submit({ delay_seconds: 3600 });
  const change = (json: object) => world.ask("PATCH", `/tasks/${body.id}`, { json });
  const later = await change({ not_before: "2099-01-01T00:00:00Z" });
  expect(later.body.blocked_by).toMatchObject([{ resource: "2099-01-01T00:00:00.000Z" }]);
  expect((await change({ not_before: "2099-01-01T00:00:00Z", delay_seconds: 1 })).status).toBe(422);
  expect((await change({ delay_seconds: null })).status).toBe(200);
  expect((await world.run(body.id)).work.taskId).toBe(body.id);
  expect((await change({ delay_seconds: 1 })).status).toBe(409);
});
