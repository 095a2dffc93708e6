// What becomes of each task when the runtime starts again. Pure: from what was stored to what shall be.
import { RuntimeError, toFailure } from "../../errors/runtime-error.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { Crashes, StoredTask } from "../../task/record.ts";
import type { TaskTypes } from "../ports.ts";
import {
  amend,
  attemptEnded,
  cancelled,
  failed,
  type Left,
  requeued,
  runningOn,
  transition,
} from "../transition.ts";
import { crashesOf, whyParked } from "./parking.ts";

export interface Restored {
  /** All tasks, in the order in which they were created. */
  readonly tasks: readonly StoredTask[];
  /** Those that are no longer as they were stored. */
  readonly changed: readonly StoredTask[];
  /** The largest order given so far. */
  readonly lastOrder: number;
}

/** @param crashedIn the boot of the machine in which the process died by itself, or null */
export function restore(
  stored: readonly StoredTask[],
  types: TaskTypes,
  now: number,
  crashedIn: string | null,
): Restored {
  let lastOrder = 0;
  for (const task of stored) lastOrder = Math.max(lastOrder, task.memo.order);
  const changed: StoredTask[] = [];
  const tasks = stored.map((task) => {
    if (isChild(task)) {
      const ended = endedWithParent(task, now);
      changed.push(ended);
      return ended;
    }
    const crashes = crashesOf(task, crashedIn);
    const next = crashes
      ? afterCrash(task, crashes, types, now, () => ++lastOrder)
      : afterBoot(task, types, now, () => ++lastOrder);
    if (next !== task) changed.push(next);
    return next;
  });
  return { tasks, changed, lastOrder };
}

/** Its parent's attempt is over. */
const isChild = ({ record, memo }: StoredTask): boolean =>
  memo.wishes?.parent !== undefined && !hasEnded(record.status);

function endedWithParent(task: StoredTask, now: number): StoredTask {
  const { status } = task.record;
  const idle = status === "pending" || status === "interrupted" ? task : interrupted(task, now);
  return cancelled(amend(idle, now, { memo: { cancel_reason: "dependency", shut_down: false } }), now);
}

function afterCrash(
  task: StoredTask,
  crashes: Crashes,
  types: TaskTypes,
  now: number,
  nextOrder: () => number,
): StoredTask {
  const counted = amend(task, now, { memo: { crashes } });
  const failure = whyParked(task, crashes);
  if (failure === null) return afterBoot(counted, types, now, nextOrder);
  return amend(interrupted(counted, now), now, { record: { error: failure.message, failure } });
}

function afterBoot(task: StoredTask, types: TaskTypes, now: number, nextOrder: () => number): StoredTask {
  switch (task.record.status) {
    case "running":
      return followPolicy(interrupted(task, now), types, now, nextOrder);
    case "pausing":
      // It was to end at its next checkpoint, and is not to go on beyond the last.
      return task.memo.stops_after_step
        ? cancelled(runningOn(task, "cancelled", now), now)
        : interrupted(task, now);
    case "paused":
      return interrupted(task, now);
    case "cancelling":
      return asItWasGoingTo(task, now);
    case "interrupted":
      return task.memo.shut_down
        ? followPolicy(amend(task, now, { memo: { shut_down: false } }), types, now, nextOrder)
        : task;
    default:
      return task;
  }
}

/** The failure says how it was when the runtime ended. */
export function interrupted(task: StoredTask, now: number, shutDown = false, left: Left = {}): StoredTask {
  const failure = toFailure(
    new RuntimeError("INTERRUPTED", { id: task.record.id, status: task.record.status }),
  );
  return transition(task, "interrupted", now, {
    record: {
      ...left,
      error: failure.message,
      failure,
      attempts: attemptEnded(task, now, "interrupted", failure.message),
    },
    memo: { shut_down: shutDown },
  });
}

function followPolicy(task: StoredTask, types: TaskTypes, now: number, nextOrder: () => number): StoredTask {
  const type = types.get(task.record.task);
  const { checkpoint } = task.memo;
  switch (type?.policy.onRestart) {
    case "resume":
      // A checkpoint is trusted only by the code that wrote it; without one it had not got anywhere yet.
      if (checkpoint && checkpoint.hash !== type?.source.hash) return task;
      return requeued(task, now, nextOrder(), checkpoint !== null);
    case "requeue":
      return requeued(task, now, nextOrder(), false);
    case "fail":
      return task.record.failure ? failed(task, now, task.record.failure) : task;
    default:
      return task;
  }
}

function asItWasGoingTo(task: StoredTask, now: number): StoredTask {
  if (task.memo.cancel_reason !== "timeout") return cancelled(task, now);
  return failed(
    task,
    now,
    toFailure(
      new RuntimeError("TIMEOUT", {
        timeout_seconds: task.memo.timeout_seconds,
        partial_result: task.record.partial_result,
      }),
    ),
  );
}
