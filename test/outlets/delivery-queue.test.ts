import { expect, test } from "vitest";
import { type Deferred, deferred } from "../../src/lib/deferred.ts";
import { type Delivery, DeliveryQueue, type Outcome } from "../../src/outlets/delivery-queue.ts";
import { FakeClock, settled } from "../fake-clock.ts";

const delivered: Outcome = { how: "delivered" };
const failed = (more: Partial<Outcome> = {}): Outcome =>
  ({
    how: "failed",
    problem: "it answered 500",
    isFinal: false,
    retryAfterSeconds: null,
    ...more,
  }) as Outcome;

class World {
  readonly clock = new FakeClock();
  readonly sent: { id: string; answer: Deferred<Outcome> }[] = [];
  readonly givenUp: string[] = [];
  readonly queue: DeliveryQueue<Delivery>;

  constructor(maxAttempts = 3) {
    this.queue = new DeliveryQueue<Delivery>({
      clock: this.clock,
      random: () => 1,
      maxAttempts,
      firstRetryMs: 1000,
      send: ({ id }) => {
        const answer = deferred<Outcome>();
        this.sent.push({ id, answer });
        return answer.promise;
      },
      delivered: () => undefined,
      givenUp: ({ id, attempts }, problem) => this.givenUp.push(`${id} after ${attempts}: ${problem}`),
      changed: () => undefined,
    });
  }

  add(id: string, task = "a", url = "https://one.example/hook"): void {
    this.queue.add({
      id,
      url,
      from: "submit",
      type: "task_completed",
      task_id: task,
      timestamp: "2026-01-01T00:00:00.000Z",
      fields: null,
      attempts: 0,
      not_before: null,
    });
  }

  get ids(): string[] {
    return this.sent.map(({ id }) => id);
  }

  async answer(index: number, outcome: Outcome): Promise<void> {
    this.sent[index]?.answer.resolve(outcome);
    await settled();
  }
}

test("what is told of one task arrives in its order: the next waits until the one before is there", async () => {
  const world = new World();
  world.add("1");
  world.add("2");
  await settled();
  expect(world.ids).toEqual(["1"]);
  await world.answer(0, delivered);
  expect(world.ids).toEqual(["1", "2"]);
  await world.answer(1, delivered);
  expect(world.queue.size).toBe(0);
});

test("one that fails is sent again after a pause that doubles, and holds back its task's next, not other tasks", async () => {
  const world = new World(4);
  world.add("1");
  world.add("2");
  world.add("other", "b");
  await world.answer(0, failed());
  expect(world.ids).toEqual(["1", "other"]);
  await world.clock.advance(999);
  expect(world.ids).toHaveLength(2);
  await world.clock.advance(1);
  expect(world.ids).toEqual(["1", "other", "1"]);
  await world.answer(2, failed());
  await world.clock.advance(1999);
  expect(world.ids).toHaveLength(3);
  await world.clock.advance(1);
  await world.answer(3, delivered);
  expect(world.ids).toEqual(["1", "other", "1", "1", "2"]);
});

test("after its last attempt it is given up, and the next one of its task is sent", async () => {
  const world = new World(2);
  world.add("1");
  world.add("2");
  await world.answer(0, failed());
  await world.clock.advance(1000);
  await world.answer(1, failed());
  expect(world.givenUp).toEqual(["1 after 2: it answered 500"]);
  expect(world.ids).toEqual(["1", "1", "2"]);
});

test("what nothing will change is given up at once", async () => {
  const world = new World();
  world.add("1");
  await world.answer(0, failed({ isFinal: true }));
  expect(world.givenUp).toEqual(["1 after 1: it answered 500"]);
  expect(world.queue.size).toBe(0);
});

test("a receiver that asks for a longer pause gets it", async () => {
  const world = new World();
  world.add("1");
  await world.answer(0, failed({ retryAfterSeconds: 30 }));
  await world.clock.advance(29_000);
  expect(world.ids).toHaveLength(1);
  await world.clock.advance(1000);
  expect(world.ids).toHaveLength(2);
});

test("a few at a time for each host, and a slow one is in nobody else's way", async () => {
  const world = new World();
  for (let n = 0; n < 10; n++) world.add(`slow ${n}`, String(n));
  for (let n = 0; n < 3; n++) world.add(`quick ${n}`, String(n), "https://two.example/hook");
  await settled();
  expect(world.ids).toEqual(["slow 0", "slow 1", "slow 2", "slow 3", "quick 0", "quick 1", "quick 2"]);
  await world.answer(0, delivered);
  expect(world.ids.at(-1)).toBe("slow 4");
});

test("closed, it sends nothing more and keeps what was broken off", async () => {
  const world = new World();
  world.add("1");
  world.add("2", "b");
  await settled();
  const closed = world.queue.close();
  await world.answer(0, { how: "broken off" });
  await world.answer(1, delivered);
  await closed;
  world.add("3", "c");
  await settled();
  expect(world.ids).toEqual(["1", "2"]);
  expect([...world.queue.waiting()].map(({ id, attempts }) => [id, attempts])).toEqual([
    ["1", 0],
    ["3", 0],
  ]);
});
