// A submit as its routes answer it: 202 with the record, or with `wait` the task as it is by then.
import type { z } from "zod";
import { hasEnded } from "../../task/lifecycle.ts";
import type { ApiParts } from "../parts.ts";
import type { waitQuery } from "../query.ts";
import { freshToWire, taskSchema, toWire } from "../record.ts";
import { type Input, json, jsonText } from "../route.ts";
import { idempotencyOf, requestOf, type SubmitBody } from "../submission.ts";

export const submitAnswers = { 200: taskSchema, 202: taskSchema };

export type Submission = Input<string, z.output<typeof waitQuery>, SubmitBody | undefined>;

export async function submit(
  { tasks, recordJson }: ApiParts,
  task: string,
  { asking, query, body }: Pick<Submission, "asking" | "query" | "body">,
): Promise<Response> {
  const request = requestOf(task, body ?? {});
  const record = await tasks.submit(request, idempotencyOf(asking, request));
  const headers = { Location: `/tasks/${record.id}` };
  if (query.wait === undefined) return jsonText(freshToWire(record, recordJson(record)), 202, headers);
  const latest = await tasks.waitFor(record.id, { timeoutSeconds: query.wait });
  return hasEnded(latest.status) ? json(toWire(latest)) : json(toWire(latest), 202, headers);
}
