// The task as the wire shows it: the record, where it stands in the queue, and links. One schema for all answers.
import { z } from "zod";
import { keptResult } from "../task/kept-result.ts";
import { statuses } from "../task/lifecycle.ts";
import { lanes } from "../task/policy.ts";
import { dependencyEnds, type TaskRecord, type TaskView } from "../task/record.ts";
import { openRecordText } from "../task/record-text.ts";

const time = z.iso.datetime();
const map = z.record(z.string(), z.unknown());

export const statusSchema = z.enum(statuses).meta({ id: "Status" });

const progressSchema = z
  .strictObject({
    current: z.number().describe("Steps done so far."),
    total: z.number().nullable().describe("Null means unknown."),
    percent: z.number().min(0).max(100).nullable(),
    message: z.string().nullable(),
    eta_seconds: z.number().min(0).nullable(),
    eta_origin: z.enum(["steps", "history"]).nullable(),
    data: map.nullable(),
  })
  .meta({ id: "Progress" });

export const failureSchema = z
  .strictObject({ code: z.string(), message: z.string(), details: map, remediation: z.string() })
  .meta({ id: "Failure", description: "Why it failed, for programs." });

const attemptSchema = z
  .strictObject({
    number: z.int().min(1),
    started_at: time,
    ended_at: time.nullable(),
    outcome: z.enum(["completed", "failed", "postponed", "cancelled", "interrupted"]).nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: "Attempt" });

export const artifactSchema = z
  .strictObject({
    name: z.string(),
    file: z.string().describe("Relative to the data directory where it lies below it, else absolute."),
    type: z.string().describe("MIME type."),
    bytes: z.int().min(0),
    created_at: time,
    hash: z.string().nullable().describe("sha256 of the content when it was registered, hex."),
    origin: z
      .strictObject({ attempt: z.int(), source_hash: z.string() })
      .nullable()
      .describe("The attempt that wrote it, and the hash of the code it ran."),
  })
  .meta({ id: "Artifact" });

const blockerSchema = z
  .strictObject({
    because: z.string(),
    task_id: z.string().nullable(),
    resource: z.string().nullable(),
    since: time,
  })
  .meta({ id: "Blocker", description: "Why the task waits." });

const questionSchema = z
  .strictObject({
    prompt: z.string(),
    schema: map.describe("JSON Schema of the answer."),
    default: z.unknown().describe("Taken when nobody answers in time."),
    expires_at: time.nullable(),
  })
  .meta({ id: "Question" });

export const taskSchema = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    task: z.string().describe("The task type's name."),
    action: z.string().describe("The same without `_task`."),
    category: z.string(),
    parameters: map,
    is_exclusive: z.boolean(),
    is_blocking: z.boolean(),
    lane: z.enum(lanes),
    status: statusSchema,
    progress: progressSchema,
    result: z
      .unknown()
      .describe("What the task returned, or `{file, bytes}` and `links.result` where it is large."),
    error: z.string().nullable().describe("A sentence for people."),
    failure: failureSchema.nullable(),
    partial_result: z.unknown(),
    attempt: z.int().min(0),
    attempts: z.array(attemptSchema),
    priority: z.int().min(-100).max(100),
    metadata: map.nullable(),
    user_context: z.unknown(),
    group: z.string().nullable(),
    depends_on: z.array(
      z.strictObject({ task: z.string(), when: z.enum(dependencyEnds) }).meta({ id: "Dependency" }),
    ),
    question: questionSchema.nullable().describe("What a paused task asks: POST /tasks/{id}/answer."),
    source: z.strictObject({ file: z.string(), hash: z.string() }).meta({ id: "Source" }),
    artifacts: z.array(artifactSchema),
    created_at: time,
    started_at: time.nullable(),
    completed_at: time.nullable(),
    updated_at: time,
    blocked_by: z.array(blockerSchema),
    queue_position: z
      .int()
      .min(1)
      .nullable()
      .describe("1 is next. Null unless pending, and in the answer to a submit."),
    stops_after_step: z
      .boolean()
      .describe("While pausing: it is cancelled as soon as it stands at a checkpoint."),
    silent_since: time
      .nullable()
      .describe("Since when nothing is heard of the running task; null while that is not too long."),
    stuck_since: time.nullable().describe("Since when it has ignored its cancel."),
    links: z.strictObject({
      self: z.string(),
      events: z.string(),
      logs: z.string(),
      artifacts: z.string(),
      result: z
        .string()
        .nullable()
        .describe("Where the result is fetched when it is too large for the record."),
    }),
  })
  .meta({ id: "Task", description: "Fields that have no value are null." });

export type WireTask = TaskView & { readonly links: Record<string, string | null> };

/** @param task a stored record waits for nothing yet: where it stands is known from the next look on */
export function toWire(task: TaskRecord | TaskView): WireTask {
  // The spread stands behind the defaults: in front it takes ten times as long, and every answer does it.
  return {
    blocked_by: [],
    queue_position: null,
    stops_after_step: false,
    silent_since: null,
    stuck_since: null,
    ...task,
    links: linksOf(task),
  };
}

function linksOf(task: TaskRecord): WireTask["links"] {
  const self = `/tasks/${task.id}`;
  return {
    self,
    events: `${self}/events`,
    logs: `${self}/logs`,
    artifacts: `${self}/artifacts`,
    result: keptResult(task) === null ? null : `${self}/result`,
  };
}

/** What the wire says besides the record of a task that was just stored: text, with the id between its pieces. */
const besides = JSON.stringify({
  ...toWire({ id: "{id}", result: null } as TaskRecord),
  id: undefined,
  result: undefined,
})
  .slice(1)
  .split("{id}");

/** The same as text, for a task that was just stored. */
export const freshToWire = (record: TaskRecord): string =>
  `${openRecordText(record)},${besides.join(record.id)}`;
