// What the engine needs of the world. It knows no disk, wire, pin, thread or clock of its own: it is handed these.
import type { Failure } from "../errors/runtime-error.ts";
import type { ChildOptions } from "../task/children.ts";
import type { DependencyOutcome } from "../task/dependencies.ts";
import type { Claims, Policy, WorkLimits } from "../task/policy.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { StoredTask, TaskSource, WrittenFile } from "../task/record.ts";
import type { CancelReason, Steering } from "../task/steering.ts";

/** A task type as the registry publishes it: a plain description, and two ways to use the code behind it. */
export interface TaskType {
  readonly name: string;
  readonly category: string;
  readonly description: string | null;
  readonly policy: Policy;
  readonly source: TaskSource;
  /** JSON Schema of the input, or null where the task takes what it gets. */
  readonly parametersSchema: object | null;
  readonly resultSchema: object | null;
  /** Checks parameters and fills in defaults. */
  validate(parameters: Readonly<Record<string, unknown>>): Validated;
  /**
   * What a task with these parameters claims; for types whose `usesDependOnParameters`, others are not asked.
   * @throws what the author's function throws
   */
  claimsOf(parameters: Readonly<Record<string, unknown>>): Claims | Promise<Claims>;
  /**
   * The runtime's own process has imported its file. False: only processes of their own do, so only the isolated lane and
   * the fleet can execute it; `validate` knows what JSON Schema can say then, and the class's own schema checks the rest at each start.
   */
  readonly isTrusted: boolean;
  /** A fresh instance for one attempt in this thread. @throws Error where the file is not trusted */
  create(): { run(parameters: unknown, context: unknown): unknown };
  /** Where a worker or a child finds the same class. */
  readonly module: { readonly url: string; readonly exportName: string };
}

export type Validated =
  | { readonly ok: true; readonly parameters: Record<string, unknown> }
  | { readonly ok: false; readonly issues: readonly FieldIssue[] };

export interface FieldIssue {
  /** As in `parameters.steps`, or `parameters.points[2].x`. */
  readonly path: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
}

export interface TaskTypes {
  get(name: string): TaskType | undefined;
  names(): string[];
  /** Why a type of this name (with or without `_task`) is not there although a file for it is, or null. */
  whyMissing(name: string): string | null;
}

/** What was stored, in the order it was created, and what could not be read. */
export interface StoredState {
  readonly tasks: readonly StoredTask[];
  /** Why nothing starts, or null. */
  readonly queuePause: QueuePause | null;
}

/** `user`: somebody asked for it. `stopped`: an emergency stop. `interrupted_hardware`: devices may stand anywhere. */
export const pauseReasons = ["user", "stopped", "interrupted_hardware"] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** The queue stands still until somebody resumes it. */
export interface QueuePause {
  readonly because: PauseReason;
  /** ISO; null where an older version stored it. */
  readonly since: string | null;
  /** The tasks that were interrupted while they held devices that move; else empty. */
  readonly task_ids: readonly string[];
}

/** Where tasks live when the power is off. Every promise resolves when its change survives a power cut. */
export interface TaskStore {
  read(): Promise<StoredState>;
  /** One change of one or more tasks, all or none. @throws STORE_UNAVAILABLE, and then nothing of it is kept */
  save(tasks: readonly StoredTask[]): Promise<void>;
  /** The same for what has already happened: kept and tried again until the disk takes it. Resolves only then. */
  insist(tasks: readonly StoredTask[]): Promise<void>;
  /** Forgets tasks, durably, with what belongs to them. @throws STORE_UNAVAILABLE */
  remove(ids: readonly string[]): Promise<void>;
  /** @throws STORE_UNAVAILABLE */
  setQueuePause(pause: QueuePause | null): Promise<void>;
  /** The same for what is so already: tried again until the disk takes it. */
  insistOnQueuePause(pause: QueuePause | null): Promise<void>;
}

/** What a lane needs to know of a type. */
export type WorkType = Pick<TaskType, "name" | "policy" | "source" | "module" | "create" | "isTrusted">;

/** What a lane is asked to execute: one attempt of one task. */
export interface Work {
  readonly taskId: string;
  readonly attempt: number;
  readonly type: WorkType;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The checkpoint to continue from, or undefined. */
  readonly resumedFrom: unknown;
  readonly userContext: unknown;
  /** Those it depends on, as they ended. */
  readonly dependencies: readonly DependencyOutcome[];
  /** The devices and names it holds; `ctx.devices` shows the devices among them. */
  readonly claims: Claims;
  readonly limits: WorkLimits;
}

/** What an attempt tells while it runs. All values are plain copies: what JSON carries, out of the task's reach. */
export interface WorkEvents {
  /** Cheap: may be called 100 000 times a second. A `checkpoint` in it is saved behind the task's back. */
  progress(update: ProgressUpdate): void;
  /** Resolves when the state is durable, or when the task is told to stop. */
  checkpoint(state: unknown): Promise<void>;
  /** The task stands at a checkpoint because of the request to pause with this number. */
  paused(request: number): void;
  partialResult(value: unknown): void;
  log(entry: LogEntry): void;
  artifact(artifact: WrittenFile): void;
  /** Resolves with the plain answer. @throws RuntimeError; when the task is to stop, CALL_ABANDONED */
  call(call: Call): Promise<unknown>;
}

/** What a task asks of the runtime while it runs, and waits for. Plain data: it crosses threads and processes. */
export type Call =
  | { readonly to: "ask"; readonly question: Asked }
  | {
      readonly to: "submit";
      readonly task: string;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly options: ChildOptions;
    }
  | { readonly to: "wait"; readonly id: string; readonly timeoutSeconds: number | null }
  | { readonly to: "cancel"; readonly id: string };

export interface Asked {
  readonly prompt: string;
  /** JSON Schema of the answer. */
  readonly schema: object;
  readonly default: unknown;
  readonly hasDefault: boolean;
  readonly timeoutSeconds: number | null;
}

export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly time: string;
  readonly message: string;
  readonly fields: Record<string, unknown> | null;
}

/** How an attempt ended. Values are plain: what JSON carries. */
export type Ending =
  | { readonly how: "returned"; readonly result: unknown; readonly sawCancel: boolean }
  /** `cancelled`: what was thrown was the cancel itself. */
  | {
      readonly how: "threw";
      readonly failure: Failure;
      readonly cancelled: boolean;
      readonly steering?: Steering;
    }
  /** The ladder's last step: `kill` was called and the worker is gone. */
  | { readonly how: "killed" }
  /** It was told to stop before anybody had begun with it. */
  | { readonly how: "withdrawn" };

/** One attempt under way. */
export interface LaneRun {
  /** Never rejects. Resolves when the work has really ended: generator closed, thread or process gone or free. */
  readonly ended: Promise<Ending>;
  /** Resolves when somebody has begun with it, where that is not at once: waiting for that is no running time. */
  readonly begun?: Promise<void>;
  /** The first reason counts. */
  cancel(reason: CancelReason): void;
  /** Requests are numbered; `paused(request)` answers. */
  pause(request: number): void;
  resume(): void;
  /** Ends the work whatever it does, or null where this lane cannot. */
  readonly kill: (() => void) | null;
}

/** A way of executing. Lanes are interchangeable: the scheduler never asks which one it is. */
export interface Lane {
  start(work: Work, events: WorkEvents): LaneRun;
  close(): Promise<void>;
}

/** The content of files tasks have written. */
export interface FileHashes {
  /** sha256, hex; null where it cannot be read. Never rejects. */
  of(file: string): Promise<string | null>;
}

/** What ended tasks have logged. */
export interface LogFiles {
  /** Instead of what was kept before. Never rejects: false where it could not be kept. */
  keep(taskId: string, lines: readonly LogEntry[]): Promise<boolean>;
  /** Empty where nothing was kept. Never rejects. */
  read(taskId: string): Promise<readonly LogEntry[]>;
}

/** Whoever tells the world about a task that asks for it. */
export interface Outlet {
  /** Why nothing is sent there, as in "is not a URL"; null where it is. */
  problemOf(url: string): string | null;
  /** Resolves when whatever happens from then on is told. @throws STORE_UNAVAILABLE */
  open(): Promise<unknown>;
}

/** Results too large for a record. */
export interface ResultFiles {
  /** Resolves when durable; the path is relative to the data directory. */
  keep(taskId: string, json: string): Promise<{ file: string; bytes: number }>;
  /** What was kept. @throws where it is gone or damaged */
  read(taskId: string): Promise<unknown>;
}

/** What an owner may limit; read anew at every decision, so that a change of settings applies live. */
export interface Limits {
  readonly maxConcurrentTasks: number;
  readonly blockingWorkers: number;
  /** How many shared claims a name bears at the same time; as many as want where it is not named. */
  readonly capacities: Readonly<Record<string, number>>;
  readonly defaultTimeoutSeconds: number | null;
  readonly cancelGraceSeconds: number;
  /** How long a running task may say nothing before it is reported; null is for ever. */
  readonly stallSeconds: number | null;
  readonly maxFinishedTasks: number;
  readonly maxFinishedAgeHours: number;
  readonly clearHistoryOnShutdown: boolean;
  readonly singleTaskMode: boolean;
  /** A task that names a device which another one claims is refused instead of waiting its turn. */
  readonly refusesClaimedDevices: boolean;
  /** The queue comes up paused where the power went while a task held devices that move. */
  readonly pauseAfterInterruptedHardware: boolean;
}
