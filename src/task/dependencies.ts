// What `ctx.dependencies` shows: the tasks this one was told to wait for, as they ended.
import type { Failure } from "../errors/runtime-error.ts";

export interface DependencyOutcome {
  readonly id: string;
  /** How its batch called it, or null. */
  readonly key: string | null;
  readonly name: string;
  /** The type's name. */
  readonly task: string;
  readonly status: "completed" | "failed" | "cancelled";
  /** All that it returned, however large; null unless completed. */
  readonly result: unknown;
  /** Null unless it did not succeed. */
  readonly failure: Failure | null;
}
