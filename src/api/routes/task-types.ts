// What this machine can do: the task types with their policy and schemas. Feeds forms.
import { z } from "zod";
import { findType } from "../../engine/intake/submission.ts";
import type { TaskType } from "../../engine/ports.ts";
import { actionOf } from "../../task/name.ts";
import { backoffs, lanes, restartPolicies } from "../../task/policy.ts";
import type { ApiParts } from "../parts.ts";
import { json, type Route, route } from "../route.ts";

const schema = z.record(z.string(), z.unknown()).nullable();

const taskTypeSchema = z
  .strictObject({
    name: z.string(),
    action: z.string(),
    category: z.string(),
    description: z.string().nullable(),
    is_exclusive: z.boolean(),
    is_blocking: z.boolean(),
    policy: z.strictObject({
      is_exclusive: z.boolean(),
      is_blocking: z.boolean(),
      lane: z.enum(lanes),
      uses: z
        .record(z.string(), z.enum(["exclusive", "shared"]))
        .nullable()
        .describe("What each task claims; null where that follows from its parameters."),
      priority: z.int(),
      timeout_seconds: z.number().nullable(),
      retry: z
        .strictObject({
          max_attempts: z.int(),
          delay_seconds: z.number(),
          backoff: z.enum(backoffs),
          max_delay_seconds: z.number(),
          jitter: z.number(),
          codes: z.array(z.string()).nullable().describe("Of the failures that are retried; null is all."),
        })
        .nullable(),
      on_restart: z.enum(restartPolicies),
      cancel_grace_seconds: z.number().nullable(),
    }),
    source: z.strictObject({ file: z.string(), hash: z.string() }).meta({ id: "Source" }),
    trusted: z
      .boolean()
      .describe("False: only processes of their own import its file, and it runs in the isolated lane."),
    parameters: schema.describe("JSON Schema of the input; null where the task takes what it gets."),
    result: schema.describe("JSON Schema of the result, where the task names one."),
    links: z.strictObject({ self: z.string(), submit: z.string() }),
  })
  .meta({ id: "TaskType" });

export const taskTypeRoutes = ({ types }: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/task-types",
    tag: "task types",
    summary: "Every task type, by name.",
    answers: { 200: z.array(taskTypeSchema) },
    handle: () =>
      json(
        types
          .names()
          .toSorted()
          .map((name) => describe(findType(types, name))),
      ),
  }),
  route({
    method: "get",
    path: "/task-types/{name}",
    tag: "task types",
    summary: "One task type, with or without `_task`.",
    answers: { 200: taskTypeSchema },
    handle: ({ params }) => json(describe(findType(types, params.name))),
  }),
];

const describe = (type: TaskType): z.output<typeof taskTypeSchema> => {
  const { policy } = type;
  return {
    name: type.name,
    action: actionOf(type.name),
    category: type.category,
    description: type.description,
    is_exclusive: policy.isExclusive,
    is_blocking: policy.isBlocking,
    policy: {
      is_exclusive: policy.isExclusive,
      is_blocking: policy.isBlocking,
      lane: policy.lane,
      uses: policy.usesDependOnParameters ? null : { ...policy.uses },
      priority: policy.priority,
      timeout_seconds: policy.timeoutSeconds,
      retry: policy.retry && {
        max_attempts: policy.retry.maxAttempts,
        delay_seconds: policy.retry.delaySeconds,
        backoff: policy.retry.backoff,
        max_delay_seconds: policy.retry.maxDelaySeconds,
        jitter: policy.retry.jitter,
        codes: policy.retry.codes && [...policy.retry.codes],
      },
      on_restart: policy.onRestart,
      cancel_grace_seconds: policy.cancelGraceSeconds,
    },
    source: type.source,
    trusted: type.isTrusted,
    parameters: type.parametersSchema as Record<string, unknown> | null,
    result: type.resultSchema as Record<string, unknown> | null,
    links: { self: `/task-types/${type.name}`, submit: `/tasks/${type.name}` },
  };
};
