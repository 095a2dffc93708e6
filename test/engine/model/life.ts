// Tasks come, are asked for this and that, and end in every way: each step is one of the table's.
import { expect } from "vitest";
import { mayFollow, type Status, statuses } from "../../../src/task/lifecycle.ts";
import type { Run } from "../world.ts";
import type { Model, Part, Step } from "./model.ts";

const types = [
  "plain_task",
  "plain_task",
  "other_task",
  "blocking_task",
  "exclusive_task",
  "exclusive_blocking_task",
];

export function life(): Part {
  /** The status each task showed last. */
  const seen = new Map<string, Status>();

  const submit = async (model: Model): Promise<void> => {
    const task = model.pick(types) as string;
    const priority = model.pick([0, 0, 0, 0, 5, -5]);
    const timeout_seconds = model.pick([undefined, undefined, 5]);
    const wishes = model.wishes();
    await model.ask(async () => {
      const { id } = await model.world.manager.submit({ task, priority, timeout_seconds, ...wishes });
      model.ids.push(id);
      seen.set(id, "pending");
    });
  };

  return {
    steps: [
      submit,
      submit,
      submit,
      submit,
      end,
      end,
      end,
      end,
      verb("cancel"),
      verb("pause"),
      verb("resume"),
      verb("restart"),
      ({ run }) => (run?.told.at(-1) === "pause" ? run.reachCheckpoint() : undefined),
      ({ world, roll }) => world.clock.advance(roll(3000)),
    ],
    check({ world }) {
      for (const { id, status } of world.manager.list().tasks) {
        const before = seen.get(id);
        if (before !== undefined) expect(reachable(before, status), `${before} -> ${status}`).toBe(true);
        seen.set(id, status);
      }
    },
    rebooted({ world }) {
      seen.clear();
      for (const { id, status } of world.manager.list().tasks) seen.set(id, status);
    },
  };
}

const verb =
  (name: "cancel" | "pause" | "resume" | "restart"): Step =>
  (model) => {
    const { id } = model;
    return id === undefined ? undefined : model.ask(() => model.world.manager[name](id));
  };

const end: Step = (model) => (model.run ? endSomehow(model, model.run) : undefined);

async function endSomehow(model: Model, run: Run): Promise<void> {
  run.events.progress({ current: model.roll(10), total: 10, checkpoint: model.roll(10) });
  const ways = [() => run.finish(), () => run.fail(), () => run.stop(), () => run.giveIn()];
  await (run.reason === null
    ? (ways[model.roll(2)] as () => Promise<void>)()
    : (model.pick(ways) as () => Promise<void>)());
}

/** Between two looks a task may have taken several steps of the table. */
function reachable(from: Status, to: Status): boolean {
  const seen = new Set<Status>([from]);
  const open: Status[] = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    for (const next of statuses)
      if (mayFollow(at, next) && !seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
  }
  return false;
}
