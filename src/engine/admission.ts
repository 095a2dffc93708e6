// Who may start now, and if not, why not. Pure: it decides and answers with a reason; doing happens elsewhere.
import type { Policy } from "../task/policy.ts";

/** What a task takes while it runs. */
export interface Needs {
  readonly exclusive: boolean;
  readonly slot: "async" | "blocking";
}

export const needsOf = (policy: Policy): Needs => ({
  exclusive: policy.isExclusive,
  slot: policy.isBlocking ? "blocking" : "async",
});

/** What is taken. Paused tasks keep what they have. */
export interface Taken {
  /** The exclusive task under way. */
  readonly exclusive: string | null;
  readonly async: number;
  readonly blocking: number;
}

/** What those ahead in the queue wait for and nobody behind them may take. */
export interface Reserved {
  /** The exclusive task that waits at its turn: it reserves everything. */
  readonly everything: string | null;
  readonly async: boolean;
  readonly blocking: boolean;
}

export interface SlotLimits {
  readonly maxConcurrentTasks: number;
  readonly blockingWorkers: number;
}

export type Because =
  | "exclusive_waiting"
  | "exclusive_running"
  | "tasks_running"
  | "concurrency_limit"
  | "workers_busy"
  | "queue_paused"
  | "TASK_TYPE_GONE";

export type Decision =
  | { readonly admit: true }
  | { readonly admit: false; readonly because: Because; readonly taskId: string | null };

const yes: Decision = { admit: true };
const no = (because: Because, taskId: string | null = null): Decision => ({ admit: false, because, taskId });

export function admit(needs: Needs, taken: Taken, reserved: Reserved, limits: SlotLimits): Decision {
  if (reserved.everything !== null) return no("exclusive_waiting", reserved.everything);
  if (taken.exclusive !== null) return no("exclusive_running", taken.exclusive);
  if (needs.exclusive) return taken.async + taken.blocking > 0 ? no("tasks_running") : yes;
  if (needs.slot === "async")
    return reserved.async || taken.async >= limits.maxConcurrentTasks ? no("concurrency_limit") : yes;
  return reserved.blocking || taken.blocking >= limits.blockingWorkers ? no("workers_busy") : yes;
}

export const nothingReserved: Reserved = { everything: null, async: false, blocking: false };

/** What is reserved once a task with these needs has been told to wait. */
export function reserve(reserved: Reserved, needs: Needs, taskId: string): Reserved {
  return needs.exclusive ? { ...reserved, everything: taskId } : { ...reserved, [needs.slot]: true };
}
