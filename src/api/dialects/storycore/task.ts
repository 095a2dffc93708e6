// A task as StoryCore's clients know it: five statuses, progress from 0 to 1, an error with its remedy. Pure.
import { z } from "zod";
import type { Status } from "../../../task/lifecycle.ts";
import type { TaskView } from "../../../task/record.ts";
import { failureSchema } from "../../record.ts";

const statuses = ["pending", "running", "completed", "failed", "cancelled"] as const;

/** A task that pauses, or still cleans up behind a cancel, is at work for them. */
export const statusOf: Readonly<Record<Status, (typeof statuses)[number]>> = {
  pending: "pending",
  running: "running",
  pausing: "running",
  paused: "running",
  cancelling: "running",
  interrupted: "failed",
  failed: "failed",
  cancelled: "cancelled",
  completed: "completed",
};

export const storyCoreTaskSchema = z
  .strictObject({
    task_id: z.uuid(),
    status: z.enum(statuses),
    progress: z.number().min(0).max(1).describe("0 while nothing is known of it, 1 once it has completed."),
    result: z.unknown().describe("What the task returned; null unless completed."),
    error: failureSchema.nullable().describe("Null unless failed; of a timeout with its partial result."),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: "StoryCoreTask" });

export function toStoryCore(task: TaskView): z.output<typeof storyCoreTaskSchema> {
  const status = statusOf[task.status];
  return {
    task_id: task.id,
    status,
    progress: status === "completed" ? 1 : (task.progress.percent ?? 0) / 100,
    result: task.result,
    error: status === "failed" ? task.failure : null,
    created_at: task.created_at,
    updated_at: task.updated_at,
  };
}
