// What falls due, and what becomes of it. Pure: from a schedule, a calendar and a time to an answer.
import { isoTime } from "../../lib/clock.ts";
import type { CatchUp, Schedule } from "./record.ts";

/** As much of a calendar as the rules ask. */
export interface Times {
  next(line: string, zone: string, after: number): number | null;
  latest(line: string, zone: string, now: number, most: number): number[];
}

/** One time at which a schedule falls due. */
export interface Due {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The number of the interval; 0 for a cron line. */
  readonly slot: number;
}

/** No more than the latest so many are caught up with. */
export const mostCaughtUp = 100;

/** Later than this a time has been missed, and the catch-up policy decides. */
export const onTimeMs = 60_000;

/** The clock was set, rather than corrected little by little. */
export const clockJumpMs = 1000;

/** The same time never brings two tasks, not even across a crash: both would carry this key. */
export const keyOf = ({ id, cron }: Schedule, { at, slot }: Due): string =>
  `schedule:${id}:${cron === null ? slot : isoTime(at)}`;

export interface Look {
  /** Oldest first; the latest `mostCaughtUp` + 1 at most. */
  readonly dues: readonly Due[];
  /** Those before them: exact for intervals; of a cron line they are not counted. */
  readonly before: number;
  /** Falls due after these; null: never again. */
  readonly next: number | null;
}

/** Everything that fell due and is not yet decided. */
export function lookAt(schedule: Schedule, times: Times, now: number): Look {
  const { cron, every_seconds: seconds, time_zone: zone, slot } = schedule;
  const first = msOf(schedule.next_run_at);
  if (first === null || first > now) return { dues: [], before: 0, next: first };
  if (cron === null) {
    const every = (seconds ?? 1) * 1000;
    const after = Date.parse(schedule.handled_until);
    const count = Math.floor((now - after) / every);
    const before = Math.max(0, count - mostCaughtUp - 1);
    const dues = Array.from({ length: count - before }, (_, index) => before + index + 1).map((number) => ({
      at: after + number * every,
      slot: slot + number,
    }));
    return { dues, before, next: after + (count + 1) * every };
  }
  const dues: number[] = [];
  let next: number | null = first;
  while (next !== null && next <= now && dues.length <= mostCaughtUp) {
    dues.push(next);
    next = times.next(cron, zone, next);
  }
  const areMore = next !== null && next <= now;
  const latest = areMore ? times.latest(cron, zone, now, mostCaughtUp + 1) : dues;
  return {
    dues: latest.map((at) => ({ at, slot: 0 })),
    before: 0,
    next: areMore ? times.next(cron, zone, now) : next,
  };
}

/** Which of them bring a task. @param dues oldest first */
export function toFire(dues: readonly Due[], policy: CatchUp, now: number): readonly Due[] {
  if (policy === "all") return dues.slice(-mostCaughtUp);
  const latest = dues.slice(-1);
  return policy === "once" ? latest : latest.filter(({ at }) => now - at <= onTimeMs);
}

/**
 * The schedule in the time of a clock that may have been set meanwhile.
 * @param jumped by how many milliseconds since its times were written down
 */
export function afterClockChange(schedule: Schedule, jumped: number, times: Times, now: number): Schedule {
  if (schedule.cron === null) return Math.abs(jumped) < clockJumpMs ? schedule : shifted(schedule, jumped);
  // What was passed over in a time that is now to come falls due again; what was fired does not.
  const until = rewindTo(schedule, now);
  return until === null ? schedule : from(schedule, until, times);
}

/** An interval counts the time that passes, not what the clock shows. */
const shifted = (schedule: Schedule, ms: number): Schedule => ({
  ...schedule,
  handled_until: isoTime(Date.parse(schedule.handled_until) + ms),
  next_run_at: schedule.next_run_at && isoTime(Date.parse(schedule.next_run_at) + ms),
});

/** Everything until then counts as decided. */
export function from(schedule: Schedule, until: number, times: Times): Schedule {
  const { cron, every_seconds: seconds, time_zone: zone, paused } = schedule;
  const next = cron === null ? until + (seconds ?? 1) * 1000 : times.next(cron, zone, until);
  return {
    ...schedule,
    handled_until: isoTime(until),
    next_run_at: paused || next === null ? null : isoTime(next),
  };
}

/** Whether something was handled in a time that is still to come: the clock was put back. */
export const isAheadOf = ({ handled_until }: Schedule, now: number): boolean =>
  Date.parse(handled_until) > now;

/** When to look at it, by a clock that was set by so much since its times were written down; null: never. */
export function wakingTimeOf(schedule: Schedule, jumped: number, now: number): number | null {
  const next = msOf(schedule.next_run_at);
  if (next === null) return null;
  if (schedule.cron === null) return Math.abs(jumped) < clockJumpMs ? next : next + jumped;
  return rewindTo(schedule, now) === null ? next : now;
}

/**
 * Where a clock that was put back takes it, or null where nothing changes: behind what was fired, and not to a time
 * before it was made. A machine without a battery begins in 1970 until it has asked for the time.
 */
function rewindTo(schedule: Schedule, now: number): number | null {
  const until = Math.max(now, msOf(schedule.last_due_at) ?? 0, Date.parse(schedule.created_at));
  return until < Date.parse(schedule.handled_until) ? until : null;
}

const msOf = (time: string | null): number | null => (time === null ? null : Date.parse(time));
