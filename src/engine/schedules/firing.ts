// Fires what is due of one schedule: each time at most one task, and what brings none is counted and told.
import { isRuntimeError, RuntimeError, sentenceOf, toFailure } from "../../errors/runtime-error.ts";
import type { EventInput } from "../../events/catalogue.ts";
import { isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { isSettled, type Status } from "../../task/lifecycle.ts";
import type { Idempotency, SubmitRequest } from "../requests.ts";
import type { Schedule } from "./record.ts";
import { type Due, keyOf, lookAt, type Times, toFire } from "./rules.ts";

/** As much of the task manager as schedules need. */
export interface ScheduledTasks {
  /** @throws what a submit would refuse at once: UNKNOWN_TASK_TYPE, INVALID_PARAMETERS */
  check(request: SubmitRequest): void;
  submit(request: SubmitRequest, idempotency?: Idempotency): Promise<{ readonly id: string }>;
  /** The task that was submitted with this key, or null. */
  idOfKey(key: string): string | null;
  /** Null where it is no longer kept. */
  statusOf(id: string): Status | null;
  cancel(id: string): Promise<unknown>;
}

export interface FiringDeps {
  readonly tasks: ScheduledTasks;
  readonly publish: (event: EventInput) => void;
  readonly log: Logger;
}

export interface Fired {
  readonly schedule: Schedule;
  /** True where the runtime could take no task just now: the time is still due. */
  readonly again: boolean;
}

/** late: nobody could fire then. overlap: its last task had not ended. */
type WhyMissed = "late" | "overlap";

/** Tasks of one schedule that may wait or run at the same time. */
export const mostOpen = 100;

/** Everything that is due by now. Never rejects. */
export async function fireDue(
  schedule: Schedule,
  times: Times,
  now: number,
  deps: FiringDeps,
): Promise<Fired> {
  const { dues, before, next } = lookAt(schedule, times, now);
  const known = new Map(dues.map((due) => [due, deps.tasks.idOfKey(keyOf(schedule, due))]));
  const unknown = dues.filter((due) => known.get(due) === null);
  const chosen = new Set(toFire(unknown, schedule.catch_up, now));
  const late = unknown.filter((due) => !chosen.has(due));
  let after = missedLate(schedule, late, before, deps);
  for (const due of dues) {
    const taskId = known.get(due);
    if (taskId) after = took(after, due.at, taskId, now);
    if (chosen.has(due)) {
      const fired = await fire(after, due, now, deps);
      after = fired.schedule;
      if (fired.again) return { schedule: { ...after, next_run_at: isoTime(due.at) }, again: true };
    }
    after = { ...after, handled_until: isoTime(due.at), slot: due.slot };
  }
  return { schedule: { ...after, next_run_at: next === null ? null : isoTime(next) }, again: false };
}

function missedLate(schedule: Schedule, late: readonly Due[], before: number, deps: FiringDeps): Schedule {
  const latest = late.at(-1);
  if (!latest) return schedule;
  const count = before + late.length;
  tellMissed(schedule, latest, count, "late", deps);
  return { ...schedule, missed: schedule.missed + count };
}

/** Now, because somebody asked for it: whatever else runs. @throws what a submit throws */
export async function fireByHand(schedule: Schedule, now: number, deps: FiringDeps): Promise<Schedule> {
  const { id } = await deps.tasks.submit(requestOf(schedule, now));
  deps.publish({ type: "schedule_fired", task_id: id, schedule_id: schedule.id, due_at: null });
  return took({ ...schedule, open_tasks: openTasks(schedule, deps) }, null, id, now);
}

async function fire(schedule: Schedule, due: Due, now: number, deps: FiringDeps): Promise<Fired> {
  const open = openTasks(schedule, deps);
  if (open.length >= (schedule.overlap === "skip" ? 1 : mostOpen)) {
    tellMissed(schedule, due, 1, "overlap", deps);
    return { schedule: { ...schedule, open_tasks: open, missed: schedule.missed + 1 }, again: false };
  }
  const key = keyOf(schedule, due);
  try {
    const { id } = await deps.tasks.submit(requestOf(schedule, due.at, open), { key, digest: key });
    if (schedule.overlap === "replace") cancelAll(open, deps);
    deps.publish({
      type: "schedule_fired",
      task_id: id,
      schedule_id: schedule.id,
      due_at: isoTime(due.at),
    });
    return { schedule: took({ ...schedule, open_tasks: open }, due.at, id, now), again: false };
  } catch (error) {
    return refused(schedule, due, error, deps);
  }
}

/** A disk that is full and a machine that is busy come back; the catch-up policy says for how long that matters. */
const passing = (error: RuntimeError): boolean => error.kind === "unavailable" || error.code === "BUSY";

function refused(schedule: Schedule, due: Due, thrown: unknown, deps: FiringDeps): Fired {
  const error = isRuntimeError(thrown) ? thrown : new RuntimeError("INTERNAL", {}, { cause: thrown });
  const again = passing(error);
  const due_at = isoTime(due.at);
  const isTold = schedule.last_error?.due_at === due_at && schedule.last_error.code === error.code;
  // A runtime that shuts down fires after its next start.
  if (!isTold && error.code !== "SHUTTING_DOWN") {
    deps.log.warn({ err: thrown, schedule: schedule.id, due_at }, "a schedule could not submit its task");
    const failure = toFailure(error);
    deps.publish({
      type: "schedule_failed",
      task_id: null,
      schedule_id: schedule.id,
      due_at,
      failure,
      will_retry: again,
    });
  }
  const last_error = { ...toFailure(error), due_at };
  return { schedule: { ...schedule, last_error, missed: schedule.missed + (again ? 0 : 1) }, again };
}

/** Its tasks that wait or run. An interrupted one waits for its owner and holds up nobody. */
const openTasks = (schedule: Schedule, { tasks }: FiringDeps): string[] =>
  schedule.open_tasks.filter((id) => {
    const status = tasks.statusOf(id);
    return status !== null && !isSettled(status);
  });

function requestOf(schedule: Schedule, dueAt: number, open: readonly string[] = []): SubmitRequest {
  const { request, overlap } = schedule;
  const waits = overlap === "queue" || overlap === "replace" ? open : [];
  return {
    ...request,
    metadata: { ...request.metadata, schedule_id: schedule.id, due_at: isoTime(dueAt) },
    ...(waits.length > 0 && { depends_on: waits.map((task) => ({ task, when: "end" as const })) }),
  };
}

const took = (schedule: Schedule, dueAt: number | null, taskId: string, now: number): Schedule => ({
  ...schedule,
  fired: schedule.fired + 1,
  last_run_at: isoTime(now),
  last_due_at: dueAt === null ? schedule.last_due_at : isoTime(dueAt),
  last_task_id: taskId,
  last_error: null,
  open_tasks: [...schedule.open_tasks.filter((id) => id !== taskId), taskId].slice(-mostOpen),
});

function cancelAll(ids: readonly string[], { tasks, log }: FiringDeps): void {
  for (const id of ids)
    tasks.cancel(id).catch((error: unknown) => {
      const { code } = isRuntimeError(error) ? error : { code: null };
      if (code === "WRONG_STATE" || code === "UNKNOWN_TASK") return; // it has ended meanwhile
      log.warn(
        { task: id, problem: sentenceOf(error) },
        "a task that its schedule replaces is not yet cancelled",
      );
    });
}

function tellMissed(schedule: Schedule, due: Due, count: number, because: WhyMissed, deps: FiringDeps): void {
  const due_at = isoTime(due.at);
  deps.publish({ type: "schedule_missed", task_id: null, schedule_id: schedule.id, due_at, count, because });
}
