// All that is known of one task, as one document for a bug report. Settings come without secrets.
import os from "node:os";
import { z } from "zod";
import type { TaskView } from "../task/record.ts";
import type { ApiParts } from "./parts.ts";
import { taskSchema, toWire } from "./record.ts";
import { eventsOf } from "./streams/feed.ts";

export const logEntrySchema = z
  .strictObject({
    level: z.enum(["debug", "info", "warn", "error"]),
    time: z.iso.datetime(),
    message: z.string(),
    fields: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: "LogEntry" });

const map = z.record(z.string(), z.unknown());

export const bundleSchema = z
  .strictObject({
    made_at: z.iso.datetime(),
    versions: z.strictObject({
      armature: z.string(),
      node: z.string(),
      platform: z.string().describe("Operating system, its release and the processor, as in linux 6.1 x64."),
    }),
    task: taskSchema,
    transitions: z
      .array(z.strictObject({ at: z.iso.datetime(), what: z.string(), details: map }))
      .describe("From the record and from the events that are still known."),
    logs: z.array(logEntrySchema),
    task_type: map.nullable().describe("As it is now; null where its file is gone."),
    plugin: map.nullable().describe("The line of its file in GET /plugins."),
    devices: z.array(map),
    health: map,
    settings: map,
  })
  .meta({ id: "Bundle" });

export type Bundle = z.output<typeof bundleSchema>;

/** @throws UNKNOWN_TASK */
export async function bundleOf(parts: ApiParts, id: string): Promise<Bundle> {
  const task = parts.tasks.get(id);
  const type = parts.types.get(task.task);
  const plugins = parts.plugins.list() as readonly { readonly file: string }[];
  const bundle = {
    made_at: new Date(parts.clock.now()).toISOString(),
    versions: { armature: parts.version, node: process.version, platform: platform() },
    task: toWire(task),
    transitions: transitionsOf(task, parts),
    logs: await parts.tasks.logs(id),
    task_type: type
      ? { name: type.name, category: type.category, policy: type.policy, source: type.source }
      : null,
    plugin: plugins.find(({ file }) => file === task.source.file) ?? null,
    devices: parts.devices.list(),
    health: parts.health(),
    settings: parts.settings.current(),
  };
  return bundle as unknown as Bundle;
}

const platform = (): string => `${os.platform()} ${os.release()} ${os.arch()}`;

interface Transition {
  readonly at: string;
  readonly what: string;
  readonly details: Record<string, unknown>;
}

/** Events are forgotten with time and at a restart; what the record says of its attempts stays. */
function transitionsOf(task: TaskView, { events }: ApiParts): Transition[] {
  const known = eventsOf(events, task.id, null).filter(({ type }) => type !== "task_progress");
  const told = known.map(({ type, timestamp, seq: _, task_id: __, ...details }) => ({
    at: timestamp,
    what: type,
    details: details as Record<string, unknown>,
  }));
  const attempts = task.attempts.flatMap(({ number, started_at, ended_at, outcome, error }) => [
    { at: started_at, what: "attempt began", details: { number } },
    ...(ended_at === null
      ? []
      : [{ at: ended_at, what: "attempt ended", details: { number, outcome, error } }]),
  ]);
  const ends = [
    { at: task.created_at, what: "created", details: {} },
    ...(task.completed_at === null
      ? []
      : [{ at: task.completed_at, what: task.status as string, details: { error: task.error } }]),
  ];
  return [...ends, ...attempts, ...told].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
