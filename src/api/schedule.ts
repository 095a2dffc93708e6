// A schedule as the wire shows it: one schema for all answers.
import { z } from "zod";
import { catchUps, overlaps, type Schedule } from "../engine/schedules/record.ts";
import { failureSchema } from "./record.ts";

const time = z.iso.datetime();
const map = z.record(z.string(), z.unknown());

export const scheduleSchema = z
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

export function scheduleToWire(schedule: Schedule) {
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
