// Tasks that submit, wait for and cancel others, at any time and of any kind: nobody runs beside what it must not, a
// child ends with its parent, and no wait lasts for ever.
import { expect } from "vitest";
import type { Claims, Policy } from "../../../src/task/policy.ts";
import { settled } from "../../fake-clock.ts";
import { type Run, taskType } from "../world.ts";
import { limits, type Model, type Part } from "./model.ts";

const policies: Readonly<Record<string, Partial<Policy>>> = {
  camera_task: { uses: { camera: "exclusive" } },
  look_task: { uses: { camera: "shared" } },
  stage_task: { uses: { stage: "exclusive" } },
  both_task: { uses: { camera: "exclusive", stage: "shared" } },
};
const kinds = [...Object.keys(policies), "plain_task", "plain_task", "blocking_task", "exclusive_task"];

export function children(): Part {
  /** Open waits of each run. */
  const waits = new Map<Run, number>();
  /** What each child was submitted beneath, its parent first. */
  const above = new Map<string, readonly string[]>();

  const isWaiting = (run: Run): boolean => (waits.get(run) ?? 0) > 0;

  const wait = async (model: Model, run: Run, id: string): Promise<void> => {
    const timeoutSeconds = model.roll(3) === 0 ? 1 + model.roll(3) : null;
    const count = (by: number): unknown => waits.set(run, (waits.get(run) ?? 0) + by);
    count(1);
    void refusable(run.events.call({ to: "wait", id, timeoutSeconds })).then(() => count(-1));
    await settled();
  };

  const submit = async (model: Model): Promise<void> => {
    const { run } = model;
    if (!run) return;
    const task = model.pick(kinds) as string;
    const call = { to: "submit", task, parameters: {}, options: { priority: model.roll(3) } } as const;
    let child: string | undefined;
    await model.ask(async () => {
      const id = await refusable(run.events.call(call));
      if (typeof id !== "string") return;
      child = id;
      const parent = run.work.taskId;
      above.set(id, [parent, ...(above.get(parent) ?? [])]);
      model.ids.push(id);
    });
    if (child !== undefined && model.roll(2) === 0) await wait(model, run, child);
  };

  /** Scheduled a second time, by hand, a child is a task of its own. */
  let read = 0;
  const scheduled = new Set<string>();
  const noticeRestarts = ({ world }: Model): void => {
    for (const { type, task_id } of world.events.slice(read)) {
      if (type !== "task_scheduled" || task_id === null) continue;
      if (scheduled.has(task_id)) above.delete(task_id);
      scheduled.add(task_id);
    }
    read = world.events.length;
  };

  const isAbove = (a: string, b: string): boolean => above.get(b)?.includes(a) ?? false;
  const isFamily = (a: string, b: string): boolean => isAbove(a, b) || isAbove(b, a);

  const checkNeighbours = (running: readonly Run[]): void => {
    for (const [index, a] of running.entries())
      for (const b of running.slice(index + 1)) {
        if (!collide(a, b)) continue;
        const pair = `${a.work.type.name} beside ${b.work.type.name}`;
        expect(isFamily(a.work.taskId, b.work.taskId), pair).toBe(true);
      }
  };

  return {
    types: Object.entries(policies).map(([name, policy]) => taskType(name, policy)),
    steps: [
      crowd,
      submit,
      submit,
      submit,
      submit,
      (model) => (model.run && model.id !== undefined ? wait(model, model.run, model.id) : undefined),
      ({ run }) => (run && !isWaiting(run) ? run.finish() : undefined),
      ({ run }) => (run && !isWaiting(run) ? run.finish() : undefined),
      ({ world, roll }) => world.clock.advance(roll(1000)),
      (model) => {
        const { run, id } = model;
        if (!run || id === undefined) return;
        return model.ask(() => refusable(run.events.call({ to: "cancel", id })));
      },
    ],
    wishes: (model) => (model.roll(2) ? { task: model.pick(kinds) as string } : {}),
    check(model) {
      noticeRestarts(model);
      const running = model.underWay();
      checkNeighbours(running);
      const busy = running.filter((run) => run.reason === null && !isWaiting(run));
      const count = (isBlocking: boolean): number =>
        busy.filter(({ work }) => work.type.policy.isBlocking === isBlocking).length;
      expect(count(false)).toBeLessThanOrEqual(limits.maxConcurrentTasks);
      expect(count(true)).toBeLessThanOrEqual(limits.blockingWorkers);
      const ids = new Set(running.map(({ work }) => work.taskId));
      for (const { work, reason } of running) {
        const parent = above.get(work.taskId)?.[0];
        if (parent !== undefined && !ids.has(parent))
          expect(reason, `${work.type.name} runs on without its parent`).not.toBeNull();
      }
    },
    rebooted() {
      waits.clear();
      read = 0;
    },
    /** Only those who wait for nobody end: whoever waits must go on by itself. */
    async letGo(model) {
      for (let stuck = 0; stuck < 10; ) {
        await model.world.clock.advance(1000);
        for (const { id, status } of model.world.manager.live())
          if (status === "paused" || status === "pausing") await model.world.manager.resume(id);
        const running = model.underWay();
        if (running.length === 0) return;
        const free = running.find((run) => !isWaiting(run));
        if (free) await free.finish();
        stuck = free ? 0 : stuck + 1;
        for (const part of model.parts) part.check?.(model);
      }
      throw new Error("those who wait for each other would wait for ever");
    },
  };
}

function crowd(model: Model): Promise<void> {
  const submit = async (): Promise<void> => {
    const { id } = await model.world.manager.submit({ task: model.pick(kinds) as string });
    model.ids.push(id);
  };
  return model.ask(() => Promise.all(Array.from({ length: model.roll(4) }, submit)));
}

function collide({ work: a }: Run, { work: b }: Run): boolean {
  if (a.type.policy.isExclusive || b.type.policy.isExclusive) return true;
  return Object.entries(a.claims).some(([name, mode]) => meets(b.claims, name, mode));
}

const meets = (claims: Claims, name: string, mode: "exclusive" | "shared"): boolean =>
  claims[name] !== undefined && (mode === "exclusive" || claims[name] === "exclusive");

/** What the engine refuses is no fault. */
async function refusable(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { code?: string }).code === undefined) throw error;
    return error;
  }
}
