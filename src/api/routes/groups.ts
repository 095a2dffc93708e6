// Tasks that belong together: one look, one cancel.
import { z } from "zod";
import type { GroupView, TaskPage } from "../../engine/requests.ts";
import { statuses } from "../../task/lifecycle.ts";
import type { TaskView } from "../../task/record.ts";
import type { ApiParts } from "../parts.ts";
import { numeric } from "../query.ts";
import { statusSchema } from "../record.ts";
import { json, type Route, route } from "../route.ts";

const time = z.iso.datetime();

const groupSchema = z
  .strictObject({
    group: z.string(),
    status: statusSchema.describe("One for all of its tasks."),
    counts: z.strictObject(Object.fromEntries(statuses.map((status) => [status, z.int().min(0)]))),
    progress: z.strictObject({
      current: z.int().min(0).describe("Tasks that have ended."),
      total: z.int().min(1),
      percent: z.number().min(0).max(100).describe("Counts what the running ones have done, too."),
    }),
    created_at: time.describe("Of its first task."),
    completed_at: time.nullable().describe("When the last of them ended; null while one has not."),
    tasks: z
      .array(z.strictObject({ id: z.uuid(), name: z.string(), task: z.string(), status: statusSchema }))
      .describe("Oldest first, a page of them."),
    links: z.strictObject({ self: z.string(), tasks: z.string() }),
  })
  .meta({ id: "Group" });

const pageQuery = z.strictObject({
  limit: numeric(z.int().min(1).max(1000)).default(100).describe("At most this many tasks."),
  cursor: z.string().optional().describe('Where the last page ended: follow `Link: rel="next"`.'),
});

export const groupLink = (group: string): string => `/groups/${encodeURIComponent(group)}`;

export const groupRoutes = ({ tasks }: ApiParts): Route[] => {
  const show = (group: GroupView, { limit, cursor }: z.output<typeof pageQuery>): Response => {
    const self = groupLink(group.group);
    const page = tasks.list({ group: group.group }, cursor === undefined ? { limit } : { limit, cursor });
    const links = { self, tasks: `/tasks?group=${encodeURIComponent(group.group)}` };
    return json({ ...group, tasks: page.tasks.map(brief), links }, 200, nextOf(self, limit, page));
  };
  return [
    route({
      method: "get",
      path: "/groups/{group}",
      tag: "groups",
      summary: "The tasks of a group as one: status, counts, progress.",
      query: pageQuery,
      answers: { 200: groupSchema },
      handle: ({ params, query }) => show(tasks.group(params.group), query),
    }),
    route({
      method: "delete",
      path: "/groups/{group}",
      tag: "groups",
      summary: "Cancel all tasks of a group that have not ended.",
      answers: { 200: groupSchema },
      handle: async ({ params }) => show(await tasks.cancelGroup(params.group), { limit: 100 }),
    }),
  ];
};

const brief = ({ id, name, task, status }: TaskView) => ({ id, name, task, status });

const nextOf = (self: string, limit: number, { next }: TaskPage): Record<string, string> =>
  next === null ? {} : { Link: `<${self}?limit=${limit}&cursor=${next}>; rel="next"` };
