// Turns the end of an attempt into the task's last record: what was returned, thrown, or left half done.
import { RuntimeError, toFailure } from "../../errors/runtime-error.ts";
import { deferred } from "../../lib/deferred.ts";
import type { Logger } from "../../lib/logger.ts";
import type { StoredTask } from "../../task/record.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Ending, ResultFiles } from "../ports.ts";
import { interrupted } from "../restore/restore.ts";
import { cancelled, completed, failed, type Left, runningOn } from "../transition.ts";
import { type AgainDeps, anotherAttempt, tryAgain } from "./again.ts";
import type { Attempt } from "./attempt.ts";
import { type Verdict, verdict } from "./verdict.ts";

export interface EndingDeps extends AgainDeps {
  readonly log: Logger;
  readonly results: ResultFiles;
  /** Back to where pending tasks wait. */
  readonly enqueue: (entry: Entry) => void;
  /** Nobody waits for a disk any more. */
  readonly isClosed: () => boolean;
}

const inlineBytes = 64 * 1024;
const largestBytes = 16 * 1024 * 1024;
const retryMs = 500;

/** The event, whoever waits and the answer follow the disk. */
export function settle(entry: Entry, attempt: Attempt, ending: Ending, deps: EndingDeps): Promise<void> {
  const progress = entry.progress?.close() ?? entry.stored.record.progress;
  return entry.serially(async () => {
    const { reason, stopsAfterStep, timeoutSeconds } = attempt;
    const { partialResult } = entry;
    const decided = verdict(ending, { reason, stopsAfterStep, timeoutSeconds, partialResult });
    const kept = keepLarge(entry.id, decided, deps);
    const outcome = kept instanceof Promise ? await kept : kept;
    const partial_result =
      outcome.to !== "completed" && "partialResult" in outcome ? outcome.partialResult : partialResult;
    const left = { progress, partial_result };
    const again = anotherAttempt(entry, attempt, ending, outcome, deps);
    if (again) {
      await tryAgain(entry, again, left, deps);
      // Cancelled while the disk was asked.
      if (attempt.isUnwanted) await deps.changes.insist(entry, cancelled, { type: "task_cancelled" });
    } else
      await deps.changes.insist(entry, (task, now) => lastRecord(task, now, outcome, left), eventOf(outcome));
    entry.attempt = null;
    entry.progress = null;
    if (entry.stored.record.status === "pending") deps.enqueue(entry);
  });
}

function lastRecord(ending: StoredTask, now: number, outcome: Verdict, left: Left): StoredTask {
  const task = runningOn(ending, outcome.to, now);
  switch (outcome.to) {
    case "completed":
      return completed(task, now, outcome.result, left);
    case "failed":
      return failed(task, now, outcome.failure, left);
    case "cancelled":
      return cancelled(task, now, left);
    case "interrupted":
      return interrupted(task, now, task.record.status === "running", left);
  }
}

function eventOf(outcome: Verdict): Parameters<Changes["insist"]>[2] {
  switch (outcome.to) {
    case "completed":
      return { type: "task_completed", result: outcome.result };
    case "failed":
      return { type: "task_failed", error: outcome.failure.message, failure: outcome.failure };
    case "cancelled":
      return { type: "task_cancelled" };
    case "interrupted":
      return { type: "task_interrupted" };
  }
}

/** Results above 64 KiB live in a file, above 16 MiB they fail the task. */
function keepLarge(id: string, outcome: Verdict, deps: EndingDeps): Verdict | Promise<Verdict> {
  if (outcome.to !== "completed") return outcome;
  const json = JSON.stringify(outcome.result);
  // One UTF-16 unit is at most three bytes.
  if (json.length * 3 <= inlineBytes) return outcome;
  const bytes = Buffer.byteLength(json);
  if (bytes <= inlineBytes) return outcome;
  if (bytes > largestBytes) {
    const error = new RuntimeError("RESULT_TOO_LARGE", { bytes, limit_bytes: largestBytes });
    return { to: "failed", failure: toFailure(error) };
  }
  return keepPatiently(id, json, deps).then((result) => ({ to: "completed", result }));
}

/** The work is done; its result waits for the disk as long as it takes. */
async function keepPatiently(id: string, json: string, deps: EndingDeps): Promise<unknown> {
  for (;;) {
    try {
      return await deps.results.keep(id, json);
    } catch (error) {
      if (deps.isClosed()) throw error;
      deps.log.warn({ err: error, task: id }, "a result could not be written yet");
      const later = deferred();
      deps.clock.after(retryMs, () => later.resolve());
      await later.promise;
    }
  }
}
