// Tasks that claim names, alone or shared, by their type or by their parameters: nobody collides, nobody takes a part of
// what it claims, and the rules written once more, as plainly as they can be, find nobody who waits for nothing.
import { expect } from "vitest";
import { isActive } from "../../../src/task/lifecycle.ts";
import type { Claims, Policy } from "../../../src/task/policy.ts";
import type { TaskView } from "../../../src/task/record.ts";
import { type Run, taskType } from "../world.ts";
import { limits, type Model, type Part } from "./model.ts";

const policies: Readonly<Record<string, Partial<Policy>>> = {
  camera_task: { uses: { camera: "exclusive" } },
  scan_task: { uses: { stage: "exclusive", camera: "shared" } },
  gpu_task: { uses: { gpu: "shared" }, isBlocking: true },
  train_task: { uses: { gpu: "exclusive", stage: "shared" } },
  any_task: { usesDependOnParameters: true },
};
const names = ["camera", "stage", "gpu", "rotor"];
const wanted = [...Object.keys(policies), "any_task", "any_task", "gpu_task"];

export const claims = (): Part => ({
  types: Object.entries(policies).map(([name, policy]) => taskType(name, policy)),
  steps: [change, crowd],
  wishes: (model) => (model.roll(4) > 0 ? wish(model) : {}),
  check(model) {
    checkHolders(model);
    const { manager } = model.world;
    const queue = manager.queue();
    if (queue.paused || model.isHeldOff()) return;
    const places = new Map(queue.tasks.map(({ id }, index) => [id, index]));
    for (const task of queue.tasks) checkReasons(model, task, places);
    const idle = startable(queue.tasks, model.underWay());
    expect(idle.map(({ id, task }) => `${task} ${id} waits for nothing`)).toEqual([]);
  },
});

function wish(model: Model) {
  const task = model.pick(wanted) as string;
  return task === "any_task" ? { task, parameters: anyClaims(model) } : { task };
}

/** Several at once, so that some wait for others that wait. */
function crowd(model: Model): Promise<void> {
  const submit = async (): Promise<void> => {
    const { id } = await model.world.manager.submit({ ...wish(model), priority: model.roll(3) });
    model.ids.push(id);
  };
  return model.ask(() => Promise.all(Array.from({ length: model.roll(5) }, submit)));
}

function anyClaims(model: Model): { uses: Claims } {
  const modes = ["exclusive", "shared", "shared"] as const;
  const chosen = names.filter(() => model.roll(3) === 0);
  return { uses: Object.fromEntries(chosen.map((name) => [name, model.pick(modes) ?? "shared"])) };
}

function change(model: Model): Promise<void> | undefined {
  const { id, world } = model;
  if (id === undefined) return;
  const wanted = { priority: model.pick([0, 5, -5]) ?? 0 };
  const parameters = anyClaims(model);
  return model.ask(async () => {
    const isAny = world.manager.get(id).task === "any_task";
    await world.manager.change(id, isAny ? { ...wanted, parameters } : wanted);
  });
}

/** Who claims a name alone has it alone, nobody is above a capacity, and each has all that it claims. */
function checkHolders(model: Model): void {
  const running = model.underWay();
  for (const name of names) {
    const modes = running.flatMap(({ work }) => work.claims[name] ?? []);
    if (modes.includes("exclusive")) expect(modes, `${name} is had alone`).toEqual(["exclusive"]);
    expect(modes.length, `${name} bears no more`).toBeLessThanOrEqual(capacityOf(name));
  }
  for (const { work } of running)
    if (work.type.name === "any_task") expect(work.claims).toEqual(work.parameters.uses);
}

/** Everybody says for what it waits, and for whom: one that runs, or one ahead of it. */
function checkReasons({ world }: Model, task: TaskView, places: ReadonlyMap<string, number>): void {
  expect(task.blocked_by.length, `${task.task} says why it waits`).toBeGreaterThan(0);
  for (const { because, task_id, resource } of task.blocked_by) {
    if (task_id === null) continue;
    const other = world.manager.get(task_id);
    const isAhead = (places.get(task.id) ?? -1) > (places.get(task_id) ?? Number.POSITIVE_INFINITY);
    const isThere = because.endsWith("waiting") ? isAhead : isActive(other.status);
    const isMeant = resource === null || claimsOf(other)[resource] !== undefined;
    expect([because, isThere, isMeant]).toEqual([because, true, true]);
  }
}

const claimsOf = ({ task, parameters }: TaskView): Claims =>
  (parameters.uses as Claims | undefined) ?? policies[task]?.uses ?? {};

const capacityOf = (name: string): number => limits.capacities[name] ?? Number.POSITIVE_INFINITY;

/** Who of those that wait could start beside these? */
function startable(queue: readonly TaskView[], running: readonly Run[]): TaskView[] {
  const inTheWay = running.map(({ work }) => work.claims);
  let isExclusiveAhead = false;
  const count = (isBlocking: boolean): number =>
    running.filter(({ work }) => work.type.policy.isBlocking === isBlocking).length;
  return queue.filter((task) => {
    const claims = claimsOf(task);
    const isFree = Object.entries(claims).every(([name, mode]) => {
      const modes = inTheWay.flatMap((others) => others[name] ?? []);
      if (mode === "exclusive") return modes.length === 0;
      return !modes.includes("exclusive") && modes.length < capacityOf(name);
    });
    const hasMachine = task.is_exclusive
      ? running.length === 0
      : running.every(({ work }) => !work.type.policy.isExclusive);
    const slots = task.is_blocking ? limits.blockingWorkers : limits.maxConcurrentTasks;
    const could = hasMachine && isFree && !isExclusiveAhead && count(task.is_blocking) < slots;
    inTheWay.push(claims);
    isExclusiveAhead ||= task.is_exclusive;
    return could;
  });
}
