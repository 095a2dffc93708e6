// What a lane and the thread or process behind it say to each other, as JSON text. Knows no port, pipe or pool.
import type { LogEntry } from "../engine/ports.ts";
import type { Failure } from "../errors/runtime-error.ts";
import type { DependencyOutcome } from "../task/dependencies.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { WrittenFile } from "../task/record.ts";
import type { Steering } from "../task/steering.ts";

/** The first message to a task. What JSON has no value for (`resumedFrom` undefined) is left out. */
export interface Start {
  readonly type: "start";
  readonly taskId: string;
  readonly attempt: number;
  readonly module: { readonly url: string; readonly exportName: string };
  /** As in `type.source.file`. */
  readonly file: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly resumedFrom?: unknown;
  readonly userContext: unknown;
  readonly dependencies: readonly DependencyOutcome[];
  readonly dataDirectory: string;
  readonly mediaDirectories: readonly string[];
}

/** The answer to `checkpoint` with the same number: the state is durable, or why it is not. */
export interface Saved {
  readonly type: "saved";
  readonly number: number;
  readonly failure: Failure | null;
}

export type ToTask = Start | Saved;

/** The task's code has the floor from here on. */
export interface Started {
  readonly type: "started";
  /** Which thread or process it is. */
  readonly id: number;
}

/** Always the last. */
export interface Done {
  readonly type: "done";
  readonly ending:
    | { readonly how: "returned"; readonly result: unknown; readonly sawCancel: boolean }
    | {
        readonly how: "threw";
        readonly failure: Failure;
        readonly cancelled: boolean;
        readonly steering?: Steering;
      };
  /** For the log only. */
  readonly stack: string | null;
}

export type FromTask =
  | Started
  | { readonly type: "progress"; readonly update: ProgressUpdate }
  | { readonly type: "checkpoint"; readonly number: number; readonly state: unknown }
  | { readonly type: "paused"; readonly request: number }
  | { readonly type: "partial"; readonly value: unknown }
  | { readonly type: "log"; readonly entry: LogEntry }
  | { readonly type: "artifact"; readonly artifact: WrittenFile }
  | Done;

export const encode = (message: ToTask | FromTask): string => JSON.stringify(message);

/** Only for text that `encode` made. */
export const decode = <Message extends ToTask | FromTask>(text: unknown): Message =>
  JSON.parse(text as string) as Message;
