// Thousands of random steps against the engine under a fake clock. A failing seed is printed; keep it as a test.
import { expect, test } from "vitest";
import { mayFollow, type Status } from "../../src/task/lifecycle.ts";
import { settled } from "../fake-clock.ts";
import { below, randomOf } from "../random.ts";
import { type Run, World } from "./world.ts";

const limits = { maxConcurrentTasks: 3, blockingWorkers: 2 };
const types = [
  "plain_task",
  "plain_task",
  "other_task",
  "blocking_task",
  "exclusive_task",
  "exclusive_blocking_task",
];

class Model {
  world: World;
  readonly roll: (sides: number) => number;
  readonly ids: string[] = [];
  /** The status each task showed last, to hold every step against the table. */
  readonly seen = new Map<string, Status>();
  /** When the disk refused the last time, on the clock that only grows. */
  refusedAt = Number.NEGATIVE_INFINITY;
  /** Who waited at the last look, in the order of their turns. */
  waiting: readonly string[] = [];

  constructor(world: World, roll: (sides: number) => number) {
    this.world = world;
    this.roll = roll;
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.roll(from.length)];
  }

  async step(): Promise<void> {
    const id = this.pick(this.ids);
    const run = this.pick(this.underWay());
    switch (this.roll(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.submit();
      case 4:
      case 5:
      case 6:
      case 7:
        return run && this.end(run);
      case 8:
        return id === undefined ? undefined : this.ask(() => this.world.manager.cancel(id));
      case 9:
        return id === undefined ? undefined : this.ask(() => this.world.manager.pause(id));
      case 10:
        return id === undefined ? undefined : this.ask(() => this.world.manager.resume(id));
      case 11:
        return id === undefined ? undefined : this.ask(() => this.world.manager.restart(id));
      case 12:
        return run?.told.at(-1) === "pause" ? run.reachCheckpoint() : undefined;
      case 13:
        return this.world.clock.advance(this.roll(3000));
      case 14:
        return this.disk();
      case 15:
        return this.roll(20) === 0 ? this.cutThePower() : this.queue();
    }
  }

  async submit(): Promise<void> {
    const task = this.pick(types) as string;
    const priority = this.pick([0, 0, 0, 0, 5, -5]);
    const timeout = this.pick([undefined, undefined, 5]);
    await this.ask(async () => {
      const { id } = await this.world.manager.submit({ task, priority, timeout_seconds: timeout });
      this.ids.push(id);
      this.seen.set(id, "pending");
    });
  }

  async end(run: Run): Promise<void> {
    run.events.progress({ current: this.roll(10), total: 10, checkpoint: this.roll(10) });
    const ways = [() => run.finish(), () => run.fail(), () => run.stop(), () => run.giveIn()];
    await (run.reason === null
      ? (ways[this.roll(2)] as () => Promise<void>)()
      : (this.pick(ways) as () => Promise<void>)());
  }

  /** Sometimes two at once: races are where engines break. */
  async ask(verb: () => Promise<unknown>): Promise<void> {
    const answer = verb().catch((error: { code?: string }) => {
      if (error.code === undefined) throw error;
    });
    if (this.roll(3) > 0) {
      if (this.world.store.refuses) await this.world.clock.advance(2_000);
      await answer;
    }
    await settled();
  }

  disk(): Promise<void> {
    const { store, clock } = this.world;
    if (store.refuses) this.refusedAt = clock.monotonic();
    if (store.refuses || this.roll(4) > 0) store.recover();
    else store.refuses = true;
    return settled();
  }

  queue(): Promise<void> {
    return this.ask(() =>
      this.roll(3) ? this.world.manager.resumeQueue() : this.world.manager.pauseQueue(),
    );
  }

  async cutThePower(): Promise<void> {
    if (this.world.store.refuses) this.refusedAt = this.world.clock.monotonic();
    this.world.store.recover();
    await settled();
    this.world = await this.world.reboot();
    this.seen.clear();
    this.waiting = [];
    for (const { id, status } of this.world.manager.list().tasks) this.seen.set(id, status);
  }

  underWay(): Run[] {
    return [...this.world.async.runs, ...this.world.blocking.runs].filter((run) => !run.over);
  }

  check(): void {
    const running = this.underWay().map(({ work }) => work.type.policy);
    const exclusive = running.filter(({ isExclusive }) => isExclusive).length;
    expect(exclusive === 0 || running.length === 1, "never two where one is exclusive").toBe(true);
    expect(running.filter(({ isBlocking }) => !isBlocking).length).toBeLessThanOrEqual(
      limits.maxConcurrentTasks,
    );
    expect(running.filter(({ isBlocking }) => isBlocking).length).toBeLessThanOrEqual(limits.blockingWorkers);
    for (const { id, status } of this.world.manager.list().tasks) {
      const before = this.seen.get(id);
      if (before !== undefined) expect(reachable(before, status), `${before} -> ${status}`).toBe(true);
      this.seen.set(id, status);
    }
    this.checkOrder();
    this.checkTurns();
  }

  /** First come, first served among equals: who started left nobody of its kind behind who was ahead of it. */
  checkOrder(): void {
    const { manager } = this.world;
    const known = new Map(manager.list().tasks.map((task) => [task.id, task]));
    const leftBehind = new Set<string>();
    for (const id of this.waiting) {
      const task = known.get(id);
      if (!task) continue;
      const kind = `${task.task} ${task.priority}`;
      if (task.status === "pending") leftBehind.add(kind);
      else if (task.status === "running") expect(leftBehind.has(kind), `${kind} was overtaken`).toBe(false);
    }
    this.waiting = manager.queue().tasks.map(({ id }) => id);
  }

  /** Nobody waits while everything it needs is free and nobody ahead of it waits. */
  checkTurns(): void {
    const { store, manager, clock } = this.world;
    if (store.refuses) this.refusedAt = clock.monotonic();
    const queue = manager.queue();
    const first = queue.tasks[0];
    if (!first || queue.paused || this.heldOff()) return;
    expect(first.blocked_by.length, `${first.task} is first and could start`).toBeGreaterThan(0);
    const positions = queue.tasks.map(({ queue_position }) => queue_position);
    expect(positions).toEqual(positions.map((_, index) => index + 1));
  }

  /** A start the disk refused is tried again a quarter of a second later. */
  heldOff(): boolean {
    return this.world.clock.monotonic() <= this.refusedAt + 250;
  }

  async finishEverything(): Promise<void> {
    if (this.world.store.refuses) this.refusedAt = this.world.clock.monotonic();
    this.world.store.recover();
    await settled();
    await this.world.manager.resumeQueue();
    for (let round = 0; round < 10_000; round++) {
      await this.world.clock.advance(300);
      for (const { id, status } of this.world.manager.live())
        if (status === "paused" || status === "pausing") await this.world.manager.resume(id);
      const run = this.underWay()[0];
      if (run) await run.finish();
      else if (this.world.manager.live().every(({ status }) => status === "interrupted")) return;
      this.check();
    }
    const left = this.world.manager.live().filter(({ status }) => status !== "interrupted");
    throw new Error(
      `some tasks never end: ${JSON.stringify(left.map(({ task, status, blocked_by }) => [task, status, blocked_by]))}`,
    );
  }
}

/** Between two looks a task may have taken several steps of the table. */
function reachable(from: Status, to: Status): boolean {
  const seen = new Set<Status>([from]);
  const open: Status[] = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    for (const next of [
      "pending",
      "running",
      "pausing",
      "paused",
      "cancelling",
      "completed",
      "failed",
      "cancelled",
      "interrupted",
    ] as const)
      if (mayFollow(at, next) && !seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
  }
  return false;
}

async function play(seed: number, steps: number): Promise<void> {
  const random = randomOf(seed);
  const roll = (sides: number): number => below(random, sides);
  const model = new Model(await World.open({ limits }), roll);
  for (let step = 0; step < steps; step++) {
    await model.step();
    model.check();
  }
  await model.finishEverything();
}

const kept: number[] = [212_263_073];
const fresh = Array.from({ length: 12 }, () => Math.floor(Math.random() * 2 ** 31));

for (const seed of [1, 2, 3, ...kept, ...fresh]) {
  test(`whatever comes, nothing collides, nothing waits for nothing and everything ends (seed ${seed})`, async () => {
    await play(seed, 400);
  });
}
