// Records and memos as JSON: what JSON.stringify says of them, in a quarter of its time. Each task is written two or three
// times in its life and answered once, and in most of their fields most tasks say the same.
import { noProgress, type Progress } from "./progress.ts";
import type { AttemptRecord, TaskMemo, TaskRecord, TaskSource } from "./record.ts";

/** @throws TypeError where JSON cannot carry what is in it */
export const recordText = (record: TaskRecord): string =>
  fieldsIn(record) === fieldsOf.record ? textOfAll(record) : JSON.stringify(record);

/** @throws TypeError where JSON cannot carry what is in it */
export const memoText = (memo: TaskMemo): string =>
  fieldsIn(memo) === fieldsOf.memo && memo.checkpoint === null && memo.idempotency === null
    ? `{"order":${memo.order},"timeout_seconds":${memo.timeout_seconds},"checkpoint":null,` +
      `"continues":${memo.continues},"idempotency":null,"cancel_reason":${own(memo.cancel_reason)},` +
      `"shut_down":${memo.shut_down}}`
    : JSON.stringify(memo);

/** As many as are written out here: what an older or a newer version wrote may have others. */
const fieldsOf = { record: 29, memo: 7, attempt: 5 };

function fieldsIn(object: object): number {
  let count = 0;
  for (const _ in object) count++;
  return count;
}

const textOfAll = (record: TaskRecord): string =>
  `{"id":${own(record.id)},${namesText(record)},"parameters":${textOf(record.parameters)},` +
  `"is_exclusive":${record.is_exclusive},"is_blocking":${record.is_blocking},"lane":"${record.lane}",` +
  `"status":"${record.status}","progress":${progressText(record.progress)},${outcomeText(record)},` +
  `"attempt":${record.attempt},"attempts":${attemptsText(record.attempts)},${wishesText(record)},` +
  `"source":${sourceText(record.source)},"artifacts":${listText(record.artifacts)},` +
  `"created_at":${own(record.created_at)},"started_at":${own(record.started_at)},` +
  `"completed_at":${own(record.completed_at)},"updated_at":${own(record.updated_at)}}`;

/** Ids, times and words of ours need no escapes. */
const own = (text: string | null): string => (text === null ? "null" : `"${text}"`);

const textOf = (value: unknown): string => (value === null ? "null" : (JSON.stringify(value) ?? "null"));

const listText = (list: readonly unknown[]): string => (list.length === 0 ? "[]" : JSON.stringify(list));

/** The fields of an object, for the middle of another. */
const fieldsText = (fields: object): string => JSON.stringify(fields).slice(1, -1);

const progressText = (progress: Progress): string =>
  progress === noProgress ? noProgressText : JSON.stringify(progress);

const noProgressText = JSON.stringify(noProgress);

type Names = Pick<TaskRecord, "name" | "task" | "action" | "category">;

const namesText = rememberingLatest(
  ({ name, task, action, category }: Names) => fieldsText({ name, task, action, category }),
  (one, other) =>
    one.name === other.name &&
    one.task === other.task &&
    one.action === other.action &&
    one.category === other.category,
);

const sourceText = rememberingLatest(
  ({ file, hash }: TaskSource) => JSON.stringify({ file, hash }),
  (one, other) => one.file === other.file && one.hash === other.hash,
);

function outcomeText({ result, error, failure, partial_result }: TaskRecord): string {
  if (result === null && error === null && failure === null && partial_result === null) return noOutcome;
  return (
    `"result":${textOf(result)},"error":${textOf(error)},` +
    `"failure":${textOf(failure)},"partial_result":${textOf(partial_result)}`
  );
}

const noOutcome = fieldsText({ result: null, error: null, failure: null, partial_result: null });

function attemptsText(attempts: readonly AttemptRecord[]): string {
  const [first] = attempts;
  if (first === undefined || attempts.length > 1 || fieldsIn(first) !== fieldsOf.attempt)
    return listText(attempts);
  const { number, started_at, ended_at, outcome, error } = first;
  return (
    `[{"number":${number},"started_at":${own(started_at)},"ended_at":${own(ended_at)},` +
    `"outcome":${own(outcome)},"error":${textOf(error)}}]`
  );
}

function wishesText({ priority, metadata, user_context, group, depends_on, question }: TaskRecord): string {
  if (priority === 0 && metadata === null && user_context === null && group === null)
    if (question === null && depends_on.length === 0) return noWishes;
  return (
    `"priority":${priority},"metadata":${textOf(metadata)},"user_context":${textOf(user_context)},` +
    `"group":${textOf(group)},"depends_on":${listText(depends_on)},"question":${textOf(question)}`
  );
}

const noWishes = fieldsText({
  priority: 0,
  metadata: null,
  user_context: null,
  group: null,
  depends_on: [],
  question: null,
});

/** Tasks that come one after the other mostly say the same here. */
function rememberingLatest<T>(
  make: (value: T) => string,
  isSame: (one: T, other: T) => boolean,
): (value: T) => string {
  let latest: T | null = null;
  let text = "";
  return (value) => {
    if (latest === null || !isSame(latest, value)) {
      text = make(value);
      latest = value;
    }
    return text;
  };
}
