// What a task can end with.
import type { CatalogueEntry } from "../entry.ts";

export const endings = {
  TASK_FAILED: {
    kind: "task",
    sentence: "{message}",
    remedy: "The task itself failed; its source is {source}.",
  },
  RESULT_NOT_SERIALIZABLE: {
    kind: "task",
    sentence: "JSON cannot carry what the task returned: {path} is {found}.",
    remedy:
      "Return plain objects, arrays, finite numbers, strings, booleans or null; save binary data with ctx.artifact.",
  },
  RESULT_TOO_LARGE: {
    kind: "task",
    sentence: "The result has {bytes} bytes, the limit is {limit_bytes}.",
    remedy: "Write large results to a file and return its path, or register it with ctx.artifact.",
  },
  CHECKPOINT_NOT_SERIALIZABLE: {
    kind: "task",
    sentence: "JSON cannot carry the checkpoint: {path} is {found}.",
    remedy: "Keep checkpoints to plain data: the step number is often enough.",
  },
  TIMEOUT: {
    kind: "task",
    sentence: "Operation exceeded timeout of {timeout_seconds} seconds",
    remedy: "Try breaking the operation into smaller chunks or increase timeout",
  },
  QUESTION_EXPIRED: {
    kind: "task",
    sentence: "Nobody answered within {timeout_seconds} s: {prompt}",
    remedy: "Answer in time with POST /tasks/<id>/answer, or give the question a default.",
  },
  DEPENDENCY_FAILED: {
    kind: "task",
    sentence: "What the task depends on did not succeed: {reason}.",
    remedy:
      "Restart that first, then this task; on_dependency_failure says what happens instead of a cancel.",
  },
  DEPENDENCY_RESULT_LOST: {
    kind: "task",
    sentence: "The result of task {id}, on which this one depends, cannot be read: {problem}",
    remedy: "Run that task again, and submit this one with its new id.",
  },
  DEADLINE_EXCEEDED: {
    kind: "task",
    sentence: "A step of the task took longer than {seconds} seconds.",
    remedy: "Check the device it waited for; give ctx.deadline more seconds if the step may take longer.",
  },
  CALL_NOT_SERIALIZABLE: {
    kind: "task",
    sentence: "JSON cannot carry what the task asks of the runtime: {path} is {found}.",
    remedy: "Hand over plain values: numbers, texts, lists and objects of these.",
  },
  WOULD_DEADLOCK: {
    kind: "task",
    sentence: "The wait for task {id} would never end: {reason}.",
    remedy:
      "Submit what has to be waited for from this task, so that it runs beneath it, or wait for tasks that need nothing this one holds.",
  },
  CHILDREN_TOO_DEEP: {
    kind: "task",
    sentence: "Tasks submit tasks only {limit} levels deep.",
    remedy: "Look for a task that submits itself.",
  },
  PARENT_ENDED: {
    kind: "task",
    sentence: "The task that submitted this one, {parent}, has ended or is being stopped.",
    remedy: "POST /tasks/{id}/restart runs it by itself; let the parent wait for its children.",
  },
  CALL_ABANDONED: {
    kind: "task",
    sentence: "Nobody answers the task's call '{call}' any more: it is being stopped, or has ended.",
    remedy: "Let the task return; its clean-up needs no answer.",
  },
  FUNCTION_GONE: {
    kind: "task",
    sentence: "The function {function} lived in a process that has ended; it cannot be run again.",
    remedy: "Submit it anew, or make it a task of a file, which a later process finds again.",
  },
  INVALID_TASK_CLASS: {
    kind: "invalid",
    sentence: "{name} cannot be registered as a task: {reason}.",
    remedy: "{hint}",
  },
} as const satisfies Record<string, CatalogueEntry>;
