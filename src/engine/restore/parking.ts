// A task that takes the process down again and again is parked: it runs again only when its owner says so. Pure.
import { type Failure, RuntimeError, toFailure } from "../../errors/runtime-error.ts";
import type { Crashes, StoredTask } from "../../task/record.ts";

/** So many crashes within one boot of the machine, without a newer checkpoint. */
const parkedAt = 2;

/**
 * How often the process died under this task, the last time included; null where it is not to blame.
 * @param crashedIn the boot of the machine in which the process died by itself, or null: the power went, or it ended in order
 */
export function crashesOf({ record, memo }: StoredTask, crashedIn: string | null): Crashes | null {
  const isOurs = record.lane === "async" || record.lane === "blocking";
  const wasRunning = record.status === "running" || record.status === "pausing";
  if (crashedIn === null || !isOurs || !wasRunning) return null;
  const checkpoint = memo.checkpoint?.saved_at ?? null;
  const { crashes } = memo;
  const isAgain = crashes?.boot === crashedIn && crashes.checkpoint === checkpoint;
  return { boot: crashedIn, checkpoint, count: isAgain ? crashes.count + 1 : 1 };
}

/** Null while it may run again by itself. */
export function whyParked({ record }: StoredTask, { count }: Crashes): Failure | null {
  if (count < parkedAt) return null;
  const details = { id: record.id, task: record.task, crashes: count, source: record.source.file };
  return toFailure(new RuntimeError("PARKED", details));
}
