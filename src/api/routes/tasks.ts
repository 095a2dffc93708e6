// Submitting tasks and looking at them. Fixed paths stand before `{id}` and `{task_name}`.
import { z } from "zod";
import type { ListFilter, TaskPage } from "../../engine/requests.ts";
import { submitHeaders } from "../idempotency.ts";
import type { ApiParts } from "../parts.ts";
import { pageQuery, waitQuery } from "../query.ts";
import { taskSchema, toWire } from "../record.ts";
import { type Input, json, type Route, route } from "../route.ts";
import { nameIn, submitNamedSchema, submitSchema } from "../submission.ts";
import { submit, submitAnswers } from "./submit.ts";

export const taskRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "post",
    path: "/tasks",
    tag: "tasks",
    summary: "Submit a task. 202 with the record as it was stored; with `wait` 200 once it has ended.",
    query: waitQuery,
    headers: submitHeaders,
    body: submitSchema,
    answers: submitAnswers,
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
    answers: submitAnswers,
    handle: (input) => submit(parts, input.params.task_name, input),
  }),
];

function page(
  { url: asked, query }: Input<string, z.output<typeof pageQuery>>,
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
  const url = new URL(asked);
  url.searchParams.set("cursor", next);
  return json(tasks.map(toWire), 200, { Link: `<${url.pathname}${url.search}>; rel="next"` });
}
