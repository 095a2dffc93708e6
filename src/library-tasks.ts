// The verbs of the engine as a program that embeds it writes them: camelCase, and functions beside task names.

import type { LogEntry } from "./engine/ports.ts";
import type {
  CancelGrade,
  DrainOptions,
  GroupView,
  ListFilter,
  SubmitRequest,
  SubmittedBatch,
  TaskStats,
  Tasks,
} from "./engine/requests.ts";
import type { EventBus } from "./events/bus.ts";
import type { AdHoc, FunctionParameters, Functions } from "./registry/functions.ts";
import { functionTask } from "./registry/functions.ts";
import type { Status } from "./task/lifecycle.ts";
import type { RetryPolicy, WorkLimits } from "./task/policy.ts";
import type { ProgressUpdate } from "./task/progress.ts";
import type { Dependency, OnDependencyFailure, TaskRecord, TaskView } from "./task/record.ts";

export interface SubmitOptions {
  /** For people; defaults to the type's or the function's name. */
  readonly name?: string;
  /** -100 to 100, higher first. */
  readonly priority?: number;
  /** Running time allowed per attempt; null is no limit. */
  readonly timeoutSeconds?: number | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What the task finds as `ctx.userContext`. */
  readonly userContext?: unknown;
  readonly retry?: Partial<RetryPolicy>;
  readonly notBefore?: Date;
  readonly delaySeconds?: number;
  readonly dependsOn?: readonly (string | Dependency)[];
  readonly onDependencyFailure?: OnDependencyFailure;
  readonly group?: string;
  readonly lane?: "isolated" | "fleet";
  readonly limits?: Partial<WorkLimits>;
}

export interface BatchItem extends SubmitOptions {
  readonly task: string;
  readonly parameters?: Parameters;
  /** How the others of the batch name it. */
  readonly key?: string;
}

type Parameters = Readonly<Record<string, unknown>>;

export interface LibraryTasks {
  /**
   * @returns the task as it was stored, durably; `waitFor` its id for the end
   * @throws RuntimeError: UNKNOWN_TASK_TYPE, INVALID_PARAMETERS, BUSY, STORE_UNAVAILABLE, SHUTTING_DOWN
   */
  submit(task: string, parameters?: Parameters, options?: SubmitOptions): Promise<TaskRecord>;
  /** Any function; it appears as `function_task` and cannot be run again by a later process. */
  submit(work: AdHoc, options?: SubmitOptions): Promise<TaskRecord>;
  /** All or none, in one durable step. `dependsOn` may name the `key` of another one of the batch. */
  submitBatch(tasks: readonly BatchItem[], options?: { group?: string }): Promise<SubmittedBatch>;
  /** What the tasks of a group make together. @throws UNKNOWN_GROUP */
  group(name: string): GroupView;
  cancelGroup(name: string): Promise<GroupView>;
  /** The task once it has ended, or as it is when the time is over. @throws UNKNOWN_TASK */
  waitFor(id: string, options?: { timeoutSeconds?: number }): Promise<TaskView>;
  /** What the task itself would report. @throws UNKNOWN_TASK, WRONG_STATE unless it runs */
  updateProgress(id: string, update: ProgressUpdate): void;
  /** @throws UNKNOWN_TASK */
  get(id: string): TaskView;
  /** Live and ended, oldest first. */
  list(filter?: Omit<ListFilter, "status"> & { status?: Status | readonly Status[] }): readonly TaskView[];
  /** `after_step` lets it go on to its next checkpoint and cancels it there. */
  cancel(id: string, grade?: CancelGrade): Promise<TaskView>;
  pause(id: string): Promise<TaskView>;
  resume(id: string): Promise<TaskView>;
  restart(id: string): Promise<TaskView>;
  answer(id: string, answer: unknown): Promise<TaskView>;
  /** Forgets an ended or interrupted task. */
  remove(id: string): Promise<void>;
  logs(id: string): Promise<readonly LogEntry[]>;
  stats(): TaskStats;
  /** Forgets ended tasks. @returns how many */
  cleanup(options?: { maxAgeSeconds?: number; status?: Status | readonly Status[] }): Promise<number>;
  /** Resolves when everything that was accepted has ended. */
  drained(options?: DrainOptions): Promise<void>;
}

const listOf = (status: Status | readonly Status[]): readonly Status[] =>
  typeof status === "string" ? [status] : status;

type Engine = Tasks & { drained(options?: DrainOptions): Promise<void> };

export function libraryTasks(tasks: Engine, functions: Functions, events: EventBus): LibraryTasks {
  /** The functions behind tasks that are still kept, by the task's id. */
  const submitted = new Map<string, FunctionParameters>();
  events.subscribe(({ type, task_id: id }) => {
    if (type !== "task_removed" || id === null) return;
    const parameters = submitted.get(id);
    if (parameters) functions.forget(parameters);
    submitted.delete(id);
  });

  async function submit(
    what: string | AdHoc,
    second: Parameters | SubmitOptions = {},
    third: SubmitOptions = {},
  ): Promise<TaskRecord> {
    if (typeof what === "string")
      return tasks.submit({ task: what, parameters: second as Parameters, ...requestOf(third) });
    const parameters = functions.add(what);
    try {
      const named = { name: parameters.function, ...requestOf(second as SubmitOptions) };
      const record = await tasks.submit({ task: functionTask, parameters: { ...parameters }, ...named });
      submitted.set(record.id, parameters);
      return record;
    } catch (error) {
      functions.forget(parameters);
      throw error;
    }
  }

  return {
    submit,
    submitBatch: (items, options = {}) =>
      tasks.submitBatch({
        ...options,
        tasks: items.map(({ task, parameters = {}, key, ...wishes }) => ({
          ...requestOf(wishes),
          task,
          parameters,
          ...(key !== undefined && { key }),
        })),
      }),
    group: (name) => tasks.group(name),
    cancelGroup: (name) => tasks.cancelGroup(name),
    waitFor: (id, options) => tasks.waitFor(id, options),
    updateProgress: (id, update) => tasks.updateProgress(id, update),
    get: (id) => tasks.get(id),
    list: ({ status, ...filter } = {}) =>
      tasks.list({ ...filter, ...(status !== undefined && { status: listOf(status) }) }).tasks,
    cancel: (id, grade) => tasks.cancel(id, grade),
    pause: (id) => tasks.pause(id),
    resume: (id) => tasks.resume(id),
    restart: (id) => tasks.restart(id),
    answer: (id, answer) => tasks.answer(id, answer),
    remove: (id) => tasks.remove(id),
    logs: (id) => tasks.logs(id),
    stats: () => tasks.stats(),
    cleanup: ({ status, ...options } = {}) =>
      tasks.cleanup({ ...options, ...(status !== undefined && { status: listOf(status) }) }),
    drained: (options) => tasks.drained(options),
  };
}

/** Only what was given: the rest is the type's. */
function requestOf(options: SubmitOptions): Omit<SubmitRequest, "task" | "parameters"> {
  const { timeoutSeconds, userContext, notBefore, delaySeconds, dependsOn, onDependencyFailure, ...same } =
    options;
  return {
    ...same,
    ...(timeoutSeconds !== undefined && { timeout_seconds: timeoutSeconds }),
    ...(userContext !== undefined && { user_context: userContext }),
    ...(notBefore !== undefined && { not_before: notBefore.toISOString() }),
    ...(delaySeconds !== undefined && { delay_seconds: delaySeconds }),
    ...(dependsOn !== undefined && { depends_on: dependsOn.map(dependencyOf) }),
    ...(onDependencyFailure !== undefined && { on_dependency_failure: onDependencyFailure }),
  };
}

const dependencyOf = (dependency: string | Dependency): Dependency =>
  typeof dependency === "string" ? { task: dependency, when: "success" } : dependency;
