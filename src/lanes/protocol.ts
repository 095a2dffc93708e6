// What a lane and the thread or process behind it say to each other: plain data. Knows no port, pipe or pool.
import type { Call, Ending, LogEntry } from "../engine/ports.ts";
import type { Failure } from "../errors/runtime-error.ts";
import type { Logger } from "../lib/logger.ts";
import type { DependencyOutcome } from "../task/dependencies.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { WrittenFile } from "../task/record.ts";
import type { CancelReason } from "../task/steering.ts";

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

/** What a task tells while it runs. */
export type Told =
  | { readonly type: "progress"; readonly update: ProgressUpdate }
  | { readonly type: "checkpoint"; readonly number: number; readonly state: unknown }
  | { readonly type: "paused"; readonly request: number }
  | { readonly type: "partial"; readonly value: unknown }
  | { readonly type: "log"; readonly entry: LogEntry }
  | { readonly type: "artifact"; readonly artifact: WrittenFile };

/** Always the last. */
export interface Done {
  readonly type: "done";
  readonly ending: Exclude<Ending, { readonly how: "killed" }>;
  /** For the log only. */
  readonly stack: string | null;
}

export type FromTask = Started | Told | Done;

export const encode = (message: ToTask | FromTask): string => JSON.stringify(message);

/** Only for text that `encode` made. */
export const decode = <Message extends ToTask | FromTask>(text: unknown): Message =>
  JSON.parse(text as string) as Message;

// From here on: with processes only, and not as JSON but as structured clone has it, photos included.

export interface IsolatedStart extends Start {
  readonly taskName: string;
  readonly isBlocking: boolean;
  /** The parameters were not checked by the class's own schema yet. */
  readonly checksParameters: boolean;
  /** The names of the devices it holds, and how the task's objects look (see `Shape`), by their names. */
  readonly devices: readonly string[];
  readonly objects: Readonly<Record<string, Shape>>;
}

/** How an object of the runtime looks from a child: what can be called, and what could be read when this was made. */
export interface Shape {
  readonly methods: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
  /** Why nothing can be done with it. */
  readonly failure?: Failure;
}

/** The outcome of a call. What the object returned may be an object with methods itself. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: true; readonly object: string; readonly shape: Shape }
  /** `takenBack`: the task took the call back, and this is why it failed. */
  | { readonly ok: false; readonly failure: Failure; readonly takenBack: boolean };

export type ToChild =
  | IsolatedStart
  | Saved
  | { readonly type: "cancel"; readonly reason: CancelReason }
  | { readonly type: "pause"; readonly request: number }
  | { readonly type: "resume" }
  /** To `call` and `invoke`. */
  | { readonly type: "outcome"; readonly number: number; readonly outcome: Outcome }
  /** What can be read of an object has changed. */
  | {
      readonly type: "properties";
      readonly object: string;
      readonly properties: Readonly<Record<string, unknown>>;
    };

/** A method of one of the task's objects is to be called. */
export interface Invoke {
  readonly type: "invoke";
  readonly number: number;
  readonly object: string;
  readonly method: string;
  readonly arguments: readonly unknown[];
  /** It was taken back before it was made: a move has to end before it begins. */
  readonly isTakenBack: boolean;
}

export type FromChild =
  | FromTask
  | { readonly type: "call"; readonly number: number; readonly call: Call }
  | Invoke
  /** The call with this number is taken back: what it moves shall stop. */
  | { readonly type: "take_back"; readonly number: number }
  /** For the runtime's own log. */
  | {
      readonly type: "note";
      readonly level: keyof Logger;
      readonly fields: object;
      readonly message: string;
    };
