// The results that are still to be published, on the disk.
import { z } from "zod";

export interface Owed {
  /** Whatever ended before is among the waiting, or published. Null before the first time. */
  readonly as_of: string | null;
  /** False while a runtime uses it: then something may have ended since. */
  readonly is_whole: boolean;
  /** Ids of tasks. */
  readonly waiting: readonly string[];
}

export const nothingOwed: Owed = { as_of: null, is_whole: true, waiting: [] };

export const owedSchema: z.ZodType<Owed> = z.object({
  as_of: z.iso.datetime().nullable(),
  is_whole: z.boolean(),
  waiting: z.array(z.string()),
});

export interface OwedDocument {
  readonly data: Owed;
  update(change: () => Owed): Promise<unknown>;
}
