// The refusal of what a task in this state cannot do, with what can be done instead.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Entry } from "../board/entry.ts";

/** @param verb as in "be paused" @param allowed the states, as a sentence lists them */
export function wrongState(entry: Entry, verb: string, allowed: string): RuntimeError {
  const { id, status } = entry.stored.record;
  const hint = {
    completed: " POST /tasks with the same body runs it again as a new task.",
    failed: ` POST /tasks/${id}/restart runs it again.`,
    cancelled: ` POST /tasks/${id}/restart runs it again.`,
  }[status as string];
  return new RuntimeError("WRONG_STATE", {
    id,
    status,
    verb,
    allowed: allowed.split(/, | or /),
    hint: hint ?? "",
  });
}
