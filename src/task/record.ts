// One task as the disk keeps it and the wire shows it. Records are immutable: replaced, never changed.
import type { Failure } from "../errors/runtime-error.ts";
import type { Status } from "./lifecycle.ts";
import type { Claims, LaneName, RetryPolicy, WorkLimits } from "./policy.ts";
import type { Progress } from "./progress.ts";

export interface AttemptRecord {
  readonly number: number;
  readonly started_at: string;
  readonly ended_at: string | null;
  /** `postponed`: it asked to be tried later. */
  readonly outcome: "completed" | "failed" | "postponed" | "cancelled" | "interrupted" | null;
  readonly error: string | null;
}

/** A file a task has written, as its lane tells of it. */
export interface WrittenFile {
  readonly name: string;
  /** Relative to the data directory where it lies below it, else absolute. */
  readonly file: string;
  readonly type: string;
  readonly bytes: number;
  readonly created_at: string;
}

export interface ArtifactRecord extends WrittenFile {
  /** sha256 of the content when it was registered, hex; null where it could not be read. */
  readonly hash: string | null;
  /** The attempt that wrote it, and the code it ran; null where that was not yet remembered. */
  readonly origin: { readonly attempt: number; readonly source_hash: string } | null;
}

export interface TaskSource {
  /** Relative to the project where it lies below it, else absolute. */
  readonly file: string;
  /** sha256 of the file's content, hex. */
  readonly hash: string;
}

export const dependencyEnds = ["success", "end"] as const;
export const dependencyPolicies = ["cancel", "fail", "run"] as const;

/** What a task waits for before it takes part. */
export interface Dependency {
  /** The id of the task. */
  readonly task: string;
  /** `success`: completed. `end`: however it ended. */
  readonly when: (typeof dependencyEnds)[number];
}

/** What becomes of a task when one it depends on did not succeed. */
export type OnDependencyFailure = (typeof dependencyPolicies)[number];

/** What a task asks the operator. */
export interface Question {
  readonly prompt: string;
  /** JSON Schema of the answer. */
  readonly schema: object;
  /** Taken when nobody answers in time; null where there is none. */
  readonly default: unknown;
  readonly expires_at: string | null;
}

/** Who is told when the status of one task changes. */
export interface WebhookRequest {
  readonly url: string;
  /** Event types as in events/catalogue.ts. */
  readonly events: readonly string[];
}

/** The task as it is stored. Fields that have no value are null. Times are ISO 8601, UTC. */
export interface TaskRecord {
  readonly id: string;
  readonly name: string;
  readonly task: string;
  readonly action: string;
  readonly category: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly is_exclusive: boolean;
  readonly is_blocking: boolean;
  readonly lane: LaneName;
  readonly status: Status;
  readonly progress: Progress;
  /** What `run` returned, or `{file, bytes}` where it lies in a file of its own. */
  readonly result: unknown;
  /** A sentence for people. */
  readonly error: string | null;
  /** The same for programs. */
  readonly failure: Failure | null;
  readonly partial_result: unknown;
  readonly attempt: number;
  /** The latest hundred. */
  readonly attempts: readonly AttemptRecord[];
  readonly priority: number;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly user_context: unknown;
  readonly group: string | null;
  readonly depends_on: readonly Dependency[];
  readonly question: Question | null;
  readonly source: TaskSource;
  readonly artifacts: readonly ArtifactRecord[];
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly updated_at: string;
}

/** Why a task waits; one entry for each thing it waits for. */
export interface Blocker {
  readonly because: string;
  readonly task_id: string | null;
  readonly resource: string | null;
  readonly since: string;
}

/** The record plus where it stands in the queue right now. */
export interface TaskView extends TaskRecord {
  readonly blocked_by: readonly Blocker[];
  /** 1 is next; null unless pending. */
  readonly queue_position: number | null;
  /** While pausing: it is cancelled as soon as it stands at a checkpoint. */
  readonly stops_after_step: boolean;
  /** Since when nothing is heard of it, or null while that is not too long. */
  readonly silent_since: string | null;
  /** Since when it has ignored its cancel, or null. */
  readonly stuck_since: string | null;
}

export interface StoredCheckpoint {
  readonly value: unknown;
  /** The code that wrote it: a checkpoint is trusted only by the same code. */
  readonly hash: string;
  readonly saved_at: string;
}

/** What one submit wished beyond the policy of its type. */
export interface Wishes {
  readonly retry?: RetryPolicy;
  readonly limits?: WorkLimits;
  readonly on_dependency_failure?: OnDependencyFailure;
  readonly webhooks?: readonly WebhookRequest[];
  /** How its batch called it. */
  readonly key?: string;
  /** The task that submitted this one: it ends with it. */
  readonly parent?: string;
}

/** How often the process died while the task ran. */
export interface Crashes {
  /** The boot of the machine in which it did. */
  readonly boot: string;
  readonly count: number;
  /** When the checkpoint was saved that the task had by then: with a newer one the count begins anew. */
  readonly checkpoint: string | null;
}

/** What the runtime remembers of a task besides its record; never on the wire. */
export interface TaskMemo {
  /** First come, first served: grows with every submit and restart. */
  readonly order: number;
  readonly timeout_seconds: number | null;
  readonly checkpoint: StoredCheckpoint | null;
  /** The next attempt continues from the checkpoint. */
  readonly continues: boolean;
  readonly idempotency: { readonly key: string; readonly digest: string } | null;
  /** Why it is being cancelled; decides how it ends if the power goes meanwhile. */
  readonly cancel_reason: "user" | "timeout" | "dependency" | null;
  /** It was running when the runtime was shut down: the next boot follows its restart policy. */
  readonly shut_down: boolean;
  /** While `pausing`: it is to end at its next checkpoint. */
  readonly stops_after_step?: true | undefined;
  /** Absent for most tasks, as all that follow. */
  readonly wishes?: Wishes;
  /** Not before this time, ISO. */
  readonly not_before?: string;
  /** It was a delay, or is the pause before a retry, this long: it counts real time, whatever the clock says. */
  readonly delay_seconds?: number;
  /** How many attempts have failed since its owner set it going: what a retry policy counts. */
  readonly failures?: number;
  readonly crashes?: Crashes;
  /** What it claims, where that follows from its parameters. */
  readonly claims?: Claims;
}

export interface StoredTask {
  readonly record: TaskRecord;
  readonly memo: TaskMemo;
}
