// Attempts fail and are followed by others: never more than was wished, never after a cancel.
import { expect } from "vitest";
import type { SubmitRequest } from "../../../src/engine/requests.ts";
import { defaultRetry, type RetryPolicy } from "../../../src/task/policy.ts";
import type { Run } from "../world.ts";
import type { Model, Part, Step } from "./model.ts";

/** What may be told of a task after `task_retrying`; `task_scheduled` is its owner's restart. */
const afterRetrying: ReadonlySet<string> = new Set(["task_started", "task_cancelled", "task_failed"]);

export function attempts(): Part {
  /** The latest event of each task that says where it stands. */
  const last = new Map<string, string>();
  /** Those its owner cancelled, until the owner sets them going again. */
  const cancelled = new Set<string>();
  /** How many attempts of it have failed since its owner set it going. */
  const failures = new Map<string, number>();
  let seen = 0;

  const take = (model: Model, type: string, id: string): void => {
    const policy = model.world.store.tasks.get(id)?.memo.wishes?.retry;
    if (last.get(id) === "task_retrying") expect(afterRetrying, `${id} ${type}`).toContain(type);
    if (type === "task_retrying") {
      expect(cancelled.has(id), `${id} was cancelled and is tried again`).toBe(false);
      // The next may have begun already: what a slow disk had to say came late.
      const ended = model.world.store.tasks
        .get(id)
        ?.record.attempts.findLast(({ outcome }) => outcome !== null);
      const isCounted = ended?.outcome !== "postponed";
      failures.set(id, (failures.get(id) ?? 0) + (isCounted ? 1 : 0));
      if (isCounted) expect(failures.get(id), `${id} fails for ever`).toBeLessThan(policy?.maxAttempts ?? 1);
    }
    if (type === "task_scheduled") {
      cancelled.delete(id);
      failures.delete(id);
    }
    last.set(id, type);
  };

  const cancel: Step = (model) => {
    const { id } = model;
    if (id === undefined || model.roll(3) > 0) return undefined;
    return model.ask(async () => {
      const { status } = await model.world.manager.cancel(id);
      if (status === "cancelling" || status === "cancelled") cancelled.add(id);
    });
  };

  return {
    steps: [steer, steer, cancel],
    wishes: retryOf,
    check(model) {
      for (const { type, task_id, ...event } of model.world.events.slice(seen)) {
        if (task_id === null || !type.startsWith("task_") || type === "task_progress") continue;
        if (type === "task_stuck" || type === "task_removed") continue;
        if (type === "task_cancelling" && event.reason === "user") cancelled.add(task_id);
        take(model, type, task_id);
      }
      seen = model.world.events.length;
    },
    rebooted() {
      seen = 0;
      last.clear();
      cancelled.clear();
    },
  };
}

/** It fails, gives up, or asks to be tried later. */
const steer: Step = ({ run, roll }) => {
  if (!run) return undefined;
  if (roll(2) === 0) run.events.progress({ current: 1, checkpoint: roll(5) });
  return endOf(run, roll(4));
};

function endOf(run: Run, way: number): Promise<void> {
  if (way === 0) return run.fail("enough", { giveUp: true });
  if (way === 1) return run.fail("later", { tryLaterSeconds: 2 });
  return run.fail();
}

/** Now and then. */
function retryOf({ roll }: Model): Partial<SubmitRequest> {
  if (roll(3) > 0) return {};
  const retry: RetryPolicy = {
    ...defaultRetry,
    maxAttempts: 1 + roll(4),
    delaySeconds: roll(3),
    backoff: roll(2) ? "fixed" : "exponential",
    maxDelaySeconds: 5,
    jitter: roll(2) / 2,
  };
  return { retry };
}
