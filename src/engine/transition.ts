// The only place where a status is written.
import { type Failure, RuntimeError, toFailure } from "../errors/runtime-error.ts";
import { isoTime } from "../lib/clock.ts";
import { hasEnded, mayFollow, type Status } from "../task/lifecycle.ts";
import type { LaneName } from "../task/policy.ts";
import { noProgress } from "../task/progress.ts";
import type { AttemptRecord, StoredTask, TaskMemo, TaskRecord } from "../task/record.ts";
import type { TaskType } from "./ports.ts";
import { atOnce } from "./triggers/due.ts";

export interface Change {
  readonly record?: Partial<Omit<TaskRecord, "status" | "id">>;
  readonly memo?: Partial<TaskMemo>;
}

/** The next record of a task. A step the table does not know is a fault of ours and throws. */
export function transition(task: StoredTask, to: Status, now: number, change: Change = {}): StoredTask {
  const from = task.record.status;
  if (!mayFollow(from, to)) throw new Error(`A task that is ${from} cannot become ${to}.`);
  const at = isoTime(now);
  const record = recordWith(task, change);
  record.status = to;
  // A question is open only while its task stands and waits for the answer.
  record.question = to === "paused" ? (change.record?.question ?? task.record.question) : null;
  record.updated_at = at;
  record.completed_at = hasEnded(to) ? at : null;
  return { record, memo: memoWith(task, change) };
}

/** The same status with other contents. */
export function amend(task: StoredTask, now: number, change: Change): StoredTask {
  const record = recordWith(task, change);
  record.updated_at = isoTime(now);
  return { record, memo: memoWith(task, change) };
}

/** A copy, to be filled in here and not changed afterwards. Assigned to, it takes a third of what a second spread does. */
const recordWith = (task: StoredTask, change: Change): { -readonly [K in keyof TaskRecord]: TaskRecord[K] } =>
  Object.assign({ ...task.record }, change.record);

const memoWith = (task: StoredTask, change: Change): TaskMemo =>
  change.memo ? { ...task.memo, ...change.memo } : task.memo;

/** So many attempts stay in the record: one that is tried for weeks must not grow without end. */
const keptAttempts = 100;

function attemptBegun(task: StoredTask, now: number): AttemptRecord[] {
  const number = task.record.attempt + 1;
  const { attempts } = task.record;
  return [
    ...(attempts.length < keptAttempts ? attempts : attempts.slice(1 - keptAttempts)),
    { number, started_at: isoTime(now), ended_at: null, outcome: null, error: null },
  ];
}

/** @param type as its file has it now */
export function started(
  task: StoredTask,
  now: number,
  { source, policy }: Pick<TaskType, "source" | "policy">,
  lane: LaneName,
): StoredTask {
  return transition(task, "running", now, {
    record: {
      attempt: task.record.attempt + 1,
      attempts: attemptBegun(task, now),
      started_at: isoTime(now),
      source,
      is_exclusive: policy.isExclusive,
      is_blocking: policy.isBlocking,
      lane,
    },
    // Most continue nothing, and keep the memo they have.
    ...(task.memo.continues && { memo: { continues: false } }),
  });
}

export function attemptEnded(
  task: StoredTask,
  now: number,
  outcome: AttemptRecord["outcome"],
  error: string | null,
): AttemptRecord[] {
  const attempts = [...task.record.attempts];
  const last = attempts.at(-1);
  if (last && last.ended_at === null)
    attempts[attempts.length - 1] = { ...last, ended_at: isoTime(now), outcome, error };
  return attempts;
}

/** One branch of a task may stand at a pause while another ends it: it ran on, then, or was told to stop. */
export const runningOn = (task: StoredTask, to: Status, now: number): StoredTask =>
  mayFollow(task.record.status, to)
    ? task
    : transition(task, to === "cancelled" ? "cancelling" : "running", now);

/** Back to the queue's end, as new or to continue at the checkpoint. */
export function requeued(
  task: StoredTask,
  now: number,
  order: number,
  continues: boolean,
  memo: Partial<TaskMemo> = {},
): StoredTask {
  return transition(task, "pending", now, {
    record: {
      result: null,
      error: null,
      failure: null,
      partial_result: null,
      started_at: null,
      progress: continues ? task.record.progress : noProgress,
    },
    memo: {
      order,
      continues,
      checkpoint: continues ? task.memo.checkpoint : null,
      cancel_reason: null,
      shut_down: false,
      stops_after_step: undefined,
      ...atOnce,
      ...memo,
    },
  });
}

/** To the queue's end for another attempt, which continues at the checkpoint where there is one. */
export function retried(
  task: StoredTask,
  now: number,
  order: number,
  { outcome, error, memo }: { outcome: AttemptRecord["outcome"]; error: string; memo: Partial<TaskMemo> },
  left: Left,
): StoredTask {
  const ended = amend(runningOn(task, "pending", now), now, {
    record: { ...left, attempts: attemptEnded(task, now, outcome, error) },
  });
  return requeued(ended, now, order, task.memo.checkpoint !== null, memo);
}

/** What an attempt leaves behind, however it ended. */
export type Left = Partial<Pick<TaskRecord, "progress" | "partial_result">>;

export function failed(task: StoredTask, now: number, failure: Failure, left: Left = {}): StoredTask {
  return transition(task, "failed", now, {
    record: {
      ...left,
      error: failure.message,
      failure,
      attempts: attemptEnded(task, now, "failed", failure.message),
    },
  });
}

/** It never ran: what it depends on did not succeed. */
export function givenUp(
  task: StoredTask,
  now: number,
  to: "failed" | "cancelled",
  failure: Failure,
): StoredTask {
  return transition(task, to, now, { record: { error: failure.message, failure } });
}

export function cancelled(task: StoredTask, now: number, left: Left = {}): StoredTask {
  return transition(task, "cancelled", now, {
    record: { ...left, ...whyEnded(task), attempts: attemptEnded(task, now, "cancelled", null) },
  });
}

/** Nobody asked for the end of a child that ends with its parent: it says so itself. */
function whyEnded({ record: { id }, memo }: StoredTask): Pick<TaskRecord, "error" | "failure"> | null {
  if (memo.cancel_reason !== "dependency") return null;
  const failure = toFailure(new RuntimeError("PARENT_ENDED", { id, parent: memo.wishes?.parent ?? null }));
  return { error: failure.message, failure };
}

export function completed(task: StoredTask, now: number, result: unknown, left: Left = {}): StoredTask {
  return transition(task, "completed", now, {
    // The spread stands behind: in front it takes ten times as long.
    record: { result, attempts: attemptEnded(task, now, "completed", null), ...left },
  });
}
