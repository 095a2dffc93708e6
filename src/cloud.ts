// Transfers to the cloud as the composition root has them: what they leave on the disk goes with the end of their task.
import type { TaskManager } from "./engine/task-manager.ts";
import type { EventBus } from "./events/bus.ts";
import type { Logger } from "./lib/logger.ts";
import type { CloudPlaces } from "./services/cloud/places.ts";

const ends = new Set(["task_completed", "task_failed", "task_cancelled", "task_removed"]);
const over: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);

/** Resolves when what ended tasks had left behind is gone; from then on it goes with their end. */
export async function tidyCloud(
  places: CloudPlaces,
  { tasks, events, log }: { tasks: TaskManager; events: EventBus; log: Logger },
): Promise<void> {
  await places.sweep((taskId) => {
    const record = tasks.recordOf(taskId);
    return record !== null && !over.has(record.status);
  }, log);
  events.subscribe(({ type, task_id }) => {
    if (task_id === null || !ends.has(type) || !places.has(task_id)) return;
    places
      .discard(task_id)
      .catch((error) => log.warn({ err: error, task: task_id }, "what it packed could not be removed"));
  });
}
