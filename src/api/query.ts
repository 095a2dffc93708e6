// What routes take behind the question mark: numbers and lists made of text, pages and filters of tasks.
import { z } from "zod";
import { statuses } from "../task/lifecycle.ts";

/** Text that must read as a number of this schema. */
export const numeric = <S extends z.ZodType>(schema: S) =>
  z.preprocess((text) => (typeof text === "string" && text.trim() !== "" ? Number(text) : text), schema);

const list = <S extends z.ZodType>(item: S) =>
  z.preprocess(
    (text) => (typeof text === "string" ? text.split(",").map((part) => part.trim()) : text),
    z.array(item),
  );

export const waitQuery = z.strictObject({
  wait: numeric(z.number().min(0).max(60))
    .optional()
    .describe("Answer once the task has ended, or after this many seconds (at most 60)."),
});

export const pageQuery = z.strictObject({
  status: list(z.enum(statuses)).optional().describe("One or more, repeated or with commas between them."),
  task: z.string().optional().describe("The task type's name."),
  category: z.string().optional(),
  group: z.string().optional(),
  name: z.string().min(1).optional().describe("A part of the name, whatever its case."),
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("Ended at or after this time; those that live: submitted."),
  to: z.iso.datetime({ offset: true }).optional().describe("The same, before this time."),
  limit: numeric(z.int().min(1).max(1000)).default(100).describe("At most this many tasks."),
  cursor: z.string().optional().describe('Where the last page ended: follow `Link: rel="next"`.'),
});

export const sinceQuery = z.strictObject({
  since: numeric(z.int().min(0)).optional().describe("The number of the last event you have seen."),
});
