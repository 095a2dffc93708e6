// Tasks depend on others, some come together: nobody starts before its time, and who waits says for what.
import { expect } from "vitest";
import type { BatchTask, SubmitRequest } from "../../../src/engine/requests.ts";
import { hasEnded, type Status, statuses } from "../../../src/task/lifecycle.ts";
import type { Dependency, OnDependencyFailure } from "../../../src/task/record.ts";
import type { Run } from "../world.ts";
import type { Model, Part } from "./model.ts";

const policies: readonly (OnDependencyFailure | undefined)[] = [undefined, "cancel", "fail", "run"];

export function dependencies(): Part {
  /** The last end of each task that has ended once; a restart does not take it back. */
  const ends = new Map<string, string>();
  let seenEvents = 0;
  const seenRuns = new WeakSet<Run>();
  let looks = 0;

  const takeEnds = ({ world }: Model): void => {
    for (const { type, task_id } of world.events.slice(seenEvents))
      if (task_id !== null && endings.has(type)) ends.set(task_id, type);
    seenEvents = world.events.length;
  };

  /** By what was submitted, not by what the engine says of it. */
  const checkStarts = ({ world }: Model): void => {
    for (const run of [...world.async.runs, ...world.blocking.runs]) {
      if (seenRuns.has(run)) continue;
      seenRuns.add(run);
      const { work } = run;
      const stored = world.store.tasks.get(work.taskId);
      const mustSucceed = stored?.memo.wishes?.on_dependency_failure !== "run";
      for (const { task, when } of stored?.record.depends_on ?? []) {
        const end = ends.get(task);
        expect(end, `${work.taskId} started before the end of ${task}`).toBeDefined();
        if (mustSucceed && when === "success")
          expect(end, `${work.taskId} started although ${task} did not succeed`).toBe("task_completed");
      }
    }
  };

  return {
    steps: [submitBatch, cancelGroup, remove, remove],
    wishes: (model) => ({ ...behind(model, model.ids), ...inGroup(model) }),
    check(model) {
      takeEnds(model);
      checkStarts(model);
      checkReasons(model);
      if (looks++ % 20 === 0) checkGroups(model);
    },
    rebooted(model) {
      seenEvents = 0;
      for (const { id, status } of model.world.manager.list().tasks)
        if (hasEnded(status)) ends.set(id, `task_${status}`);
    },
    /** Who depends on an interrupted task waits for its owner. */
    async letGo({ world }) {
      for (const { id, status } of world.manager.live())
        if (status === "interrupted") await world.manager.restart(id);
    },
  };
}

const endings: ReadonlySet<string> = new Set(["task_completed", "task_failed", "task_cancelled"]);

/** On one or two of these, now and then. */
function behind(
  model: Model,
  names: readonly string[],
): Pick<SubmitRequest, "depends_on" | "on_dependency_failure"> {
  if (names.length === 0 || model.roll(3) > 0) return {};
  const when = (): Dependency["when"] => (model.roll(3) === 0 ? "end" : "success");
  const depends_on = Array.from({ length: 1 + model.roll(2) }, () => ({
    task: model.pick(names) as string,
    when: when(),
  }));
  return { depends_on, on_dependency_failure: model.pick(policies) };
}

const inGroup = (model: Model): Pick<SubmitRequest, "group"> => ({
  group: model.pick([undefined, undefined, "day", "night"]),
});

function submitBatch(model: Model): Promise<void> {
  const keys = ["a", "b", "c", "d"].slice(0, 2 + model.roll(3));
  // On those behind it only: a circle is refused, which the model would learn nothing from.
  const tasks = keys.map((key, index): BatchTask => {
    const task = model.pick(["plain_task", "blocking_task", "exclusive_task"]) as string;
    return { key, task, ...behind(model, keys.slice(index + 1)) };
  });
  return model.ask(async () => {
    const submitted = await model.world.manager.submitBatch({ tasks, ...inGroup(model) });
    model.ids.push(...submitted.tasks.map(({ id }) => id));
  });
}

function cancelGroup(model: Model): Promise<void> | undefined {
  if (model.roll(6) > 0) return undefined;
  return model.ask(() => model.world.manager.cancelGroup(model.pick(["day", "night"]) as string));
}

async function remove(model: Model): Promise<void> {
  const { id } = model;
  if (id !== undefined) await model.ask(() => model.world.manager.remove(id));
}

/** Who stands in no queue says for whom it waits, and that one may still end; only the disk leaves others in between. */
function checkReasons(model: Model): void {
  const { store, manager, clock } = model.world;
  if (store.refuses) model.refusedAt = clock.monotonic();
  if (clock.monotonic() <= model.refusedAt + 250) return;
  const live = manager.live();
  const known = new Set(live.map(({ id }) => id));
  for (const { task, status, queue_position, blocked_by } of live) {
    if (status !== "pending" || queue_position !== null) continue;
    expect(blocked_by.length, `${task} waits for nothing`).toBeGreaterThan(0);
    for (const { because, task_id } of blocked_by)
      if (because === "dependency") expect(known.has(task_id ?? ""), `${task} waits in vain`).toBe(true);
  }
}

/** A group is what its tasks are. */
function checkGroups({ world: { manager } }: Model): void {
  for (const group of ["day", "night"]) {
    const tasks = manager.list().tasks.filter((task) => task.group === group);
    expect(manager.list({ group }).tasks.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
    if (tasks.length === 0) continue;
    const count = (status: Status): number => tasks.filter((task) => task.status === status).length;
    const { counts, progress } = manager.group(group);
    expect(counts).toEqual(Object.fromEntries(statuses.map((status) => [status, count(status)])));
    expect(progress.current).toBe(tasks.filter(({ status }) => hasEnded(status)).length);
  }
}
