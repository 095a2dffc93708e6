// Who may run beside whom, and whose turn it is: nothing collides, nobody is overtaken, nobody waits for nothing.
import { expect } from "vitest";
import { limits, type Model, type Part } from "./model.ts";

export function turns(): Part {
  /** Who waited at the last look, in the order of their turns. */
  let waiting: readonly string[] = [];

  /** First come, first served among equals: who started left nobody of its kind behind who was ahead of it. */
  const checkOrder = ({ world: { manager } }: Model): void => {
    const known = new Map(manager.list().tasks.map((task) => [task.id, task]));
    const leftBehind = new Set<string>();
    for (const id of waiting) {
      const task = known.get(id);
      if (!task) continue;
      const kind = `${task.task} ${JSON.stringify(task.parameters)} ${task.priority}`;
      // Sent back to wait for something else, it has no turn to be overtaken at.
      if (task.status === "pending" && task.queue_position !== null) leftBehind.add(kind);
      else if (task.status === "running") expect(leftBehind.has(kind), `${kind} was overtaken`).toBe(false);
    }
    waiting = manager.queue().tasks.map(({ id }) => id);
  };

  return {
    check(model) {
      checkNeighbours(model);
      checkOrder(model);
      checkTurns(model);
    },
    rebooted() {
      waiting = [];
    },
  };
}

function checkNeighbours(model: Model): void {
  const running = model.underWay().map(({ work }) => work.type.policy);
  const exclusive = running.filter(({ isExclusive }) => isExclusive).length;
  expect(exclusive === 0 || running.length === 1, "never two where one is exclusive").toBe(true);
  expect(running.filter(({ isBlocking }) => !isBlocking).length).toBeLessThanOrEqual(
    limits.maxConcurrentTasks,
  );
  expect(running.filter(({ isBlocking }) => isBlocking).length).toBeLessThanOrEqual(limits.blockingWorkers);
}

/** Nobody waits while everything it needs is free and nobody ahead of it waits. */
function checkTurns(model: Model): void {
  const queue = model.world.manager.queue();
  const first = queue.tasks[0];
  if (model.isHeldOff() || !first || queue.paused) return;
  expect(first.blocked_by.length, `${first.task} is first and could start`).toBeGreaterThan(0);
  const positions = queue.tasks.map(({ queue_position }) => queue_position);
  expect(positions).toEqual(positions.map((_, index) => index + 1));
}
