// Submitting tasks and looking at them. Fixed paths stand before `{id}` and `{task_name}`.
import { z } from "zod";
import type { ListFilter, TaskPage } from "../../engine/requests.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { ApiParts } from "../parts.ts";
import { pageQuery, waitQuery } from "../query.ts";
import { freshToWire, taskSchema, toWire } from "../record.ts";
import { type Input, json, jsonText, type Route, route } from "../route.ts";
import {
  idempotencyOf,
  nameIn,
  requestOf,
  type SubmitBody,
  submitHeaders,
  submitNamedSchema,
  submitSchema,
} from "../submission.ts";

const answers = { 200: taskSchema, 202: taskSchema };

export const taskRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "post",
    path: "/tasks",
    tag: "tasks",
    summary: "Submit a task. 202 with the record as it was stored; with `wait` 200 once it has ended.",
    query: waitQuery,
    headers: submitHeaders,
    body: submitSchema,
    answers,
    handle: (input) => submit(parts, nameIn(input.body), input),
  }),
  route({
    method: "get",
    path: "/tasks",
    tag: "tasks",
    summary: "Every task that is kept, live and ended, oldest first, in pages.",
    query: pageQuery,
    answers: { 200: z.array(taskSchema) },
    handle: (input) => page(input, (filter, at) => parts.tasks.list(filter, at)),
  }),
  route({
    method: "get",
    path: "/tasks/history",
    tag: "tasks",
    summary: "The ended ones only, newest first, in pages.",
    query: pageQuery,
    answers: { 200: z.array(taskSchema) },
    handle: (input) => page(input, (filter, at) => parts.tasks.history(filter, at)),
  }),
];

/** Registered after every fixed path. */
export const taskByIdRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/tasks/{id}",
    tag: "tasks",
    summary: "One task; with `wait` once it has ended, or as it is when the time is over.",
    query: waitQuery,
    answers: { 200: taskSchema },
    async handle({ params: { id }, query }) {
      if (query.wait === undefined) return json(toWire(parts.tasks.get(id)));
      return json(toWire(await parts.tasks.waitFor(id, { timeoutSeconds: query.wait })));
    },
  }),
  route({
    method: "post",
    path: "/tasks/{task_name}",
    tag: "tasks",
    summary: "Submit a task by its type's name.",
    query: waitQuery,
    headers: submitHeaders,
    body: submitNamedSchema.optional(),
    answers,
    handle: (input) => submit(parts, input.params.task_name, input),
  }),
];

type Submission = Input<string, z.output<typeof waitQuery>, SubmitBody | undefined>;

async function submit(parts: ApiParts, task: string, { c, query, body }: Submission): Promise<Response> {
  const { tasks, recordJson } = parts;
  const request = requestOf(task, body ?? {});
  const record = await tasks.submit(request, idempotencyOf(c, request));
  const headers = { Location: `/tasks/${record.id}` };
  if (query.wait === undefined) return jsonText(freshToWire(record, recordJson(record)), 202, headers);
  const latest = await tasks.waitFor(record.id, { timeoutSeconds: query.wait });
  return hasEnded(latest.status) ? json(toWire(latest)) : json(toWire(latest), 202, headers);
}

function page(
  { c, query }: Input<string, z.output<typeof pageQuery>>,
  list: (filter: ListFilter, page: { limit: number; cursor?: string }) => TaskPage,
): Response {
  const { limit, cursor, from, to, ...rest } = query;
  const filter = {
    ...rest,
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(to !== undefined && { to: Date.parse(to) }),
  };
  const { tasks, next } = list(filter, cursor === undefined ? { limit } : { limit, cursor });
  if (next === null) return json(tasks.map(toWire));
  const url = new URL(c.req.url);
  url.searchParams.set("cursor", next);
  return json(tasks.map(toWire), 200, { Link: `<${url.pathname}${url.search}>; rel="next"` });
}
