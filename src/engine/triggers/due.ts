// When a task is due: from "not before" or "in so many seconds" to what its memo keeps. Pure.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { isoTime } from "../../lib/clock.ts";
import type { TaskMemo } from "../../task/record.ts";

export type Due = Pick<TaskMemo, "not_before" | "delay_seconds">;

/** What a request says; null where a delay is taken back. */
export interface WantedDue {
  readonly not_before?: string | null;
  readonly delay_seconds?: number | null;
}

export const atOnce: Due = { not_before: undefined, delay_seconds: undefined };

/** Longer than any machine lives, and still a time. */
const longestDelaySeconds = 1e9;

/** A delay counts real time; the time it ends by the wall clock is kept for the next boot. */
export function afterSeconds(seconds: number, now: number): Due {
  const delay_seconds = Math.min(Math.max(0, seconds), longestDelaySeconds);
  return { not_before: isoTime(now + delay_seconds * 1000), delay_seconds };
}

/** Null where the request says nothing about it. @throws INVALID_REQUEST */
export function dueOf({ not_before, delay_seconds }: WantedDue, now: number): Due | null {
  if (not_before === undefined && delay_seconds === undefined) return null;
  if (typeof not_before === "string" && typeof delay_seconds === "number")
    throw invalid("delay_seconds", "it stands beside not_before; give one of the two");
  if (typeof delay_seconds === "number") {
    if (delay_seconds >= 0) return delay_seconds === 0 ? atOnce : afterSeconds(delay_seconds, now);
    throw invalid("delay_seconds", `expected 0 or more, found ${delay_seconds}`);
  }
  if (typeof not_before !== "string") return atOnce;
  const at = Date.parse(not_before);
  if (Number.isNaN(at)) throw invalid("not_before", `expected an ISO 8601 time, found '${not_before}'`);
  return { not_before: isoTime(at), delay_seconds: undefined };
}

const invalid = (path: string, message: string): RuntimeError =>
  new RuntimeError("INVALID_REQUEST", { errors: [{ path, message }] });
