// The emergency stop: reads no body, and asks nobody on this machine for a token.
import { z } from "zod";
import type { ApiParts } from "../parts.ts";
import { statusSchema } from "../record.ts";
import { json, type Route, route } from "../route.ts";

/** What became of one device. */
export const stopSchema = z.strictObject({
  name: z.string(),
  stopped: z.boolean().describe("It stands still."),
  problem: z.string().nullable().describe("Why it does not stand still, or why nobody knows."),
});

/** Tasks that were cancelled with it. */
export const tasksSchema = z.array(z.strictObject({ id: z.uuid(), task: z.string(), status: statusSchema }));

const reportSchema = z
  .strictObject({
    stopped: z.boolean().describe("Every device that can move stands still."),
    stored: z.boolean().describe("The stop is on the disk, and outlives a power cut."),
    devices: z.array(stopSchema),
    tasks: tasksSchema.describe("Everything that ran or waited, as it is now."),
  })
  .meta({ id: "StopReport" });

export const stopRoute = ({ tasks }: ApiParts): Route =>
  route({
    method: "post",
    path: "/stop",
    isExact: true,
    tag: "machine",
    summary: "Stop every device now, cancel every task, pause the queue; POST /queue/resume releases them.",
    answers: { 200: reportSchema },
    handle: async () => json(await tasks.stop()),
  });
