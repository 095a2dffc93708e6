// The webhooks that wait, on the disk: sent after a restart too.
import { z } from "zod";
import type { Delivery } from "./delivery-queue.ts";

/** What is on the disk. */
export interface WaitingHooks {
  /** Whatever happened before is among the waiting, or settled. Null before the first time. */
  readonly as_of: string | null;
  /** False while a runtime uses it: then something may have happened since. */
  readonly is_whole: boolean;
  readonly waiting: readonly Delivery[];
}

export const noneWaiting: WaitingHooks = { as_of: null, is_whole: true, waiting: [] };

export const waitingSchema: z.ZodType<WaitingHooks> = z.object({
  as_of: z.iso.datetime().nullable(),
  is_whole: z.boolean(),
  waiting: z.array(
    z.object({
      id: z.string(),
      url: z.url(),
      from: z.enum(["settings", "submit"]),
      type: z.string(),
      task_id: z.string().nullable(),
      timestamp: z.iso.datetime(),
      fields: z.record(z.string(), z.unknown()).nullable(),
      attempts: z.int().min(0),
      not_before: z.iso.datetime().nullable(),
    }),
  ),
});

export interface WaitingDocument {
  readonly data: WaitingHooks;
  update(change: () => WaitingHooks): Promise<unknown>;
}
