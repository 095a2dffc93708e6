// Submitting tasks and looking at them. Fixed paths stand before `{id}` and `{task_name}`.
import { createHash } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import type { Idempotency, ListFilter, SubmitRequest, TaskPage } from "../../engine/requests.ts";
import { RuntimeError } from "../../errors/runtime-error.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import { actionOf } from "../../task/name.ts";
import type { ApiParts } from "../parts.ts";
import { pageQuery, waitQuery } from "../query.ts";
import { freshToWire, taskSchema, toWire } from "../record.ts";
import { type Input, json, jsonText, type Route, route } from "../route.ts";

const map = z.record(z.string(), z.unknown());

const submitFields = {
  parameters: map
    .nullish()
    .describe("See GET /task-types/{name}; what has a default may be left out or null."),
  name: z.string().min(1).max(200).nullish().describe("For people; defaults to the type's name."),
  priority: z.int().min(-100).max(100).nullish().describe("Higher first; defaults to the type's."),
  timeout_seconds: z.number().positive().max(1e9).nullish().describe("Running time allowed per attempt."),
  metadata: map.nullish().describe("Anything; kept and shown, never read."),
  user_context: z.unknown().optional().describe("Handed to the task as `ctx.userContext`."),
};

const submitSchema = z.strictObject({
  task: z.string().min(1).nullish().describe("The task type's name, with or without `_task`."),
  action: z.string().min(1).nullish().describe("The same; one of the two is needed."),
  ...submitFields,
});

export const submitNamedSchema = z.strictObject(submitFields);

type SubmitBody = z.output<typeof submitSchema>;

const headers = {
  "Idempotency-Key": "The same key with the same body returns the first task; with another body 409.",
};
const answers = { 200: taskSchema, 202: taskSchema };

export const taskRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "post",
    path: "/tasks",
    tag: "tasks",
    summary: "Submit a task. 202 with the record as it was stored; with `wait` 200 once it has ended.",
    query: waitQuery,
    headers,
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
    headers,
    body: submitNamedSchema.optional(),
    answers,
    handle: (input) => submit(parts, input.params.task_name, input),
  }),
];

type Fields = z.output<typeof submitNamedSchema>;
type Submission = Input<string, z.output<typeof waitQuery>, Fields | undefined>;

async function submit(parts: ApiParts, task: string, { c, query, body }: Submission): Promise<Response> {
  const { tasks, recordJson } = parts;
  const request = requestOf(task, body ?? {});
  const record = await tasks.submit(request, idempotencyOf(c, request));
  const headers = { Location: `/tasks/${record.id}` };
  if (query.wait === undefined) return jsonText(freshToWire(record, recordJson(record)), 202, headers);
  const latest = await tasks.waitFor(record.id, { timeoutSeconds: query.wait });
  return hasEnded(latest.status) ? json(toWire(latest)) : json(toWire(latest), 202, headers);
}

function nameIn({ task, action }: SubmitBody): string {
  const name = task ?? action;
  if (typeof name !== "string") throw invalid("task", "expected the name of a task type, found nothing");
  if (typeof task === "string" && typeof action === "string" && actionOf(task) !== actionOf(action))
    throw invalid("action", `it says another type than 'task', which is '${task}'; give one of the two`);
  return name;
}

const invalid = (path: string, message: string): RuntimeError =>
  new RuntimeError("INVALID_REQUEST", { errors: [{ path, message }] });

/** Null means absent, but for a timeout: there it means none. */
function requestOf(task: string, body: Fields): SubmitRequest {
  return {
    task,
    parameters: body.parameters ?? undefined,
    name: body.name ?? undefined,
    priority: body.priority ?? undefined,
    timeout_seconds: body.timeout_seconds,
    metadata: body.metadata,
    user_context: body.user_context,
  };
}

function idempotencyOf(c: Context, request: SubmitRequest): Idempotency | undefined {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return undefined;
  if (key === "" || key.length > 255) throw invalid("Idempotency-Key", "expected 1 to 255 characters");
  return { key, digest: digestOf(request) };
}

/** The order of keys and white space do not make another body. */
function digestOf(request: SubmitRequest): string {
  const canonical = JSON.stringify({ ...request, task: actionOf(request.task) }, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(canonical).digest("hex");
}

function page(
  { c, query }: Input<string, z.output<typeof pageQuery>>,
  list: (filter: ListFilter, page: { limit: number; cursor?: string }) => TaskPage,
): Response {
  const { limit, cursor, ...filter } = query;
  const { tasks, next } = list(filter, cursor === undefined ? { limit } : { limit, cursor });
  if (next === null) return json(tasks.map(toWire));
  const url = new URL(c.req.url);
  url.searchParams.set("cursor", next);
  return json(tasks.map(toWire), 200, { Link: `<${url.pathname}${url.search}>; rel="next"` });
}
