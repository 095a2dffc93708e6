// What a runtime and the workers of its fleet say to each other over Redis: plain JSON. Knows no connection.
import { z } from "zod";
import type { Ending } from "../../engine/ports.ts";
import type { Claims, WorkLimits } from "../../task/policy.ts";
import type { CancelReason } from "../../task/steering.ts";
import type { Saved, Start, Told } from "../protocol.ts";

/** What lies in the queue for one attempt: whose it is, not what it is to do. Anybody may have put it there. */
export const jobDataSchema = z.object({
  /** The runtime, however often it was started. */
  runtime: z.string(),
  /** Where it hears its workers; new with each start. */
  inbox: z.string(),
  task: z.string(),
  task_id: z.string(),
  /** How long the worker may be silent before it counts as lost, in milliseconds. */
  lease_ms: z.int().min(100),
  /** Where the worker hears its orders, once one has taken it. */
  worker: z.string().optional(),
});
export type JobData = z.infer<typeof jobDataSchema>;

/** What a worker needs to begin; what it does not need stays out of Redis. */
export interface FleetStart
  extends Pick<
    Start,
    "type" | "taskId" | "attempt" | "parameters" | "resumedFrom" | "userContext" | "dependencies"
  > {
  readonly claims: Claims;
  readonly limits: WorkLimits;
}

export type Order =
  | FleetStart
  | Saved
  | { readonly type: "cancel"; readonly reason: CancelReason }
  | { readonly type: "pause"; readonly request: number }
  | { readonly type: "resume" }
  /** Ends it, whatever it does. Before its start: nobody wants it any more. */
  | { readonly type: "kill" };

export type Report =
  /** A worker has the job and waits for its start. */
  | {
      readonly type: "taken";
      /** The inbox of the worker. */
      readonly worker: string;
      /** For people, as in `lab-3:4711`. */
      readonly name: string;
      /** Of the code it has, or why it has none. */
      readonly code: { readonly hash: string } | { readonly missing: string };
    }
  | Told
  /** The content of a file the task has made, behind the `artifact` that names it; base64, in one piece. */
  | { readonly type: "content"; readonly file: string; readonly content: string }
  /** The process has ended. `isShutDown`: the worker had told it to, because it goes away itself. */
  | { readonly type: "ended"; readonly ending: Ending; readonly isShutDown: boolean };

/** Numbered from 1 by whoever sends it, for each job: what a broken connection sends twice counts once. */
export interface Letter<Message> {
  readonly job: string;
  readonly number: number;
  readonly message: Message;
}
