// What a task yields or reports, as an update that nobody can change any more. Knows no lane.
import type { TaskLog } from "../task/context.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import { plainCopy, plainNotes } from "./plain-copy.ts";

type Writable = { -readonly [Key in keyof ProgressUpdate]: ProgressUpdate[Key] };

/**
 * Takes what was yielded and passes on what is progress. A yield of nothing is only a place to pause and stop;
 * anything else is named in the task's log, once.
 */
export function createReporter(log: TaskLog, pass: (update: ProgressUpdate) => void) {
  let warned = false;
  /** @throws CHECKPOINT_NOT_SERIALIZABLE */
  return (yielded: unknown): void => {
    const update = toUpdate(yielded);
    if (update) pass(update);
    else if (yielded !== undefined && !warned) {
      warned = true;
      const expected = "{current, total?, message?, data?, checkpoint?}";
      log.warn(`A yield was no progress: ${expected} was expected.`, { yielded });
    }
  };
}

function toUpdate(value: unknown): ProgressUpdate | null {
  if (typeof value !== "object" || value === null) return null;
  const { current, total, message, data, checkpoint } = value as Partial<ProgressUpdate>;
  if (typeof current !== "number" || !Number.isFinite(current)) return null;
  const update: Writable = { current };
  if (typeof total === "number" && Number.isFinite(total)) update.total = total;
  if (message !== undefined && message !== null) update.message = String(message);
  if (typeof data === "object" && data !== null) update.data = plainNotes(data);
  if (checkpoint !== undefined)
    update.checkpoint = plainCopy(checkpoint, "CHECKPOINT_NOT_SERIALIZABLE", "checkpoint");
  return update;
}
