import { expect, test } from "vitest";
import { EventBus } from "../../src/events/bus.ts";
import { isoTime } from "../../src/lib/clock.ts";
import type { Answer } from "../../src/outlets/redis/answer.ts";
import { nothingOwed, type Owed, owedSchema } from "../../src/outlets/redis/owed.ts";
import { type Publish, Results } from "../../src/outlets/redis/results.ts";
import { redisSchema } from "../../src/settings/redis.ts";
import type { TaskRecord } from "../../src/task/record.ts";
import { FakeClock, settled } from "../fake-clock.ts";
import { quiet } from "../quiet.ts";

const { subscriptions } = redisSchema.parse({
  subscriptions: [
    { channel: "asked", task: "count", results_channel: "told" },
    { channel: "asked quietly", task: "count" },
    { channel: "asked elsewhere", task: "count", results_channel: "told elsewhere" },
  ],
});

class World {
  readonly clock: FakeClock;
  readonly events: EventBus;
  readonly records = new Map<string, TaskRecord>();
  readonly told: { channel: string; answer: Answer }[] = [];
  /** Channels that take nothing. */
  readonly closed = new Set<string>();
  document: Owed = nothingOwed;
  results!: Results;

  constructor(clock = new FakeClock()) {
    this.clock = clock;
    this.events = new EventBus({
      clock,
      onListenerError: (error) => {
        throw error;
      },
    });
  }

  async open(): Promise<this> {
    this.results = await Results.open({
      clock: this.clock,
      log: quiet,
      subscriptions,
      tasks: {
        recordOf: (id) => this.records.get(id) ?? null,
        endedSince: (time) => [...this.records.values()].filter(({ updated_at }) => updated_at >= time),
      },
      subscribe: (listener) => this.events.subscribe(listener),
      document: {
        data: this.document,
        update: async (change) => {
          this.document = owedSchema.parse(JSON.parse(JSON.stringify(change())));
        },
      },
    });
    return this;
  }

  readonly publish: Publish = async (channel, text) => {
    if (this.closed.has(channel)) throw new Error("NOPERM no permissions to access the channel");
    this.told.push({ channel, answer: JSON.parse(text) });
  };

  /** The same disk, another process. */
  async reboot(): Promise<World> {
    this.clock.forgetTimers();
    const after = new World(this.clock);
    for (const [id, record] of this.records) after.records.set(id, record);
    after.document = this.document;
    return after.open();
  }

  ends(id: string, channel: string | null, more: Partial<TaskRecord> = {}): void {
    const at = isoTime(this.clock.now());
    const metadata = channel === null ? null : { message_source: channel };
    const record = { id, status: "completed", metadata, completed_at: at, updated_at: at, ...more };
    this.records.set(id, record as TaskRecord);
    this.events.publish({ type: `task_${record.status}` as "task_completed", task_id: id });
  }

  get ids(): (string | null)[] {
    return this.told.map(({ answer }) => answer.task_id);
  }
}

test("the ends of tasks that came as messages are told where their channel says, and no others", async () => {
  const world = await new World().open();
  world.results.publishWith(world.publish);
  world.ends("t1", "asked", { result: 42 });
  world.ends("t2", null);
  world.ends("t3", "asked quietly");
  world.ends("t4", "asked elsewhere", { status: "cancelled", partial_result: 7 });
  world.ends("t5", "asked", { result: { file: "results/t5.json", bytes: 70_000 } });
  world.ends("t6", "asked", { status: "interrupted" });
  await settled();
  expect(
    world.told.map(({ channel, answer }) => [channel, answer.task_id, answer.status, answer.data]),
  ).toEqual([
    ["told", "t1", "completed", 42],
    ["told elsewhere", "t4", "cancelled", 7],
    ["told", "t5", "completed", { file: "results/t5.json", bytes: 70_000 }],
  ]);
  expect(world.told.map(({ answer }) => answer.links?.result)).toEqual([null, null, "/tasks/t5/result"]);
  expect(world.results).toMatchObject({ waiting: 0, published: 3, problem: null });
});

test("what ends without a connection waits for it, in order, also where its record is forgotten meanwhile", async () => {
  const world = await new World().open();
  const ids = Array.from({ length: 250 }, (_, n) => `t${n}`);
  for (const id of ids) world.ends(id, "asked");
  world.records.delete("t7");
  world.results.publishWith(world.publish);
  await settled();
  expect(world.ids).toEqual(ids);
});

test("a channel that takes nothing is tried again after a pause, is said, and holds up nobody", async () => {
  const world = await new World().open();
  world.closed.add("told");
  world.results.publishWith(world.publish);
  world.ends("t1", "asked");
  await settled();
  world.ends("t2", "asked elsewhere");
  await settled();
  expect(world.ids).toEqual(["t2"]);
  expect(world.results.problem).toBe(
    "a result was not taken by 'told': NOPERM no permissions to access the channel",
  );
  world.closed.clear();
  await world.clock.advance(4999);
  expect(world.ids).toEqual(["t2"]);
  await world.clock.advance(1);
  expect(world.ids).toEqual(["t2", "t1"]);
  expect(world.results.problem).toBeNull();
});

test("one that ended anew while it was told is told anew", async () => {
  const world = await new World().open();
  let isFirst = true;
  world.results.publishWith(async (channel, text) => {
    await world.publish(channel, text);
    if (!isFirst) return;
    isFirst = false;
    world.clock.skip(1000);
    world.ends("t1", "asked", { result: "second" });
  });
  world.ends("t1", "asked", { result: "first" });
  await settled();
  expect(world.told.map(({ answer }) => answer.data)).toEqual(["first", "second"]);
});

test("what waits at a shutdown is told after the next start, and nothing twice", async () => {
  const world = await new World().open();
  world.results.publishWith(world.publish);
  world.ends("t1", "asked");
  await settled();
  world.results.publishWith(null);
  world.ends("t2", "asked");
  await world.results.close(1000);
  expect(world.document).toMatchObject({ is_whole: true, waiting: ["t2"] });
  const after = await world.reboot();
  after.results.publishWith(after.publish);
  await settled();
  expect(after.ids).toEqual(["t2"]);
});

test("after a power cut what ended since the last writing is told, perhaps a second time", async () => {
  const world = await new World().open();
  world.results.publishWith(world.publish);
  world.ends("old", "asked");
  await world.clock.advance(60_000);
  world.results.publishWith(null);
  world.ends("t1", "asked");
  await world.clock.advance(2000);
  world.ends("t2", "asked");
  const after = await world.reboot();
  after.results.publishWith(after.publish);
  await settled();
  expect(after.ids.toSorted()).toEqual(["t1", "t2"]);
});

test("a Redis that takes and never confirms does not hold up the shutdown; what it did not confirm is kept", async () => {
  const world = await new World().open();
  world.results.publishWith(() => new Promise(() => undefined));
  world.ends("t1", "asked");
  await settled();
  let isClosed = false;
  void world.results.close(1000).then(() => {
    isClosed = true;
  });
  await world.clock.advance(999);
  expect(isClosed).toBe(false);
  await world.clock.advance(1);
  expect(isClosed).toBe(true);
  expect(world.document).toMatchObject({ is_whole: true, waiting: ["t1"] });
});
