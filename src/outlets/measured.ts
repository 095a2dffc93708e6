// What metrics look at: the port of a runtime that is counted.
import type { NumberedEvent } from "../events/catalogue.ts";
import type { Status } from "../task/lifecycle.ts";
import type { TaskRecord } from "../task/record.ts";

/** As much of a runtime as is counted. All of it is asked at each look. */
export interface Measured {
  readonly version: string;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly tasks: {
    counts(): Readonly<Record<Status, number>>;
    queueLength(): number;
    activeByLane(): Readonly<Record<string, number>>;
    isQueuePaused(): boolean;
    records(): Iterable<TaskRecord>;
    recordOf(id: string): TaskRecord | null;
  };
  readonly subscribe: (listener: (event: NumberedEvent) => void) => () => void;
  readonly store: () => {
    readonly ok: boolean;
    readonly writes: number;
    readonly writeSeconds: number;
    readonly journalBytes: number;
  };
  readonly devices: () => readonly { readonly name: string; readonly ok: boolean }[];
  /** Null where there never were any. */
  readonly schedules: () => {
    readonly count: number;
    readonly fired: number;
    readonly missed: number;
    readonly failed: number;
  } | null;
  /** Null where nobody was ever to be told. */
  readonly webhooks: () => {
    readonly waiting: number;
    readonly delivered: number;
    readonly failed: number;
    readonly dead: number;
  } | null;
  /** Null where none are taken. */
  readonly messages: () => {
    readonly isConnected: boolean;
    readonly accepted: number;
    readonly refused: number;
    readonly published: number;
    readonly waiting: number;
  } | null;
}
