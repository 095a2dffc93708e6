// What a task claims: as its type says, or as its parameters do; then the type is asked once and the task keeps the answer.
import { RuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import type { Claims, Policy } from "../../task/policy.ts";
import type { StoredTask, TaskMemo } from "../../task/record.ts";
import type { TaskType } from "../ports.ts";

export const claimsHeld = (policy: Policy, kept: Claims | null | undefined): Claims =>
  policy.usesDependOnParameters ? (kept ?? {}) : policy.uses;

type Kept = Pick<TaskMemo, "claims">;

/** What a task with these parameters keeps. @throws INVALID_PARAMETERS that names `uses` */
export async function claimsFor(
  type: TaskType,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Kept> {
  if (!type.policy.usesDependOnParameters) return {};
  try {
    return { claims: await type.claimsOf(parameters) };
  } catch (error) {
    const errors = [{ path: "uses", message: sentenceOf(error) }];
    throw new RuntimeError("INVALID_PARAMETERS", { task: type.name, errors }, { cause: error });
  }
}

/** The same task, knowing what it claims. @throws INVALID_PARAMETERS that names `uses` */
export async function withClaims(task: StoredTask, type: TaskType): Promise<StoredTask> {
  return { ...task, memo: { ...task.memo, ...(await claimsFor(type, task.record.parameters)) } };
}
