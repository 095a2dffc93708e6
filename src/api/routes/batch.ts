// Many tasks in one request: all of them are taken, or none is.
import { z } from "zod";
import { idempotencyOf, submitHeaders } from "../idempotency.ts";
import type { ApiParts } from "../parts.ts";
import { freshToWire, taskSchema } from "../record.ts";
import { jsonText, type Route, route } from "../route.ts";
import { batchOf, batchSchema } from "../submission.ts";
import { groupLink } from "./groups.ts";

const submittedSchema = z
  .strictObject({
    tasks: z.array(taskSchema).describe("As they were stored, in the order of the request."),
    group: z.string().nullable(),
    keys: z.record(z.string(), z.uuid()).describe("The id of each task that was given a key."),
  })
  .meta({ id: "SubmittedBatch" });

export const batchRoute = ({ tasks }: ApiParts): Route =>
  route({
    method: "post",
    path: "/tasks/batch",
    tag: "tasks",
    summary: "Submit up to 1000 tasks at once, all or none; they may depend on each other by their keys.",
    headers: submitHeaders,
    body: batchSchema,
    answers: { 202: submittedSchema },
    async handle({ asking, body }) {
      const batch = batchOf(body);
      const { tasks: records, group, keys } = await tasks.submitBatch(batch, idempotencyOf(asking, batch));
      const texts = records.map(freshToWire);
      const rest = JSON.stringify({ group, keys }).slice(1);
      const headers: Record<string, string> = group === null ? {} : { Location: groupLink(group) };
      return jsonText(`{"tasks":[${texts.join(",")}],${rest}`, 202, headers);
    },
  });
