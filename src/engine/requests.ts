// The verbs of the engine, as the API, the command line and embedding programs use them.
import type { Status } from "../task/lifecycle.ts";
import type { LaneName, RetryPolicy, WorkLimits } from "../task/policy.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type {
  Dependency,
  OnDependencyFailure,
  TaskRecord,
  TaskView,
  WebhookRequest,
} from "../task/record.ts";
import type { DeviceStop } from "./machine/port.ts";
import type { LogEntry, PauseReason } from "./ports.ts";

export interface SubmitRequest {
  /** The type's name, with or without `_task`. */
  readonly task: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  /** -100 to 100, default the type's. */
  readonly priority?: number;
  readonly timeout_seconds?: number | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  readonly user_context?: unknown;
  /** Instead of the type's; what is left out has its default. */
  readonly retry?: Partial<RetryPolicy>;
  /** ISO time, or the same as seconds from now; one of the two. */
  readonly not_before?: string;
  readonly delay_seconds?: number;
  readonly depends_on?: readonly Dependency[];
  /** Default cancel. */
  readonly on_dependency_failure?: OnDependencyFailure;
  readonly group?: string;
  /** Instead of the type's. */
  readonly lane?: Extract<LaneName, "isolated" | "fleet">;
  readonly limits?: Partial<WorkLimits>;
  readonly webhooks?: readonly WebhookRequest[];
}

export interface BatchTask extends SubmitRequest {
  /** How the others of its batch name it in `depends_on`; `ctx.dependencies` shows it. */
  readonly key?: string;
}

export interface BatchRequest {
  readonly tasks: readonly BatchTask[];
  /** Of those that name none of their own. */
  readonly group?: string;
}

export interface SubmittedBatch {
  /** In the order of the request. */
  readonly tasks: readonly TaskRecord[];
  readonly group: string | null;
  /** The id of each task that was given a key. */
  readonly keys: Readonly<Record<string, string>>;
}

export interface DrainOptions {
  /** Then nobody waits longer. Default: as long as it takes. */
  readonly timeoutSeconds?: number;
}

export interface Idempotency {
  readonly key: string;
  /** A digest of the body: the same key with another digest is refused. */
  readonly digest: string;
}

/** A wish not to be queued behind one of its kind: the submit is refused instead. */
export interface Alone {
  /** Names of task types; while a task of one of them is pending or under way there is no other. */
  readonly types: readonly string[];
  /** What an owner changes who wants it otherwise. */
  readonly setting: string;
}

export interface ListFilter {
  readonly status?: readonly Status[];
  readonly task?: string;
  readonly category?: string;
  readonly group?: string;
  /** A part of the name, whatever its case. */
  readonly name?: string;
  /** Milliseconds since 1970: ended at or after, those that live: submitted at or after. */
  readonly from?: number;
  /** Before this time. */
  readonly to?: number;
}

export interface Page {
  /** At most this many. */
  readonly limit: number;
  /** Where the last page ended. */
  readonly cursor?: string;
}

export interface TaskPage {
  readonly tasks: readonly TaskView[];
  /** Where the next page begins, or null. */
  readonly next: string | null;
}

export interface ChangeRequest {
  readonly name?: string;
  readonly priority?: number;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  /** One of the two; null takes the delay back. */
  readonly not_before?: string | null;
  readonly delay_seconds?: number | null;
}

export interface GroupView {
  readonly group: string;
  /** One for all: see docs/groups.md. */
  readonly status: Status;
  readonly counts: Readonly<Record<Status, number>>;
  /** Of `total` tasks so many have ended; `percent` counts what the others have done, too. */
  readonly progress: { readonly current: number; readonly total: number; readonly percent: number };
  /** Of its first task. */
  readonly created_at: string;
  /** When the last of them ended; null while one has not. */
  readonly completed_at: string | null;
}

export interface QueueView {
  readonly paused: boolean;
  readonly paused_because: PauseReason | null;
  readonly paused_since: string | null;
  /** Those because of which the queue came up paused. */
  readonly interrupted_tasks: readonly string[];
  readonly length: number;
  /** In the order in which they would start. */
  readonly tasks: readonly TaskView[];
  /** Pending, but not yet in the queue: each says in `blocked_by` what for. */
  readonly later: readonly TaskView[];
  readonly running: readonly TaskView[];
}

/** `cancel`: at once. `after_step`: at its next checkpoint. Both let it clean up. */
export const cancelGrades = ["cancel", "after_step"] as const;
export type CancelGrade = (typeof cancelGrades)[number];

/** What an emergency stop has done. */
export interface StopReport {
  /** Every device that can move stands still. */
  readonly stopped: boolean;
  /** The stop is on the disk, and outlives a power cut. */
  readonly stored: boolean;
  readonly devices: readonly DeviceStop[];
  /** Everything that ran or waited. */
  readonly tasks: readonly { readonly id: string; readonly task: string; readonly status: Status }[];
}

/** What the stop of one device has done. */
export interface DeviceStopReport extends DeviceStop {
  /** That the tasks which held it are being stopped is on the disk. */
  readonly stored: boolean;
  /** Those that held it. */
  readonly tasks: StopReport["tasks"];
}

export interface DurationStats {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface TaskStats {
  readonly counts: Readonly<Record<Status, number>>;
  readonly queue_length: number;
  readonly busy_workers: number;
  readonly tasks: Readonly<
    Record<
      string,
      {
        readonly count: number;
        /** completed / (completed + failed), or null. */
        readonly success_rate: number | null;
        readonly duration_seconds: DurationStats;
        readonly wait_seconds: DurationStats;
      }
    >
  >;
}

/** Every refusal is a RuntimeError of the catalogue. Records come back as they are durable. */
export interface Tasks {
  /** @throws UNKNOWN_TASK_TYPE, INVALID_PARAMETERS, UNKNOWN_DEPENDENCY, BUSY, IDEMPOTENCY_CONFLICT, STORE_UNAVAILABLE, SHUTTING_DOWN */
  submit(request: SubmitRequest, idempotency?: Idempotency, alone?: Alone): Promise<TaskRecord>;
  /** All or none, in one write. @throws the same, with the place in `errors`; DEPENDENCY_CYCLE */
  submitBatch(batch: BatchRequest, idempotency?: Idempotency): Promise<SubmittedBatch>;
  /** @throws UNKNOWN_TASK */
  get(id: string): TaskView;
  /** Live and ended, oldest first. */
  list(filter?: ListFilter, page?: Page): TaskPage;
  /** Ended only, newest first. */
  history(filter?: ListFilter, page?: Page): TaskPage;
  /** Everything that has not ended, oldest first: what a snapshot shows. */
  live(): TaskView[];
  /** The task once it has ended, or as it is when the time is over. @throws UNKNOWN_TASK */
  waitFor(id: string, options?: { timeoutSeconds?: number }): Promise<TaskView>;
  /** Idempotent while cancelling. @throws WRONG_STATE when it has ended */
  cancel(id: string, grade?: CancelGrade): Promise<TaskView>;
  pause(id: string): Promise<TaskView>;
  resume(id: string): Promise<TaskView>;
  restart(id: string): Promise<TaskView>;
  /** Answers the question a task stands at. @throws NO_QUESTION, INVALID_ANSWER */
  answer(id: string, answer: unknown): Promise<TaskView>;
  change(id: string, change: ChangeRequest): Promise<TaskView>;
  /** What its tasks make of a group. @throws UNKNOWN_GROUP */
  group(name: string): GroupView;
  /** Cancels all of its tasks that have not ended; no harm where all have. @throws UNKNOWN_GROUP */
  cancelGroup(name: string): Promise<GroupView>;
  /** Forgets an ended or interrupted task. @throws TASK_NEEDED while one that has not ended depends on it */
  remove(id: string): Promise<void>;
  /** Forgets ended tasks, older than the age where one is given; not those that others wait for. */
  cleanup(options: { maxAgeSeconds?: number; status?: readonly Status[] }): Promise<number>;
  /** What the task itself would report. @throws WRONG_STATE unless it runs */
  updateProgress(id: string, update: ProgressUpdate): void;
  stats(): TaskStats;
  queue(): QueueView;
  pauseQueue(): Promise<void>;
  /** Releases the devices after an emergency stop, too. */
  resumeQueue(): Promise<void>;
  /** The emergency stop. Never refused; answers in bounded time. */
  stop(): Promise<StopReport>;
  /** Stops one device and cancels the tasks that hold it; the queue goes on. @throws UNKNOWN_DEVICE */
  stopDevice(name: string): Promise<DeviceStopReport>;
  /** The task's last lines, oldest first. @throws UNKNOWN_TASK */
  logs(id: string): Promise<readonly LogEntry[]>;
}
