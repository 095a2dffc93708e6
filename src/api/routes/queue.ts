// The queue and its numbers.
import { z } from "zod";
import { pauseReasons } from "../../engine/ports.ts";
import { statuses } from "../../task/lifecycle.ts";
import type { ApiParts } from "../parts.ts";
import { taskSchema, toWire } from "../record.ts";
import { json, type Route, route } from "../route.ts";

const queueSchema = z
  .strictObject({
    paused: z.boolean().describe("While paused nothing starts; what runs goes on."),
    paused_because: z
      .enum(pauseReasons)
      .nullable()
      .describe(
        "user: somebody paused it. stopped: an emergency stop. interrupted_hardware: the power went while a task held devices that move.",
      ),
    paused_since: z.iso.datetime().nullable().describe("Null too where an older version stored the pause."),
    interrupted_tasks: z
      .array(z.uuid())
      .describe("Those because of which the queue came up paused, with interrupted_hardware."),
    length: z.int().min(0),
    tasks: z.array(taskSchema).describe("In the order in which they would start."),
    later: z
      .array(taskSchema)
      .describe("Pending, but not yet in the queue: each says in `blocked_by` what it waits for."),
    running: z.array(taskSchema),
  })
  .meta({ id: "Queue" });

const duration = z
  .strictObject({ mean: z.number().nullable(), p50: z.number().nullable(), p95: z.number().nullable() })
  .meta({ id: "Durations" });

const statsSchema = z
  .strictObject({
    counts: z.strictObject(Object.fromEntries(statuses.map((status) => [status, z.int().min(0)]))),
    queue_length: z.int().min(0),
    busy_workers: z.int().min(0),
    tasks: z.record(
      z.string(),
      z.strictObject({
        count: z.int().min(0),
        success_rate: z.number().min(0).max(1).nullable(),
        duration_seconds: duration,
        wait_seconds: duration,
      }),
    ),
  })
  .meta({ id: "Stats" });

export const statsRoute = ({ tasks }: ApiParts): Route =>
  route({
    method: "get",
    path: "/tasks/stats",
    tag: "tasks",
    summary: "Counts by status, and how long and how well each task type does.",
    answers: { 200: statsSchema },
    handle: () => json(tasks.stats()),
  });

export const queueRoutes = ({ tasks }: ApiParts): Route[] => {
  const show = (): Response => {
    const queue = tasks.queue();
    return json({
      ...queue,
      tasks: queue.tasks.map(toWire),
      later: queue.later.map(toWire),
      running: queue.running.map(toWire),
    });
  };
  const answers = { 200: queueSchema };
  return [
    route({
      method: "get",
      path: "/queue",
      tag: "queue",
      summary: "What waits and what runs.",
      answers,
      handle: show,
    }),
    route({
      method: "post",
      path: "/queue/pause",
      tag: "queue",
      summary: "Start nothing more; survives a restart.",
      answers,
      async handle() {
        await tasks.pauseQueue();
        return show();
      },
    }),
    route({
      method: "post",
      path: "/queue/resume",
      tag: "queue",
      summary: "Start tasks again; after an emergency stop devices may move again, too.",
      answers,
      async handle() {
        await tasks.resumeQueue();
        return show();
      },
    }),
  ];
};
