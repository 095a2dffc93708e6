import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import { EventBus } from "../../src/events/bus.ts";
import type { NumberedEvent } from "../../src/events/catalogue.ts";
import { isoTime } from "../../src/lib/clock.ts";
import { noneWaiting, type WaitingHooks, waitingSchema } from "../../src/outlets/waiting.ts";
import { Webhooks } from "../../src/outlets/webhooks.ts";
import { webhooksSchema } from "../../src/settings/webhooks.ts";
import type { TaskRecord, WebhookRequest } from "../../src/task/record.ts";
import { FakeClock, settled } from "../fake-clock.ts";
import { quiet } from "../quiet.ts";
import { type Letter, Receiver } from "./receiver.ts";

const common = "the secret of this runtime";

class World {
  readonly clock: FakeClock;
  readonly events: EventBus;
  readonly heard: NumberedEvent[] = [];
  readonly records = new Map<string, TaskRecord>();
  readonly hooks = new Map<string, readonly WebhookRequest[]>();
  settings: Record<string, unknown> = { allow_private: true, first_retry_seconds: 1, max_attempts: 3 };
  document: WaitingHooks = noneWaiting;
  refuses = false;
  webhooks!: Webhooks;

  constructor(clock = new FakeClock()) {
    this.clock = clock;
    this.events = new EventBus({
      clock,
      onListenerError: (error) => {
        throw error;
      },
    });
    this.events.subscribe((event) => this.heard.push(event));
  }

  async open(): Promise<this> {
    this.webhooks = await Webhooks.open({
      clock: this.clock,
      log: quiet,
      random: () => 1,
      settings: webhooksSchema.parse(this.settings),
      secret: common,
      version: "1.2.3",
      tasks: {
        recordOf: (id) => this.records.get(id) ?? null,
        webhooksOf: (id) => this.hooks.get(id) ?? [],
        endedSince: (time) =>
          [...this.records.values()].filter(
            ({ updated_at, status }) => updated_at >= time && status !== "running",
          ),
      },
      subscribe: (listener) => this.events.subscribe(listener),
      publish: (event) => this.events.publish(event),
      document: {
        data: this.document,
        update: async (change) => {
          if (this.refuses) throw new RuntimeError("STORE_UNAVAILABLE", { problem: "no space left" });
          // As it would be read back.
          this.document = waitingSchema.parse(JSON.parse(JSON.stringify(change())));
        },
      },
    });
    return this;
  }

  /** The same disk, another process. */
  async reboot(): Promise<World> {
    this.clock.forgetTimers();
    const after = new World(this.clock);
    Object.assign(after, { records: this.records, hooks: this.hooks, document: this.document });
    after.settings = this.settings;
    return after.open();
  }

  becomes(id: string, status: TaskRecord["status"], more: Partial<TaskRecord> = {}): void {
    const updated_at = isoTime(this.clock.now());
    this.records.set(id, {
      id,
      task: "count_task",
      action: "count",
      status,
      updated_at,
      ...more,
    } as TaskRecord);
    const type = status === "running" ? "task_started" : (`task_${status}` as "task_completed");
    this.events.publish({ type, task_id: id });
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settled();
}

const typesOf = (letters: readonly Letter[]): string[] => letters.map(({ body }) => body.type);

test("a task's own receiver hears what it asked for, with the task as it was, signed with the runtime's secret", async () => {
  const receiver = await Receiver.open();
  const world = await new World().open();
  world.hooks.set("t1", [{ url: receiver.url, events: ["task_started", "task_completed"] }]);
  world.becomes("t1", "running");
  world.becomes("t1", "paused");
  world.becomes("t1", "completed", { result: 42 });
  world.becomes("t2", "completed");
  await until(() => receiver.letters.length === 2);
  const [started, completed] = receiver.letters;
  expect(started?.body).toMatchObject({ type: "task_started", task_id: "t1", task: { status: "running" } });
  expect(completed?.body).toMatchObject({
    id: `t1.task_completed.${world.clock.now()}`,
    type: "task_completed",
    timestamp: isoTime(world.clock.now()),
    task: { id: "t1", status: "completed", result: 42 },
  });
  const { headers, text } = completed as Letter;
  const signed = `${headers["armature-timestamp"]}.${text}`;
  expect(headers["armature-signature"]).toBe(
    `sha256=${createHmac("sha256", common).update(signed).digest("hex")}`,
  );
  expect(headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Armature/1.2.3",
    "armature-event": "task_completed",
    "armature-id": completed?.body.id,
  });
});

test("an owner's receivers hear of the tasks and the machine as the settings say, each with its own secret", async () => {
  const receiver = await Receiver.open();
  const world = new World();
  const secret = "a secret of its own";
  world.settings.hooks = [
    { url: `${receiver.url}/ends`, tasks: ["count"] },
    { url: `${receiver.url}/scans`, tasks: ["scan_task"] },
    { url: `${receiver.url}/machine`, events: ["queue_changed", "task_started"], secret },
  ];
  await world.open();
  world.becomes("t1", "running");
  world.becomes("t1", "failed");
  world.events.publish({ type: "queue_changed", task_id: null, paused: true });
  world.events.publish({ type: "device_changed", task_id: null, device: {}, changed: [] });
  await until(() => receiver.letters.length === 3);
  expect(receiver.letters.map(({ path, body }) => `${path} ${body.type}`).toSorted()).toEqual([
    "/hook/ends task_failed",
    "/hook/machine queue_changed",
    "/hook/machine task_started",
  ]);
  const queue = receiver.letters.find(({ body }) => body.type === "queue_changed") as Letter;
  expect(queue.body).toMatchObject({
    id: expect.stringMatching(/^queue_changed\.\d+$/),
    paused: true,
    task: null,
  });
  const signed = `${queue.headers["armature-timestamp"]}.${queue.text}`;
  expect(queue.headers["armature-signature"]).toBe(
    `sha256=${createHmac("sha256", secret).update(signed).digest("hex")}`,
  );
});

test("a receiver that fails is asked again, in order, with the same ids; one that never answers well is reported", async () => {
  const receiver = await Receiver.open();
  receiver.answer = (response) => response.writeHead(500).end();
  const world = await new World().open();
  world.hooks.set("t1", [{ url: `${receiver.url}?key=hidden`, events: ["task_started", "task_completed"] }]);
  world.becomes("t1", "running");
  world.becomes("t1", "completed");
  await until(() => receiver.letters.length === 1);
  await until(() => world.clock.pending > 0);
  await world.clock.advance(1000);
  await until(() => receiver.letters.length === 2);
  expect(typesOf(receiver.letters)).toEqual(["task_started", "task_started"]);
  expect(receiver.letters[0]?.body).toEqual(receiver.letters[1]?.body);
  await settled();
  await world.clock.advance(2000);
  await until(() => world.heard.some(({ type }) => type === "webhook_dead"));
  expect(world.heard.find(({ type }) => type === "webhook_dead")).toMatchObject({
    task_id: "t1",
    url: receiver.url,
    event: "task_started",
    attempts: 3,
    problem: "it answered 500",
  });
  expect(world.webhooks.problem).toBe(`given up for ${receiver.url}: it answered 500`);
  receiver.answer = (response) => response.writeHead(200).end();
  await until(() => world.webhooks.figures.waiting === 1);
  await world.clock.advance(3000);
  await until(() => world.webhooks.figures.waiting === 0);
  expect(typesOf(receiver.letters).at(-1)).toBe("task_completed");
  expect(world.webhooks.problem).toBeNull();
  expect(world.webhooks.figures).toMatchObject({ delivered: 1, dead: 1 });
});

test("an address that turns out to lead inside is given up at once", async () => {
  const world = new World();
  world.settings.allow_private = false;
  await world.open();
  world.hooks.set("t1", [{ url: "http://127.0.0.1:9/", events: ["task_completed"] }]);
  world.becomes("t1", "completed");
  await until(() => world.heard.some(({ type }) => type === "webhook_dead"));
  expect(world.heard.at(-1)).toMatchObject({ attempts: 1, problem: expect.stringContaining("not a public") });
});

test("no more than so many wait: what comes then is given up, and told", async () => {
  const receiver = await Receiver.open();
  receiver.answer = () => undefined;
  const world = new World();
  world.settings.max_waiting = 2;
  world.settings.timeout_seconds = 1;
  world.settings.hooks = [{ url: receiver.url }];
  await world.open();
  for (const id of ["t1", "t2", "t3"]) world.becomes(id, "completed");
  expect(world.webhooks.figures).toMatchObject({ waiting: 2, dead: 1 });
  expect(world.heard.at(-1)).toMatchObject({
    type: "webhook_dead",
    task_id: "t3",
    problem: "2 others wait already",
  });
});

test("what waits is sent after a restart, with the task as it is then", async () => {
  const receiver = await Receiver.open();
  await receiver.close();
  const world = await new World().open();
  world.hooks.set("t1", [{ url: receiver.url, events: ["task_completed"] }]);
  world.becomes("t1", "completed", { result: "a long result" });
  await until(() => world.webhooks.figures.failed === 1);
  await world.webhooks.close();
  expect(world.document).toMatchObject({ is_whole: true, waiting: [{ task_id: "t1", attempts: 1 }] });
  expect(JSON.stringify(world.document)).not.toContain("a long result");
  await receiver.listen();
  const after = await world.reboot();
  await after.clock.advance(1000);
  await until(() => receiver.letters.length === 1);
  expect(receiver.letters[0]?.body).toMatchObject({
    type: "task_completed",
    task: { result: "a long result" },
  });
});

test("an end that the power cut kept from the paper is told after the next start, once it was told of no more", async () => {
  const receiver = await Receiver.open();
  const world = new World();
  world.settings.hooks = [{ url: receiver.url }];
  await world.open();
  await world.clock.advance(60_000);
  world.refuses = true;
  world.becomes("t1", "completed");
  const after = await world.reboot();
  await until(() => receiver.letters.length >= 1);
  expect(new Set(receiver.letters.map(({ body }) => body.id))).toEqual(
    new Set([`t1.task_completed.${world.clock.now()}`]),
  );
  await until(() => after.webhooks.figures.waiting === 0);
  await after.webhooks.close();
  const before = receiver.letters.length;
  const again = await after.reboot();
  await settled();
  expect([receiver.letters.length, again.webhooks.figures.waiting]).toEqual([before, 0]);
});

test("a receiver that an owner took out of the settings gets nothing more", async () => {
  const receiver = await Receiver.open();
  await receiver.close();
  const world = new World();
  world.settings.hooks = [{ url: receiver.url }];
  await world.open();
  world.becomes("t1", "completed");
  await until(() => world.webhooks.figures.failed === 1);
  await world.webhooks.close();
  world.settings.hooks = [];
  const after = await world.reboot();
  expect(after.webhooks.figures.waiting).toBe(0);
});

test("at a shutdown what is under way may end for a moment, and is kept where it does not", async () => {
  const receiver = await Receiver.open();
  receiver.answer = () => undefined;
  const world = await new World().open();
  world.hooks.set("t1", [{ url: receiver.url, events: ["task_completed"] }]);
  world.becomes("t1", "completed");
  await until(() => receiver.letters.length === 1);
  const closed = world.webhooks.close();
  await world.clock.advance(1000);
  await closed;
  expect(world.document.waiting).toMatchObject([{ task_id: "t1", attempts: 0 }]);
});
