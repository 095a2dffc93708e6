// A result that is too large for its record lies in a file, and the record has `{file, bytes}` in its place.
import path from "node:path";
import type { TaskRecord } from "./record.ts";

/** The file, relative to the data directory, or null. It is named after the id, which no task knows. */
export function keptResult(task: TaskRecord): string | null {
  const { result } = task;
  if (typeof result !== "object" || result === null || !("file" in result) || !("bytes" in result))
    return null;
  const isKept =
    typeof result.file === "string" &&
    path.basename(result.file).startsWith(task.id) &&
    Object.keys(result).length === 2;
  return isKept ? (result.file as string) : null;
}
