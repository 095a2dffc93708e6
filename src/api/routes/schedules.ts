// Schedules: tasks that are submitted again and again, at the times of a cron line or in intervals.
import { z } from "zod";
import {
  catchUps,
  overlaps,
  type Schedule,
  type ScheduledRequest,
  type ScheduleWishes,
} from "../../engine/schedules/record.ts";
import type { ApiParts } from "../parts.ts";
import { numeric } from "../query.ts";
import { failureSchema, taskSchema, toWire } from "../record.ts";
import { json, type Method, type Route, route } from "../route.ts";
import { nameIn, requestOf, submitSchema } from "../submission.ts";

const timing = {
  cron: z
    .string()
    .max(200)
    .nullish()
    .describe(
      "Minute, hour, day of month, month, day of week; seconds may stand before, a year behind them.",
    ),
  every_seconds: z
    .number()
    .min(1)
    .max(1e9)
    .nullish()
    .describe("Instead of cron: this long after the last time, beginning now."),
  time_zone: z
    .string()
    .max(100)
    .nullish()
    .describe("IANA name, in which the cron line is read; defaults to UTC."),
  overlap: z
    .enum(overlaps)
    .nullish()
    .describe(
      "While a task of its own has not ended: skip this time (the default), queue the next one behind it, replace it, or allow both.",
    ),
  catch_up: z
    .enum(catchUps)
    .nullish()
    .describe("For times that passed without power: skip them (the default), one task once, or all."),
  paused: z.boolean().nullish().describe("Nothing falls due while it is paused."),
};

/** When a task may start is the schedule's business. */
const createSchema = submitSchema
  .omit({ not_before: true, delay_seconds: true, depends_on: true, on_dependency_failure: true })
  .extend(timing);

type Body = z.output<typeof createSchema>;

const time = z.iso.datetime();
const map = z.record(z.string(), z.unknown());

const scheduleSchema = z
  .strictObject({
    id: z.uuid(),
    name: z.string().nullable(),
    task: z.string(),
    parameters: map,
    priority: z.int().nullable(),
    timeout_seconds: z.number().nullable(),
    retry: map.nullable(),
    group: z.string().nullable(),
    lane: z.string().nullable(),
    limits: map.nullable(),
    metadata: map.nullable(),
    user_context: z.unknown(),
    webhooks: z.array(map),
    cron: z.string().nullable(),
    every_seconds: z.number().nullable(),
    time_zone: z.string(),
    overlap: z.enum(overlaps),
    catch_up: z.enum(catchUps),
    paused: z.boolean(),
    next_run_at: time.nullable().describe("Null while paused, and where it never falls due again."),
    last_run_at: time.nullable(),
    last_due_at: time.nullable().describe("The latest time that brought a task."),
    last_task_id: z.string().nullable(),
    last_error: failureSchema
      .extend({ due_at: time })
      .meta({ id: "FiringFailure" })
      .nullable()
      .describe("Why the latest time brought no task."),
    fired: z.int().min(0).describe("Tasks it has submitted."),
    missed: z.int().min(0).describe("Times that fell due and brought no task."),
    created_at: time,
    updated_at: time,
    links: z.strictObject({ self: z.string(), last_task: z.string().nullable() }),
  })
  .meta({ id: "Schedule", description: "Fields that have no value are null." });

const pageQuery = z.strictObject({
  limit: numeric(z.int().min(1).max(1000)).default(100).describe("At most this many schedules."),
  cursor: z.string().optional().describe('Where the last page ended: follow `Link: rel="next"`.'),
});

export const scheduleRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "post",
    path: "/schedules",
    tag: "schedules",
    summary: "Make a schedule: what POST /tasks takes, and when. 201 once it survives a power cut.",
    body: createSchema,
    answers: { 201: scheduleSchema },
    async handle({ body }) {
      const request = requestOf(nameIn(body), body);
      const made = await (await parts.schedules()).create({ request, ...given(body) });
      return json(view(made), 201, { Location: `/schedules/${made.id}` });
    },
  }),
  route({
    method: "get",
    path: "/schedules",
    tag: "schedules",
    summary: "Every schedule, oldest first, in pages.",
    query: pageQuery,
    answers: { 200: z.array(scheduleSchema) },
    async handle({ url: asked, query: { limit, cursor } }) {
      const page = (await parts.schedules()).list({ limit, ...(cursor !== undefined && { cursor }) });
      const schedules = page.schedules.map(view);
      if (page.next === null) return json(schedules);
      const url = new URL(asked);
      url.searchParams.set("cursor", page.next);
      return json(schedules, 200, { Link: `<${url.pathname}${url.search}>; rel="next"` });
    },
  }),
  route({
    method: "get",
    path: "/schedules/{id}",
    tag: "schedules",
    summary: "One schedule: when it falls due next, and what became of it so far.",
    answers: { 200: scheduleSchema },
    handle: async ({ params }) => json(view((await parts.schedules()).get(params.id))),
  }),
  route({
    method: "patch",
    path: "/schedules/{id}",
    tag: "schedules",
    summary: "Change what it says; null takes a field back to its default.",
    body: createSchema.partial(),
    answers: { 200: scheduleSchema },
    async handle({ params: { id }, body }) {
      const schedules = await parts.schedules();
      const { request } = schedules.get(id);
      const change = { ...given(body), ...(asksOther(body) && { request: changed(request, body) }) };
      return json(view(await schedules.change(id, change)));
    },
  }),
  verb(parts, "post", "/schedules/{id}/pause", "Nothing falls due until it is resumed."),
  verb(parts, "post", "/schedules/{id}/resume", "It goes on from now; nothing is made up for."),
  route({
    method: "post",
    path: "/schedules/{id}/run",
    tag: "schedules",
    summary: "Submit its task now, paused or not, whatever else runs.",
    answers: { 202: taskSchema },
    async handle({ params }) {
      const taskId = await (await parts.schedules()).run(params.id);
      return json(toWire(parts.tasks.get(taskId)), 202, { Location: `/tasks/${taskId}` });
    },
  }),
  route({
    method: "delete",
    path: "/schedules/{id}",
    tag: "schedules",
    summary: "Forget a schedule; its tasks go on.",
    answers: { 204: null },
    async handle({ params }) {
      await (await parts.schedules()).remove(params.id);
      return new Response(null, { status: 204 });
    },
  }),
];

function verb(
  parts: ApiParts,
  method: Method,
  path: "/schedules/{id}/pause" | "/schedules/{id}/resume",
  summary: string,
): Route {
  return route({
    method,
    path,
    tag: "schedules",
    summary,
    answers: { 200: scheduleSchema },
    async handle({ params: { id } }) {
      const schedules = await parts.schedules();
      return json(view(await (path.endsWith("pause") ? schedules.pause(id) : schedules.resume(id))));
    },
  });
}

const isTiming = (key: string): boolean => Object.hasOwn(timing, key);

/** Of the timing what was said; null takes the default. */
function given(body: Partial<Body>): Partial<ScheduleWishes> {
  const said = Object.entries(body).filter(([key, value]) => isTiming(key) && value !== undefined);
  return Object.fromEntries(said.map(([key, value]) => [key, value ?? defaults[key]]));
}

/** Undefined lets the engine choose. */
const defaults: Readonly<Record<string, unknown>> = {
  cron: null,
  every_seconds: null,
  time_zone: "UTC",
  catch_up: "skip",
  paused: false,
};

const asksOther = (body: Partial<Body>): boolean => Object.keys(body).some((key) => !isTiming(key));

/** The fields that were given replace those that were there. */
function changed(before: ScheduledRequest, body: Partial<Body>): ScheduledRequest {
  const { task, action } = body;
  const names = task || action ? nameIn({ task, action }) : before.task;
  const asked = requestOf(names, body);
  const keys = Object.keys(body).filter((key) => !isTiming(key) && key !== "action");
  return { ...before, task: names, ...Object.fromEntries(keys.map((key) => [key, Reflect.get(asked, key)])) };
}

function view(schedule: Schedule) {
  const { request, handled_until: _, slot: __, open_tasks: ___, ...rest } = schedule;
  const self = `/schedules/${schedule.id}`;
  return {
    name: request.name ?? null,
    task: request.task,
    parameters: request.parameters ?? {},
    priority: request.priority ?? null,
    timeout_seconds: request.timeout_seconds ?? null,
    retry: snake(request.retry),
    group: request.group ?? null,
    lane: request.lane ?? null,
    limits: snake(request.limits),
    metadata: request.metadata ?? null,
    user_context: request.user_context ?? null,
    webhooks: request.webhooks ?? [],
    ...rest,
    links: { self, last_task: schedule.last_task_id && `/tasks/${schedule.last_task_id}` },
  };
}

/** As the wire writes keys. */
const snake = (value: object | undefined): Record<string, unknown> | null =>
  value === undefined
    ? null
    : Object.fromEntries(
        Object.entries(value).map(([key, one]) => [
          key.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
          one,
        ]),
      );
