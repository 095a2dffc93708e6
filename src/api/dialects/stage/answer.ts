// A task as the stage's clients know it: its operation, its status in their words, and progress without levels. Pure.
import { z } from "zod";
import type { Status } from "../../../task/lifecycle.ts";
import type { TaskRecord, TaskView } from "../../../task/record.ts";
import { axisNumber, type OperationType, operationOf, operationTypes } from "./operations.ts";

const statuses = ["pending", "running", "paused", "stopping", "completed", "failed", "cancelled"] as const;

export const statusOf: Readonly<Record<Status, (typeof statuses)[number]>> = {
  pending: "pending",
  running: "running",
  pausing: "running",
  paused: "paused",
  cancelling: "stopping",
  interrupted: "failed",
  failed: "failed",
  cancelled: "cancelled",
  completed: "completed",
};

const moved = {
  axis: z.union([z.int(), z.string()]).describe("1 to 6; the name of an axis that is not the stage's."),
  current_position: z.number().nullable(),
  target_position: z.number().nullable(),
};
const aligned = { phase: z.string().nullable(), phase_description: z.string().nullable() };
const common = {
  elapsed_time: z.number().min(0).describe("In seconds."),
  progress_percent: z.number().min(0).max(100),
  message: z.string().nullable(),
};

export const acceptedSchema = z
  .strictObject({
    task_id: z.uuid(),
    operation_type: z.enum(operationTypes),
    status: z.enum(statuses),
    status_url: z.string(),
  })
  .meta({ id: "StageAccepted" });

export const operationSchema = z
  .strictObject({
    task_id: z.uuid(),
    operation_type: z.enum(operationTypes),
    status: z.enum(statuses),
    progress: z.union([z.looseObject({ ...moved, ...common }), z.looseObject({ ...aligned, ...common })]),
    result: z.unknown(),
    error: z.string().nullable(),
    partial_result: z.unknown().describe("Of a stopped move: {start, position, travelled, requested, …}."),
  })
  .meta({ id: "StageOperation", description: "Fields that have no value are null." });

export const acceptedOf = (
  { id, status }: TaskRecord,
  operation: OperationType,
  statusUrl: string,
): z.output<typeof acceptedSchema> => ({
  task_id: id,
  operation_type: operation,
  status: statusOf[status],
  status_url: statusUrl,
});

/** @throws NOT_A_STAGE_OPERATION */
export function toStage(task: TaskView): z.output<typeof operationSchema> {
  const operation = operationOf(task);
  return {
    task_id: task.id,
    operation_type: operation,
    status: statusOf[task.status],
    progress: progressOf(task, operation),
    result: numbered(task.result),
    error: task.error,
    partial_result: numbered(task.partial_result),
  };
}

function progressOf({ progress, parameters }: TaskView, operation: OperationType) {
  const { axis = null, position = null } = parameters;
  const unknown =
    operation === "axis_movement"
      ? { axis, current_position: null, target_position: position }
      : { phase: null, phase_description: null };
  const { percent, message, data } = progress;
  return numbered({
    ...unknown,
    elapsed_time: 0,
    progress_percent: percent ?? 0,
    message,
    ...data,
  }) as z.output<typeof operationSchema>["progress"];
}

/** With the stage's number where it names an axis. */
const numbered = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "axis" in value
    ? { ...value, axis: axisNumber(value.axis) }
    : value;
