// A submit as its routes answer it: 202 with the record, or with `wait` the task as it is by then.
import type { z } from "zod";
import { hasEnded } from "../../task/lifecycle.ts";
import type { TaskRecord } from "../../task/record.ts";
import { idempotencyOf } from "../idempotency.ts";
import type { ApiParts } from "../parts.ts";
import type { waitQuery } from "../query.ts";
import { freshToWire, taskSchema, toWire } from "../record.ts";
import { type Input, json, jsonText } from "../route.ts";
import { requestOf, type SubmitBody } from "../submission.ts";

export const submitAnswers = { 200: taskSchema, 202: taskSchema };

export type Submission = Input<string, z.output<typeof waitQuery>, SubmitBody | undefined>;

export function submit(
  parts: ApiParts,
  task: string,
  { asking, query, body }: Pick<Submission, "asking" | "query" | "body">,
): Promise<Response> {
  const request = requestOf(task, body ?? {});
  const submitted = parts.tasks.submit(request, idempotencyOf(asking, request));
  const { wait } = query;
  return submitted.then(wait === undefined ? accepted : (record) => ended(parts, record, wait));
}

const accepted = (record: TaskRecord): Response => jsonText(freshToWire(record), 202, whereIs(record));

/** Or as it is when the time is over. */
async function ended({ tasks }: ApiParts, record: TaskRecord, timeoutSeconds: number): Promise<Response> {
  const latest = await tasks.waitFor(record.id, { timeoutSeconds });
  return hasEnded(latest.status) ? json(toWire(latest)) : json(toWire(latest), 202, whereIs(record));
}

const whereIs = ({ id }: TaskRecord) => ({ Location: `/tasks/${id}` });
