// Retries over the wire.
import { afterEach, beforeEach, expect, test } from "vitest";
import { defaultRetry } from "../../src/task/policy.ts";
import { taskType } from "../engine/world.ts";
import { ApiWorld } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open({
    types: [
      taskType("plain_task"),
      taskType("shaky_task", { retry: { ...defaultRetry, maxAttempts: 4, codes: ["DEVICE_TIMEOUT"] } }),
    ],
  });
});
afterEach(() => world.close());

test("a submit's policy is kept, and a failed attempt is shown while the next is waited for", async () => {
  const { status, body } = await world.ask("POST", "/tasks/plain_task", {
    json: { retry: { max_attempts: 2, delay_seconds: 3600, backoff: null } },
  });
  expect(status).toBe(202);
  await (await world.run(body.id)).fail("it slipped");
  const task = (await world.ask("GET", `/tasks/${body.id}`)).body;
  expect(task).toMatchObject({
    status: "pending",
    error: null,
    queue_position: null,
    blocked_by: [{ because: "not_before" }],
    attempts: [{ number: 1, outcome: "failed", error: "it slipped" }],
  });
  const events = (await world.ask("GET", `/tasks/${body.id}/events`)).body;
  const { resource } = task.blocked_by[0];
  expect(events.at(-1)).toMatchObject({ type: "task_retrying", error: "it slipped", not_before: resource });
});

test("what is no retry policy is a 422 that names the field", async () => {
  for (const [retry, path] of [
    [3, "retry"],
    [{ max_attempts: 0 }, "retry.max_attempts"],
    [{ max_attempts: 1.5 }, "retry.max_attempts"],
    [{ delay_seconds: -1 }, "retry.delay_seconds"],
    [{ backoff: "linear" }, "retry.backoff"],
    [{ max_delay_seconds: "1" }, "retry.max_delay_seconds"],
    [{ jitter: 2 }, "retry.jitter"],
    [{ maxAttempts: 3 }, "retry.maxAttempts"],
  ] as const) {
    const { status, body } = await world.ask("POST", "/tasks/plain_task", { json: { retry } });
    expect([status, body.errors[0].path]).toEqual([422, path]);
  }
});

test("a task type shows its policy", async () => {
  const { body } = await world.ask("GET", "/task-types/shaky");
  expect(body.policy.retry).toEqual({
    max_attempts: 4,
    delay_seconds: 1,
    backoff: "exponential",
    max_delay_seconds: 300,
    jitter: 0.1,
    codes: ["DEVICE_TIMEOUT"],
  });
  expect((await world.ask("GET", "/task-types/plain")).body.policy.retry).toBe(null);
});
