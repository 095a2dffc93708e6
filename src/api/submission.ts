// What a submit may say: the fields of its body, and the request the engine gets of them.
import { z } from "zod";
import { inBatch } from "../engine/intake/batch.ts";
import type { BatchRequest, SubmitRequest } from "../engine/requests.ts";
import { RuntimeError } from "../errors/runtime-error.ts";
import { defaultHookEvents, taskHookEvents } from "../settings/webhooks.ts";
import { actionOf } from "../task/name.ts";
import { backoffs, type RetryPolicy } from "../task/policy.ts";
import { type Dependency, dependencyEnds, dependencyPolicies } from "../task/record.ts";

const map = z.record(z.string(), z.unknown());

/** When a task may start; in a change null takes a delay back. */
export const dueFields = {
  not_before: z.iso.datetime({ offset: true }).nullish().describe("Does not start before this time."),
  delay_seconds: z
    .number()
    .min(0)
    .max(1e9)
    .nullish()
    .describe("The same, from now on; counts real time when the clock is set."),
};

/** It can stand in an address, and is no name of an object's own. */
const word = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._:-]*$/u, {
      error: "expected letters, digits, spaces and . _ : -, with a letter or digit first",
    })
    .nullish();

const dependency = z.strictObject({
  task: z.string().min(1).describe("The id of a task; in a batch the key of one of its tasks does as well."),
  when: z.enum(dependencyEnds).default("success").describe("`end` is any end."),
});

const retrySchema = z.strictObject({
  max_attempts: z
    .int()
    .min(1)
    .max(1e6)
    .nullish()
    .describe("Attempts in all, the first included; 1 is no retry."),
  delay_seconds: z.number().min(0).max(1e9).nullish(),
  backoff: z.enum(backoffs).nullish().describe("exponential doubles the delay with each attempt."),
  max_delay_seconds: z.number().min(0).max(1e9).nullish().describe("Where the growth stops."),
  jitter: z.number().min(0).max(1).nullish().describe("The share of the delay that chance may take away."),
});

const webhookSchema = z.strictObject({
  url: z.string().max(2048),
  events: z
    .array(z.enum(taskHookEvents))
    .min(1)
    .nullish()
    .describe("Default: its ends, task_completed, task_failed and task_cancelled."),
});

const submitFields = {
  parameters: map
    .nullish()
    .describe("See GET /task-types/{name}; what has a default may be left out or null."),
  name: z.string().min(1).max(200).nullish().describe("For people; defaults to the type's name."),
  priority: z.int().min(-100).max(100).nullish().describe("Higher first; defaults to the type's."),
  timeout_seconds: z.number().positive().max(1e9).nullish().describe("Running time allowed per attempt."),
  ...dueFields,
  depends_on: z
    .array(z.union([z.string().min(1), dependency]))
    .max(1000)
    .nullish()
    .describe("Does not start before these have ended; an id alone means `success`."),
  on_dependency_failure: z
    .enum(dependencyPolicies)
    .nullish()
    .describe("What becomes of it when one of them does not succeed. Default `cancel`."),
  group: word(200).describe(
    "Tasks with the same word are looked at and cancelled together: /groups/{group}.",
  ),
  retry: retrySchema
    .nullish()
    .describe(
      "What follows a failure, instead of the type's policy. Left out: 3 attempts, 1 s, exponential, 300 s, 0.1.",
    ),
  lane: z
    .enum(["isolated", "fleet"])
    .nullish()
    .describe(
      "isolated: in a process of its own; fleet: on another machine. Without it where the type says.",
    ),
  limits: z
    .strictObject({
      memory_mb: z.number().min(128).max(1e6).nullish().describe("The process and all it starts, in MB."),
      cpu_seconds: z.number().positive().max(1e9).nullish().describe("Of the process and all it starts."),
    })
    .nullish()
    .describe(
      "What one attempt may use, for the lanes isolated and fleet; defaults to the type's, null is no limit.",
    ),
  webhooks: z
    .array(webhookSchema)
    .max(10)
    .nullish()
    .describe("Who is told over HTTP when something happens to it."),
  metadata: map.nullish().describe("Anything; kept and shown, never read."),
  user_context: z.unknown().optional().describe("Handed to the task as `ctx.userContext`."),
};

export const submitSchema = z.strictObject({
  task: z.string().min(1).nullish().describe("The task type's name, with or without `_task`."),
  action: z.string().min(1).nullish().describe("The same; one of the two is needed."),
  ...submitFields,
});

export const submitNamedSchema = z.strictObject(submitFields);

export const batchSchema = z.strictObject({
  tasks: z
    .array(
      z.strictObject({
        key: word(100).describe("A name within this batch, for `depends_on` of the others."),
        ...submitSchema.shape,
      }),
    )
    .min(1)
    .max(1000),
  group: word(200).describe("Of all tasks that name none of their own."),
});

type NamedBody = z.output<typeof submitSchema>;
export type SubmitBody = z.output<typeof submitNamedSchema>;

/** @throws INVALID_REQUEST where it names none, or two */
export function nameIn({ task, action }: NamedBody): string {
  const name = task ?? action;
  if (typeof name !== "string") throw invalid("task", "expected the name of a task type, found nothing");
  if (typeof task === "string" && typeof action === "string" && actionOf(task) !== actionOf(action))
    throw invalid("action", `it says another type than 'task', which is '${task}'; give one of the two`);
  return name;
}

const invalid = (path: string, message: string): RuntimeError =>
  new RuntimeError("INVALID_REQUEST", { errors: [{ path, message }] });

/** Null means absent, but for a timeout: there it means none. */
export function requestOf(task: string, body: SubmitBody): SubmitRequest {
  return {
    task,
    parameters: body.parameters ?? undefined,
    name: body.name ?? undefined,
    priority: body.priority ?? undefined,
    timeout_seconds: body.timeout_seconds,
    not_before: body.not_before ?? undefined,
    delay_seconds: body.delay_seconds ?? undefined,
    depends_on: body.depends_on?.map(dependencyOf),
    on_dependency_failure: body.on_dependency_failure ?? undefined,
    group: body.group ?? undefined,
    retry: body.retry ? retryOf(body.retry) : undefined,
    lane: body.lane ?? undefined,
    limits: body.limits ? limitsOf(body.limits) : undefined,
    webhooks: body.webhooks?.map(({ url, events }) => ({ url, events: events ?? defaultHookEvents })),
    metadata: body.metadata,
    user_context: body.user_context,
  };
}

const dependencyOf = (wish: string | Dependency): Dependency =>
  typeof wish === "string" ? { task: wish, when: "success" } : wish;

/** @throws INVALID_REQUEST with the place of a task that names no type */
export function batchOf({ tasks, group }: z.output<typeof batchSchema>): BatchRequest {
  return {
    group: group ?? undefined,
    tasks: tasks.map((body, index) => ({
      ...requestOf(
        inBatch(index, () => nameIn(body)),
        body,
      ),
      key: body.key ?? undefined,
    })),
  };
}

function retryOf(retry: z.output<typeof retrySchema>): Partial<RetryPolicy> {
  const { max_attempts, delay_seconds, backoff, max_delay_seconds, jitter } = retry;
  const given = {
    maxAttempts: max_attempts,
    delaySeconds: delay_seconds,
    backoff,
    maxDelaySeconds: max_delay_seconds,
    jitter,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== undefined),
  );
}

const limitsOf = ({ memory_mb, cpu_seconds }: NonNullable<SubmitBody["limits"]>) => ({
  ...(memory_mb !== undefined && { memoryMb: memory_mb }),
  ...(cpu_seconds !== undefined && { cpuSeconds: cpu_seconds }),
});
