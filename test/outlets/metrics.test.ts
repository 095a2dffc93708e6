import { expect, onTestFinished, test } from "vitest";
import { EventBus } from "../../src/events/bus.ts";
import { Metrics } from "../../src/outlets/metrics.ts";
import { World } from "../engine/world.ts";
import { parseExposition, valueIn } from "./exposition.ts";

/** An engine whose events are heard, and what counts it. */
async function counted() {
  const world = new World({});
  const events = new EventBus({
    clock: world.clock,
    onListenerError: (error) => {
      throw error;
    },
  });
  const push = world.events.push.bind(world.events);
  world.events.push = (...all) => {
    for (const event of all) events.publish(event);
    return push(...all);
  };
  await world.open();
  world.manager.begin();
  const startedAt = world.clock.now();
  const open = (): Metrics => {
    const metrics = new Metrics({
      version: "1.2.3",
      startedAt,
      tasks: {
        counts: () => world.manager.counts,
        queueLength: () => world.manager.queueLength,
        activeByLane: () => world.manager.activeByLane(),
        isQueuePaused: () => world.manager.queuePause !== null,
        records: () => world.manager.records(),
        recordOf: (id) => world.manager.recordOf(id),
      },
      subscribe: (listener) => events.subscribe(listener),
      store: () => ({ ok: true, writes: 7, writeSeconds: 0.5, journalBytes: 1234 }),
      devices: () => [
        { name: "rotor", ok: true },
        { name: "camera", ok: false },
      ],
      schedules: () => ({ count: 2, fired: 5, missed: 1, failed: 0 }),
      webhooks: () => ({ waiting: 3, delivered: 10, failed: 2, dead: 1 }),
      messages: () => ({ isConnected: true, accepted: 8, refused: 4, published: 6, waiting: 2 }),
    });
    onTestFinished(() => metrics.close());
    return metrics;
  };
  const read = async (metrics: Metrics) => parseExposition(await metrics.text());
  return { world, open, read };
}

test("what is there now is shown: tasks by status and lane, the queue, the parts", async () => {
  const { world, open, read } = await counted();
  for (let n = 0; n < 5; n++) await world.submit("plain_task");
  await world.submit("blocking_task");
  const found = await read(open());
  expect(valueIn(found, "armature_tasks", { status: "running" })).toBe(4);
  expect(valueIn(found, "armature_tasks", { status: "pending" })).toBe(2);
  expect(valueIn(found, "armature_queue_length")).toBe(2);
  expect(valueIn(found, "armature_tasks_active", { lane: "async" })).toBe(3);
  expect(valueIn(found, "armature_tasks_active", { lane: "blocking" })).toBe(1);
  expect(valueIn(found, "armature_tasks_active", { lane: "isolated" })).toBe(0);
  expect(valueIn(found, "armature_store_writes_total")).toBe(7);
  expect(valueIn(found, "armature_device_up", { device: "camera" })).toBe(0);
  expect(valueIn(found, "armature_schedule_firings_total", { outcome: "fired" })).toBe(5);
  expect(valueIn(found, "armature_webhook_deliveries_total", { outcome: "given_up" })).toBe(1);
  expect(valueIn(found, "armature_redis_up")).toBe(1);
  expect(valueIn(found, "armature_redis_messages_total", { outcome: "refused" })).toBe(4);
  expect(valueIn(found, "armature_redis_results_waiting")).toBe(2);
  expect(valueIn(found, "armature_info", { version: "1.2.3", node: process.version })).toBe(1);
  expect(valueIn(found, "process_resident_memory_bytes")).toBeGreaterThan(1e6);
});

test("durations and waits are histograms by type; failures are counted by code", async () => {
  const { world, open, read } = await counted();
  const metrics = open();
  const id = await world.submit("plain_task");
  await world.clock.advance(3000);
  await world.run(id).finish();
  await world.run(await world.submit("plain_task")).fail();
  const found = await read(metrics);
  const labels = { task: "plain_task" };
  expect(valueIn(found, "armature_task_duration_seconds_count", labels)).toBe(2);
  expect(valueIn(found, "armature_task_duration_seconds_sum", labels)).toBe(3);
  expect(valueIn(found, "armature_task_duration_seconds_bucket", { ...labels, le: "1" })).toBe(1);
  expect(valueIn(found, "armature_task_duration_seconds_bucket", { ...labels, le: "5" })).toBe(2);
  expect(valueIn(found, "armature_task_wait_seconds_count", labels)).toBe(2);
  expect(valueIn(found, "armature_tasks_ended_total", { ...labels, status: "failed" })).toBe(1);
  expect(valueIn(found, "armature_task_failures_total", { code: "TASK_FAILED" })).toBe(1);
  expect(valueIn(found, "armature_task_attempts_total", labels)).toBe(2);
});

test("what happened before somebody looked is counted, once; what an earlier runtime did is not", async () => {
  const { world, open, read } = await counted();
  const retry = { maxAttempts: 2, delaySeconds: 0, jitter: 0 };
  const id = await world.submit("plain_task", { retry });
  await world.run(id).fail();
  await world.clock.advance(0);
  await world.run(id).finish();
  const metrics = open();
  for (const found of [await read(metrics), await read(metrics)]) {
    expect(valueIn(found, "armature_tasks_ended_total", { task: "plain_task", status: "completed" })).toBe(1);
    expect(valueIn(found, "armature_task_attempts_total", { task: "plain_task" })).toBe(2);
    expect(valueIn(found, "armature_task_retries_total", { task: "plain_task" })).toBe(1);
  }
  const again = await world.submit("plain_task", { retry });
  await world.run(again).fail();
  await world.clock.advance(0);
  const found = await read(metrics);
  expect(valueIn(found, "armature_task_attempts_total", { task: "plain_task" })).toBe(4);
  expect(valueIn(found, "armature_task_retries_total", { task: "plain_task" })).toBe(2);

  await world.clock.advance(1000);
  const later = await world.reboot();
  const fresh = new Metrics({
    version: "1.2.3",
    startedAt: later.clock.now(),
    tasks: {
      counts: () => later.manager.counts,
      queueLength: () => 0,
      activeByLane: () => later.manager.activeByLane(),
      isQueuePaused: () => false,
      records: () => later.manager.records(),
      recordOf: (taskId) => later.manager.recordOf(taskId),
    },
    subscribe: () => () => undefined,
    store: () => ({ ok: true, writes: 0, writeSeconds: 0, journalBytes: 0 }),
    devices: () => [],
    schedules: () => null,
    webhooks: () => null,
    messages: () => null,
  });
  onTestFinished(() => fresh.close());
  const anew = await read(fresh);
  expect(valueIn(anew, "armature_tasks", { status: "completed" })).toBe(1);
  expect(
    valueIn(anew, "armature_tasks_ended_total", { task: "plain_task", status: "completed" }),
  ).toBeUndefined();
});

test("two runtimes in one process do not meet", async () => {
  const [one, other] = [await counted(), await counted()];
  const [first, second] = [one.open(), other.open()];
  await one.world.run(await one.world.submit("plain_task")).finish();
  const ended = { task: "plain_task", status: "completed" };
  expect(valueIn(await one.read(first), "armature_tasks_ended_total", ended)).toBe(1);
  expect(valueIn(await other.read(second), "armature_tasks_ended_total", ended)).toBeUndefined();
});

test("however many names tasks and failures bring, the series stay bounded", async () => {
  const { world, open, read } = await counted();
  const metrics = open();
  const sample = world.manager.recordOf(await world.submit("plain_task"));
  const measured = { ...sample, status: "failed", started_at: null, attempts: [] };
  const records = Array.from({ length: 500 }, (_, n) => ({
    ...measured,
    task: `type_${n}_task`,
    completed_at: sample?.created_at,
    failure: { code: `CODE_${n}` },
  }));
  const many = new Metrics({
    version: "",
    startedAt: 0,
    tasks: {
      counts: () => world.manager.counts,
      queueLength: () => 0,
      activeByLane: () => ({}),
      isQueuePaused: () => false,
      records: () => records as never,
      recordOf: () => null,
    },
    subscribe: () => () => undefined,
    store: () => ({ ok: true, writes: 0, writeSeconds: 0, journalBytes: 0 }),
    devices: () => [],
    schedules: () => null,
    webhooks: () => null,
    messages: () => null,
  });
  onTestFinished(() => many.close());
  const found = await read(many);
  expect(found.get("armature_tasks_ended_total")?.samples).toHaveLength(201);
  expect(found.get("armature_task_failures_total")?.samples).toHaveLength(101);
  expect(valueIn(found, "armature_task_failures_total", { code: "OTHER" })).toBe(400);
  expect((await read(metrics)).size).toBe(found.size);
});
