// The process dies under its tasks: who was running both times is parked, unless it has got further meanwhile.
import { expect } from "vitest";
import type { SubmitRequest } from "../../../src/engine/requests.ts";
import { taskType } from "../world.ts";
import type { Model, Part } from "./model.ts";

interface Count {
  readonly crashes: number;
  readonly checkpoint: string | null;
}

export function crashes(): Part {
  const counts = new Map<string, Count>();
  const parked = new Set<string>();
  let isCrash = false;
  let boot = 1;

  const crash = async (model: Model): Promise<void> => {
    // What has happened is on the disk by then.
    await model.recoverDisk();
    const running = [...model.world.store.tasks.values()].filter(({ record }) =>
      ["running", "pausing"].includes(record.status),
    );
    isCrash = true;
    await model.reboot(`boot-${boot}`);
    isCrash = false;
    for (const { record, memo } of running) {
      const { id } = record;
      const checkpoint = memo.checkpoint?.saved_at ?? null;
      const before = parked.has(id) ? undefined : counts.get(id);
      const count = before?.checkpoint === checkpoint ? before.crashes + 1 : 1;
      counts.set(id, { crashes: count, checkpoint });
      parked.delete(id);
      if (count > 1) parked.add(id);
      const { status, failure } = model.world.manager.get(id);
      expect(failure?.code === "PARKED", `${id} died ${count} times and is ${status}`).toBe(count > 1);
      if (count > 1) expect(status).toBe("interrupted");
    }
  };

  return {
    types: ["requeue", "resume"].map((onRestart) =>
      taskType(`${onRestart}_task`, { onRestart: onRestart as "requeue" | "resume" }),
    ),
    steps: [(model) => (model.roll(20) === 0 ? crash(model) : undefined)],
    wishes: (model): Partial<SubmitRequest> =>
      model.roll(4) > 0 ? {} : { task: model.pick(["requeue_task", "resume_task"]) as string },
    rebooted() {
      if (isCrash) return;
      // A power cut: another boot of the machine.
      boot++;
      counts.clear();
      parked.clear();
    },
  };
}
