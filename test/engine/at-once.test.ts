// Everything at once: verbs nobody waits for, over a slow disk that refuses now and then. A failing seed is printed.
import { expect, test } from "vitest";
import { isRuntimeError, RuntimeError } from "../../src/errors/runtime-error.ts";
import { hasEnded } from "../../src/task/lifecycle.ts";
import type { StoredTask } from "../../src/task/record.ts";
import { settled } from "../fake-clock.ts";
import { below, type Random, randomOf } from "../random.ts";
import { MemoryStore, type Run, World } from "./world.ts";

/** One write after the other, each a few turns of the loop long. */
class SlowStore extends MemoryStore {
  risk = 0;
  readonly #random: Random;
  #last: Promise<unknown> = Promise.resolve();

  constructor(random: Random) {
    super();
    this.#random = random;
  }

  override save(tasks: readonly StoredTask[]): Promise<void> {
    return this.#next(() => super.save(tasks), this.risk);
  }

  override insist(tasks: readonly StoredTask[]): Promise<void> {
    return this.#next(() => super.insist(tasks), 0);
  }

  override remove(ids: readonly string[]): Promise<void> {
    return this.#next(() => super.remove(ids), this.risk);
  }

  #next(write: () => Promise<void>, risk: number): Promise<void> {
    const turns = below(this.#random, 3);
    const refused = this.#random() < risk;
    const done = this.#last.then(async () => {
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (refused) throw new RuntimeError("STORE_UNAVAILABLE", { problem: "no space left" });
      await write();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}

const types = ["plain_task", "plain_task", "exclusive_task", "blocking_task"];

async function play(seed: number, steps: number): Promise<{ world: World; odd: unknown[] }> {
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[below(random, from.length)] as T;
  const store = new SlowStore(random);
  const world = await World.open({ store, limits: { maxConcurrentTasks: 2, maxFinishedTasks: 6 } });
  const { manager, clock } = world;
  const ids = [await world.submit("plain_task")];
  store.risk = 0.02;
  const verbs: Promise<unknown>[] = [];
  const odd: unknown[] = [];
  const ask = (verb: () => Promise<unknown>): void => {
    const asked = Promise.resolve().then(verb);
    verbs.push(asked.catch((error) => isRuntimeError(error) || odd.push(error)));
  };
  const runs = (): Run[] => [...world.async.runs, ...world.blocking.runs];
  const under = (): Run[] => runs().filter(({ over }) => !over);
  for (let step = 0; step < steps; step++) {
    const id = pick(ids.slice(-8));
    const run = pick(random() < 0.1 ? runs() : under());
    pick<() => unknown>([
      () => ask(async () => ids.push((await manager.submit({ task: pick(types) })).id)),
      () => ask(async () => ids.push((await manager.submit({ task: pick(types), timeout_seconds: 5 })).id)),
      () => ask(() => manager.cancel(id)),
      () => ask(() => manager.pause(id)),
      () => ask(() => manager.resume(id)),
      () => ask(() => manager.restart(id)),
      () => ask(() => manager.change(id, { priority: below(random, 3) })),
      () => random() < 0.5 && ask(() => manager.remove(id)),
      () => random() < 0.3 && ask(() => manager.cleanup({})),
      () => run?.events.paused(run.pauseRequest),
      () => run?.events.progress({ current: step, checkpoint: step }),
      () => run && ask(() => run.events.checkpoint(step).catch(() => undefined)),
      () => run && !run.over && (run.reason ? run.stop() : run.finish(step)),
      () => run && !run.over && run.fail(),
    ])();
    for (let turns = below(random, 8); turns > 0; turns--) await settled();
    if (step % 7 === 0) await clock.advance(pick([300, 300, 3000]));
    const working = under().map(({ work }) => work);
    expect(new Set(working.map(({ taskId }) => taskId)).size).toBe(working.length);
    expect(working.length === 1 || !working.some(({ type }) => type.policy.isExclusive)).toBe(true);
  }
  store.risk = 0;
  for (let round = 0; manager.live().length > 0 && round < 1000; round++) {
    for (const run of under()) void (run.reason ? run.stop() : run.finish());
    await clock.advance(300);
  }
  await Promise.all(verbs);
  return { world, odd };
}

/** What clients heard of one task is in order: an end is the last before a new beginning, a removal the very last. */
function checkStory(story: string): void {
  const begun = "task_scheduled,(task_started,(task_(progress|pausing|paused|resumed|cancelling|stuck),)*)?";
  const end = "(task_completed|task_failed|task_cancelled),";
  expect(story).toMatch(new RegExp(`^(${begun}${end})+(task_removed,)?$`));
}

const fresh = Array.from({ length: 4 }, () => Math.floor(Math.random() * 2 ** 31));

for (const seed of [1, 2, 3, ...fresh]) {
  test(`whatever is asked at once, each task has one story, and memory and disk agree (seed ${seed})`, async () => {
    const { world, odd } = await play(seed, 300);
    expect(odd).toEqual([]);
    expect(world.manager.live()).toEqual([]);
    const { tasks } = world.manager.list({}, { limit: 10_000 });
    expect(tasks.map(({ id }) => id).sort()).toEqual([...world.store.tasks.keys()].sort());
    for (const task of tasks) {
      expect(task).toMatchObject(world.store.tasks.get(task.id)?.record ?? {});
      expect(task.attempts.every(({ ended_at }) => ended_at !== null)).toBe(true);
    }
    const { counts } = world.manager.stats();
    for (const [status, count] of Object.entries(counts))
      expect(count).toBe(tasks.filter((task) => task.status === status && hasEnded(task.status)).length);
    const stories = new Map<string, string>();
    for (const { task_id, type } of world.events)
      if (task_id) stories.set(task_id, `${stories.get(task_id) ?? ""}${type},`);
    for (const story of stories.values()) checkStory(story);
  });
}
