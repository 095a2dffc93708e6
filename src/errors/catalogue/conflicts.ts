// What was asked for does not go with what there is: the state of a task, what it depends on.
import type { CatalogueEntry } from "../entry.ts";

export const conflicts = {
  WRONG_STATE: {
    kind: "conflict",
    sentence: "A task that is {status} cannot {verb}.",
    remedy: "This works while a task is one of: {allowed}.{hint}",
  },
  NO_QUESTION: {
    kind: "conflict",
    sentence: "Task {id} is {status} and asks nothing.",
    remedy: "GET /tasks/{id} shows the question while one is open; the first answer counts.",
  },
  QUESTION_OPEN: {
    kind: "conflict",
    sentence: "Task {id} waits for an answer to its question.",
    remedy: "POST /tasks/{id}/answer answers it, POST /tasks/{id}/cancel gives it up.",
  },
  INVALID_ANSWER: {
    kind: "invalid",
    sentence: "The answer does not fit what task {id} asks for.",
    remedy: "`errors` names each place; the record's question.schema says what is expected.",
  },
  NO_CHECKPOINT: {
    kind: "conflict",
    sentence: "The task has no checkpoint to continue from.",
    remedy: "POST /tasks/{id}/restart runs it again from the start.",
  },
  CHECKPOINT_OUTDATED: {
    kind: "conflict",
    sentence: "The checkpoint was written by other code: {task} has changed since.",
    remedy: "POST /tasks/{id}/restart runs it again from the start.",
  },
  IDEMPOTENCY_CONFLICT: {
    kind: "conflict",
    sentence: "The Idempotency-Key '{key}' was used for another body.",
    remedy: "Use a new key for a new request; repeat the same body to get the first task.",
  },
  BUSY: {
    kind: "conflict",
    sentence: "The machine does one task at a time, and one is {status}.",
    remedy: "Wait for task {task_id}, cancel it, or set {setting} to false.",
  },
  TASK_NEEDED: {
    kind: "conflict",
    sentence: "The task cannot be removed: others that have not ended depend on it.",
    remedy: "Wait until those named under 'dependants' have ended, or cancel them first.",
  },
  UNKNOWN_DEPENDENCY: {
    kind: "invalid",
    sentence: "There is no task '{id}' to depend on.",
    remedy:
      "Give the id of a task that is kept (GET /tasks lists them); in POST /tasks/batch the key of another task does as well.",
  },
  DEPENDENCY_CYCLE: {
    kind: "invalid",
    sentence: "These tasks wait for each other: {cycle}.",
    remedy: "Take one of these dependencies out; nothing was submitted.",
  },
  UNKNOWN_GROUP: {
    kind: "not_found",
    sentence: "There is no group '{group}'.",
    remedy: "A group is there as long as one of its tasks is kept.",
  },
} as const satisfies Record<string, CatalogueEntry>;
