// Records and memos as JSON: what JSON.stringify says of them, in a third of its time (half of it on Node 24). Each task is
// written two or three times in its life and answered once, and in most of their fields most tasks say the same.
import { rememberingLatest } from "../lib/remembering-latest.ts";
import { noProgress } from "./progress.ts";
import type { AttemptRecord, TaskMemo, TaskRecord, TaskSource } from "./record.ts";

/** @throws TypeError where JSON cannot carry what is in it */
export const recordText = (record: TaskRecord): string => `${openRecordText(record)}}`;

/** The same without the brace at its end, for more fields behind it. */
export const openRecordText = (record: TaskRecord): string =>
  fieldsIn(record) === fieldsOf.record ? textOfAll(record) : JSON.stringify(record).slice(0, -1);

/** @throws TypeError where JSON cannot carry what is in it */
export const memoText = (memo: TaskMemo): string =>
  fieldsIn(memo) === fieldsOf.memo && memo.checkpoint === null && memo.idempotency === null
    ? `{"order":${memo.order},${memoRest(memo)}}`
    : JSON.stringify(memo);

/** As many as are written out here: what an older or a newer version wrote may have others. */
const fieldsOf = { record: 29, memo: 7, attempt: 5 };

function fieldsIn(object: object): number {
  let count = 0;
  for (const _ in object) count++;
  return count;
}

/** In few pieces, as every joint costs as much as a field. Ids, times and words of ours need no escapes. */
const textOfAll = (record: TaskRecord): string =>
  `{"id":"${record.id}",${namesText(record)},"parameters":${textOf(record.parameters)},${kindText(record)},` +
  `"status":"${record.status}",${outcomeText(record)},"attempt":${record.attempt},"attempts":` +
  `${attemptsText(record.attempts)},${restText(record)},"created_at":"${record.created_at}",` +
  `${timesText(record)},"updated_at":"${record.updated_at}"`;

const textOf = (value: unknown): string => (value === null ? "null" : (JSON.stringify(value) ?? "null"));

/** The fields of an object, for the middle of another. */
const fieldsText = (fields: object): string => JSON.stringify(fields).slice(1, -1);

const namesText = rememberingLatest(
  ({ name, task, action, category }: TaskRecord) => fieldsText({ name, task, action, category }),
  (one, other) =>
    one.name === other.name &&
    one.task === other.task &&
    one.action === other.action &&
    one.category === other.category,
);

const kindText = rememberingLatest(
  ({ is_exclusive, is_blocking, lane }: TaskRecord) => fieldsText({ is_exclusive, is_blocking, lane }),
  (one, other) =>
    one.is_exclusive === other.is_exclusive &&
    one.is_blocking === other.is_blocking &&
    one.lane === other.lane,
);

function outcomeText({ progress, result, error, failure, partial_result }: TaskRecord): string {
  if (
    progress === noProgress &&
    result === null &&
    error === null &&
    failure === null &&
    partial_result === null
  )
    return noOutcome;
  return (
    `"progress":${JSON.stringify(progress)},"result":${textOf(result)},"error":${textOf(error)},` +
    `"failure":${textOf(failure)},"partial_result":${textOf(partial_result)}`
  );
}

const noOutcome = fieldsText({
  progress: noProgress,
  result: null,
  error: null,
  failure: null,
  partial_result: null,
});

function attemptsText(attempts: readonly AttemptRecord[]): string {
  const [first] = attempts;
  if (first === undefined) return "[]";
  const { number, started_at, ended_at, outcome, error } = first;
  const isOdd = error !== null || (ended_at === null) !== (outcome === null);
  if (isOdd || attempts.length > 1 || fieldsIn(first) !== fieldsOf.attempt) return JSON.stringify(attempts);
  return ended_at === null
    ? `[{"number":${number},"started_at":"${started_at}","ended_at":null,"outcome":null,"error":null}]`
    : `[{"number":${number},"started_at":"${started_at}","ended_at":"${ended_at}","outcome":"${outcome}","error":null}]`;
}

function restText(record: TaskRecord): string {
  const { priority, metadata, user_context, group, depends_on, question, source, artifacts } = record;
  const isOrdinary = priority === 0 && metadata === null && user_context === null && group === null;
  if (isOrdinary && question === null && depends_on.length === 0 && artifacts.length === 0)
    return plainRestText(source);
  return fieldsText({
    priority,
    metadata,
    user_context: user_context ?? null,
    group,
    depends_on,
    question,
    source,
    artifacts,
  });
}

const plainRestText = rememberingLatest(
  (source: TaskSource) =>
    fieldsText({
      priority: 0,
      metadata: null,
      user_context: null,
      group: null,
      depends_on: [],
      question: null,
      source,
      artifacts: [],
    }),
  (one, other) => one.file === other.file && one.hash === other.hash,
);

function timesText({ started_at, completed_at }: TaskRecord): string {
  if (started_at === null) return fieldsText({ started_at, completed_at });
  return completed_at === null
    ? `"started_at":"${started_at}","completed_at":null`
    : `"started_at":"${started_at}","completed_at":"${completed_at}"`;
}

const memoRest = rememberingLatest(
  ({ order: _, ...rest }: TaskMemo) => fieldsText(rest),
  (one, other) =>
    one.timeout_seconds === other.timeout_seconds &&
    one.continues === other.continues &&
    one.cancel_reason === other.cancel_reason &&
    one.shut_down === other.shut_down,
);
