// A schedule as the disk keeps it, and the store behind it. Records are immutable: replaced, never changed.
import type { Failure } from "../../errors/runtime-error.ts";
import { isoTime } from "../../lib/clock.ts";
import type { SubmitRequest } from "../requests.ts";

export const overlaps = ["skip", "queue", "replace", "allow"] as const;
/**
 * What happens when it falls due while a task of its own has not ended. skip: nothing. queue: the new one waits for it.
 * replace: it is cancelled, and the new one follows. allow: both.
 */
export type Overlap = (typeof overlaps)[number];

export const catchUps = ["skip", "once", "all"] as const;
/** What becomes of the times that passed while nobody could fire. skip: nothing. once: one task for all. all: one each. */
export type CatchUp = (typeof catchUps)[number];

/** What is submitted at each firing. When it may start is the schedule's business. */
export type ScheduledRequest = Omit<SubmitRequest, "not_before" | "delay_seconds" | "depends_on">;

/** What the owner says. */
export interface ScheduleWishes {
  readonly request: ScheduledRequest;
  /** One of the two, the other is null. */
  readonly cron: string | null;
  readonly every_seconds: number | null;
  /** IANA name, in which the cron line is read. */
  readonly time_zone: string;
  readonly overlap: Overlap;
  readonly catch_up: CatchUp;
  /** While paused nothing falls due, and nothing is missed. */
  readonly paused: boolean;
}

/** A firing that brought no task. */
export interface FiringFailure extends Failure {
  readonly due_at: string;
}

/** What has become of it so far. */
export interface ScheduleHistory {
  /** Everything that fell due until then is decided. */
  readonly handled_until: string;
  /** Null while paused, and where it never falls due again. */
  readonly next_run_at: string | null;
  /** How many intervals have passed: the name of the next one. Stays 0 for cron lines. */
  readonly slot: number;
  /** Tasks submitted. */
  readonly fired: number;
  /** Times that fell due and brought no task. */
  readonly missed: number;
  /** When the latest task was submitted. */
  readonly last_run_at: string | null;
  /** The latest time that brought a task; one that was asked for by hand does not count. */
  readonly last_due_at: string | null;
  readonly last_task_id: string | null;
  /** The latest; null once a firing has succeeded again. */
  readonly last_error: FiringFailure | null;
  /** Its tasks that had not ended when it was last looked at. */
  readonly open_tasks: readonly string[];
}

export interface Schedule extends ScheduleWishes, ScheduleHistory {
  readonly id: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Of a schedule that is made now. */
export const newHistory = (now: number): ScheduleHistory & Pick<Schedule, "created_at" | "updated_at"> => ({
  handled_until: isoTime(now),
  next_run_at: null,
  slot: 0,
  fired: 0,
  missed: 0,
  last_run_at: null,
  last_due_at: null,
  last_task_id: null,
  last_error: null,
  open_tasks: [],
  created_at: isoTime(now),
  updated_at: isoTime(now),
});

/** Where schedules live when the power is off. */
export interface ScheduleStore {
  /** Every schedule, the oldest first. */
  read(): Promise<readonly Schedule[]>;
  /** Resolves when it survives a power cut. @throws STORE_UNAVAILABLE, and then nothing has changed */
  save(schedule: Schedule): Promise<void>;
  /** Forgets it, durably. @throws STORE_UNAVAILABLE */
  remove(id: string): Promise<void>;
  /** What has already happened: written soon, and tried again until the disk takes it. */
  note(schedule: Schedule): void;
  /** Writes what was noted. Never rejects. */
  close(): Promise<void>;
}
