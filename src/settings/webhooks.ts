// settings/webhooks.json: who is told over HTTP when something happens. Every key is taken up by a new start.
import { z } from "zod";
import { problemOfUrl } from "../lib/public-address.ts";
import { invalidSettings, parseStrictly } from "./strict.ts";

/** What can be told about a task; not its progress, which comes too often. */
export const taskHookEvents = [
  "task_scheduled",
  "task_started",
  "task_pausing",
  "task_paused",
  "task_resumed",
  "task_question",
  "task_cancelling",
  "task_retrying",
  "task_completed",
  "task_failed",
  "task_cancelled",
  "task_interrupted",
  "task_stuck",
  "task_silent",
  "task_heard",
] as const;

/** And about the machine. */
export const machineHookEvents = [
  "queue_changed",
  "schedule_changed",
  "schedule_fired",
  "schedule_missed",
  "schedule_failed",
  "plugin_changed",
  "loop_blocked",
] as const;

/** Where nobody says which. */
export const defaultHookEvents = ["task_completed", "task_failed", "task_cancelled"] as const;

const restart = { restart: true } as const;
const isSecret = { secret: true } as const;
const secret = z
  .string()
  .min(16)
  .max(1000)
  .nullable()
  .default(null)
  .describe("Signs what is sent; at least 16 characters.");

const hookSchema = z.strictObject({
  url: z.string().max(2048).describe("Where it is sent, as in https://lab.example/armature."),
  events: z
    .array(z.enum([...taskHookEvents, ...machineHookEvents]))
    .min(1)
    .default([...defaultHookEvents])
    .describe("Which events; without it the ends of tasks."),
  tasks: z
    .array(z.string().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe("Only for tasks of these types; null is all."),
  secret: secret.describe("Signs what is sent there, in place of the common secret.").meta(isSecret),
});

export const webhooksSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors; the runtime does not read it.").meta(restart),
  hooks: z.array(hookSchema).max(100).default([]).describe("Who is told, and about what.").meta(restart),
  secret: secret
    .describe("Signs what is sent; null is the one in data/webhook-secret, made when it is first needed.")
    .meta({ ...restart, ...isSecret }),
  allow_private: z
    .boolean()
    .default(false)
    .describe("Send to this machine and to private networks too. Whoever submits tasks can then reach them.")
    .meta(restart),
  timeout_seconds: z
    .number()
    .min(0.1)
    .max(120)
    .default(10)
    .describe("How long a receiver may take to answer, in seconds.")
    .meta(restart),
  max_attempts: z
    .int()
    .min(1)
    .max(100)
    .default(12)
    .describe("How often one event is sent before it is given up.")
    .meta(restart),
  first_retry_seconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(5)
    .describe("The pause before the second attempt, in seconds; it doubles with each, up to an hour.")
    .meta(restart),
  max_waiting: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe("Events that may wait to be sent; what comes when it is full is given up.")
    .meta(restart),
});

export type Webhooks = z.output<typeof webhooksSchema>;
export type Hook = Webhooks["hooks"][number];

/** @param where the file's name @throws INVALID_SETTINGS naming every problem, addresses that are not public too */
export function webhooksFrom(written: unknown, where: string): Webhooks {
  const webhooks = parseStrictly(webhooksSchema, written ?? {}, where);
  const errors = webhooks.hooks.flatMap(({ url }, index) => {
    const problem = problemOfUrl(url, webhooks.allow_private);
    return problem === null
      ? []
      : [{ path: `hooks[${index}].url`, message: `${url} ${problem}`, found: url }];
  });
  if (errors.length > 0) throw invalidSettings(where, errors);
  return webhooks;
}
