// A task type as plain data: what can cross from the process that imported its file. Knows no class.
import { z } from "zod";
import type { TaskType } from "../engine/ports.ts";
import { isTaskName } from "../task/name.ts";
import type { Policy } from "../task/policy.ts";
import { readPolicy } from "./statics.ts";

export type Description = Pick<
  TaskType,
  "name" | "category" | "description" | "policy" | "source" | "parametersSchema" | "resultSchema" | "module"
>;

/** The statics are read once more: what another process says is believed as little as what an author wrote. */
const policySchema = z
  .looseObject({ usesDependOnParameters: z.boolean() })
  .transform(({ usesDependOnParameters, ...statics }, context): Policy => {
    const read = readPolicy(statics);
    if (read.ok) return { ...read.policy, usesDependOnParameters };
    context.addIssue({ code: "custom", message: `${read.problem.key}: expected ${read.problem.expected}` });
    return z.NEVER;
  });

const jsonSchema = z.record(z.string(), z.unknown()).nullable();

export const descriptionSchema: z.ZodType<Description> = z.strictObject({
  name: z.string().refine(isTaskName),
  category: z.string(),
  description: z.string().nullable(),
  policy: policySchema,
  source: z.strictObject({ file: z.string(), hash: z.string() }),
  parametersSchema: jsonSchema,
  resultSchema: jsonSchema,
  module: z.strictObject({ url: z.string(), exportName: z.string() }),
});
