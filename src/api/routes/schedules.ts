// Schedules: tasks that are submitted again and again, at the times of a cron line or in intervals.
import { z } from "zod";
import type { ApiParts } from "../parts.ts";
import { numeric } from "../query.ts";
import { taskSchema, toWire } from "../record.ts";
import { json, type Method, type Route, route } from "../route.ts";
import { scheduleSchema, scheduleToWire } from "../schedule.ts";
import { changeOf, scheduleChangeSchema, schedulingOf, schedulingSchema } from "../scheduling.ts";

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
    body: schedulingSchema,
    answers: { 201: scheduleSchema },
    async handle({ body }) {
      const asked = schedulingOf(body);
      const made = await (await parts.schedules()).create(asked);
      return json(scheduleToWire(made), 201, { Location: `/schedules/${made.id}` });
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
      const schedules = page.schedules.map(scheduleToWire);
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
    handle: async ({ params }) => json(scheduleToWire((await parts.schedules()).get(params.id))),
  }),
  route({
    method: "patch",
    path: "/schedules/{id}",
    tag: "schedules",
    summary: "Change what it says; null takes a field back to its default.",
    body: scheduleChangeSchema,
    answers: { 200: scheduleSchema },
    async handle({ params: { id }, body }) {
      const schedules = await parts.schedules();
      const change = changeOf(schedules.get(id), body);
      return json(scheduleToWire(await schedules.change(id, change)));
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
      return json(
        scheduleToWire(await (path.endsWith("pause") ? schedules.pause(id) : schedules.resume(id))),
      );
    },
  });
}
