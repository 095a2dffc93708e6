// What is published about a task that came as a message, or about a message that became none.
import { type Failure, isRuntimeError, RuntimeError, toFailure } from "../../errors/runtime-error.ts";
import { keptResult } from "../../task/kept-result.ts";
import type { TaskRecord } from "../../task/record.ts";

type Metadata = TaskRecord["metadata"];

/** Fields that have no value are null. */
export interface Answer {
  /** Null where the message became no task. */
  readonly task_id: string | null;
  readonly status: string;
  /** What the task returned, or `{file, bytes}` and `links.result` where it is large; else how far it came. */
  readonly data: unknown;
  readonly error: string | null;
  readonly failure: Failure | null;
  /** Those of the message, by which its sender knows them again. */
  readonly metadata: Metadata;
  readonly completed_at: string | null;
  readonly links: { readonly self: string; readonly result: string | null } | null;
}

export function answerOf(task: TaskRecord): Answer {
  const { id, status, result, partial_result, error, failure, metadata, completed_at } = task;
  const self = `/tasks/${id}`;
  return {
    task_id: id,
    status,
    data: status === "completed" ? result : partial_result,
    error,
    failure,
    metadata,
    completed_at,
    links: { self, result: keptResult(task) === null ? null : `${self}/result` },
  };
}

/** @param at ISO time */
export function refusalOf(failure: Failure, metadata: Metadata, at: string): Answer {
  return {
    task_id: null,
    status: "failed",
    data: null,
    error: failure.message,
    failure,
    metadata,
    completed_at: at,
    links: null,
  };
}

/** In the words of our problems; what is none of ours is not told to strangers. */
export function failureOf(thrown: unknown, requestId: string): Failure {
  return toFailure(isRuntimeError(thrown) ? thrown : new RuntimeError("INTERNAL", { request_id: requestId }));
}
