// What `ctx.tasks` offers: other tasks as part of this one. They end with the task that submitted them.
import type { TaskView } from "./record.ts";

export interface ChildOptions {
  /** For people; defaults to the type's name. */
  readonly name?: string;
  /** -100 to 100, higher first. */
  readonly priority?: number;
  /** Running time allowed per attempt. */
  readonly timeoutSeconds?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface Children {
  /**
   * @param task the type's name, with or without `_task`
   * @returns the child's id, once it is accepted
   * @throws UNKNOWN_TASK_TYPE, INVALID_PARAMETERS, STORE_UNAVAILABLE
   */
  submit(
    task: string,
    parameters?: Readonly<Record<string, unknown>>,
    options?: ChildOptions,
  ): Promise<string>;
  /**
   * The task once it has ended. Meanwhile this one gives back its slot and keeps its claims.
   * @throws WOULD_DEADLOCK where it cannot end as long as this one waits, UNKNOWN_TASK
   */
  waitFor(id: string, options?: { readonly timeoutSeconds?: number }): Promise<TaskView>;
  /** Resolves when the cancel is under way. @throws UNKNOWN_TASK, WRONG_STATE when it has ended */
  cancel(id: string): Promise<void>;
}
