// What an owner asks of a schedule, held against the calendar. Pure.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { FieldIssue } from "../ports.ts";
import { type Calendar, zoneIssue } from "./calendar.ts";
import type { ScheduledRequest, ScheduleWishes } from "./record.ts";

/** As an owner gives it: what is left out has its default. */
export interface ScheduleRequest extends Partial<Omit<ScheduleWishes, "request">> {
  readonly request: ScheduledRequest;
}

export type ScheduleChange = Partial<ScheduleWishes>;

/** Fills in defaults. @throws INVALID_REQUEST with every field that does not fit */
export function checked(asked: ScheduleRequest, calendar: Calendar, now: number): ScheduleWishes {
  const { request, cron = null, every_seconds = null, time_zone = "UTC", paused = false } = asked;
  const { catch_up = "skip" } = asked;
  const { overlap = catch_up === "all" ? "queue" : "skip" } = asked;
  const wishes = { request, cron, every_seconds, time_zone, overlap, catch_up, paused };
  const errors = issuesOf(wishes, calendar, now);
  if (errors.length > 0) throw new RuntimeError("INVALID_REQUEST", { errors });
  return wishes;
}

function issuesOf(wishes: ScheduleWishes, calendar: Calendar, now: number): FieldIssue[] {
  const { cron, every_seconds, time_zone, overlap, catch_up } = wishes;
  const zone = zoneIssue(time_zone);
  const issues = zone ? [zone] : [];
  if ((cron === null) === (every_seconds === null)) {
    const found = cron === null ? "neither" : "both";
    issues.push({ path: "cron", message: `expected either cron or every_seconds, found ${found}` });
  } else if (cron !== null) {
    const problem = calendar.problemOf(cron, zone ? "UTC" : time_zone, now);
    if (problem !== null) issues.push({ path: "cron", message: problem, found: cron });
  }
  if (catch_up === "all" && (overlap === "skip" || overlap === "replace"))
    issues.push({
      path: "overlap",
      message: `with catch_up 'all' expected 'queue' or 'allow', found '${overlap}': the first of them would stand in the way of the others`,
      found: overlap,
    });
  return issues;
}
