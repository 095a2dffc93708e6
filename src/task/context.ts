// What `run(parameters, ctx)` is handed: one interface for tasks in the event loop, one for blocking ones.
import type { z } from "zod";
import type { Children } from "./children.ts";
import type { DependencyOutcome } from "./dependencies.ts";
import type { DeviceOf } from "./devices.ts";
import type { Claims } from "./policy.ts";
import type { Services } from "./services.ts";

export interface TaskLog {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Where a task may read and write. */
export interface TaskFiles {
  /** The data directory, absolute. */
  readonly data: string;
  /** A folder of this task's own, absolute, made on first use. */
  readonly own: string;
  /**
   * The absolute path of an input file.
   * @throws PATH_REFUSED outside the data directory and the media directories, FILE_NOT_FOUND
   */
  resolve(path: string): string;
}

/**
 * Asks the operator: the task is paused until an answer comes that fits the schema.
 * @param timeoutSeconds after which `default` is taken, or QUESTION_EXPIRED thrown; without it the task waits
 * @throws QUESTION_EXPIRED, Cancelled once when the task is to stop
 */
export type Ask = <Schema extends z.ZodType>(
  schema: Schema,
  prompt: string,
  options?: { readonly timeoutSeconds?: number; readonly default?: z.input<Schema> },
) => Promise<z.output<Schema>>;

/**
 * One step that must not hang: when the time is over its signal is aborted, and the call rejects once `work` has settled,
 * a second later at most.
 * @param seconds 0 or more
 * @param work is to pass the signal on, as in `(signal) => device.moveTo(target, { signal })`; a cancel aborts it, too
 * @throws DEADLINE_EXCEEDED, what `work` throws, Cancelled once when the task is to stop
 */
export type Deadline = <Result>(
  seconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
) => Promise<Result>;

interface SharedContext<Checkpoint> {
  readonly taskId: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** The state an earlier attempt saved, when this one continues there. */
  readonly resumedFrom: Checkpoint | undefined;
  readonly userContext: unknown;
  /** The tasks it depends on, in the order of `depends_on`; without those that are no longer kept. */
  readonly dependencies: readonly DependencyOutcome[];
  readonly log: TaskLog;
  readonly files: TaskFiles;
  /** True once the task is to stop; a task that asks and returns ends as cancelled. */
  isCancelled(): boolean;
  /** @param total null where it is not known @param data as in `ProgressUpdate` */
  progress(current: number, total?: number | null, message?: string, data?: Record<string, unknown>): void;
  /** Kept for the case that the task is cancelled or times out. */
  partialResult(value: unknown): void;
  /** Registers a file the task has written; absolute, or relative to the data directory. */
  artifact(file: string, name?: string): void;
}

/** For `async run` and `async *run`. */
export interface AsyncContext<Checkpoint = unknown, Uses extends Claims = Claims>
  extends SharedContext<Checkpoint> {
  /** Its reason is a `Cancelled` that says user, timeout, shutdown or dependency. */
  readonly signal: AbortSignal;
  /** It is to pause: for what goes on between two checkpoints, as a move that is to be held. */
  readonly isPausing: boolean;
  /** @throws Cancelled, once, when the task is to stop */
  sleep(ms: number): Promise<void>;
  /** The one place where a task pauses, stops and is saved; resolves when `state` is durable. @throws Cancelled, once */
  checkpoint(state?: Checkpoint): Promise<void>;
  readonly devices: { readonly [Name in keyof Uses]: DeviceOf<Name & string> };
  readonly services: Services;
  readonly deadline: Deadline;
  readonly ask: Ask;
  /** Other tasks as part of this one. */
  readonly tasks: Children;
}

/** For blocking tasks, in a worker: everything is synchronous. */
export interface BlockingContext<Checkpoint = unknown> extends SharedContext<Checkpoint> {
  /** `aborted` is read from shared memory, so a busy loop sees it. */
  readonly signal: { readonly aborted: boolean; readonly reason: unknown };
  /** Blocks the worker. @throws Cancelled, once, when the task is to stop */
  sleep(ms: number): void;
  /** The one place where a task pauses, stops and is saved. @throws Cancelled, once */
  checkpoint(state?: Checkpoint): void;
}
